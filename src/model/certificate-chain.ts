import type { X509Certificate } from "node:crypto";
import { oneLine } from "./arm-error.ts";

/** Certificates in the order in which a server must send them, and those that do not belong to that chain. */
export interface Chain {
  readonly ordered: readonly X509Certificate[];
  readonly strangers: readonly X509Certificate[];
}

/** The chain that begins with the server's certificate (extension.md 8: server first, then intermediate, root). */
export function chainFrom(leaf: X509Certificate, certificates: readonly X509Certificate[]): Chain {
  const rest = new Set(certificates);
  const ordered: X509Certificate[] = [];
  let next: X509Certificate | undefined = leaf;
  while (next) {
    const current: X509Certificate = next;
    ordered.push(current);
    rest.delete(current);
    next = [...rest].find((candidate) => isIssuedBy(current, candidate));
  }
  return { ordered, strangers: [...rest] };
}

/** The one that vouches for no other; the first where that does not tell. */
export function likelyLeaf(certificates: readonly X509Certificate[]): X509Certificate | undefined {
  const ends = certificates.filter((one) => !vouches(one, certificates));
  return ends.length === 1 ? ends[0] : certificates[0];
}

/** One vouches for another of the certificates, as an authority does. */
export function vouches(one: X509Certificate, certificates: readonly X509Certificate[]): boolean {
  return certificates.some((other) => other !== one && isIssuedBy(other, one));
}

/** The certificate vouches for itself. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  return isIssuedBy(certificate, certificate);
}

/** Names alone prove nothing: an authority that renewed its key has two certificates of one name. */
function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** The names that a certificate is for; its common name where it has no others. */
export function namesOf(certificate: X509Certificate): string[] {
  const listed = [
    ...(certificate.subjectAltName ?? "").matchAll(/(?:^|, )(?:DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g),
  ].map(([, name = ""]) => name);
  const common = commonName(certificate.subject);
  return listed.length > 0 || common === undefined ? listed : [common];
}

/** What a certificate is called in messages. */
export function titleOf(certificate: X509Certificate): string {
  return titleIn(certificate.subject);
}

/** What the issuer of a certificate is called in messages. */
export function issuerOf(certificate: X509Certificate): string {
  return titleIn(certificate.issuer);
}

function titleIn(distinguishedName: string): string {
  const text = commonName(distinguishedName) ?? distinguishedName.replaceAll("\n", ", ");
  return `"${oneLine(text)}"`;
}

function commonName(distinguishedName: string): string | undefined {
  return /^CN=(.*)$/m.exec(distinguishedName ?? "")?.[1];
}
