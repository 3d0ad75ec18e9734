import "reflect-metadata"; // tsyringe, which @peculiar/x509 loads, asks for it first
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** The time at which the zoo is looked at. */
export const now = Date.parse("2030-06-01T00:00:00Z");
const day = 86_400_000;

export interface Grown {
  readonly certificate: string;
  readonly privateKey: string;
  readonly issuer: { readonly name: string; readonly keys: webcrypto.CryptoKeyPair };
}

type Algorithm = webcrypto.EcKeyGenParams & webcrypto.EcdsaParams;
type RsaAlgorithm = webcrypto.RsaHashedKeyGenParams;

export const p256: Algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
export const rsa = (modulusLength: number, hash = "SHA-256"): RsaAlgorithm => ({
  name: "RSASSA-PKCS1-v1_5",
  modulusLength,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash,
});

let serial = 0;

/** Grows a certificate; what is not given is that of a healthy one for `ml.example.com`, signed by itself. */
export async function grow(options: {
  readonly cn?: string;
  readonly names?: readonly string[];
  readonly by?: Grown;
  readonly algorithm?: Algorithm | RsaAlgorithm | { readonly name: "Ed25519" };
  readonly from?: number;
  readonly to?: number;
  readonly usages?: readonly string[];
}): Promise<Grown> {
  x509.cryptoProvider.set(webcrypto);
  const algorithm = options.algorithm ?? p256;
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ])) as webcrypto.CryptoKeyPair;
  const name = `CN=${options.cn ?? "ml.example.com"}`;
  const names = options.names ?? ["ml.example.com"];
  serial += 1;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial.toString(16).padStart(4, "0"),
    subject: name,
    issuer: options.by?.issuer.name ?? name,
    notBefore: new Date(options.from ?? now - day),
    notAfter: new Date(options.to ?? now + 365 * day),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: options.by?.issuer.keys.privateKey ?? keys.privateKey,
    extensions: [
      ...(names.length > 0
        ? [new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns" as const, value })))]
        : []),
      ...(options.usages ? [new x509.ExtendedKeyUsageExtension([...options.usages])] : []),
    ],
  });
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificate: `${certificate.toString("pem")}\n`,
    privateKey: `${x509.PemConverter.encode(key, "PRIVATE KEY")}\n`,
    issuer: { name, keys },
  };
}

/** An authority, the one below it, and a server's certificate of that. */
export async function growChain(leafOptions: Parameters<typeof grow>[0] = {}) {
  const root = await grow({ cn: "Root", names: [] });
  const intermediate = await grow({ cn: "Intermediate", names: [], by: root });
  const leaf = await grow({ ...leafOptions, by: intermediate });
  return { root, intermediate, leaf };
}
