import { describe, expect, test } from "@jest/globals";
import { makeCertificate } from "../../emulator/index.ts";
import { deployRequest } from "../../src/actions/deploy-request.ts";
import { memoryHost } from "../../src/host/memory.ts";
import type { Failure } from "../../src/model/failure.ts";
import { everythingSaid, leakedPieces } from "../support/secret-scanner.ts";
import { bareScene, ending, http, https, lines, otherPem, pem, training } from "./deploy-scenes.ts";

const cluster =
  "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/aks1";
const arc = cluster.replace(
  "Microsoft.ContainerService/managedClusters/aks1",
  "Microsoft.Kubernetes/connectedClusters/arc1",
);

/** What the inputs make, or the problems that they have. */
async function read(inputs: Record<string, string>, files: Record<string, string> = {}) {
  const host = memoryHost({ inputs: { "cluster-resource-id": cluster, ...inputs }, files });
  return deployRequest(host).then(
    (request) => ({ request, problems: [] as readonly string[], host }),
    (failure: Failure) => {
      expect(failure.code).toBe("InvalidInput");
      return { request: undefined, problems: failure.details, host };
    },
  );
}

const planted = "planted-secret-value-0123456789-abcdefghijklmnop";

describe("ten wrong inputs at once", () => {
  const keyPem = otherPem.privateKey;
  const inputs = {
    "cluster-resource-id": "/subscriptions/x/aks",
    "extension-name": "Team ML!",
    workloads: "training, serving",
    config: `enableTraning=True\ninferenceRouterServiceType=Public\nno-value\nsslCname=https://ml.example.com`,
    "config-protected": `relayServerConnectionString=${planted}\nrelayServerConnectionString=${planted}`,
    "ssl-cert-pem": pem.certificate,
    "ssl-key-pem": keyPem,
    kubeconfig: `users: [{user: {token: ${planted}}}]`,
    version: "latest",
    "release-train": "1 2",
    "auto-upgrade": "sometimes",
    "allow-disruption": "perhaps",
    "on-failed": "retry",
    timeout: "soon",
    wait: "no",
    preflight: "maybe",
  };
  const named = [
    "cluster-resource-id",
    "extension-name",
    "workloads",
    "config, line 3",
    "config-protected, line 2",
    "ssl-cert-pem",
    "kubeconfig",
    "version",
    "release-train",
    "auto-upgrade",
    "allow-disruption",
    "on-failed",
    "timeout",
    "wait",
    "preflight",
  ];

  test("are told in one error, each by the name that it has in the YAML; Azure is asked nothing (INVARIANTS 10)", async () => {
    const stage = bareScene();
    const run = await stage.deploy(inputs);
    expect(ending(run)).toMatchObject({ exit: 1, changed: "false", code: "InvalidInput" });
    expect(run.host.said.errors).toHaveLength(1);
    const details = run.report.error?.details ?? [];
    // Certificate and key do not fit, and the certificate is for no such name.
    expect([...new Set(details.map((line) => line.split(":")[0]))].sort()).toEqual([...named].sort());
    expect(details.every((line) => /: (given ".*"|not given); accepted: \S/.test(line))).toBe(true);
    expect(stage.world.exchanges).toEqual([]);
  });

  test("show no secret, whatever is wrong with it (X5)", async () => {
    const run = await bareScene().deploy(inputs);
    expect(
      leakedPieces(everythingSaid(run.host), [planted, ...keyPem.split("\n").filter((l) => l.length > 40)]),
    ).toEqual([]);
  });
});

describe("a secret in the wrong place is not shown", () => {
  test.each<[string, Record<string, string>]>([
    ["a secret setting in config", { config: `relayServerConnectionString=${planted}` }],
    [
      "a secret setting behind another on one line",
      { config: `installVolcano=True scoringFe.sslKey=${planted}` },
    ],
    [
      "a secret setting before another on one line",
      { config: `scoringFe.sslKey=${planted} installVolcano=True` },
    ],
    ["a legacy one twice", { config: `RelayConnectionString=${planted}\nRelayConnectionString=${planted}` }],
    [
      "a legacy one beside the present one",
      {
        config: `RelayConnectionString=${planted}\nrelayserver.relayConnectionString=${planted}`,
      },
    ],
    ["a secret setting in other case", { config: `RelayServerConnectionstring=${planted}` }],
    ["a secret setting with a typing error", { config: `relayServerConectionString=${planted}` }],
    ["a value without key in config-protected", { "config-protected": planted }],
    ["a PEM key in config", { config: `x=1\n${otherPem.privateKey}` }],
    ["a PEM key in config-protected", { "config-protected": `sslKeyPemFile=${otherPem.privateKey}` }],
    [
      "a PEM key as the path of a file",
      {
        "config-protected": `sslCertPemFile=c.pem\nsslKeyPemFile=${otherPem.privateKey.split("\n").slice(1, -2).join("")}`,
      },
    ],
    [
      "certificate and key the wrong way round",
      {
        config: https().config,
        "ssl-cert-pem": otherPem.privateKey,
        "ssl-key-pem": otherPem.certificate,
      },
    ],
    [
      "a key of a certificate in the certificate's place too",
      {
        config: https().config,
        "ssl-cert-pem": `${otherPem.certificate}${otherPem.privateKey}`,
        "ssl-key-pem": "x",
      },
    ],
  ])("%s", async (_what, inputs) => {
    const run = await bareScene().deploy({ workloads: "both", ...inputs });
    expect(run.exit).toBe(1);
    const keys = otherPem.privateKey.split("\n").filter((line) => line.length > 40);
    expect(leakedPieces(everythingSaid(run.host), [planted, ...keys])).toEqual([]);
  });
});

describe("TLS material", () => {
  test.each<[string, () => Promise<Record<string, string>>, RegExp]>([
    ["key of another certificate", async () => ({ "ssl-key-pem": otherPem.privateKey }), /key/],
    ["for another name", async () => pairInputs({ names: ["other.example.com"] }), /ml\.example\.com/],
    [
      "that has expired",
      async () => pairInputs({ names: ["ml.example.com"], notAfter: new Date(Date.now() - 86_400_000) }),
      /expired/,
    ],
    ["that is none", async () => ({ "ssl-cert-pem": "certificate" }), /PEM|certificate/],
    ["without key", async () => ({ "ssl-key-pem": "" }), /^ssl-key-pem: not given/],
  ])("%s is wrong input: nothing is sent (T4)", async (_what, more, told) => {
    const { problems } = await read({ ...https(), ...(await more()) });
    expect(problems.join("\n")).toMatch(told);
  });

  test("that will expire soon is a warning", async () => {
    const soon = { names: ["ml.example.com"], notAfter: new Date(Date.now() + 3 * 86_400_000) };
    const { request } = await read({ ...https(), ...(await pairInputs(soon)) });
    expect(request?.notes.map(({ severity, seen }) => `${severity} ${seen}`)).toContainEqual(
      expect.stringMatching(/^warning .*expires/),
    );
  });

  test("files that can't be read are named", async () => {
    const { problems } = await read({
      workloads: "both",
      config: https().config,
      "config-protected": lines({ sslCertPemFile: "no/cert.pem", sslKeyPemFile: "no/key.pem" }),
    });
    expect(problems).toEqual([
      'config-protected (sslCertPemFile): given "no/cert.pem"; accepted: the path of a file that can be read',
      'config-protected (sslKeyPemFile): given "no/key.pem"; accepted: the path of a file that can be read',
    ]);
  });

  test("with sslCertKeyFile, as a page of Microsoft has it, is told the right name (extension.md 8)", async () => {
    const { problems } = await read({
      workloads: "both",
      config: https().config,
      "config-protected": lines({ sslCertPemFile: "c.pem", sslCertKeyFile: "k.pem" }),
    });
    expect(problems.join("\n")).toContain("did you mean sslKeyPemFile?");
  });
});

async function pairInputs(wish: Parameters<typeof makeCertificate>[0]): Promise<Record<string, string>> {
  const pair = await makeCertificate(wish);
  return { "ssl-cert-pem": pair.certificate, "ssl-key-pem": pair.privateKey };
}

describe("what the CLI refuses is refused (extension.md 1b)", () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ["no workload", {}, /^workloads: not given; accepted: training, inference, or both$/],
    [
      "inference without router",
      { workloads: "inference", config: "allowInsecureConnections=True" },
      /inferenceRouterServiceType/,
    ],
    [
      "inference without TLS or HTTP",
      { workloads: "inference", config: "inferenceRouterServiceType=NodePort" },
      /allowInsecureConnections=True/,
    ],
    [
      "HTTPS without a name",
      { workloads: "inference", config: "inferenceRouterServiceType=NodePort\nsslSecret=tls" },
      /sslCname/,
    ],
    [
      "NodePort behind a load balancer",
      {
        workloads: "inference",
        config: `${http.config.replace("ClusterIP", "NodePort")}\ninternalLoadBalancerProvider=azure`,
      },
      /NodePort has no load balancer/,
    ],
    ["one key in both maps", { ...training, config: "a.b=1", "config-protected": "a.b=2" }, /a\.b.*either/],
    [
      "a pinned version that upgrades itself",
      { ...training, version: "1.1.44", "auto-upgrade": "true" },
      /auto-upgrade/,
    ],
    ["workloads against config", { ...training, config: "enableTraining=False" }, /enableTraining/],
    [
      "the typing error of the source document (NodePort over HTTP)",
      { workloads: "inference", config: "privateEndpointNodeport=True\nallowInsecureConnections=Ture" },
      /allowInsecureConnections.*"Ture".*True, False/,
    ],
    [
      "the digest that this action keeps",
      { ...training, config: "azureml-clusters.protected=x" },
      /this action keeps it/,
    ],
  ])("%s", async (_what, inputs, told) => {
    const { problems } = await read(inputs);
    expect(problems.join("\n")).toMatch(told);
  });

  test("a cluster by name needs its group and subscription", async () => {
    const { problems } = await read({ ...training, "cluster-resource-id": "", "cluster-name": "aks1" });
    expect(problems.map((line) => line.split(":")[0])).toEqual(["cluster-resource-id", "subscription-id"]);
  });

  test("and what the CLI takes is taken: comments, blank lines, values with = and blanks around", async () => {
    const { request } = await read({
      workloads: " Training ,\tinference ",
      config: `# ours\n\n  inferenceRouterServiceType = clusterip \r\nallowInsecureConnections=true\nsome.value=a=b==\n`,
    });
    expect(request?.settings.plain).toEqual({
      enableTraining: "True",
      enableInference: "True",
      inferenceRouterServiceType: "clusterip",
      allowInsecureConnections: "true",
      "some.value": "a=b==",
    });
  });
});

test("what differs between AKS and Arc goes by the cluster that is named, either way", async () => {
  const config = `${http.config}\nscoringFe.enableUpgrade=True`;
  const byName = {
    "cluster-resource-id": "",
    "cluster-name": "arc1",
    "cluster-resource-group": "rg1",
    "subscription-id": "22222222-2222-4222-8222-222222222222",
  };
  for (const named of [{ "cluster-resource-id": arc }, { ...byName, "cluster-type": "connectedClusters" }]) {
    const { problems } = await read({ workloads: "both", config, ...named });
    expect(problems.join()).toContain("scoringFe.enableUpgrade");
  }
  const onAks = await read({ workloads: "both", config, ...byName });
  expect(onAks.problems).toEqual([]);
  expect(onAks.request?.clusterId).toContain("/managedClusters/arc1");
});

test("every secret among the inputs is masked before anything else is said", async () => {
  const { host } = await read({
    ...https(),
    "config-protected": lines({ "azure_log_analytics.connection_string": planted }),
  });
  expect(host.said.masks).toEqual(expect.arrayContaining([planted, pem.privateKey.trim()]));
});
