import { createPrivateKey, X509Certificate } from "node:crypto";
import type { ErrorBody } from "../errors.ts";
import { sameId, uuidFrom } from "../ids.ts";
import { isObject, type JsonObject, objectAt, textAt } from "../json.ts";
import type { World } from "../world.ts";

/** TLS of computes of type AKS (T1, T2, T5; arm-contract 1.5: the file does not say what a `status` needs). */

/** What the service has to see before it starts. Guess: it refuses at once what is not whole. */
export function tlsProblem(world: World, inner: JsonObject, existing: boolean): string | undefined {
  const ssl = objectAt(inner, "sslConfiguration");
  const status = textAt(ssl, "status") ?? "Disabled";
  if (status === "Disabled") return undefined;
  const has = (key: string) => (textAt(ssl, key) ?? "") !== "";
  const material = ["cert", "key", "cname"].filter(has);
  if (status === "Auto") {
    if (!has("leafDomainLabel")) return "sslConfiguration needs a leafDomainLabel when its status is Auto.";
    if (has("cert") || has("key"))
      return "sslConfiguration takes a leafDomainLabel or a certificate, not both.";
  } else if (has("leafDomainLabel")) {
    return "sslConfiguration takes a leafDomainLabel with the status Auto only.";
  } else if (material.length < 3 && !(existing && mayLack(world, material))) {
    return "sslConfiguration needs cert, key and cname together when its status is Enabled.";
  }
  const internal = textAt(inner, "loadBalancerType") === "InternalLoadBalancer";
  return internal && world.knobs.tlsWithInternalLoadBalancer === "refuse"
    ? "TLS termination is not supported with an internal load balancer."
    : undefined;
}

/** Knob tlsWithoutMaterial: an update in which certificate and key are not repeated, as GET never gives them. */
function mayLack(world: World, material: string[]): boolean {
  return world.knobs.tlsWithoutMaterial !== "refuse" && material.join() === "cname";
}

/** Whether a body turns TLS on. */
export function wantsTls(inner: JsonObject): boolean {
  const status = textAt(inner, "sslConfiguration", "status");
  return status === "Enabled" || status === "Auto";
}

/** What the service finds out only while it installs. */
export function lateTlsError(
  world: World,
  inner: JsonObject,
  clusterId: string,
  region: string,
): ErrorBody | undefined {
  if (!wantsTls(inner)) return undefined;
  const internal = textAt(inner, "loadBalancerType") === "InternalLoadBalancer";
  if (internal && world.knobs.tlsWithInternalLoadBalancer === "fail") {
    return {
      code: "BadArgument",
      message: "TLS termination is not supported with an internal load balancer.",
    };
  }
  const ssl = objectAt(inner, "sslConfiguration");
  return textAt(ssl, "status") === "Auto"
    ? labelError(world, ssl, clusterId, region)
    : materialError(world, ssl);
}

/** T1: a label belongs to one cluster in a region. The wording is a guess. */
function labelError(world: World, ssl: JsonObject, clusterId: string, region: string): ErrorBody | undefined {
  const label = textAt(ssl, "leafDomainLabel") ?? "";
  const taken = world.landscape.label(label, region);
  if (!taken || sameId(taken.clusterId, clusterId) || ssl["overwriteExistingDomain"] === true)
    return undefined;
  return {
    code: "BadArgument",
    message: `The leaf domain label '${label}' is already in use in region '${region}'. Set overwriteExistingDomain to take it over.`,
  };
}

/** Knob ownCertificate. */
function materialError(world: World, ssl: JsonObject): ErrorBody | undefined {
  const [cert, key] = [textAt(ssl, "cert"), textAt(ssl, "key")];
  if (world.knobs.ownCertificate === "unchecked" || !cert || !key) return undefined;
  const message = pairProblem(cert, key);
  return message === undefined ? undefined : { code: "BadArgument", message };
}

function pairProblem(cert: string, key: string): string | undefined {
  try {
    const certificate = new X509Certificate(cert);
    return certificate.checkPrivateKey(createPrivateKey(key))
      ? undefined
      : "The private key does not belong to the certificate.";
  } catch {
    return "The certificate or the private key can not be read. Both must be PEM, the key without a passphrase.";
  }
}

/** The configuration as it stands once it works: T1, the name that Microsoft made. */
export function installedTls(
  world: World,
  inner: JsonObject,
  clusterId: string,
  region: string,
): JsonObject | null {
  if (!wantsTls(inner)) return null;
  const ssl = objectAt(inner, "sslConfiguration");
  const label = textAt(ssl, "leafDomainLabel");
  if (textAt(ssl, "status") !== "Auto" || label === undefined) return { ...ssl };
  const { landscape } = world;
  const taken = landscape.label(label, region);
  const own = taken && sameId(taken.clusterId, clusterId) ? taken.name : undefined;
  const digits = (
    Number.parseInt(uuidFrom(`${label} ${clusterId} ${world.clock.now()}`).slice(0, 6), 16) % 1e6
  )
    .toString()
    .padStart(6, "0");
  const name = own ?? `${label}${digits}.${region}.cloudapp.azure.com`;
  landscape.takeLabel(label, region, { name, clusterId });
  return { ...ssl, cname: name };
}

/** T1 after a detach; knob leafLabelAfterDetach. */
export function releaseLabel(world: World, compute: JsonObject, region: string): void {
  const label = textAt(compute, "properties", "properties", "sslConfiguration", "leafDomainLabel");
  if (label !== undefined && world.knobs.leafLabelAfterDetach === "freed") {
    world.landscape.freeLabel(label, region);
  }
}

/** The key must show up nowhere, in no form. */
export function keepSecret(world: World, inner: JsonObject): void {
  const ssl = inner["sslConfiguration"];
  const key = isObject(ssl) ? textAt(ssl, "key") : undefined;
  if (!key) return;
  world.secrets.add(key);
  world.secrets.add(Buffer.from(key).toString("base64"));
}
