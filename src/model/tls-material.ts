import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { chainFrom, likelyLeaf, namesOf, vouches } from "./certificate-chain.ts";
import { certificateProblems, error, type TlsProblem, warning } from "./certificate-verdicts.ts";
import { type PemText, readPem } from "./pem.ts";

/** A certificate with its chain, understood. */
export interface CertificateMaterial {
  /** PEM with LF, the server's first. */
  readonly certificate: string;
  readonly names: readonly string[];
  /** In milliseconds since 1970. */
  readonly notAfter: number;
  /** SHA-256 of the server's certificate. */
  readonly fingerprint: string;
}

/** A certificate with its key: what a router needs to speak TLS (T2). */
export interface TlsMaterial extends CertificateMaterial {
  /** PEM with LF. A secret. */
  readonly privateKey: string;
}

const openssl = "Convert it with `openssl x509 -inform der -in <file> -out cert.pem`.";
const notPem = "Give PEM: text from -----BEGIN to -----END, both lines included.";

/**
 * Understands a certificate and its key before anything is sent (T4); material that has an error is not given.
 * @param input texts as they were given, the name that the endpoint is to have, and the time in milliseconds
 */
export function readTlsMaterial(input: {
  readonly certificate: string;
  readonly privateKey: string;
  readonly cname?: string | undefined;
  readonly now: number;
}): { material?: TlsMaterial; problems: TlsProblem[] } {
  const files = { certificate: readPem(input.certificate), key: readPem(input.privateKey) };
  if (isSwapped(files)) {
    const seen = "The certificate is given as key, and the key as certificate.";
    return { problems: [error("tls-files-swapped", seen, "Swap the two.")] };
  }
  const read = readCertificates(files.certificate);
  const key = readKey(files.key, files.certificate);
  const leaf = key.value && ownedBy(key.value, read.certificates);
  const problems = [...read.problems, ...key.problems];
  if (read.certificates.length > 0 && key.value && !leaf) {
    const seen = "The key is not that of the certificate.";
    problems.push(error("tls-key-differs", seen, "Give the key that the certificate was requested with."));
  }
  const judged = judge(read.certificates, leaf ?? likelyLeaf(read.certificates), input);
  problems.push(...judged.problems);
  const failed = problems.some(({ severity }) => severity === "error");
  if (failed || !judged.material || !key.text) return { problems };
  return { material: { ...judged.material, privateKey: key.text }, problems };
}

/** Understands a certificate without its key: what a secret in a cluster holds, or what an endpoint serves. */
export function readCertificate(input: {
  readonly certificate: string;
  readonly cname?: string | undefined;
  readonly now: number;
}): { material?: CertificateMaterial; problems: TlsProblem[] } {
  const read = readCertificates(readPem(input.certificate));
  const judged = judge(read.certificates, likelyLeaf(read.certificates), input);
  return { ...judged, problems: [...read.problems, ...judged.problems] };
}

/** The server's certificate, by its key; the key of an authority above it is the wrong one. */
function ownedBy(key: KeyObject, certificates: readonly X509Certificate[]): X509Certificate | undefined {
  return certificates.find((one) => one.checkPrivateKey(key) && !vouches(one, certificates));
}

function isKey({ label }: { readonly label: string }): boolean {
  return label.endsWith("PRIVATE KEY");
}

function isCertificate({ label }: { readonly label: string }): boolean {
  return label === "CERTIFICATE" || label === "X509 CERTIFICATE";
}

function isSwapped({ certificate, key }: { certificate: PemText; key: PemText }): boolean {
  const holds = (file: PemText, kind: typeof isKey) => file.blocks.some(kind);
  return (
    holds(certificate, isKey) &&
    !holds(certificate, isCertificate) &&
    holds(key, isCertificate) &&
    !holds(key, isKey)
  );
}

function readCertificates(file: PemText): { certificates: X509Certificate[]; problems: TlsProblem[] } {
  const blocks = file.blocks.filter(isCertificate);
  const problems = formProblems(file, "certificate", blocks.length);
  const byFingerprint = new Map<string, X509Certificate>();
  for (const [index, { text }] of blocks.entries()) {
    const certificate = attempt(
      () => new X509Certificate(text.replaceAll("X509 CERTIFICATE", "CERTIFICATE")),
    );
    if (certificate) byFingerprint.set(certificate.fingerprint256, certificate);
    else {
      const seen = `Certificate ${index + 1} of ${blocks.length} can't be read.`;
      problems.push(error("tls-certificate-unreadable", seen, "Copy it again, whole."));
    }
  }
  if (file.blocks.some(isKey)) {
    const seen = "The certificate's text holds a private key as well.";
    problems.push(
      warning("tls-key-in-certificate", seen, "Give the key as key alone, where it is kept secret."),
    );
  }
  return { certificates: [...byFingerprint.values()], problems };
}

function readKey(
  file: PemText,
  certificate: PemText,
): { value?: KeyObject; text?: string; problems: TlsProblem[] } {
  const blocks = file.blocks.filter(isKey);
  const [block] = blocks;
  const problems = formProblems(file, "key", blocks.length);
  if (!block) {
    const elsewhere = certificate.blocks.some(isKey) && file.blocks.length === 0;
    const remedy = "The key stands in the certificate's text. Give it as key.";
    return { problems: elsewhere ? problems.map((problem) => ({ ...problem, remedy })) : problems };
  }
  if (blocks.length > 1) {
    const seen = `There are ${blocks.length} private keys.`;
    return { problems: [...problems, error("tls-keys-several", seen, "Give the certificate's key alone.")] };
  }
  if (block.encrypted) {
    const seen = "The key is encrypted with a passphrase.";
    const remedy = "Take the passphrase off: `openssl pkey -in key.pem -out plain.pem`.";
    return { problems: [...problems, error("tls-key-encrypted", seen, remedy)] };
  }
  const value = attempt(() => createPrivateKey(block.text));
  if (value) return { value, text: block.text, problems };
  return {
    problems: [...problems, error("tls-key-unreadable", "The key can't be read.", "Copy it again, whole.")],
  };
}

/** What is wrong with the text itself. */
function formProblems(file: PemText, what: "certificate" | "key", found: number): TlsProblem[] {
  const problems: TlsProblem[] = [];
  if (file.foreign && found > 0) {
    const seen = `The ${what}'s text holds more than ASCII, which is left out.`;
    problems.push(warning("tls-not-ascii", seen, "Leave out what stands between the blocks."));
  }
  if (file.truncated) {
    const seen = `A -----BEGIN line of the ${what} has no -----END line.`;
    return [...problems, error("tls-truncated", seen, "Copy it again, whole, with all its lines.")];
  }
  if (found > 0) return problems;
  if (file.binary) {
    const remedy = what === "key" ? openssl.replace("x509", "pkey").replace("cert.pem", "key.pem") : openssl;
    return [error(`tls-${what}-binary`, `The ${what} is DER or bare base64, not PEM.`, remedy)];
  }
  if (file.empty) {
    const remedy = "Give it. An empty text is often a secret that does not exist.";
    return [error(`tls-${what}-missing`, `The ${what} is empty.`, remedy)];
  }
  const others = [...new Set(file.blocks.map(({ label }) => label))].join(", ");
  const seen = others ? `The ${what}'s text holds no ${what}, but: ${others}.` : `The ${what} is not PEM.`;
  return [error(others ? `tls-${what}-missing` : `tls-${what}-not-pem`, seen, notPem)];
}

function judge(
  certificates: readonly X509Certificate[],
  leaf: X509Certificate | undefined,
  at: { readonly cname?: string | undefined; readonly now: number },
): { material?: CertificateMaterial; problems: TlsProblem[] } {
  if (!leaf) return { problems: [] };
  const chain = chainFrom(leaf, certificates);
  const material = {
    certificate: chain.ordered.map((certificate) => certificate.toString()).join(""),
    names: namesOf(leaf),
    notAfter: Date.parse(leaf.validTo),
    fingerprint: leaf.fingerprint256,
  };
  return { material, problems: certificateProblems(certificates, chain, at) };
}

/** What OpenSSL says of a text that it can't read helps nobody, and might quote it. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
