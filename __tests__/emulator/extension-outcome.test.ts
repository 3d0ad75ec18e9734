import { describe, expect, test } from "@jest/globals";
import { makeCertificate } from "../../emulator/certificates.ts";
import type { World } from "../../emulator/index.ts";
import type { JsonObject } from "../../emulator/json.ts";
import { type ExtensionTalk, ended, extensionTalk, PLAIN, type Write } from "./extension-talk.ts";

/** A case: settings that are laid over PLAIN (undefined takes one away), and what the world is like. */
interface Case {
  on?: "aks" | "arc";
  settings?: Record<string, string | undefined>;
  hidden?: Record<string, string>;
  properties?: JsonObject;
  world?: (world: World) => void;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const pair = await makeCertificate({ names: ["ml.example.com"] });
const other = await makeCertificate({ names: ["ml.example.com"] });
const wildcard = await makeCertificate({ names: ["*.example.com"], key: "rsa" });
const material = ({ certificate, privateKey } = pair) => ({
  "scoringFe.sslCert": base64(certificate),
  "scoringFe.sslKey": base64(privateKey),
});
const HTTPS = {
  inferenceRouterServiceType: "LoadBalancer",
  allowInsecureConnections: "False",
  sslCname: "ml.example.com",
};
const pools =
  (...profiles: JsonObject[]) =>
  (world: World) => {
    set(world, "managedClusters/aks1", {
      agentPoolProfiles: profiles.map((one) => ({ count: 3, osType: "Linux", ...one })),
    });
  };

async function attempt({ on = "aks", settings = {}, ...given }: Case): Promise<ExtensionTalk> {
  const one = extensionTalk(on, given.world);
  const relay = on === "arc" ? { "relayserver.enabled": "false" } : {};
  const whole = Object.entries({ ...PLAIN, ...relay, ...settings }).filter(
    ([, value]) => value !== undefined,
  );
  const write: Write = {
    ...(given.hidden && { hidden: given.hidden }),
    ...(given.properties && { properties: given.properties }),
  };
  await one.install(Object.fromEntries(whole) as Record<string, string>, write);
  return one;
}

const kinds = (one: ExtensionTalk, on: "aks" | "arc" = "aks") =>
  one.world.brokenIn(one.ids[on]).map(({ kind }) => kind);

describe("what installs", () => {
  test.each<[string, Case]>([
    ["training alone", { settings: { enableInference: "False" } }],
    ["both, HTTP", {}],
    ["HTTPS by a PEM pair", { settings: HTTPS, hidden: material() }],
    ["HTTPS by a wildcard, RSA", { settings: HTTPS, hidden: material(wildcard) }],
    [
      "HTTPS by a secret of the cluster",
      { settings: { ...HTTPS, sslSecret: "s", "scoringFe.sslSecret": "s" } },
    ],
    [
      "the pair wins over the secret",
      { settings: { ...HTTPS, "scoringFe.sslSecret": "s" }, hidden: material() },
    ],
    ["booleans in any case", { settings: { enableInference: "TRUE", allowInsecureConnections: "tRuE" } }],
    ["an internal load balancer on AKS", { settings: { internalLoadBalancerProvider: "azure" } }],
    ["one node without HA", { settings: { inferenceRouterHA: "false" }, world: pools({ count: 1 }) }],
    ["training on one node", { settings: { enableInference: "False" }, world: pools({ count: 1 }) }],
    [
      "a selector that nodes match",
      { settings: { "nodeSelector.purpose": "ml" }, world: pools({}, { nodeLabels: { purpose: "ml" } }) },
    ],
    [
      "a selector of AKS's own label",
      { settings: { "nodeSelector.agentpool": "ml" }, world: pools({}, { name: "ml" }) },
    ],
    ["a selector with escaped dots", { settings: { "nodeSelector.kubernetes\\.io/os": "linux" } }],
    [
      "nodes with Azure ML's taints",
      { world: pools({ nodeTaints: ["ml.azure.com/amlarc-system=true:NoSchedule"] }) },
    ],
    ["nodes with a taint that only prefers", { world: pools({ nodeTaints: ["x=y:PreferNoSchedule"] }) }],
    ["Windows nodes beside Linux ones", { world: pools({}, { osType: "Windows" }) }],
    [
      "Windows nodes that a selector keeps off",
      {
        settings: { "nodeSelector.kubernetes.io/os": "linux" },
        world: both(pools({}, { osType: "Windows" }), picks),
      },
    ],
    ["Arc with a label that Azure can't see", { on: "arc", settings: { "nodeSelector.purpose": "ml" } }],
    [
      "Arc with its Relay",
      {
        on: "arc",
        settings: { "relayserver.enabled": "true" },
        hidden: { "relayserver.relayConnectionString": "planted-relay" },
      },
    ],
    ["an older version", { properties: { version: "1.0.51", autoUpgradeMinorVersion: false } }],
    ["the preview train", { properties: { releaseTrain: "Preview" } }],
    ["neither workload, by guess", { settings: { enableTraining: undefined, enableInference: undefined } }],
    [
      "no kind of service, by guess",
      { settings: { inferenceRouterServiceType: undefined, allowInsecureConnections: undefined } },
    ],
  ])("%s", async (_what, given) => {
    const one = await attempt(given);
    expect(await one.show()).toMatchObject({ provisioningState: "Succeeded", statuses: [] });
    expect((await one.show()).errorInfo).toBeUndefined();
    expect(kinds(one, given.on)).toEqual([]);
  });
});

describe("what fails, and what the cluster shows of it", () => {
  const health = "failed pre-install: pod healthcheck failed";
  const timeout = "timed out waiting for the condition";
  const silent = "status not populated";
  const chart = "failed in download the Chart path not found";

  test.each<[string, Case, string | undefined, string]>([
    [
      "neither workload",
      {
        settings: { enableTraining: "False", enableInference: "False" },
        world: (world) => {
          world.knobs.withoutWorkload = "fail";
        },
      },
      "E40000",
      health,
    ],
    [
      "inference with neither TLS nor consent to HTTP",
      { settings: { allowInsecureConnections: "False" } },
      "E40007",
      health,
    ],
    [
      "the same where it is not said",
      { settings: { allowInsecureConnections: undefined } },
      "E40007",
      health,
    ],
    [
      "the same without a kind of service",
      {
        settings: { allowInsecureConnections: undefined, inferenceRouterServiceType: undefined },
        world: (world) => {
          world.knobs.withoutRouterType = "fail";
        },
      },
      "E40007",
      health,
    ],
    [
      "half a pair",
      { settings: HTTPS, hidden: { "scoringFe.sslCert": base64(pair.certificate) } },
      "E40007",
      health,
    ],
    [
      "a key of another certificate",
      { settings: HTTPS, hidden: material({ ...pair, privateKey: other.privateKey }) },
      "E40007",
      health,
    ],
    [
      "a name that the certificate does not cover",
      { settings: { ...HTTPS, sslCname: "ml.example.org" }, hidden: material() },
      "E40007",
      health,
    ],
    [
      "a certificate without a name to check",
      { settings: { ...HTTPS, sslCname: undefined }, hidden: material() },
      "E40007",
      health,
    ],
    [
      "PEM that was not encoded",
      {
        settings: HTTPS,
        hidden: { "scoringFe.sslCert": pair.certificate, "scoringFe.sslKey": pair.privateKey },
      },
      "E40007",
      health,
    ],
    [
      "nonsense for PEM",
      { settings: HTTPS, hidden: { "scoringFe.sslCert": "x", "scoringFe.sslKey": "y" } },
      "E40007",
      health,
    ],
    [
      "local paths for PEM (terraform#24547)",
      { settings: HTTPS, hidden: { sslCertPemFile: "cert.pem", sslKeyPemFile: "key.pem" } },
      "missing-derived-keys",
      health,
    ],
    [
      "sslSecret as the user gave it (terraform#24547)",
      { settings: { ...HTTPS, sslSecret: "s" } },
      "missing-derived-keys",
      health,
    ],
    [
      "HTTPS without the other derived keys",
      {
        settings: HTTPS,
        hidden: material(),
        world: (world) => {
          world.knobs.derivedKeysNeeded = "all";
        },
      },
      "missing-derived-keys",
      health,
    ],
    ["HA on two nodes", { world: pools({ count: 2 }) }, "E40002", health],
    [
      "HA on a pool that is stopped",
      { world: pools({ count: 2 }, { powerState: { code: "Stopped" } }) },
      "E40002",
      health,
    ],
    [
      "HA on three nodes of which the selector takes two",
      {
        settings: { "nodeSelector.purpose": "ml" },
        world: pools({ count: 1 }, { count: 2, nodeLabels: { purpose: "ml" } }),
      },
      "E40002",
      health,
    ],
    ["HA on Windows nodes", { world: pools({ count: 1 }, { osType: "Windows" }) }, "E40002", health],
    [
      "HA turned off under its old name (AML-Kubernetes#271)",
      { settings: { inferenceLoadBalancerHA: "False" }, world: pools({ count: 1 }) },
      "E40002",
      health,
    ],
    [
      "HA on an Arc cluster of two nodes",
      { on: "arc", world: (world) => set(world, "connectedClusters/arc1", { totalNodeCount: 2 }) },
      "E40002",
      health,
    ],
    [
      "an internal load balancer on Arc",
      { on: "arc", settings: { internalLoadBalancerProvider: "azure" } },
      "E40003",
      health,
    ],
    [
      "an internal load balancer of somebody else",
      { settings: { internalLoadBalancerProvider: "metallb" } },
      "E40003",
      health,
    ],
    [
      "a label that no node has (AML-Kubernetes#158)",
      { settings: { "nodeSelector.purpose": "ml" } },
      "node-selector-unmatched",
      silent,
    ],
    [
      "nodes with taints of others",
      { world: pools({ nodeTaints: ["CriticalAddonsOnly=true:NoSchedule"] }) },
      "untolerated-taint",
      timeout,
    ],
    [
      "Windows nodes (AML-Kubernetes#137)",
      { world: both(pools({}, { osType: "Windows" }), picks) },
      "windows-node-picked",
      silent,
    ],
    [
      "a Relay server without its connection string",
      { on: "arc", settings: { "relayserver.enabled": "true" } },
      "relay-pod-down",
      timeout,
    ],
    [
      "an unknown version",
      { properties: { version: "9.9.9", autoUpgradeMinorVersion: false } },
      undefined,
      chart,
    ],
    ["an unknown train", { properties: { releaseTrain: "nightly" } }, undefined, chart],
    [
      "a Kubernetes version that is not supported",
      { world: unsupported },
      undefined,
      "1.33.4 is not supported",
    ],
    [
      "a load balancer where there is none",
      { settings: { inferenceRouterServiceType: "LoadBalancer" }, world: breaks("E40001") },
      "E40001",
      health,
    ],
    ["the legacy router (AML-Kubernetes#293)", { world: breaks("legacy-router") }, "legacy-router", health],
    [
      "objects of somebody else (AML-Kubernetes#162)",
      { world: breaks("ownership-conflict") },
      "ownership-conflict",
      "invalid ownership metadata",
    ],
    [
      "X6: a device plugin that is there already",
      { settings: { installNvidiaDevicePlugin: "True" }, world: breaks("nvidia-plugin-of-others") },
      "nvidia-plugin-of-others",
      "invalid ownership metadata",
    ],
    [
      "a release that hangs",
      { world: breaks("helm-pending") },
      "helm-pending",
      "another operation (install/upgrade/rollback) is in progress",
    ],
  ])("%s", async (_what, given, kind, says) => {
    const one = await attempt(given);
    const shown = await one.show();
    expect(shown).toMatchObject({
      provisioningState: "Failed",
      currentVersion: null,
      errorInfo: { message: expect.stringContaining(says) },
      statuses: [{ code: "InstallationFailed", level: null, message: expect.stringContaining(says) }],
    });
    expect(kinds(one, given.on)).toEqual(kind === undefined ? [] : [kind]);
  });
});

describe("settings that keep a broken cluster from mattering", () => {
  test.each<[Parameters<World["breakCluster"]>[1], Record<string, string>]>([
    ["E40001", { inferenceRouterServiceType: "NodePort" }],
    ["E40002", { inferenceRouterHA: "False" }],
    ["E40007", { allowInsecureConnections: "True" }],
    ["E45002", { installPromOp: "False" }],
    ["E45005", { enableInference: "False" }],
    ["legacy-router", { "scoringFe.enableUpgrade": "True" }],
    ["nvidia-plugin-of-others", { installNvidiaDevicePlugin: "False" }],
    ["daemonset-unschedulable", {}],
  ])("%s", async (kind, settings) => {
    const one = await attempt({ settings, world: breaks(kind) });
    expect(await one.show()).toMatchObject({ provisioningState: "Succeeded" });
    expect(kinds(one)).toEqual([kind]);
  });
});

describe("the cluster tells the same cause", () => {
  test.each<[string, Case, string]>([
    [
      "a certificate for another name",
      { settings: { ...HTTPS, sslCname: "ml.example.org" }, hidden: material() },
      "E40007",
    ],
    ["HA on two nodes", { world: pools({ count: 2 }) }, "E40002"],
    [
      "an internal load balancer of somebody else",
      { settings: { internalLoadBalancerProvider: "metallb" } },
      "E40003",
    ],
    ["the legacy router", { world: breaks("legacy-router") }, "E45005"],
  ])("%s", async (_what, given, code) => {
    const one = await attempt(given);
    await one.world.clusters.prepare();
    const cluster = one.world.kubernetes(one.ids.aks);
    const report = cluster.get("ConfigMap", "azureml", "arcml-healthcheck");
    expect(JSON.stringify(report)).toContain(`ErrorCode: ${code}`);
    expect(cluster.get("Deployment", "azureml", "azureml-fe-v2")).toBeUndefined();
  });

  test("and is healthy when the installation succeeds", async () => {
    const one = await attempt({});
    await one.world.clusters.prepare();
    const cluster = one.world.kubernetes(one.ids.aks);
    expect(cluster.get("Deployment", "azureml", "azureml-fe-v2")).toBeDefined();
    await one.remove();
    one.world.clock.advance(10_000);
    await one.put();
    const terminating = one.world.kubernetes(one.ids.aks).get("Namespace", "", "azureml");
    expect(terminating).toMatchObject({ status: { phase: "Terminating" } });
  });
});

describe("where a failure shows (arm-contract 3)", () => {
  const broken = { settings: { allowInsecureConnections: "False" } };
  const text = expect.stringContaining("pod healthcheck failed");

  test("in the monitor, as ExtensionOperationFailed", async () => {
    const one = extensionTalk();
    const accepted = await one.put({ ...PLAIN, allowInsecureConnections: "False" });
    expect(await ended(one, accepted)).toMatchObject({
      status: "Failed",
      error: { code: "ExtensionOperationFailed", message: text },
    });
  });

  test.each([
    ["both", true, 1],
    ["errorInfo", true, 0],
    ["statuses", false, 1],
  ] as const)("in the resource: %s", async (knob, info, statuses) => {
    const one = await attempt({
      ...broken,
      world: (world) => {
        world.knobs.failureShownIn = knob;
        world.knobs.statusLevel = "Error";
      },
    });
    const shown = await one.show();
    expect(shown.errorInfo !== undefined).toBe(info);
    expect(shown.statuses).toHaveLength(statuses);
    for (const { level } of shown.statuses) expect(level).toBe("Error");
  });
});

describe("after a failure", () => {
  test("a better write mends what the settings broke", async () => {
    const one = await attempt({ settings: { allowInsecureConnections: "False" } });
    expect(kinds(one)).toEqual(["E40007"]);
    const better = await one.patch({ configurationSettings: { allowInsecureConnections: "True" } });
    expect(await ended(one, better)).toMatchObject({ status: "Succeeded" });
    expect(await one.show()).toMatchObject({
      provisioningState: "Succeeded",
      currentVersion: "1.1.84",
      statuses: [],
    });
    expect((await one.show()).errorInfo).toBeUndefined();
    expect(kinds(one)).toEqual([]);
  });

  test("another mistake shows another cause", async () => {
    const one = await attempt({ settings: { allowInsecureConnections: "False" } });
    await ended(one, await one.patch({ configurationSettings: { internalLoadBalancerProvider: "metallb" } }));
    expect(kinds(one)).toEqual(["E40003"]);
  });

  test("what was broken before stays broken", async () => {
    const one = await attempt({ world: breaks("helm-pending") });
    await ended(one, await one.remove());
    expect(kinds(one)).toEqual(["helm-pending"]);
  });

  test("deleting it mends what its settings broke", async () => {
    const one = await attempt({ settings: { allowInsecureConnections: "False" } });
    await ended(one, await one.remove());
    expect(kinds(one)).toEqual([]);
  });

  test("a failed update is rolled back: the version that ran runs on", async () => {
    const one = await attempt({});
    const worse = await one.patch({ configurationSettings: { allowInsecureConnections: "False" } });
    expect(await ended(one, worse)).toMatchObject({ status: "Failed" });
    expect(await one.show()).toMatchObject({
      provisioningState: "Failed",
      currentVersion: "1.1.84",
      errorInfo: { code: "UpgradeFailed", message: expect.stringContaining("rolled back due to atomic") },
    });
  });

  test("X5: an update that leaves out a protected setting deletes it, and with it the certificate", async () => {
    const one = await attempt({ settings: HTTPS, hidden: { ...material(), extra: "planted-extra" } });
    const partial = await one.patch({ configurationProtectedSettings: { extra: "planted-other" } });
    expect(await ended(one, partial)).toMatchObject({ status: "Failed" });
    expect(kinds(one)).toEqual(["E40007"]);
  });

  test("X9: on Arc the same deletes the Relay's connection string", async () => {
    const hidden = { "relayserver.relayConnectionString": "planted-relay" };
    const one = await attempt({ on: "arc", settings: { "relayserver.enabled": "true" }, hidden });
    await ended(one, await one.patch({ configurationProtectedSettings: { extra: "planted-other" } }));
    expect(kinds(one, "arc")).toEqual(["relay-pod-down"]);
  });

  test("HA turned off under its old name may be heeded", async () => {
    const world = both(pools({ count: 1 }), (one) => {
      one.knobs.legacyHaKey = "heeded";
    });
    const one = await attempt({ settings: { inferenceLoadBalancerHA: "False" }, world });
    expect(await one.show()).toMatchObject({ provisioningState: "Succeeded" });
  });
});

function set(world: World, name: string, properties: JsonObject): void {
  const type = name.startsWith("managed") ? "Microsoft.ContainerService" : "Microsoft.Kubernetes";
  const id = `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/${type}/${name}`;
  Object.assign(world.resource(id)?.body["properties"] as object, properties);
}

function both(...steps: ((world: World) => void)[]): (world: World) => void {
  return (world) => {
    for (const step of steps) step(world);
  };
}

function picks(world: World): void {
  world.knobs.windowsNodes = "picked";
}

function breaks(kind: Parameters<World["breakCluster"]>[1]): (world: World) => void {
  return (world) => {
    const group = `/subscriptions/${world.subscriptionId}/resourceGroups/rg1`;
    world.breakCluster(`${group}/providers/Microsoft.ContainerService/managedClusters/aks1`, kind);
  };
}

function unsupported(world: World): void {
  const managedCluster = [{ distributions: ["AKS"], unsupportedVersions: ["1.20..1.21", ">1.32"] }];
  world.knobs.extensionReleases = [{ version: "1.1.84", train: "stable", unsupported: { managedCluster } }];
}
