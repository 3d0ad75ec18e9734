import "reflect-metadata"; // tsyringe, which @peculiar/x509 loads, asks for it first
import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomFillSync,
  sign,
  type webcrypto,
} from "node:crypto";
import * as x509 from "@peculiar/x509";

/** A certificate (with those that vouch for it behind it) and its key, in PEM. */
export interface PemPair {
  certificate: string;
  privateKey: string;
}

/** What a TLS server needs, in PEM, and the authority that vouches for it. */
export interface ServerCertificates extends PemPair {
  authority: string;
}

/** Somebody who signs certificates. */
export interface Authority {
  certificate: string;
  issuer: string;
  keys: KeyPair;
}

/** What a certificate is to say. */
export interface CertificateWish {
  /** Host names and IP addresses; the first becomes the common name where no subject is given. */
  names: string[];
  /** `CN=...,O=...` */
  subject?: string;
  notBefore?: Date;
  notAfter?: Date;
  key?: "ec" | "rsa";
  usage?: "server" | "client";
  /** Whoever signs; without one it signs itself. */
  authority?: Authority;
}

interface KeyPair {
  privateKey: KeyObject;
  publicKey: KeyObject;
}

const DAY_MS = 24 * 60 * 60 * 1000;

const ALGORITHMS = {
  ec: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  rsa: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
};

/**
 * A new authority and a leaf for 127.0.0.1 and localhost. Python 3.13 and later check strictly (testbed 9): the
 * authority has a critical keyUsage and a subject key id, the leaf an authority key id and subject alternative names.
 */
export async function makeCertificates(
  authorityName = "azureml-clusters emulator CA",
): Promise<ServerCertificates> {
  const authority = await makeAuthority(authorityName);
  const names = ["127.0.0.1", "localhost"];
  const leaf = await makeCertificate({ names, subject: "CN=azureml-clusters emulator", authority });
  return { ...leaf, authority: authority.certificate };
}

/** An authority with a key of its own. */
export async function makeAuthority(commonName: string, notAfter = inDays(30)): Promise<Authority> {
  const keys = newKeys("ec");
  const publicKey = spkiOf(keys);
  const name = `CN=${commonName}`;
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: newSerial(),
      subject: name,
      issuer: name,
      notBefore: inDays(-1),
      notAfter,
      signingAlgorithm: ALGORITHMS.ec,
      publicKey,
      signingKey: cryptoKeyOf(keys.privateKey, "ec"),
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        keyId(publicKey),
      ],
    },
    PROMPT_CRYPTO,
  );
  return { certificate: pemOf(certificate), issuer: certificate.subject, keys };
}

const shared = new Map<string, Promise<unknown>>();

/**
 * What was made under this name before in this process, or what `make` makes: keys take tens of milliseconds, and most
 * worlds need equal ones.
 */
export function sharedInProcess<T>(name: string, make: () => Promise<T>): Promise<T> {
  const known = shared.get(name) as Promise<T> | undefined;
  if (known) return known;
  const made = make();
  shared.set(name, made);
  return made;
}

/** A certificate and its key: signed by an authority, or by itself. */
export async function makeCertificate(wish: CertificateWish): Promise<PemPair> {
  const kind = wish.key ?? "ec";
  const keys = newKeys(kind);
  const publicKey = spkiOf(keys);
  const subject = wish.subject ?? `CN=${wish.names[0] ?? "nobody"}`;
  const signer = wish.authority?.keys ?? keys;
  const signerKind = wish.authority ? "ec" : kind;
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: newSerial(),
      subject,
      issuer: wish.authority?.issuer ?? subject,
      notBefore: wish.notBefore ?? dayBefore(wish.notAfter),
      notAfter: wish.notAfter ?? inDays(30),
      signingAlgorithm: ALGORITHMS[signerKind],
      publicKey,
      signingKey: cryptoKeyOf(signer.privateKey, signerKind),
      extensions: leafExtensions(wish, publicKey, spkiOf(signer)),
    },
    PROMPT_CRYPTO,
  );
  const chain = wish.authority && wish.usage !== "client" ? wish.authority.certificate : "";
  return { certificate: `${pemOf(certificate)}${chain}`, privateKey: privateKeyPem(keys.privateKey) };
}

function leafExtensions(wish: CertificateWish, publicKey: Buffer, signerKey: Buffer): x509.Extension[] {
  const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;
  const names = wish.names.map((value) => ({
    type: /^[\d.]+$/.test(value) ? ("ip" as const) : ("dns" as const),
    value,
  }));
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([wish.usage === "client" ? clientAuth : serverAuth]),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    new x509.AuthorityKeyIdentifierExtension(sha1(signerKey)),
    keyId(publicKey),
  ];
}

function keyId(publicKey: Buffer): x509.Extension {
  return new x509.SubjectKeyIdentifierExtension(sha1(publicKey));
}

function sha1(data: Buffer): string {
  return createHash("sha1").update(data).digest("hex");
}

function newKeys(kind: "ec" | "rsa"): KeyPair {
  return kind === "ec"
    ? generateKeyPairSync("ec", { namedCurve: "P-256" })
    : generateKeyPairSync("rsa", { modulusLength: 2048 });
}

function newSerial(): string {
  return `01${randomBytes(8).toString("hex")}`;
}

function spkiOf(keys: KeyPair): Buffer {
  return keys.publicKey.export({ type: "spki", format: "der" });
}

function privateKeyPem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

function inDays(days: number): Date {
  return new Date(Date.now() + days * DAY_MS);
}

/** A certificate that has expired began before it ended. */
function dayBefore(end: Date | undefined): Date {
  return new Date(Math.min(Date.now(), end?.getTime() ?? Number.POSITIVE_INFINITY) - DAY_MS);
}

const KEYS = new WeakMap<object, KeyObject>();

/** A key in the form in which the X.509 library passes it on to its `crypto`. */
function cryptoKeyOf(key: KeyObject, kind: "ec" | "rsa"): webcrypto.CryptoKey {
  const { hash: _hash, ...algorithm } = ALGORITHMS[kind];
  const shown = { type: "private", extractable: true, usages: ["sign"], algorithm };
  KEYS.set(shown, key);
  return shown as unknown as webcrypto.CryptoKey;
}

/**
 * What the X.509 library needs of a `Crypto`, by Node's synchronous functions: the work is done when the call returns,
 * so a certificate takes no turn of the event loop and virtual time doesn't run away meanwhile.
 */
const PROMPT_CRYPTO = {
  getRandomValues: randomFillSync,
  subtle: {
    sign: async (algorithm: { name: string }, key: object, data: ArrayBuffer): Promise<ArrayBuffer> => {
      const known = KEYS.get(key);
      if (!known) throw new Error("a key of somebody else");
      const how = algorithm.name === "ECDSA" ? { key: known, dsaEncoding: "ieee-p1363" as const } : known;
      return new Uint8Array(sign("sha256", Buffer.from(data), how)).buffer;
    },
  },
} as unknown as Parameters<typeof x509.X509CertificateGenerator.create>[1];
