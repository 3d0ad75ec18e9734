import { createPrivateKey, X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { readCertificate, readTlsMaterial } from "../../src/model/tls-material.ts";
import { type Grown, grow, growChain, now, p256, rsa } from "./certificate-zoo.ts";

const day = 86_400_000;
const cname = "ml.example.com";
let root: Grown;
let intermediate: Grown;
let leaf: Grown;
let good: { certificate: string; privateKey: string };

beforeAll(async () => {
  ({ root, intermediate, leaf } = await growChain());
  good = {
    certificate: leaf.certificate + intermediate.certificate + root.certificate,
    privateKey: leaf.privateKey,
  };
});

/** The verdict on a pair for `ml.example.com`, as `severity id`. */
function verdict(pair: { certificate: string; privateKey: string }, name: string | undefined = cname) {
  const { material, problems } = readTlsMaterial({ ...pair, ...(name && { cname: name }), now });
  return { material, problems, ids: problems.map(({ severity, id }) => `${severity} ${id}`) };
}
const alone = ({ certificate, privateKey }: Grown) => ({ certificate, privateKey });
const selfSigned = "warning tls-self-signed";

describe("T4: good material", () => {
  test("is understood without a word", () => {
    const { material, problems } = verdict(good);
    expect(problems).toEqual([]);
    expect(material).toEqual({
      ...good,
      names: [cname],
      notAfter: now + 365 * day,
      fingerprint: new X509Certificate(leaf.certificate).fingerprint256,
    });
  });

  test("a chain without root, and a repeated certificate, are good too", () => {
    const certificate = leaf.certificate + leaf.certificate + intermediate.certificate;
    const read = verdict({ ...good, certificate });
    expect(read.ids).toEqual([]);
    expect(read.material?.certificate).toBe(leaf.certificate + intermediate.certificate);
  });

  test.each<[string, (text: string) => string]>([
    ["CRLF", (text) => text.replaceAll("\n", "\r\n")],
    ["CR", (text) => text.replaceAll("\n", "\r")],
    ["trailing blanks", (text) => text.replaceAll("\n", "  \t\n")],
    ["leading blanks, as of YAML", (text) => text.replaceAll(/^/gm, "    ")],
    ["no line break at the end", (text) => text.trimEnd()],
    ["a byte order mark", (text) => `\uFEFF${text}`],
    ["line breaks written as \\n", (text) => text.replaceAll("\n", "\\n")],
    ["line breaks lost to blanks", (text) => text.replaceAll("\n", " ")],
    ["base64 of the whole", (text) => Buffer.from(text).toString("base64")],
    [
      "base64 of the whole, in lines",
      (text) =>
        (
          Buffer.from(text)
            .toString("base64")
            .match(/.{1,76}/g) ?? []
        ).join("\n"),
    ],
    ["base64 of CRLF", (text) => Buffer.from(text.replaceAll("\n", "\r\n")).toString("base64")],
    [
      "text between the blocks",
      (text) => text.replaceAll("-----BEGIN", "Bag Attributes\n  localKeyID: 01\n-----BEGIN"),
    ],
  ])("written with %s gives the same", (_, written) => {
    const read = verdict({ certificate: written(good.certificate), privateKey: written(good.privateKey) });
    expect(read.ids).toEqual([]);
    expect(read.material).toEqual(verdict(good).material);
  });

  test.each<[string, Parameters<typeof grow>[0]]>([
    ["RSA 2048", { algorithm: rsa(2048) }],
    ["P-384", { algorithm: { ...p256, namedCurve: "P-384", hash: "SHA-384" } }],
    ["P-521", { algorithm: { ...p256, namedCurve: "P-521", hash: "SHA-512" } }],
    ["a server's usage", { usages: ["1.3.6.1.5.5.7.3.1"] }],
    ["a wildcard", { names: ["*.example.com"] }],
    ["30 days left", { to: now + 30 * day }],
  ])("%s", async (_, options) => {
    expect(verdict(alone(await grow(options))).ids).toEqual([selfSigned]);
  });

  test("the key in its traditional form is taken as it is", () => {
    const privateKey = createPrivateKey(leaf.privateKey).export({ type: "sec1", format: "pem" }).toString();
    expect(privateKey).toContain("BEGIN EC PRIVATE KEY");
    const withParameters = `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${privateKey}`;
    expect(verdict({ ...good, privateKey: withParameters }).material?.privateKey).toBe(privateKey);
  });

  test("a name with a final dot, or in another script, is the same name", async () => {
    expect(verdict(good, "ML.example.com.").ids).toEqual([]);
    const other = await grow({ names: ["xn--mnchen-3ya.example"] });
    expect(verdict(alone(other), "münchen.example").ids).toEqual([selfSigned]);
  });
});

describe("T4: the certificate zoo", () => {
  test.each<[string, string[], Parameters<typeof grow>[0], RegExp]>([
    ["expired", ["error tls-expired"], { to: now - 1000 }, /expired on 2030-05-31/],
    ["not yet valid", ["error tls-not-yet-valid"], { from: now + day }, /2030-06-02/],
    ["expires soon", ["warning tls-expires-soon"], { to: now + 29.5 * day }, /in 29 days/],
    [
      "another name",
      ["error tls-name-differs"],
      { names: ["a.example.com", "b.example.com"] },
      /a\.example\.com, b\.example\.com/,
    ],
    ["a wildcard one label up", ["error tls-name-differs"], { names: ["*.com"] }, /\*\.com/],
    ["a partial wildcard", ["error tls-name-differs"], { names: ["m*.example.com"] }, /m\*/],
    ["a common name alone", ["warning tls-name-in-cn"], { names: [] }, /common name/],
    ["a common name beside other names", ["error tls-name-differs"], { names: ["x.org"] }, /x\.org/],
    ["weak RSA", ["warning tls-key-weak"], { algorithm: rsa(1024) }, /1024 bits/],
    ["SHA-1", ["warning tls-sha1"], { algorithm: rsa(2048, "SHA-1") }, /SHA-1/],
    ["SHA-1 with ECDSA", ["warning tls-sha1"], { algorithm: { ...p256, hash: "SHA-1" } }, /SHA-1/],
    ["a client's usage", ["error tls-not-for-servers"], { usages: ["1.3.6.1.5.5.7.3.2"] }, /not for servers/],
  ])("%s", async (_, expected, options, seen) => {
    const { ids, problems, material } = verdict(alone(await grow(options)));
    expect(ids.filter((id) => id !== selfSigned)).toEqual(expected);
    expect(problems.map((problem) => problem.seen).join("\n")).toMatch(seen);
    expect(material === undefined).toBe(expected.some((id) => id.startsWith("error")));
  });

  test("a wildcard does not cover two labels", async () => {
    const wild = await grow({ names: ["*.example.com"] });
    expect(verdict(alone(wild), "a.b.example.com").ids).toContain("error tls-name-differs");
    expect(verdict(alone(wild), "example.com").ids).toContain("error tls-name-differs");
  });

  test("without a CNAME names are not judged", async () => {
    const { material, ids } = verdict(alone(await grow({ names: ["x.org"] })), "");
    expect(ids).toEqual([selfSigned]);
    expect(material?.names).toEqual(["x.org"]);
  });

  test("a wrong key", () => {
    expect(verdict({ ...good, privateKey: root.privateKey }).ids).toEqual(["error tls-key-differs"]);
  });

  test("a key of another kind", async () => {
    const other = await grow({ algorithm: rsa(2048) });
    expect(verdict({ ...good, privateKey: other.privateKey }).ids).toEqual(["error tls-key-differs"]);
  });

  test.each<[string, () => string]>([
    ["root first", () => root.certificate + intermediate.certificate + leaf.certificate],
    ["intermediate and root swapped", () => leaf.certificate + root.certificate + intermediate.certificate],
    ["server second", () => intermediate.certificate + leaf.certificate + root.certificate],
  ])("a chain in the wrong order: %s", (_, certificate) => {
    const { ids, problems, material } = verdict({ ...good, certificate: certificate() });
    expect(ids).toEqual(["error tls-chain-order"]);
    expect(problems[0]?.remedy).toContain('"ml.example.com", "Intermediate", "Root"');
    expect(material).toBeUndefined();
  });

  test("the server's certificate alone", () => {
    const { ids, problems } = verdict({ ...good, certificate: leaf.certificate });
    expect(ids).toEqual(["warning tls-chain-incomplete"]);
    expect(problems[0]?.seen).toContain('"Intermediate"');
  });

  test("a certificate that does not belong is left out, first or last", async () => {
    const stranger = await grow({ cn: "Stranger", names: [] });
    for (const certificate of [
      stranger.certificate + good.certificate,
      good.certificate + stranger.certificate,
    ]) {
      const { ids, material } = verdict({ ...good, certificate });
      expect(ids).toEqual(["warning tls-chain-strangers"]);
      expect(material?.certificate).toBe(good.certificate);
    }
  });

  test("an authority of the same name with another key does not vouch", async () => {
    const twin = await grow({ cn: "Intermediate", names: [], by: root });
    const certificate = leaf.certificate + twin.certificate;
    expect(verdict({ ...good, certificate }).ids).toEqual([
      "warning tls-chain-strangers",
      "warning tls-chain-incomplete",
    ]);
  });

  test("an expired authority is told", async () => {
    const old = await grow({ cn: "Old", names: [], to: now - day });
    const young = await grow({ by: old });
    const pair = { certificate: young.certificate + old.certificate, privateKey: young.privateKey };
    expect(verdict(pair).ids).toEqual(["warning tls-expired"]);
  });

  test("a kind of key that few know", async () => {
    const { ids, problems } = verdict(alone(await grow({ algorithm: { name: "Ed25519" } })));
    expect(ids).toEqual([selfSigned, "warning tls-key-unusual"]);
    expect(problems[1]?.seen).toContain("ed25519");
  });

  test.each(["pkcs8", "sec1"] as const)("an encrypted key (%s)", (type) => {
    const privateKey = createPrivateKey(leaf.privateKey)
      .export({ type, format: "pem", cipher: "aes-256-cbc", passphrase: "open" })
      .toString();
    const { ids, problems } = verdict({ ...good, privateKey });
    expect(ids).toEqual(["error tls-key-encrypted"]);
    expect(problems[0]?.remedy).toContain("openssl pkey");
  });

  test("several keys", () => {
    const { ids } = verdict({ ...good, privateKey: leaf.privateKey + root.privateKey });
    expect(ids).toEqual(["error tls-keys-several"]);
  });

  test("swapped files", () => {
    const pair = { certificate: good.privateKey, privateKey: good.certificate };
    expect(verdict(pair).ids).toEqual(["error tls-files-swapped"]);
  });

  test("the key in the certificate's text", () => {
    const certificate = good.privateKey + good.certificate;
    const read = verdict({ ...good, certificate });
    expect(read.ids).toEqual(["warning tls-key-in-certificate"]);
    expect(read.material?.certificate).toBe(good.certificate);
    const without = verdict({ certificate, privateKey: "" });
    expect(without.ids).toEqual(["warning tls-key-in-certificate", "error tls-key-missing"]);
    expect(without.problems[1]?.remedy).toContain("certificate's text");
  });

  const der = (pem: string) => Buffer.from(pem.replaceAll(/-----.*-----|\s/g, ""), "base64");

  test.each<[string, () => { certificate: string; privateKey: string }, string]>([
    [
      "a certificate as DER read as text",
      () => ({ ...good, certificate: der(leaf.certificate).toString("utf8") }),
      "tls-certificate-binary",
    ],
    [
      "a certificate as bytes",
      () => ({ ...good, certificate: der(leaf.certificate).toString("latin1") }),
      "tls-certificate-binary",
    ],
    [
      "a certificate as bare base64",
      () => ({ ...good, certificate: der(leaf.certificate).toString("base64") }),
      "tls-certificate-binary",
    ],
    [
      "a key as bare base64",
      () => ({ ...good, privateKey: der(leaf.privateKey).toString("base64") }),
      "tls-key-binary",
    ],
    ["an empty certificate", () => ({ ...good, certificate: " \n" }), "tls-certificate-missing"],
    ["an empty key", () => ({ ...good, privateKey: "" }), "tls-key-missing"],
    [
      "a path instead of a certificate",
      () => ({ ...good, certificate: "certs/cert.pem" }),
      "tls-certificate-not-pem",
    ],
    [
      "dashes that a word processor made",
      () => ({ ...good, certificate: good.certificate.replaceAll("--", "—") }),
      "tls-certificate-not-pem",
    ],
    [
      "a request instead of a certificate",
      () => ({
        ...good,
        certificate: good.certificate.replaceAll("CERTIFICATE-----", "CERTIFICATE REQUEST-----"),
      }),
      "tls-certificate-missing",
    ],
    [
      "a public key",
      () => ({ ...good, privateKey: good.privateKey.replaceAll("PRIVATE", "PUBLIC") }),
      "tls-key-missing",
    ],
    [
      "a certificate without its end",
      () => ({ ...good, certificate: leaf.certificate.slice(0, 300) }),
      "tls-truncated",
    ],
    [
      "a damaged certificate",
      () => ({ ...good, certificate: leaf.certificate.replace("\nMII", "\nXYZ") }),
      "tls-certificate-unreadable",
    ],
    [
      "a damaged key",
      () => ({ ...good, privateKey: good.privateKey.replace("\nMI", "\nXY") }),
      "tls-key-unreadable",
    ],
  ])("%s", (_, pair, id) => {
    const { ids, problems, material } = verdict(pair());
    expect(ids).toEqual([`error ${id}`]);
    expect(problems[0]?.remedy).not.toBe("");
    expect(material).toBeUndefined();
  });

  test("more than ASCII beside the blocks is left out, and told", () => {
    const { ids, material } = verdict({ ...good, certificate: `subject: Müller\n${good.certificate}` });
    expect(ids).toEqual(["warning tls-not-ascii"]);
    expect(material?.certificate).toBe(good.certificate);
  });

  test("all that is wrong is told at once", async () => {
    const bad = await grow({ names: ["x.org"], to: now - day, algorithm: rsa(1024) });
    expect(verdict({ certificate: bad.certificate, privateKey: root.privateKey }).ids).toEqual([
      "error tls-key-differs",
      "error tls-expired",
      "error tls-name-differs",
      selfSigned,
      "warning tls-key-weak",
    ]);
  });

  test("no verdict holds a line of the key", () => {
    const bodies = good.privateKey.split("\n").slice(1, -2);
    const odd = [
      { ...good, privateKey: bodies.join("\n") },
      { ...good, privateKey: good.privateKey.replace("\nMI", "\nXY") },
      { certificate: good.privateKey, privateKey: good.privateKey },
      { certificate: bodies.join(""), privateKey: bodies.join("") },
    ];
    const told = JSON.stringify(odd.map((pair) => verdict(pair)));
    expect(bodies.length).toBeGreaterThan(1);
    for (const line of bodies) expect(told).not.toContain(line.slice(4, 30));
  });
});

describe("readCertificate", () => {
  test("judges a certificate without its key", () => {
    const { material, problems } = readCertificate({ certificate: good.certificate, cname, now });
    expect(problems).toEqual([]);
    expect(material?.fingerprint).toBe(new X509Certificate(leaf.certificate).fingerprint256);
  });

  test("finds the server's by who vouches for whom, and gives what it found with the problems", () => {
    const certificate = root.certificate + intermediate.certificate + leaf.certificate;
    const { material, problems } = readCertificate({ certificate, cname: "other.org", now: now + 400 * day });
    expect(material?.names).toEqual([cname]);
    expect(new Set(problems.map(({ id }) => id))).toEqual(
      new Set(["tls-chain-order", "tls-expired", "tls-name-differs"]),
    );
  });

  test("says that there is none", () => {
    const { material, problems } = readCertificate({ certificate: "", now });
    expect(material).toBeUndefined();
    expect(problems.map(({ id }) => id)).toEqual(["tls-certificate-missing"]);
  });
});
