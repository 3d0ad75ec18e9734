import { describe, expect, test } from "@jest/globals";
import type { JsonObject, World } from "../../emulator/index.ts";
import { observeCluster } from "../../src/actions/observe.ts";
import { openCluster } from "../../src/kubernetes/access.ts";
import { readContents } from "../../src/kubernetes/contents.ts";
import { bareWorld, change } from "../actions/deploy-scenes.ts";
import { aksId, arcId } from "../support/scene.ts";
import { virtually } from "../support/virtual-time.ts";
import { forbid } from "../support/world-facts.ts";
import { connected } from "./talking.ts";

type Request = Parameters<typeof openCluster>[0];
const wanted = { openshift: false, capacity: false };

/** Opens a cluster of a world, and reads its nodes where there is a way in. */
async function open(world: World, clusterId: string, kubeconfig?: string) {
  const { azure, masks } = await virtually(() => connected(world));
  const request = { clusterId, kubeconfig } as Request;
  const seen = await virtually(() => openCluster(request, observeCluster(azure.arm, clusterId), azure));
  if (seen.is !== "present") return { seen, masks, nodes: undefined, way: undefined };
  const contents = await virtually(() => readContents(seen.value, wanted));
  return { seen, masks, nodes: contents.nodes, way: seen.value.way };
}

const aks = (properties: JsonObject) => {
  const world = bareWorld();
  change(world, aksId(world), properties);
  return world;
};
const tokensFor = (world: World) =>
  [...world.directory.tokens.values()].map(({ audience }) => audience).toSorted();

describe("the way into a cluster (design 4, kubeconfig)", () => {
  test("of AKS: user credentials; what they hold is masked", async () => {
    const world = bareWorld();
    const { nodes, way, masks } = await open(world, aksId(world));
    expect({ is: nodes?.is, way }).toEqual({ is: "present", way: "AKS user credentials" });
    const { token, certificate } = world.clusters.of(aksId(world));
    expect(masks).toEqual(expect.arrayContaining([token, certificate?.privateKey]));
  });

  test("of AKS with Entra: a token for the server application of AKS goes there, Azure's own never", async () => {
    const world = aks({ aadProfile: { managed: true }, disableLocalAccounts: true });
    const { nodes } = await open(world, aksId(world));
    expect(nodes?.is).toBe("present");
    expect(tokensFor(world)).toContain("6dae42f8-4368-4678-94ff-3960e28e3630");
    expect(world.violations).toEqual([]);
  });

  test.each([
    ["private AKS", {}],
    ["private AKS with Entra, whose command carries the caller's token", { aadProfile: { managed: true } }],
  ])("of %s: run-command", async (_what, more) => {
    const world = aks({ apiServerAccessProfile: { enablePrivateCluster: true }, ...more });
    const { nodes, way } = await open(world, aksId(world));
    expect({ is: nodes?.is, way }).toEqual({ is: "present", way: expect.stringContaining("run-command") });
    const text = JSON.stringify(world.exchanges);
    for (const [token] of world.directory.tokens) expect(text.includes(token)).toBe(false);
  });

  test("of private AKS without run-command: none, said with what to do", async () => {
    const profile = { enablePrivateCluster: true, disableRunCommand: true };
    const world = aks({ apiServerAccessProfile: profile });
    const { seen } = await open(world, aksId(world));
    expect(seen).toMatchObject({ is: "denied", why: { code: "ClusterPrivate" } });
  });

  test("of Arc: none without a kubeconfig; Azure is asked nothing for it", async () => {
    const world = bareWorld();
    expect((await open(world, arcId(world))).seen.is).toBe("absent");
    expect(world.exchanges.filter(({ method, host }) => host === "arm" && method === "POST")).toEqual([]);
  });

  test.each(["certificate", "token", "both", "kubelogin"] as const)(
    "of a kubeconfig that is given, by %s, wins over every other",
    async (user) => {
      const world = aks({ aadProfile: user === "kubelogin" ? { managed: true } : null });
      const kubeconfig = await world.kubeconfigOf(aksId(world), { user });
      const { nodes, way } = await open(world, aksId(world), kubeconfig);
      expect({ is: nodes?.is, way }).toEqual({ is: "present", way: expect.stringContaining("kubeconfig") });
      expect(world.exchanges.filter(({ url }) => url.includes("listClusterUserCredential"))).toEqual([]);
      expect(world.violations).toEqual([]);
    },
  );

  test.each<[string, (world: World) => void, string]>([
    [
      "no right to the credentials",
      (world) => forbid(world, "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action"),
      "AuthorizationFailed",
    ],
    [
      "local accounts disabled without Entra",
      (world) => change(world, aksId(world), { disableLocalAccounts: true }),
      "BadRequest",
    ],
    ["no such cluster", (world) => void world.store.delete(aksId(world)), "ResourceNotFound"],
  ])("is an answer where it fails: %s", async (_what, prepare, code) => {
    const world = bareWorld();
    prepare(world);
    const { seen } = await open(world, aksId(world));
    expect(seen).toMatchObject({ is: "denied", why: { code } });
  });

  test("a kubeconfig that names a foreign server gets no token of Azure", async () => {
    const world = aks({ aadProfile: { managed: true } });
    const kubeconfig = (await world.kubeconfigOf(aksId(world), { user: "kubelogin" })).replace(
      "6dae42f8-4368-4678-94ff-3960e28e3630",
      "99999999-9999-4999-8999-999999999999",
    );
    const { seen } = await open(world, aksId(world), kubeconfig);
    expect(seen).toMatchObject({ is: "denied", why: { code: "KubeconfigNeedsProgram" } });
    expect(world.exchanges.filter(({ host }) => host === "kubernetes")).toEqual([]);
  });
});
