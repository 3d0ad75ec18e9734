import { gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { observeCluster } from "../../src/actions/observe.ts";
import { Refusal } from "../../src/azure/errors.ts";
import { openCluster } from "../../src/kubernetes/access.ts";
import type { ClusterApi } from "../../src/kubernetes/cluster-api.ts";
import { Failure } from "../../src/model/failure.ts";
import { present } from "../../src/model/observed.ts";
import { bareWorld, change } from "../actions/deploy-scenes.ts";
import { aksId } from "../support/scene.ts";
import { virtually } from "../support/virtual-time.ts";
import { connected } from "./talking.ts";

/** The way into a private cluster of a new world. */
async function privateApi() {
  const world = bareWorld();
  change(world, aksId(world), { apiServerAccessProfile: { enablePrivateCluster: true } });
  const { azure } = await virtually(() => connected(world));
  const cluster = observeCluster(azure.arm, aksId(world));
  const request = { clusterId: aksId(world), kubeconfig: undefined } as Parameters<typeof openCluster>[0];
  const api = present(await virtually(() => openCluster(request, cluster, azure)));
  if (!api) throw new Error("there is no way in");
  return { world, api };
}

const commands = (world: ReturnType<typeof bareWorld>) =>
  world.exchanges
    .filter(({ method, url }) => method === "POST" && url.includes("/runCommand"))
    .map(({ requestBody }) => (JSON.parse(requestBody) as { command: string }).command);

const failing = (work: () => Promise<unknown>) =>
  virtually(() => work().catch((error: unknown) => error)) as Promise<Failure>;

describe("run-command (arm-contract 2)", () => {
  test("takes all that is asked at the same time in one command, whatever becomes of each", async () => {
    const { world, api } = await privateApi();
    world.kubernetesDeny(aksId(world), { verb: "get", resource: "secrets" });
    const asked = (path: string) => api.get(path).catch((error: unknown) => error);
    const [nodes, missing, forbidden, version] = await virtually(() =>
      Promise.all([
        api.list("/api/v1/nodes", ({ metadata }: { metadata: { name: string } }) => metadata.name),
        asked("/api/v1/namespaces/azureml"),
        asked("/api/v1/namespaces/default/secrets/x"),
        asked("/api/v1/namespaces/default"),
      ]),
    );
    expect(nodes).toHaveLength(3);
    expect(missing).toMatchObject({ status: 404, code: "KubernetesNotFound" });
    expect(missing).toBeInstanceOf(Refusal);
    expect((forbidden as Failure).code).toMatch(/^Kubernetes(Forbidden|NotFound)$/);
    expect(version).toMatchObject({ metadata: { name: "default" } });
    expect(commands(world)).toHaveLength(1);
    await virtually(() => api.get("/api/v1/namespaces/default"));
    expect(commands(world)).toHaveLength(2);
  });

  test("never runs what a path would add to the command", async () => {
    const { world, api } = await privateApi();
    for (const path of [
      "/a'; rm -rf /; echo '",
      "/a b",
      "/a$(id)",
      "/a\nb",
      "/a`id`",
      "/a|b",
      "/a;b",
      "--help\u0000",
    ]) {
      const failure = await failing(() => api.get(path));
      expect(failure).toBeInstanceOf(Error);
    }
    expect(commands(world)).toEqual([]);
  });

  test("whose output is cut off says so (512 kB at most)", async () => {
    const { world, api } = await privateApi();
    world.knobs.runCommandLogBytes = 300;
    const failure = await failing(() => api.get("/api/v1/nodes"));
    expect(failure.code).toBe("RunCommandCutOff");
    expect(failure.remedy).toContain("kubeconfig");
  });

  test.each([
    ["that is no archive", "KUBECTL NOT FOUND"],
    ["of which the end is missing", gzipSync("azureml-clusters-answer 0\n{}\n").toString("base64")],
  ])("whose output is one %s says so", async (_what, logs) => {
    const { world, api } = await privateApi();
    const going = failing(() => api.get("/api/v1/nodes"));
    const runs = world.clusters.of(aksId(world)).commands;
    const set = runs.set.bind(runs);
    runs.set = (id, run) => set(id, { ...run, logs });
    expect((await going).code).toBe("RunCommandCutOff");
  });

  test("that Azure refuses, or that does not end well, is one clear failure", async () => {
    const { world, api } = await privateApi();
    world.faults.push({
      match: { url: /runCommand/ },
      kind: "status",
      status: 409,
      code: "OperationNotAllowed",
    });
    expect((await failing(() => api.get("/api/v1/nodes"))).code).toBe("OperationNotAllowed");
    world.faults.push({
      match: { url: /commandResults/ },
      kind: "status",
      status: 404,
      code: "NotFound",
      count: 9,
    });
    expect(await failing(() => api.get("/api/v1/nodes"))).toBeInstanceOf(Failure);
  });

  test("survives an answer that is lost: it changes nothing, so that it is run again", async () => {
    const { world, api } = await privateApi();
    world.faults.push(
      { match: { url: /runCommand/ }, kind: "reset", phase: "after" },
      { match: { url: /commandResults/ }, kind: "status", status: 503 },
    );
    expect(await virtually(() => api.get("/api/v1/nodes"))).toMatchObject({ kind: "NodeList" });
  });

  test("may read everything, so that nobody is asked about rights", async () => {
    const { api }: { api: ClusterApi } = await privateApi();
    expect(await api.rules("azureml")).toBeUndefined();
    expect(api.way).toContain("private");
  });
});
