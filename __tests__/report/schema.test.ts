import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Discovered, Discovery } from "../../src/model/discovery.ts";
import { doors } from "../../src/model/doors.ts";
import type { Finding } from "../../src/model/finding.ts";
import type { FleetReport, WrongCluster } from "../../src/model/fleet.ts";
import type { Check, Gate, GateCertificate, GateSight, Part } from "../../src/model/gate.ts";
import type {
  ClusterVersion,
  ExtensionVersions,
  MinorVersion,
  OfferedExtension,
  PatchVersion,
  Upgrade,
  Versions,
} from "../../src/model/kubernetes-versions.ts";
import type { Plan, Step } from "../../src/model/plan.ts";
import type { ErrorReport, Report, StepReport, Target } from "../../src/model/report.ts";
import type { Rollout, WaveReport } from "../../src/model/rollout.ts";
import { verdicts } from "../../src/report/summary.ts";
import { gateReport, gates } from "./gates.ts";
import { error, reportOf } from "./reports.ts";

const url = new URL("../../schemas/report.schema.json", import.meta.url);
const schema = JSON.parse(readFileSync(url, "utf8")) as Node;
const ajv = new Ajv2020({
  strict: true,
  allErrors: true,
  formats: {
    "date-time": (text: string) => !Number.isNaN(Date.parse(text)) && text.includes("T"),
    uri: (text: string) => URL.canParse(text),
  },
});
const validate = ajv.compile(schema);

/** What is wrong with a report as its reader gets it. */
function problems(report: unknown): string[] {
  validate(JSON.parse(JSON.stringify(report)));
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** A part of a JSON schema, as far as it is looked at here. */
interface Node {
  readonly [key: string]: unknown;
}

// `Required` makes each of these fail to compile as soon as the model gets a member that is not here.
const finding: Required<Finding> = {
  id: "pods-running",
  severity: "error",
  source: "K2",
  seen: "It crashes.",
  remedy: "Look at its log.",
  link: "https://learn.microsoft.com/azure",
  object: "Pod azureml/gateway",
  unread: true,
  pending: true,
};
const target: Required<Target> = {
  subscriptionId: "s",
  resourceGroup: "rg1",
  workspaceName: "ws1",
  computeName: "gpu",
  computeId: "/c",
  clusterId: "/k",
  extensionName: "azureml",
};
const step: Required<Step> = {
  kind: "create-compute",
  title: "t",
  reason: "r",
  body: { any: ["thing"] },
  stage: "attach",
};
const plan: Required<Plan> = { summary: "s", steps: [step], notBefore: "2026-01-03T21:00:00.000Z" };
const stepReport: Required<StepReport> = {
  kind: "await-extension",
  title: "t",
  result: "done",
  milliseconds: 1.5,
};
const failure: Required<ErrorReport> = {
  code: "GateFailed",
  message: "m",
  remedy: "r",
  link: "https://learn.microsoft.com",
  requestId: "i",
  details: ["d"],
};
const check: Required<Check> = {
  id: "pods-running",
  subject: "pods",
  source: "K2",
  result: "unknown",
  findings: [finding],
};
const part: Required<Part> = { kind: "router", name: "n", health: "unknown", state: "s" };
const certificate: Required<GateCertificate> = { names: ["*.example.com"], ends: "2027-01-01T00:00:00.000Z" };
const sight: Required<GateSight> = { region: "westeurope", kubernetesVersion: "1.33.4", certificate };
const gate: Required<Gate> = {
  verdict: "fail",
  checks: [check],
  parts: [part],
  way: "w",
  diagnostics: "/d",
  sight,
};
const upgrade: Required<Upgrade> = { version: "1.34.1", isPreview: false };
const patchVersion: Required<PatchVersion> = { version: "1.33.4", upgrades: [upgrade] };
const minorVersion: Required<MinorVersion> = {
  version: "1.33",
  isDefault: true,
  isPreview: false,
  supportPlans: ["KubernetesOfficial"],
  patches: [patchVersion],
};
const clusterVersion: Required<ClusterVersion> = {
  kind: "aks",
  version: "1.33.4",
  supportPlan: "KubernetesOfficial",
  attachable: "unknown",
  supportedVersions: ["1.33"],
  upgrades: [upgrade],
};
const offeredExtension: Required<OfferedExtension> = { version: "1.1.84", runsOnCluster: true };
const extensionVersions: Required<ExtensionVersions> = {
  releaseTrain: "stable",
  installed: "1.1.44",
  latest: "1.1.84",
  offered: [offeredExtension],
};
const versions: Required<Versions> = {
  location: "eastus",
  kubernetes: [minorVersion],
  defaultVersion: "1.33",
  cluster: clusterVersion,
  extension: extensionVersions,
};
const wrongCluster: Required<WrongCluster> = {
  name: "aks1",
  compute: "ws1/gpu",
  clusterId: "/k",
  standing: "fail",
  cause: "It crashes.",
  remedy: "Look at its log.",
  link: "https://learn.microsoft.com/azure",
};
const standings: FleetReport["standings"] = { pass: 1, warn: 0, fail: 1, unknown: 0 };
const fleet: Required<FleetReport> = {
  verdict: "fail",
  count: 2,
  failed: 1,
  missing: 0,
  standings,
  wrong: [wrongCluster],
  page: "/fleet.html",
  issue: "https://github.com/octo/ml/issues/1",
};
const wave: Required<WaveReport> = { targets: 2, failed: 1 };
const rollout: Required<Rollout> = { count: 3, failed: 1, waves: [wave], untouched: [target] };
const discovered: Required<Discovered> = {
  id: "/c",
  name: "gpu",
  subscriptionId: "s",
  resourceGroup: "rg1",
  workspaceName: "ws1",
  clusterId: "/k",
  region: "eastus",
  computeType: "Kubernetes",
  state: "Succeeded",
  extensionVersion: "1.1.84",
  interrupted: true,
};
const discovery: Required<Discovery> = {
  count: 1,
  interrupted: 1,
  shards: 1,
  found: [discovered],
  matrix: '{"include":[]}',
};
const whole: Required<Report> = {
  reportVersion: 1,
  product: "azureml-clusters 0.1.0",
  action: "verify-extension",
  verdict: "failed",
  changed: false,
  state: "Failed",
  target,
  plan,
  steps: [stepReport],
  findings: [finding],
  error: failure,
  startedAt: "2026-11-21T03:00:00.000Z",
  milliseconds: 1,
  correlationId: "c",
  principalId: "p",
  extensionVersion: "1",
  latestVersion: "2",
  scoringIp: "10.0.0.4",
  scoringHost: "h",
  kubernetesVersion: "1.33.4",
  gate,
  versions,
  rollout,
  discovery,
  fleet,
  targets: [reportOf()],
};

describe("the JSON report keeps to its schema", () => {
  test.each<[string, unknown]>([
    ["attach", reportOf({ findings: [{ ...finding, id: "identity-first-only" }], principalId: "p-1" })],
    ["attach that failed", reportOf({ verdict: "failed", state: "Failed", error })],
    ["detach", reportOf({ action: "detach", state: "Absent" })],
    ["deploy-extension", reportOf({ action: "deploy-extension", extensionVersion: "1.1.84" })],
    ["list-versions of an Arc cluster", { ...whole, versions: { location: "e", cluster: { kind: "arc" } } }],
    ["a run that knew nothing yet", reportOf({ target: {}, steps: [], state: "Unknown" })],
    ["gate that passes", gateReport(gates.pass)],
    ["gate that warns", gateReport(gates.warn)],
    ["gate that fails", gateReport(gates.fail)],
    ["gate that could not look", gateReport(gates.unknown)],
    ["everything that a report can hold", whole],
  ])("%s", (_name, report) => {
    expect(problems(report)).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ["a member that nobody knows", { ...whole, more: 1 }, "additional"],
    [
      "a finding's member that nobody knows",
      { ...whole, findings: [{ ...finding, more: 1 }] },
      "/findings/0",
    ],
    ["a verdict that nobody knows", { ...whole, verdict: "maybe" }, "/verdict"],
    ["a gate without a verdict", { ...whole, gate: { checks: [], parts: [] } }, "/gate"],
    [
      "a version's member that nobody knows",
      { ...whole, versions: { ...versions, kubernetes: [{ ...minorVersion, more: 1 }] } },
      "/versions/kubernetes/0",
    ],
    ["null", { ...whole, principalId: null }, "/principalId"],
    ["another version", { ...whole, reportVersion: 2 }, "/reportVersion"],
    ["no time", { ...whole, startedAt: "yesterday" }, "/startedAt"],
    ["an unlinkable link", { ...whole, error: { ...failure, link: "here" } }, "/error/link"],
  ])("and a report with %s does not", (_name, report, where) => {
    expect(problems(report).join("\n")).toContain(where);
  });
});

describe("the schema", () => {
  const properties = schema["properties"] as Record<string, Node>;
  const definitions = schema["$defs"] as Record<string, Node>;

  test("is of draft 2020-12 and has an id", () => {
    expect(schema["$schema"]).toBe("https://json-schema.org/draft/2020-12/schema");
    expect(schema["$id"]).toBe("urn:azureml-clusters:report:1");
  });

  test("knows every action and every verdict", () => {
    expect(properties["action"]?.["enum"]).toEqual(Object.keys(doors).sort());
    expect(properties["verdict"]?.["enum"]).toEqual(Object.keys(verdicts));
  });

  test("has no member that the model has not", () => {
    const kubernetes = { versions, minorVersion, patchVersion, upgrade, clusterVersion };
    const extension = { extensionVersions, offeredExtension };
    const gates = { gate, check, part, sight, certificate };
    const models = {
      target,
      plan,
      step,
      stepReport,
      finding,
      error: failure,
      ...gates,
      ...kubernetes,
      ...extension,
      ...{ fleet, standings, wrongCluster },
    };
    expect(Object.keys(properties).sort()).toEqual(Object.keys(whole).sort());
    for (const [name, model] of Object.entries(models)) {
      const members = definitions[name]?.["properties"] as object;
      expect([name, ...Object.keys(members).sort()]).toEqual([name, ...Object.keys(model).sort()]);
    }
  });

  test("describes every member, and lets none pass that it does not describe", () => {
    const lacking: string[] = [];
    const look = (where: string, node: Node) => {
      if (!("description" in node) && !("$ref" in node)) lacking.push(`${where} has no description`);
      if (node["type"] === "object" && node["additionalProperties"] !== false)
        lacking.push(`${where} is open`);
      for (const [name, inner] of Object.entries((node["properties"] ?? {}) as Record<string, Node>)) {
        look(`${where}/${name}`, inner);
      }
    };
    look("", schema);
    for (const [name, node] of Object.entries(definitions)) look(name, node);
    expect(lacking).toEqual([]);
  });
});
