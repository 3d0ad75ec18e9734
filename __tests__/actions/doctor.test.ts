import { describe, expect, test } from "@jest/globals";
import { Emulator, World } from "../../emulator/index.ts";
import { doctor } from "../../src/actions/doctor.ts";
import { type MemoryHost, memoryHost } from "../../src/host/memory.ts";
import type { Examination, Look } from "../../src/model/examination.ts";
import { inProcessClient } from "../support/in-process.ts";
import { aksId, arcId } from "../support/scene.ts";
import { leaks } from "../support/secret-scanner.ts";
import { virtually } from "../support/virtual-time.ts";

interface Visit {
  readonly examination: Examination;
  /** The looks by their id; the last of each. */
  readonly looks: Readonly<Record<string, Look>>;
  readonly host: MemoryHost;
}

async function visit(
  world: World,
  inputs: Record<string, string> = {},
  environment: Record<string, string> = {},
  during: (host: MemoryHost) => void = () => undefined,
): Promise<Visit> {
  const emulator = new Emulator(world);
  const { clientId, secret } = world.application;
  const host = memoryHost({
    inputs: { "azure-environment": emulator.origin, ...inputs },
    environment: {
      AZURE_TENANT_ID: world.tenantId,
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: secret,
      ...environment,
    },
  });
  const examination = await virtually(() => {
    during(host);
    return doctor(host, [], inProcessClient(emulator));
  });
  // Whatever is wrong: nothing but reads, and no secret.
  const writes = world.exchanges.filter(({ method }) => ["PUT", "PATCH", "DELETE"].includes(method));
  expect(writes.map(({ method, url }) => `${method} ${url}`)).toEqual([]);
  expect(world.violations).toEqual([]);
  const said = { examination: JSON.stringify(examination), log: host.said.log.join("\n") };
  expect(leaks(said, world.secrets)).toEqual([]);
  return { examination, looks: Object.fromEntries(examination.looks.map((look) => [look.id, look])), host };
}

const everything = (world: World) => ({
  "subscription-id": world.subscriptionId,
  "resource-group": "rg1",
  "workspace-name": "ws1",
  "cluster-resource-id": aksId(world),
});
const results = (looks: Visit["looks"]) =>
  Object.fromEntries(Object.entries(looks).map(([id, { result }]) => [id, result]));

test("of a healthy world nothing is broken, and it is told who is signed in and how", async () => {
  const world = World.simple();
  const { examination, looks } = await visit(world, everything(world));
  expect(examination.healthy).toBe(true);
  expect(new Set(Object.values(results(looks)))).toEqual(new Set(["good"]));
  expect(Object.keys(looks)).toEqual([
    ...["cloud", "credential", "subscription", "providers", "workspace", "workspace-rights"],
    ...["cluster", "cluster-rights", "kubernetes", "extension"],
  ]);
  const { seen = "" } = looks["credential"] ?? {};
  const application = world.directory.get(world.application.clientId);
  for (const part of [
    "client secret of the environment",
    world.tenantId,
    application?.objectId,
    application?.clientId,
  ]) {
    expect(seen).toContain(part);
  }
});

test("with nothing given it looks at cloud and credential, and says what else it could", async () => {
  const { examination, looks } = await visit(World.simple());
  expect(examination.healthy).toBe(true);
  expect(results(looks)).toEqual({
    cloud: "good",
    credential: "good",
    subscription: "open",
    workspace: "open",
    cluster: "open",
  });
  for (const id of ["subscription", "workspace", "cluster"]) expect(looks[id]?.remedy).toMatch(/^Give `/);
});

describe("what is broken is told with what to do", () => {
  const broken: readonly (readonly [
    string,
    (world: World) => Record<string, string> | undefined,
    Record<string, RegExp>,
  ])[] = [
    [
      "a subscription that is disabled",
      (world) => void world.addSubscription({ state: "Disabled" }),
      { subscription: /Disabled/, kubernetes: /./ },
    ],
    [
      "a provider that is not registered",
      (world) => void world.providerStates.set("microsoft.kubernetesconfiguration", "NotRegistered"),
      { providers: /az provider register -n Microsoft\.KubernetesConfiguration/ },
    ],
    ["no such workspace", () => ({ "workspace-name": "nope" }), { workspace: /no workspace "nope"/ }],
    [
      "no such cluster",
      (world) => ({ "cluster-resource-id": aksId(world).replace("aks1", "nope") }),
      { cluster: /no cluster/ },
    ],
    [
      "a reader's rights",
      (world) =>
        void [
          world.revoke(world.application.clientId),
          world.grant(world.application.clientId, [
            "*/read",
            "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action",
          ]),
        ],
      { "workspace-rights": /computes\/write/, "cluster-rights": /extensions\/write/ },
    ],
    [
      "no right to the cluster's credential",
      (world) =>
        void [
          world.revoke(world.application.clientId),
          world.grant(
            world.application.clientId,
            ["*"],
            ["Microsoft.ContainerService/managedClusters/listClusterUserCredential/action"],
          ),
        ],
      { "cluster-rights": /listClusterUserCredential/, kubernetes: /./ },
    ],
    [
      "an extension that failed",
      (world) => void world.addExtension(aksId(world), { properties: { provisioningState: "Failed" } }),
      { extension: /verify-extension/ },
    ],
  ];

  test.each(broken)("%s", async (_title, breakIt, expected) => {
    const world = World.simple();
    const inputs = { ...everything(world), ...(breakIt(world) ?? {}) };
    const { examination, looks } = await visit(world, inputs);
    expect(examination.healthy).toBe(false);
    const bad = Object.values(looks).filter(({ result }) => result === "bad");
    expect(bad.map(({ id }) => id).sort()).toEqual(Object.keys(expected).sort());
    for (const look of bad) {
      expect(`${look.seen} ${look.remedy}`).toMatch(expected[look.id] ?? /^$/);
      expect(look.remedy).toBeTruthy();
    }
  });

  test("a wrong secret ends the visit at the credential", async () => {
    const world = World.simple();
    const { looks } = await visit(world, everything(world), { AZURE_CLIENT_SECRET: "planted-wrong-secret" });
    expect(results(looks)).toEqual({ cloud: "good", credential: "bad" });
    expect(looks["credential"]?.seen).toContain("AADSTS7000215");
  });

  test("a cloud that does not answer", async () => {
    const { looks } = await visit(World.simple(), { "azure-environment": "https://elsewhere.test" });
    expect(results(looks)).toEqual({ cloud: "bad" });
  });
});

describe("clusters that are looked into in another way", () => {
  test("an Arc cluster has no way in without a kubeconfig, which breaks nothing", async () => {
    const world = World.simple();
    const inputs = { ...everything(world), "cluster-resource-id": arcId(world) };
    const { examination, looks } = await visit(world, inputs);
    expect([examination.healthy, looks["kubernetes"]?.result]).toEqual([true, "open"]);
    const kubeconfig = await world.kubeconfigOf(arcId(world), { user: "token" });
    const second = await visit(world, { ...inputs, kubeconfig });
    expect(second.looks["kubernetes"]).toMatchObject({
      result: "good",
      seen: expect.stringContaining("the kubeconfig given"),
    });
  });

  test("a private cluster's run-command would start a pod, so it is not tried", async () => {
    const world = World.simple();
    world.addManagedCluster({
      resourceGroup: "rg1",
      name: "private",
      properties: { apiServerAccessProfile: { enablePrivateCluster: true } },
    });
    const { looks } = await visit(world, {
      ...everything(world),
      "cluster-resource-id": aksId(world).replace("aks1", "private"),
    });
    expect(looks["kubernetes"]).toMatchObject({
      result: "open",
      seen: expect.stringContaining("run-command"),
    });
    expect(world.exchanges.filter(({ url }) => url.includes("runCommand"))).toEqual([]);
    expect(looks["extension"]).toMatchObject({
      result: "open",
      remedy: expect.stringContaining("deploy-extension"),
    });
  });
});

test("all that is wrong with the call is told, and nothing is sent", async () => {
  const world = World.simple();
  const { examination } = await visit(world, {
    "workspace-name": "ws1",
    "cluster-name": "aks1",
    timeout: "soon",
  });
  expect(examination).toMatchObject({ healthy: false, looks: [], error: { code: "InvalidInput" } });
  const told = examination.error?.details.map((line) => line.split(":")[0]);
  expect(told).toEqual(expect.arrayContaining(["timeout", "subscription-id", "cluster-resource-id"]));
  expect(world.exchanges).toEqual([]);
});

describe("what hangs", () => {
  const hanging = () => {
    const world = World.simple();
    world.faults.push({ match: { url: /workspaces\/ws1\?/ }, kind: "hang", count: 100 });
    return world;
  };

  test("ends with the time limit, and what was seen by then is told", async () => {
    const world = hanging();
    const { examination, looks } = await visit(world, { ...everything(world), timeout: "30s" });
    expect(looks["subscription"]?.result).toBe("good");
    expect(looks["stopped"]).toMatchObject({ result: "bad", seen: expect.stringContaining("time limit") });
    expect(examination.milliseconds).toBeLessThan(40_000);
  });

  test("ends when somebody cancels", async () => {
    const world = hanging();
    const cancel = (host: MemoryHost) => void setTimeout(() => host.cancel(), 3_000);
    const { looks } = await visit(world, everything(world), {}, cancel);
    expect(looks["stopped"]?.seen).toContain("cancelled");
  });
});
