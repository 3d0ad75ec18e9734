import type { CertificateWish, PemPair } from "../certificates.ts";
import type { JsonObject } from "../json.ts";
import type { World } from "../world.ts";
import { type ClusterFacts, factsOf, isBroken } from "./facts.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** A certificate of the router is good for a year, whatever happens in a test. */
const LIFE_MS = 365 * DAY_MS;

/** A certificate that somebody will ask for, under the name by which it is kept. */
export interface NamedWish {
  name: string;
  wish: CertificateWish;
}

/** Certificates that the clusters hold or serve: made before anybody asks, since making one takes a promise. */
export function tlsWishes(world: World, ids: readonly string[]): NamedWish[] {
  const now = startOfDay(world.clock.now());
  return ids.flatMap((id) => {
    const facts = factsOf(world, world.clusters.of(id));
    if (!facts) return [];
    const cname = tlsOf(facts)?.cname;
    const notAfter = new Date(now + LIFE_MS);
    const legacy = isBroken(facts, "legacy-router") || isBroken(facts, "E45005");
    return [
      ...(legacy ? [{ name: LEGACY, wish: { names: ["legacy.example.com"], notAfter } }] : []),
      ...(cname === undefined
        ? []
        : [
            { name: heldName(facts, cname), wish: heldWish(facts, cname, now) },
            { name: strangerName(cname), wish: { names: ["other.example.net"], notAfter } },
          ]),
    ];
  });
}

/** Midnight of the day of that time. */
export function startOfDay(time: number): number {
  return time - (time % DAY_MS);
}

/** The certificate of the legacy router, which its secret `azuremlfessl` holds (extension 8). */
const LEGACY = "legacy";

/** The data of a TLS secret, with the keys that both routers read (extension 2a, 8). */
function secretData({ certificate, privateKey }: PemPair): JsonObject {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return { "cert.pem": base64(certificate), "key.pem": base64(privateKey) };
}

export function legacyData(world: World): JsonObject {
  const pair = world.clusters.certificate(LEGACY);
  return pair ? secretData(pair) : {};
}

/** The secret that `sslSecret` names; undefined where none is named, or before its certificate is made. */
export function heldData(world: World, facts: ClusterFacts): { name: string; data: JsonObject } | undefined {
  const tls = tlsOf(facts);
  if (tls?.secret === undefined) return undefined;
  const held = world.clusters.certificate(heldName(facts, tls.cname));
  const stranger = world.clusters.certificate(strangerName(tls.cname));
  if (!held || !stranger) return undefined;
  const { privateKey } = isBroken(facts, "tls-secret-key-mismatch") ? stranger : held;
  return { name: tls.secret, data: secretData({ ...held, privateKey }) };
}

/** Under which names the certificates of a cluster's router are kept. */
export function heldName(facts: ClusterFacts, cname: string): string {
  return `${cname} ${variant(facts)}`;
}

/** A certificate that has nothing to do with the router. */
export function strangerName(cname: string): string {
  return `${cname} stranger`;
}

function variant(facts: ClusterFacts): string {
  if (isBroken(facts, "tls-secret-expired")) return "expired";
  return isBroken(facts, "tls-secret-wrong-name") ? "wrong-name" : "good";
}

function heldWish(facts: ClusterFacts, cname: string, now: number): CertificateWish {
  const kind = variant(facts);
  const notAfter = new Date(kind === "expired" ? now - 2 * DAY_MS : now + LIFE_MS);
  return { names: [kind === "wrong-name" ? "wrong.example.org" : cname], notAfter };
}

/** How the router's TLS is set: by a secret of the cluster or by a PEM pair; undefined where it serves HTTP. */
export function tlsOf(
  facts: ClusterFacts,
): { cname: string; secret?: string; pem?: { certificate: string; privateKey: string } } | undefined {
  const { extension } = facts;
  if (!extension?.settings.on("enableInference")) return undefined;
  const { settings, protectedSettings } = extension;
  const cname = settings.text("sslCname") ?? "ml.example.com";
  const certificate = protectedSettings.text("scoringFe.sslCert");
  const privateKey = protectedSettings.text("scoringFe.sslKey");
  // extension 1b: where both are given, the PEM pair wins.
  if (certificate !== undefined && privateKey !== undefined) {
    return { cname, pem: { certificate: decoded(certificate), privateKey: decoded(privateKey) } };
  }
  const secret = settings.text("sslSecret") ?? settings.text("scoringFe.sslSecret");
  return secret === undefined ? undefined : { cname, secret };
}

/** extension 1c: base64 of the PEM text. */
function decoded(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}
