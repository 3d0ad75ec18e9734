import { describe, expect, test } from "@jest/globals";
import { attachRequest } from "../../src/actions/attach-request.ts";
import { memoryHost } from "../../src/host/memory.ts";
import { Failure } from "../../src/model/failure.ts";
import type { AksAttachRequest } from "../../src/model/request.ts";
import { Redactor, redacting } from "../../src/report/redaction.ts";
import { tlsPair } from "../support/tls-pair.ts";

const pair = await tlsPair();
const other = await tlsPair();
const arc =
  "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg1/providers/Microsoft.Kubernetes/connectedClusters/arc1";
const base = {
  "subscription-id": "22222222-2222-4222-8222-222222222222",
  "resource-group": "rg1",
  "workspace-name": "ws1",
  "compute-name": "gpu",
  "cluster-resource-id":
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/aks1",
  "compute-type": "aks",
};
const own = { "ssl-cert-pem": pair.certificate, "ssl-key-pem": pair.key, "ssl-cname": pair.cname };

function hostOf(inputs: Record<string, string>, environment: Record<string, string> = {}) {
  const files = { "cert.pem": pair.certificate, "key.pem": pair.key };
  return memoryHost({ inputs: { ...base, ...inputs }, environment, files });
}

async function requestOf(inputs: Record<string, string>, environment: Record<string, string> = {}) {
  return (await attachRequest(hostOf(inputs, environment))) as AksAttachRequest;
}

async function problemsOf(inputs: Record<string, string>, environment: Record<string, string> = {}) {
  try {
    const { wrong } = await attachRequest(redacting(hostOf(inputs, environment)));
    return wrong?.details ?? [];
  } catch (error) {
    if (error instanceof Failure && error.code === "InvalidInput") return error.details;
    throw error;
  }
}

test("C3: without a word about it the purpose is production, the load balancer open, TLS off", async () => {
  const { attachment, notes } = await requestOf({});
  expect(attachment).toEqual({
    clusterId: base["cluster-resource-id"],
    clusterPurpose: "FastProd",
    loadBalancer: { type: undefined, subnet: undefined },
  });
  expect(notes).toEqual([]);
});

test("C3: spellings of the SDK and the portal are taken, with a warning", async () => {
  for (const [given, meant] of [
    ["DEV_TEST", "DevTest"],
    ["Production", "FastProd"],
    ["dense-prod", "DenseProd"],
  ] as const) {
    const { attachment, notes } = await requestOf({ "cluster-purpose": given });
    expect(attachment.clusterPurpose).toBe(meant);
    expect(notes).toMatchObject([{ severity: "warning", remedy: `Write ${meant}.` }]);
  }
});

test.each([
  ["ab", false],
  ["abc", true],
  ["a".repeat(24), true],
  ["a".repeat(25), false],
  ["gpu-prod", true],
  ["gpu_prod", false],
  ["9gpu", false],
  ["-gpu", false],
  ["gpu-", false],
])("A2: %s as the name of a compute: %s", async (name, taken) => {
  const told = await problemsOf({ "compute-name": name });
  expect(told.length === 0).toBe(taken);
  expect(told.every((line) => line.startsWith(`compute-name: given "${name}"`))).toBe(true);
});

test("A1: a cluster is named by group and name as well", async () => {
  const named = { "cluster-resource-id": "", "cluster-name": "aks1", "cluster-resource-group": "rg1" };
  expect((await requestOf(named)).attachment.clusterId).toBe(base["cluster-resource-id"]);
});

test("T1: Microsoft's certificate", async () => {
  const inputs = { "ssl-leaf-domain-label": "contoso", "ssl-overwrite-existing-domain": "true" };
  expect((await requestOf(inputs)).attachment.tls).toEqual({
    way: "microsoft",
    leafDomainLabel: "contoso",
    overwriteExistingDomain: true,
  });
});

describe("T2, T4: an own certificate", () => {
  const base64 = (text: string) => Buffer.from(text).toString("base64");

  test.each([
    ["as text", own],
    ["as text with CRLF", { ...own, "ssl-cert-pem": pair.certificate.replaceAll("\n", "\r\n") }],
    ["in base64", { ...own, "ssl-cert-pem": base64(pair.certificate), "ssl-key-pem": base64(pair.key) }],
    ["in files", { ...own, "ssl-cert-pem": "cert.pem", "ssl-key-pem": "key.pem" }],
    ["for its name in other case", { ...own, "ssl-cname": pair.cname.toUpperCase() }],
  ])("%s", async (_title, inputs) => {
    const { tls } = (await requestOf(inputs)).attachment;
    expect(tls).toMatchObject({ way: "own", certificate: pair.certificate });
    expect(tls?.way === "own" && tls.privateKey).toContain("-----BEGIN PRIVATE KEY-----\n");
  });

  test("from variables, only where a name says that TLS is wanted", async () => {
    const variables = { AZUREML_SSL_CERT_PEM: pair.certificate, AZUREML_SSL_KEY_PEM: pair.key };
    expect((await requestOf({ "ssl-cname": pair.cname }, variables)).attachment.tls).toMatchObject({
      way: "own",
    });
    expect((await requestOf({}, variables)).attachment.tls).toBeUndefined();
    const label = await requestOf({ "ssl-leaf-domain-label": "contoso" }, variables);
    expect(label.attachment.tls).toMatchObject({ way: "microsoft" });
  });

  test("its key is masked in every form before anything else", async () => {
    for (const key of [pair.key, base64(pair.key), "key.pem"]) {
      const redactor = new Redactor();
      await attachRequest(redacting(hostOf({ ...own, "ssl-key-pem": key }), redactor));
      for (const leak of [pair.key, base64(pair.key), ...pair.key.split("\n").slice(1, -2)]) {
        expect(redactor.clean(leak)).not.toContain(pair.key.split("\n")[1]);
      }
    }
  });

  test.each([
    [
      "with the key of another",
      { ...own, "ssl-key-pem": other.key },
      /The key is not that of the certificate/,
    ],
    ["for another name", { ...own, "ssl-cname": "www.contoso.com" }, /not for .*www\.contoso\.com/],
    [
      "and key swapped",
      { ...own, "ssl-cert-pem": pair.key, "ssl-key-pem": pair.certificate },
      /Swap the two/,
    ],
  ])("%s is wrong input", async (_title, inputs, expected) => {
    expect(await problemsOf(inputs)).toEqual([expect.stringMatching(expected)]);
  });

  test("that ends in less than 30 days is told", async () => {
    const soon = await tlsPair({ days: 20 });
    const { notes } = await requestOf({ ...own, "ssl-cert-pem": soon.certificate, "ssl-key-pem": soon.key });
    expect(notes).toMatchObject([
      { severity: "warning", seen: expect.stringMatching(/expires on .* in \d+ days/) },
    ]);
  });
});

describe("inputs that go together", () => {
  const together = /together, or none of them/;
  const stranger = /no value, since `compute-type` is/;

  test.each<[string, Record<string, string>, readonly (readonly [string, RegExp])[]]>([
    [
      "T2: a name alone",
      { "ssl-cname": pair.cname },
      [
        ["ssl-cert-pem", together],
        ["ssl-key-pem", together],
      ],
    ],
    [
      "T2: a certificate alone",
      { "ssl-cert-pem": pair.certificate },
      [
        ["ssl-key-pem", together],
        ["ssl-cname", together],
      ],
    ],
    ["T2: no name", { ...own, "ssl-cname": "" }, [["ssl-cname", together]]],
    [
      "T1: both certificates",
      { ...own, "ssl-leaf-domain-label": "a" },
      [["ssl-leaf-domain-label", /either Microsoft's/]],
    ],
    [
      "T1: overwriting nothing",
      { "ssl-overwrite-existing-domain": "true" },
      [["ssl-overwrite-existing-domain", /only with/]],
    ],
    [
      "a subnet of a public load balancer",
      { "load-balancer-type": "PublicIp", "load-balancer-subnet": "a" },
      [["load-balancer-subnet", /no value with a public/]],
    ],
    [
      "a subnet alone",
      { "load-balancer-subnet": "a" },
      [["load-balancer-type", /InternalLoadBalancer, since/]],
    ],
    ["an Arc cluster", { "cluster-resource-id": arc }, [["cluster-resource-id", /an AKS cluster/]]],
    [
      "what belongs to Kubernetes computes",
      { namespace: "a", "identity-type": "none", file: "x.yml" },
      [
        ["namespace", stranger],
        ["identity-type", stranger],
        ["file", stranger],
      ],
    ],
  ])("%s", async (_title, inputs, expected) => {
    const problems = await problemsOf(inputs);
    expect(problems).toHaveLength(expected.length);
    for (const [index, [input, text]] of expected.entries()) {
      expect(problems[index]).toMatch(new RegExp(`^${input}: `));
      expect(problems[index]).toMatch(text);
    }
  });

  test("what belongs to legacy computes, with a Kubernetes compute: all of it is told, no PEM shown", async () => {
    const inputs = { ...own, "cluster-purpose": "DevTest", "load-balancer-type": "PublicIp" };
    for (const type of ["kubernetes", ""]) {
      const problems = await problemsOf({ ...inputs, "compute-type": type });
      expect(problems.map((problem) => problem.split(":")[0])).toEqual([
        "cluster-purpose",
        "load-balancer-type",
        "ssl-cert-pem",
        "ssl-key-pem",
        "ssl-cname",
      ]);
      expect(problems.join("\n")).not.toContain("BEGIN");
    }
  });
});
