import { createPrivateKey } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { readTlsMaterial } from "../../src/model/tls-material.ts";
import { growChain, now, p256, rsa } from "./certificate-zoo.ts";

const day = 86_400_000;
const { root, intermediate, leaf } = await growChain();
const certificate = leaf.certificate + intermediate.certificate + root.certificate;
const good = { certificate, privateKey: leaf.privateKey };
const other = await growChain({ algorithm: rsa(2048) });
const chained = async (options: Parameters<typeof growChain>[0]) => {
  const grown = await growChain(options);
  const all = grown.leaf.certificate + grown.intermediate.certificate + grown.root.certificate;
  return { certificate: all, privateKey: grown.leaf.privateKey };
};
const written = (how: (text: string) => string) => ({
  certificate: how(good.certificate),
  privateKey: how(good.privateKey),
});
const encrypted = createPrivateKey(leaf.privateKey)
  .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open" })
  .toString();

interface Animal {
  readonly name: string;
  readonly pair: { readonly certificate: string; readonly privateKey: string };
  readonly verdict?: string;
  readonly remedy?: RegExp;
}

const zoo: readonly Animal[] = [
  { name: "EC", pair: await chained({ algorithm: p256 }) },
  { name: "RSA", pair: await chained({ algorithm: rsa(2048) }) },
  { name: "wildcard", pair: await chained({ names: ["*.example.com"] }) },
  { name: "CRLF", pair: written((text) => text.replaceAll("\n", "\r\n")) },
  { name: "trailing spaces", pair: written((text) => text.replaceAll("\n", "  \n")) },
  { name: "base64 of PEM", pair: written((text) => Buffer.from(text).toString("base64")) },
  {
    name: "expired",
    pair: await chained({ to: now - day }),
    verdict: "error tls-expired",
    remedy: /new certificate/,
  },
  {
    name: "expires soon",
    pair: await chained({ to: now + 29 * day }),
    verdict: "warning tls-expires-soon",
    remedy: /new certificate/,
  },
  {
    name: "wrong key",
    pair: { ...good, privateKey: other.leaf.privateKey },
    verdict: "error tls-key-differs",
    remedy: /key/,
  },
  {
    name: "wrong order",
    pair: { ...good, certificate: root.certificate + intermediate.certificate + leaf.certificate },
    verdict: "error tls-chain-order",
    remedy: /"ml.example.com", "Intermediate", "Root"/,
  },
  {
    name: "wildcard of another domain",
    pair: await chained({ names: ["*.example.org"] }),
    verdict: "error tls-name-differs",
    remedy: /for that name, or the CNAME/,
  },
  {
    name: "encrypted key",
    pair: { ...good, privateKey: encrypted },
    verdict: "error tls-key-encrypted",
    remedy: /openssl pkey/,
  },
  {
    name: "weak RSA key",
    pair: await chained({ algorithm: rsa(1024) }),
    verdict: "warning tls-key-weak",
    remedy: /2048/,
  },
];

describe("T4: the certificate zoo gets the right verdict, and a remedy each", () => {
  test.each(zoo)("$name", ({ pair, verdict, remedy }) => {
    const { material, problems } = readTlsMaterial({ ...pair, cname: "ml.example.com", now });
    expect(problems.map(({ severity, id }) => `${severity} ${id}`)).toEqual(verdict ? [verdict] : []);
    expect(problems[0]?.remedy ?? "").toMatch(remedy ?? /^$/);
    expect(material === undefined).toBe(verdict?.startsWith("error") ?? false);
    // Whatever form they came in, one form goes out.
    if (!verdict) expect(material?.certificate).toMatch(/^-----BEGIN CERTIFICATE-----\n[^\r ]/);
  });
});
