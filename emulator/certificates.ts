import "reflect-metadata"; // tsyringe, which @peculiar/x509 loads, asks for it first
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** What a TLS server needs, in PEM, and the authority that vouches for it. */
export interface ServerCertificates {
  authority: string;
  certificate: string;
  privateKey: string;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * A new authority and a leaf for 127.0.0.1 and localhost. Python 3.13 and later check strictly (testbed 9): the
 * authority has a critical keyUsage and a subject key id, the leaf an authority key id and subject alternative names.
 */
export async function makeCertificates(): Promise<ServerCertificates> {
  x509.cryptoProvider.set(webcrypto);
  const validity = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + 30 * DAY_MS) };
  const authorityKeys = await newKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: "CN=azureml-clusters emulator CA",
    ...validity,
    signingAlgorithm: ALGORITHM,
    keys: authorityKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const leafKeys = await newKeys();
  const leaf = await makeLeaf(authority, authorityKeys, leafKeys, validity);
  return {
    authority: `${authority.toString("pem")}\n`,
    certificate: `${leaf.toString("pem")}\n`,
    privateKey: await privateKeyPem(leafKeys.privateKey),
  };
}

async function makeLeaf(
  authority: x509.X509Certificate,
  authorityKeys: webcrypto.CryptoKeyPair,
  leafKeys: webcrypto.CryptoKeyPair,
  validity: { notBefore: Date; notAfter: Date },
): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    serialNumber: "02",
    subject: "CN=azureml-clusters emulator",
    issuer: authority.subject,
    ...validity,
    signingAlgorithm: ALGORITHM,
    publicKey: leafKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: "ip", value: "127.0.0.1" },
        { type: "dns", value: "localhost" },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(leafKeys.publicKey),
    ],
  });
}

function newKeys() {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}
