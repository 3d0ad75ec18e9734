import type { KeyObject, X509Certificate } from "node:crypto";
import { domainToASCII } from "node:url";
import { type Chain, isSelfSigned, issuerOf, namesOf, titleOf } from "./certificate-chain.ts";

/** Something to say about TLS material. Never holds any of it. */
export interface TlsProblem {
  readonly severity: "error" | "warning";
  readonly id: string;
  readonly seen: string;
  readonly remedy: string;
}

const day = 86_400_000;
const soon = 30 * day;
const renew = "Get a new certificate and give it instead.";

/** A problem that stops a run. */
export function error(id: string, seen: string, remedy: string): TlsProblem {
  return { severity: "error", id, seen, remedy };
}

/** A problem that is told. */
export function warning(id: string, seen: string, remedy: string): TlsProblem {
  return { severity: "warning", id, seen, remedy };
}

/** What is wrong with a chain of certificates that was given in some order, for a name, at a time (T4, extension.md 8). */
export function certificateProblems(
  given: readonly X509Certificate[],
  chain: Chain,
  at: { readonly cname?: string | undefined; readonly now: number },
): TlsProblem[] {
  const [leaf, ...issuers] = chain.ordered;
  if (!leaf) return [];
  return [
    ...orderProblems(given, chain),
    ...validityProblems(leaf, at.now, "error"),
    ...issuers.flatMap((issuer) => validityProblems(issuer, at.now, "warning")),
    ...(at.cname === undefined ? [] : nameProblems(leaf, at.cname)),
    ...trustProblems(leaf, issuers),
    ...strengthProblems(leaf.publicKey),
    ...[leaf, ...issuers.filter((issuer) => !isSelfSigned(issuer))].flatMap(signatureProblems),
  ];
}

function orderProblems(given: readonly X509Certificate[], { ordered, strangers }: Chain): TlsProblem[] {
  const problems: TlsProblem[] = [];
  if (strangers.length > 0) {
    const seen = `These certificates are not part of the chain of the server's and are left out: ${titles(strangers)}.`;
    problems.push(warning("tls-chain-strangers", seen, "Give the chain of the server's certificate alone."));
  }
  const asGiven = given.filter((certificate) => !strangers.includes(certificate));
  if (asGiven.some((certificate, index) => certificate !== ordered[index])) {
    const seen = `The certificates are in the wrong order: ${titles(asGiven)}.`;
    const remedy = `Put the server's first and the issuer of each after it: ${titles(ordered)}.`;
    problems.push(error("tls-chain-order", seen, remedy));
  }
  return problems;
}

function titles(certificates: readonly X509Certificate[]): string {
  return certificates.map(titleOf).join(", ");
}

function validityProblems(
  certificate: X509Certificate,
  now: number,
  severity: TlsProblem["severity"],
): TlsProblem[] {
  const title = titleOf(certificate);
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  if (to < now) {
    return [
      {
        severity,
        id: "tls-expired",
        seen: `The certificate ${title} expired on ${date(to)}.`,
        remedy: renew,
      },
    ];
  }
  if (from > now) {
    const seen = `The certificate ${title} is valid from ${date(from)} only.`;
    return [
      { severity, id: "tls-not-yet-valid", seen, remedy: "Wait until then, or give one that is valid now." },
    ];
  }
  if (to - now >= soon) return [];
  const seen = `The certificate ${title} expires on ${date(to)}, in ${Math.floor((to - now) / day)} days.`;
  return [warning("tls-expires-soon", seen, renew)];
}

function date(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

/** A wildcard stands for one label; a common name counts only where there are no other names, and not to all clients. */
function nameProblems(leaf: X509Certificate, cname: string): TlsProblem[] {
  const host = domainToASCII(cname.replace(/\.$/, "")) || cname;
  const covers = (subject: "always" | "never") =>
    leaf.checkHost(host, { subject, partialWildcards: false }) !== undefined;
  if (covers("never")) return [];
  const names = namesOf(leaf).join(", ") || "none";
  if (leaf.subjectAltName === undefined && covers("always")) {
    const seen = `The certificate is for "${cname}" by its common name alone, which today's clients do not look at.`;
    return [warning("tls-name-in-cn", seen, `Get one with the subject alternative name ${cname}.`)];
  }
  const seen = `The certificate is not for "${cname}". Its names: ${names}.`;
  return [error("tls-name-differs", seen, "Give a certificate for that name, or the CNAME that it is for.")];
}

function trustProblems(leaf: X509Certificate, issuers: readonly X509Certificate[]): TlsProblem[] {
  const problems: TlsProblem[] = [];
  if (isSelfSigned(leaf)) {
    const seen = `The certificate ${titleOf(leaf)} is self-signed. Clients refuse it unless they are told to trust it.`;
    problems.push(warning("tls-self-signed", seen, "Take one of an authority that the clients trust."));
  } else if (issuers.length === 0) {
    const seen = `The issuer ${issuerOf(leaf)} is not in the chain. Clients that do not know it refuse the endpoint.`;
    const remedy = "Append the issuer's certificates: intermediate first, then root.";
    problems.push(warning("tls-chain-incomplete", seen, remedy));
  }
  // The extended key usages: server authentication, or any.
  const usages = leaf.keyUsage ?? [];
  const serves = ["1.3.6.1.5.5.7.3.1", "2.5.29.37.0"].some((usage) => usages.includes(usage));
  if (usages.length > 0 && !serves) {
    const seen = `The certificate ${titleOf(leaf)} is not for servers.`;
    problems.push(error("tls-not-for-servers", seen, "Give one with the usage server authentication."));
  }
  return problems;
}

const curves = new Set(["prime256v1", "secp384r1", "secp521r1"]);

function strengthProblems(key: KeyObject): TlsProblem[] {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  const type = key.asymmetricKeyType ?? "unknown";
  if (type === "rsa" || type === "rsa-pss") {
    if ((modulusLength ?? 0) >= 2048) return [];
    const seen = `The key has ${modulusLength} bits of RSA. Clients refuse fewer than 2048.`;
    return [warning("tls-key-weak", seen, "Get a certificate for a key of 2048 bits or more.")];
  }
  if (type === "ec" && curves.has(namedCurve ?? "")) return [];
  const seen = `The key is of the kind ${[type, namedCurve].filter(Boolean).join(" ")}, which not all clients know.`;
  return [
    warning("tls-key-unusual", seen, "Take RSA with 2048 bits or more, or the curve P-256, P-384 or P-521."),
  ];
}

/**
 * Object identifiers of signatures with SHA-1, as they stand in a certificate: RSA, ECDSA. Node 20 does not tell
 * how a certificate is signed, and these bytes stand nowhere else by chance.
 */
const sha1Signatures = [
  Buffer.from("06092a864886f70d010105", "hex"),
  Buffer.from("06072a8648ce3d0401", "hex"),
];

function signatureProblems(certificate: X509Certificate): TlsProblem[] {
  if (!sha1Signatures.some((identifier) => certificate.raw.includes(identifier))) return [];
  const seen = `The certificate ${titleOf(certificate)} is signed with SHA-1, which clients refuse.`;
  return [warning("tls-sha1", seen, "Get one that is signed with SHA-256.")];
}
