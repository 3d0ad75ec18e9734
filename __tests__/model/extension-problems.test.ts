import { describe, expect, test } from "@jest/globals";
import { settingNotes, versionNotes } from "../../src/model/extension-notes.ts";
import { settingProblems, versionProblems } from "../../src/model/extension-problems.ts";
import type { GivenSettings, Settings } from "../../src/model/extension-settings.ts";

const aks = { kind: "aks" } as const;
const arc = { kind: "arc" } as const;
const training = { enableTraining: "True" };
const http = {
  enableInference: "True",
  inferenceRouterServiceType: "LoadBalancer",
  allowInsecureConnections: "true",
};
const { allowInsecureConnections: _http, ...router } = http;
const https = { ...router, sslCname: "ml.example.com" };
const files = { sslCertPemFile: "cert.pem", sslKeyPemFile: "key.pem" };
const given = (plain: Settings, secret: Settings = {}): GivenSettings => ({ plain, protected: secret });
const inputs = (settings: GivenSettings, cluster: typeof aks | typeof arc = aks) =>
  settingProblems(settings, cluster).map(({ input }) => input);

describe("settingProblems: what is accepted", () => {
  test.each<[string, GivenSettings]>([
    ["training", given(training)],
    ["HTTP", given(http)],
    ["HTTPS by files", given(https, files)],
    ["HTTPS by contents", { ...given(https), tls: { certificate: "c", privateKey: "k" } }],
    [
      "HTTPS by contents of the files named",
      { ...given(https, files), tls: { certificate: "c", privateKey: "k" } },
    ],
    ["HTTPS as it travels", given(https, { "scoringFe.sslCert": "Yw==", "scoringFe.sslKey": "aw==" })],
    ["HTTPS by secret", given({ ...https, sslSecret: "ml-tls" })],
    ["NodePort in any case", given({ ...http, inferenceRouterServiceType: "nodeport" })],
    ["ClusterIP", given({ ...http, inferenceRouterServiceType: "ClusterIP" })],
    ["an internal load balancer", given({ ...http, internalLoadBalancerProvider: "Azure" })],
    [
      "booleans in any case",
      given({ enableTraining: "TRUE", installVolcano: "False", enableInference: "false" }),
    ],
    [
      "node selectors",
      given({
        ...training,
        "nodeSelector.kubernetes\\.io/os": "linux",
        "nodeSelector.agentpool": "ml_1",
        "nodeSelector.a": "",
      }),
    ],
    ["keys that nobody knows", given({ ...training, "gateway.replicas": "2", constructor: "x" })],
    [
      "an own Relay",
      given(
        { ...training, "relayserver.hybridConnectionResourceID": "/x" },
        { relayServerConnectionString: "s" },
      ),
    ],
    [
      "an own Service Bus",
      given({ ...training, "servicebus.enabled": "true" }, { serviceBusConnectionString: "s" }),
    ],
  ])("%s", (_, settings) => {
    expect(settingProblems(settings, aks)).toEqual([]);
    expect(settingProblems(settings, arc)).toEqual([]);
  });
});

describe("settingProblems: the rows of extension.md 1b", () => {
  test("the same key plain and protected", () => {
    const problems = settingProblems(given({ ...training, x: "1" }, { x: "2" }), aks);
    expect(problems).toEqual([
      { input: "config (x)", given: "1", accepted: "either in `config` or in `config-protected`" },
    ]);
  });

  test.each<[string, Settings]>([
    ["nothing", {}],
    ["both off", { enableTraining: "False", enableInference: "false" }],
  ])("neither training nor inference: %s (X2)", (_, plain) => {
    expect(settingProblems(given(plain), aks)).toEqual([
      { input: "workloads", given: undefined, accepted: "training, inference, or both" },
    ]);
  });

  test("inference without TLS material and without leave to do without (X4)", () => {
    for (const insecure of [{}, { allowInsecureConnections: "False" }]) {
      expect(inputs(given({ ...https, ...insecure }))).toEqual(["config-protected"]);
    }
  });

  test("TLS without a name", () => {
    expect(inputs(given(router, files))).toEqual(["config (sslCname)"]);
    expect(inputs(given({ ...router, sslSecret: "s" }))).toEqual(["config (sslCname)"]);
  });

  test.each(["Loadbalancers", "", "Internal"])("a router of the type %j", (type) => {
    expect(inputs(given({ ...http, inferenceRouterServiceType: type }))).toEqual([
      "config (inferenceRouterServiceType)",
    ]);
  });

  test("no type of router", () => {
    const { inferenceRouterServiceType: _type, ...rest } = http;
    expect(inputs(given(rest))).toEqual(["config (inferenceRouterServiceType)"]);
  });

  test("NodePort with an internal load balancer", () => {
    const plain = { ...http, inferenceRouterServiceType: "nodePort", internalLoadBalancerProvider: "azure" };
    expect(inputs(given(plain))).toEqual(["config (internalLoadBalancerProvider)"]);
  });

  test("a provider that is not azure (extension.md 2a)", () => {
    expect(inputs(given({ ...http, internalLoadBalancerProvider: "aws" }))).toEqual([
      "config (internalLoadBalancerProvider)",
    ]);
  });
});

describe("settingProblems: what Azure tells late or never", () => {
  test.each([
    ["allowInsecureConnections", "Ture"],
    ["inferenceRouterHA", "yes"],
    ["inferenceRouterHA", "3"],
    ["installVolcano", '"True"'],
    ["installPromOp", ""],
    ["enableTraining", "1"],
  ])("%s=%s is no boolean", (key, value) => {
    const problems = settingProblems(given({ ...http, enableTraining: "True", [key]: value }), aks);
    expect(problems).toContainEqual({ input: `config (${key})`, given: value, accepted: "True, False" });
  });

  test.each([
    ["enableInferance", "enableInference"],
    ["enabletraining", "enableTraining"],
    ["sslCName", "sslCname"],
    ["sslCertKeyFile", "sslKeyPemFile"],
    ["inferenceRouterServicType", "inferenceRouterServiceType"],
    ["nodeselector.pool", "nodeSelector.pool"],
    ["nodeSelectors.pool", "nodeSelector.pool"],
    ["privateEndpointNodePort", "inferenceRouterServiceType=NodePort"],
    ["inferenceLoadbalancerHA", "inferenceRouterHA"],
    ["clusterID", "clusterId"],
  ])("%s: did you mean %s?", (key, meant) => {
    for (const settings of [given({ ...training, [key]: "v" }), given(training, { [key]: "v" })]) {
      const accepted = settingProblems(settings, aks).map((problem) => problem.accepted);
      expect(accepted).toEqual([`did you mean ${meant}?`]);
    }
  });

  test.each([
    ["nodeSelector.a b", "x"],
    ["nodeSelector.a/b/c", "x"],
    ["nodeSelector.", "x"],
    ["nodeSelector.pool", "in (a,b)"],
    ["nodeSelector.pool", '"ml"'],
    ["nodeSelector", "pool=ml"],
  ])("%s=%s is no label", (key, value) => {
    expect(inputs(given({ ...training, [key]: value }))).toEqual([`config (${key})`]);
  });

  test.each(["https://ml.example.com", "ml.example.com:443", "*.example.com", "ml example", ""])(
    "the name %j",
    (sslCname) => expect(inputs(given({ ...https, sslCname }, files))).toEqual(["config (sslCname)"]),
  );

  test("half a PEM pair, which the CLI takes for none", () => {
    expect(inputs(given(https, { sslCertPemFile: "c" }))).toEqual(["config-protected (sslKeyPemFile)"]);
    expect(inputs(given(https, { "scoringFe.sslKey": "k" }))).toEqual([
      "config-protected (scoringFe.sslCert)",
    ]);
  });

  test.each(["default/tls", "Tls", "tls secret"])("no secret can be called %j", (sslSecret) => {
    expect(inputs(given({ ...https, sslSecret }))).toEqual(["config (sslSecret)"]);
  });

  test("TLS material and HTTP", () => {
    expect(inputs(given({ ...https, allowInsecureConnections: "True" }, files))).toEqual([
      "config (allowInsecureConnections)",
    ]);
  });

  test("X5: secrets in `config`, unseen", () => {
    const problems = settingProblems(given({ ...https, sslSecret: "s", "scoringFe.sslKey": "geheim" }), aks);
    expect(problems.map(({ input }) => input)).toEqual(["config (scoringFe.sslKey)"]);
    expect(JSON.stringify(problems)).not.toContain("geheim");
  });

  test("the key that is kept by the action itself", () => {
    expect(inputs(given({ ...training, "azureml-clusters.protected": "x" }))).toEqual([
      "config (azureml-clusters.protected)",
    ]);
  });

  test("an own Relay that is not named (extension.md 1d)", () => {
    expect(inputs(given(training, { relayServerConnectionString: "s" }), arc)).toEqual([
      "config (relayserver.hybridConnectionResourceID)",
    ]);
  });

  test("the upgrade of the legacy router on Arc (extension.md 8)", () => {
    const upgrade = given({ ...training, "scoringFe.enableUpgrade": "true" });
    expect(inputs(upgrade, aks)).toEqual([]);
    expect(inputs(upgrade, arc)).toEqual(["config (scoringFe.enableUpgrade)"]);
  });

  test("resources that are not made here (extension.md 1d)", () => {
    expect(inputs(given({ ...training, "servicebus.enabled": "True" }))).toEqual([
      "config (servicebus.enabled)",
    ]);
    expect(inputs(given({ ...training, logAnalyticsWS: "True" }))).toEqual(["config (logAnalyticsWS)"]);
  });

  test("all problems are told at once", () => {
    const plain = {
      enableInference: "True",
      inferenceRouterHA: "maybe",
      sslCertKeyFile: "x",
      "nodeSelector.a": "b c",
    };
    expect(inputs(given(plain)).sort()).toEqual([
      "config (inferenceRouterHA)",
      "config (inferenceRouterServiceType)",
      "config (nodeSelector.a)",
      "config (sslCertKeyFile)",
      "config-protected",
    ]);
  });
});

describe("settingNotes", () => {
  const ids = (settings: GivenSettings, cluster: typeof aks | typeof arc = aks) =>
    settingNotes(settings, cluster).map(({ severity, id }) => `${severity} ${id}`);

  const internal = { ...http, internalLoadBalancerProvider: "azure" };

  test.each<[string, string[], typeof aks | typeof arc, GivenSettings]>([
    ["training", [], aks, given(training)],
    ["HTTPS", [], aks, given(https, files)],
    ["X4: HTTP on a public load balancer", ["warning router-public-http"], aks, given(http)],
    ["HTTP inside", [], aks, given(internal)],
    ["HTTP by NodePort", [], aks, given({ ...http, inferenceRouterServiceType: "NodePort" })],
    [
      "a provider beside ClusterIP",
      ["warning router-internal-without-load-balancer"],
      aks,
      given({ ...internal, inferenceRouterServiceType: "ClusterIP" }),
    ],
    [
      "a pair and a secret (1b)",
      ["warning tls-given-twice"],
      aks,
      given({ ...https, sslSecret: "s" }, files),
    ],
    [
      "a router without inference",
      ["info inference-settings-without-inference"],
      aks,
      given({ ...training, sslCname: "a" }),
    ],
    [
      "Arc without Relay",
      ["warning arc-without-relay"],
      arc,
      given({ ...training, "relayserver.enabled": "False" }),
    ],
    ["unknown keys (2b)", ["info setting-unknown"], aks, given({ ...training, "gateway.replicas": "2" })],
  ])("%s", (_, expected, cluster, settings) => expect(ids(settings, cluster)).toEqual(expected));
});

describe("versions (extension.md 4)", () => {
  test.each<[Parameters<typeof versionProblems>[0], string[]]>([
    [{}, []],
    [{ version: "1.1.44" }, []],
    [{ version: "1.1.44", autoUpgrade: false, releaseTrain: "staging" }, []],
    [{ autoUpgrade: true, releaseTrain: "preview" }, []],
    [{ version: "1.1.44", autoUpgrade: true }, ["auto-upgrade"]],
    [{ version: "v1.1.44" }, ["version"]],
    [{ version: "latest", autoUpgrade: true }, ["version", "auto-upgrade"]],
  ])("%j", (wanted, expected) => {
    expect(versionProblems(wanted).map(({ input }) => input)).toEqual(expected);
  });

  test("a train counts with auto-upgrade alone", () => {
    expect(versionNotes({ releaseTrain: "preview" })).toEqual([]);
    expect(versionNotes({ version: "1.1.44" })).toEqual([]);
    for (const pin of [{ version: "1.1.44" }, { autoUpgrade: false }]) {
      expect(versionNotes({ releaseTrain: "preview", ...pin }).map(({ id }) => id)).toEqual([
        "release-train-idle",
      ]);
    }
  });
});
