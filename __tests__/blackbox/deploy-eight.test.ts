import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { makeCertificate, type World } from "../../emulator/index.ts";
import type { StepResult } from "../../emulator/runner.ts";
import { play, type Stage } from "../support/play.ts";

/** The body of a PUT or a PATCH of an extension. */
interface Body {
  readonly identity?: { readonly type: string };
  readonly properties: { readonly [name: string]: unknown };
}

const pem = await makeCertificate({ names: ["ml.example.com"] });
const base64 = (text: string) => Buffer.from(text).toString("base64");
const encoded = {
  "scoringFe.sslCert": base64(pem.certificate),
  "scoringFe.sslKey": base64(pem.privateKey),
};
const relayString = "(the Relay's connection string)";

type Settings = Record<string, string>;
const lines = (settings: Settings) =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join("\n");

/** One deployment of the source document, as a person asks for it today or with the names of 2021. */
interface Deployment {
  readonly name: string;
  readonly workloads: "training" | "inference" | "training, inference";
  readonly config?: Settings;
  readonly https?: true;
  /** The settings that the CLI sends for them beside those of every deployment. */
  readonly sent: Settings;
  /** Azure refuses it on Arc (E40003). */
  readonly aksOnly?: true;
}

const training = { enableTraining: "True", enableInference: "False" };
const inference = { enableTraining: "False", enableInference: "True" };
const secure = { sslCname: "ml.example.com" };
const open = { allowInsecureConnections: "True" };
const balanced = { inferenceRouterServiceType: "LoadBalancer" };
const internal = {
  ...balanced,
  internalLoadBalancerProvider: "azure",
  "scoringFe.serviceType.internalLoadBalancer": "True",
};
const nodePort = { inferenceRouterServiceType: "NodePort", "scoringFe.serviceType.nodePort": "True" };

/** extension.md 1c, 2b and testbed 8; `privateEndpoint…` are the document's own words. */
const deployments: readonly Deployment[] = [
  { name: "training", workloads: "training", sent: training },
  {
    name: "inference, public, HTTPS",
    workloads: "inference",
    config: { ...balanced, ...secure },
    https: true,
    sent: { ...inference, ...balanced, ...secure },
  },
  {
    name: "inference, public, HTTP",
    workloads: "inference",
    config: { ...balanced, ...open },
    sent: { ...inference, ...balanced, ...open },
  },
  {
    name: "inference, internal, HTTPS",
    workloads: "inference",
    config: { privateEndpointILB: "True", ...secure },
    https: true,
    sent: { ...inference, ...internal, ...secure },
    aksOnly: true,
  },
  {
    name: "inference, internal, HTTP",
    workloads: "inference",
    config: { privateEndpointILB: "True", ...open },
    sent: { ...inference, ...internal, ...open },
    aksOnly: true,
  },
  {
    name: "inference, NodePort, HTTPS",
    workloads: "inference",
    config: { privateEndpointNodeport: "True", ...secure },
    https: true,
    sent: { ...inference, ...nodePort, ...secure },
  },
  {
    name: "inference, NodePort, HTTP",
    workloads: "inference",
    config: { privateEndpointNodeport: "True", ...open },
    sent: { ...inference, ...nodePort, ...open },
  },
  {
    name: "training and inference, HTTPS",
    workloads: "training, inference",
    config: { ...balanced, ...secure },
    https: true,
    sent: { ...inference, ...balanced, ...secure, enableTraining: "True" },
  },
];

/** What `az k8s-extension create` sends for a deployment (extension.md 1c, testbed 8), in a table of our own. */
function cliBody(world: World, on: "aks" | "arc", cluster: string, { sent, https }: Deployment): Body {
  const group = `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers`;
  const types = {
    aks: "Microsoft.ContainerService/managedClusters",
    arc: "Microsoft.Kubernetes/connectedClusters",
  };
  const id = `${group}/${types[on]}/${cluster}`;
  const namespace = `${cluster}${world.subscriptionId}rg1relay`.replaceAll("-", "");
  const settings = {
    ...sent,
    cluster_name: id,
    clusterId: id,
    "prometheus.prometheusSpec.externalLabels.cluster_name": id,
    cluster_name_friendly: cluster,
    domain: "eastus.cloudapp.azure.com",
    location: "eastus",
    jobSchedulerLocation: "eastus",
    "servicebus.enabled": "false",
    "relayserver.enabled": on === "arc" ? "true" : "false",
    "nginxIngress.enabled": on === "arc" ? "false" : "true",
    ...(on === "arc" && {
      "relayserver.hybridConnectionResourceID": `${group}/Microsoft.Relay/namespaces/${namespace}/hybridConnections/${cluster}`,
      "relayserver.hybridConnectionName": cluster,
    }),
  };
  const secrets = {
    ...(https && { sslCertPemFile: "cert.pem", sslKeyPemFile: "key.pem", ...encoded }),
    ...(on === "arc" && {
      relayServerConnectionString: relayString,
      "relayserver.relayConnectionString": relayString,
    }),
  };
  return {
    ...(on === "arc" && { identity: { type: "SystemAssigned" } }),
    properties: {
      extensionType: "microsoft.azureml.kubernetes",
      releaseTrain: "stable",
      scope: { cluster: { releaseNamespace: "azureml" } },
      configurationSettings: settings,
      configurationProtectedSettings: secrets,
    },
  };
}

/** Where the bodies of this action differ from the CLI's, and why. Whatever else differs fails a test. */
const reasons: Readonly<Record<string, string>> = {
  "configurationProtectedSettings.sslCertPemFile left out": "a path of the runner tells about the machine",
  "configurationProtectedSettings.sslKeyPemFile left out": "a path of the runner tells about the machine",
  "configurationSettings.azureml-clusters.protected added":
    "Azure returns no protected settings; by the digest equal ones are known",
  "configurationSettings.inferenceLoadBalancerHA left out": "a name of 2021, sent by its present name",
  "configurationSettings.inferenceRouterHA added": "the present name of inferenceLoadBalancerHA",
  "configurationProtectedSettings left out": "an empty map in a PATCH may delete what is there",
  "configurationSettings left out": "an empty map says nothing",
  "configurationSettings.enableInference left out": "it is so already: the difference alone is sent",
};
const https = [
  "configurationProtectedSettings.sslCertPemFile left out",
  "configurationProtectedSettings.sslKeyPemFile left out",
  "configurationSettings.azureml-clusters.protected added",
];

/** Leaves of a body by their path below `properties`. */
function leaves(value: unknown, at: string[] = []): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [[at.join("."), value]];
  const entries = Object.entries(value);
  if (entries.length === 0) return [[at.join("."), {}]];
  return entries.flatMap(([key, inner]) => leaves(inner, [...at, key]));
}

/** What differs between what the CLI sends and what was sent. */
function differences(cli: Body, ours: Body): string[] {
  const told = (body: Body) =>
    new Map([...leaves(body.properties), ...leaves({ identity: body.identity ?? null })]);
  const [before, after] = [told(cli), told(ours)];
  const leftOut = [...before.keys()].filter((key) => !after.has(key)).map((key) => `${key} left out`);
  const added = [...after.keys()].filter((key) => !before.has(key)).map((key) => `${key} added`);
  const changed = [...before].filter(
    ([key, value]) => after.has(key) && JSON.stringify(after.get(key)) !== JSON.stringify(value),
  );
  return [...leftOut, ...added, ...changed.map(([key]) => `${key} changed`)].sort();
}

/** The body of the last write of an extension of a cluster; the Relay's string is named instead. */
function written(world: World, cluster: string): Body | undefined {
  const [last] = world.exchanges
    .filter(({ method, url }) => /^(PUT|PATCH)$/.test(method) && url.includes(`/${cluster}/providers/`))
    .map(({ requestBody }) => JSON.parse(requestBody) as Body)
    .toReversed();
  const secrets = last?.properties["configurationProtectedSettings"];
  for (const [key, value] of Object.entries((secrets ?? {}) as Settings)) {
    if (/Endpoint=sb:.*SharedAccessKey=/.test(value)) (secrets as Settings)[key] = relayString;
  }
  return last;
}

/** Starts all, two at a time, since there are as many processors. */
async function inPairs<T>(work: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  const queue = work.map((one, index) => async () => {
    results[index] = await one();
  });
  const lane = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await next();
  };
  await Promise.all([lane(), lane()]);
  return results;
}

const inputsFor = (on: "aks" | "arc", cluster: string, { workloads, config = {}, https }: Deployment) => ({
  "cluster-name": cluster,
  ...(on === "arc" && { "cluster-type": "connectedClusters" }),
  workloads,
  config: lines(config),
  ...(https && { "ssl-cert-pem": pem.certificate, "ssl-key-pem": pem.privateKey }),
});

function quick({ world }: Stage): void {
  world.knobs.extensionSeconds = { write: 0, delete: 0 };
  world.knobs.relaySeconds = 0;
}

const told = ({ exitCode, outputs, log }: StepResult) =>
  exitCode === 0 ? outputs["state"] : `${outputs["error-code"]}\n${log.slice(-600)}`;

describe.each(["aks", "arc"] as const)("the eight deployments of the source document on %s", (on) => {
  test("each sends what the CLI sends for the same command, but for the table (X1 to X5, extension.md 1c)", () =>
    play(`deploy-eight-${on}`, async (stage) => {
      const { world, deploy } = stage;
      quick(stage);
      const clusters = deployments.map((_, index) => `${on}-${index}`);
      for (const name of clusters) {
        if (on === "aks") world.addManagedCluster({ resourceGroup: "rg1", name });
        else world.addConnectedCluster({ resourceGroup: "rg1", name });
      }
      const results = await inPairs(
        deployments.map(
          (deployment, index) => () => deploy({ inputs: inputsFor(on, clusters[index] ?? "", deployment) }),
        ),
      );
      for (const [index, deployment] of deployments.entries()) {
        const cluster = clusters[index] ?? "";
        const result = results[index];
        if (!result) throw new Error("no result");
        const { name, aksOnly, https: withTls } = deployment;
        const body = written(world, cluster);
        if (on === "arc" && aksOnly) {
          expect({ name, exit: result.exitCode, body }).toEqual({ name, exit: 1, body: undefined });
          expect(result.log).toMatch(/internal load balancer/i);
          continue;
        }
        expect({ name, state: told(result) }).toEqual({ name, state: "Succeeded" });
        if (!body) throw new Error(`${name}: nothing was sent`);
        const found = differences(cliBody(world, on, cluster, deployment), body);
        expect({ name, found }).toEqual({ name, found: withTls ? https.toSorted() : [] });
        expect(found.filter((one) => !(one in reasons))).toEqual([]);
      }
    }));
});

/** What the CLI itself sent, by the recording; nothing of it is ours. */
interface Recording {
  readonly cluster: string;
  readonly location: string;
  readonly requests: readonly { readonly case: string; readonly method: string; readonly body?: Body }[];
}
const file = path.join(import.meta.dirname, "../fixtures/az-k8s-extension.json");
const recording = JSON.parse(readFileSync(file, "utf8")) as Recording;

function recorded(name: string, clusterId: string): Body {
  const { cluster, location, requests } = recording;
  const request = requests.find((one) => one.case === name);
  const friendly = clusterId.split("/").at(-1) ?? "";
  const text = JSON.stringify(request?.body)
    .replaceAll(cluster, clusterId)
    .replaceAll('"aks1"', `"${friendly}"`)
    .replaceAll(location, "eastus");
  const body = JSON.parse(text) as Body;
  const secrets = (body.properties["configurationProtectedSettings"] ?? {}) as Settings;
  for (const key of Object.keys(secrets)) {
    if (secrets[key]?.startsWith("<base64")) secrets[key] = encoded[key as keyof typeof encoded];
  }
  return body;
}

/** The recorded commands as inputs, in order; those on one cluster follow each other. */
const commands: readonly {
  readonly case: string;
  readonly cluster: string;
  readonly inputs: Settings;
  readonly differs: readonly string[];
}[] = [
  { case: "01-aks-training", cluster: "one", inputs: { workloads: "training" }, differs: [] },
  {
    case: "04-aks-update-addinference-http",
    cluster: "one",
    inputs: {
      config: lines({
        enableTraining: "True",
        enableInference: "True",
        inferenceRouterServiceType: "NodePort",
        allowInsecureConnections: "True",
      }),
    },
    differs: ["configurationProtectedSettings left out"],
  },
  {
    case: "05-aks-update-ssl",
    cluster: "one",
    inputs: {
      workloads: "training, inference",
      config: lines({
        inferenceRouterServiceType: "NodePort",
        allowInsecureConnections: "False",
        sslCname: "ml.example.com",
      }),
      "config-protected": lines({ sslCertPemFile: "cert.pem", sslKeyPemFile: "key.pem" }),
      "allow-disruption": "true",
    },
    differs: [...https, "configurationSettings.enableInference left out"],
  },
  {
    case: "06-aks-update-autoupgrade",
    cluster: "one",
    inputs: {
      workloads: "training, inference",
      config: lines({
        inferenceRouterServiceType: "NodePort",
        allowInsecureConnections: "False",
        sslCname: "ml.example.com",
      }),
      "config-protected": lines({ sslCertPemFile: "cert.pem", sslKeyPemFile: "key.pem" }),
      version: "1.1.44",
    },
    differs: ["configurationProtectedSettings left out", "configurationSettings left out"],
  },
  {
    case: "10-aks-inference-https-files",
    cluster: "two",
    inputs: {
      workloads: "inference",
      config: lines({ ...balanced, ...secure, allowInsecureConnections: "False" }),
      "config-protected": lines({ sslCertPemFile: "cert.pem", sslKeyPemFile: "key.pem" }),
    },
    differs: https,
  },
  {
    case: "13-aks-both-http",
    cluster: "three",
    inputs: {
      workloads: "both",
      config: lines({
        inferenceRouterServiceType: "ClusterIP",
        ...open,
        inferenceLoadBalancerHA: "False",
      }),
    },
    differs: [
      "configurationSettings.inferenceLoadBalancerHA left out",
      "configurationSettings.inferenceRouterHA added",
    ],
  },
  {
    case: "14-aks-inference-sslsecret",
    cluster: "four",
    inputs: {
      workloads: "inference",
      config: lines({ ...balanced, sslSecret: "mysec", ...secure }),
      // The secret is not there yet; what is compared is the body.
      preflight: "warn",
    },
    differs: [],
  },
  {
    case: "18-aks-train-version-train",
    cluster: "five",
    inputs: { workloads: "training", version: "1.1.44", "release-train": "staging", preflight: "warn" },
    differs: [],
  },
];

test("each recorded command of the CLI, as inputs, sends the recorded body, but for the table (testbed 8)", () =>
  play("deploy-recorded", async (stage) => {
    const { world, deploy } = stage;
    quick(stage);
    const folder = mkdtempSync(path.join(tmpdir(), "workspace-"));
    writeFileSync(path.join(folder, "cert.pem"), pem.certificate);
    writeFileSync(path.join(folder, "key.pem"), pem.privateKey);
    const names = [...new Set(commands.map(({ cluster }) => cluster))];
    const ids = new Map(names.map((name) => [name, world.addManagedCluster({ resourceGroup: "rg1", name })]));
    const lanes = names.map((name) => async () => {
      for (const command of commands.filter(({ cluster }) => cluster === name)) {
        const result = await deploy({
          inputs: { "cluster-name": name, ...command.inputs },
          env: { GITHUB_WORKSPACE: folder },
        });
        const body = written(world, name);
        if (!body) throw new Error(`${command.case}: nothing was sent\n${result.log}`);
        const found = differences(recorded(command.case, ids.get(name) ?? ""), body);
        expect({ case: command.case, found }).toEqual({
          case: command.case,
          found: command.differs.toSorted(),
        });
        expect(found.filter((one) => !(one in reasons))).toEqual([]);
      }
    });
    await inPairs(lanes);
    rmSync(folder, { recursive: true });
  }));

test("the table has a reason for each difference, and none that no case shows", () => {
  const shown = new Set([...https, ...commands.flatMap(({ differs }) => differs)]);
  expect(Object.keys(reasons).toSorted()).toEqual([...shown].toSorted());
});
