import { describe, expect, test } from "@jest/globals";
import { aksId, arcId, scene, workspaceId } from "../support/scene.ts";
import { computeId } from "../support/world-facts.ts";
import { legacyScene } from "./update-scenes.ts";

const replace = { namespace: "team-b", "on-difference": "replace" };

/** A Kubernetes compute on a cluster of the usual world. */
function attachedTo(clusterOf: typeof aksId) {
  const stage = scene();
  const { world } = stage;
  const resourceId = clusterOf(world);
  world.addCompute(workspaceId(world), {
    name: "gpu",
    properties: { resourceId, properties: { namespace: "default" } },
  });
  const of = (id: string) => world.kubeconfigOf(id, { user: "token" });
  const own = (kind: string) =>
    world.clusters.all().flatMap(({ id }) => world.kubernetes(id).all(kind, "default"));
  return {
    ...stage,
    of,
    inputs: { "cluster-resource-id": resourceId, ...replace },
    isUntouched: () =>
      world.resource(computeId(world)) !== undefined &&
      own("Lease").length === 0 &&
      !JSON.stringify(own("Secret")).includes("azureml-clusters"),
  };
}

describe("a kubeconfig of another cluster is refused before anything is written", () => {
  test.each([
    ["of an AKS cluster, by the name of its server", aksId, arcId, /its API server is arc1\./],
    ["of an Arc cluster, by what its agents belong to", arcId, aksId, /it has no Arc agents/],
  ])("attach with on-difference: replace, %s", async (_title, where, elsewhere, why) => {
    const stage = attachedTo(where);
    const kubeconfig = await stage.of(elsewhere(stage.world));
    const { exit, report } = await stage.attach({ ...stage.inputs, kubeconfig });
    expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "KubeconfigElsewhere" });
    expect(report.error?.message).toMatch(why);
    expect(report.error?.message).toContain(where(stage.world));
    expect(report.error?.remedy).toContain("KUBECONFIG");
    expect(stage.isUntouched()).toBe(true);
    expect(stage.world.violations).toEqual([]);
  });

  test.each([
    ["update-components", "update", {}],
    ["update-components with journal: none", "update", { journal: "none" }],
    ["ensure", "ensure", { "on-difference": "replace" }],
    ["what throws the rests of a run away", "update", { resume: "discard" }],
  ] as const)("%s, of a legacy compute", async (_title, how, inputs) => {
    const s = legacyScene();
    const before = s.state();
    const kubeconfig = await s.world.kubeconfigOf(aksId(s.world), { user: "token" });
    const { report, requests } = await s[how]({ ...inputs, kubeconfig });
    expect(report.error?.code).toBe("KubeconfigElsewhere");
    expect(requests.filter((line) => /^(PUT|PATCH|DELETE) /.test(line))).toEqual([]);
    expect(s.state()).toEqual(before);
  });

  test("an upgrade of the extension, which could do without the cluster", async () => {
    const stage = attachedTo(aksId);
    const kubeconfig = await stage.of(arcId(stage.world));
    const { report } = await stage.update({ kubeconfig, "only-if-outdated": "false" });
    expect(report.error?.code).toBe("PreflightFailed");
    expect(report.error?.message).toContain("leads to another cluster");
    expect(stage.isUntouched()).toBe(true);
  });
});

describe("a kubeconfig of the cluster itself", () => {
  test.each([
    ["an AKS cluster", aksId],
    ["an Arc cluster", arcId],
  ])("replaces the compute of %s, without a word", async (_title, where) => {
    const stage = attachedTo(where);
    const kubeconfig = await stage.of(where(stage.world));
    const { report } = await stage.attach({ ...stage.inputs, kubeconfig });
    expect(report.error).toBeUndefined();
    expect(report.verdict).toBe("done");
    expect(report.findings.filter(({ id }) => id === "kubeconfig-elsewhere")).toEqual([]);
  });

  test("of which that can't be told is used, with a warning", async () => {
    const stage = attachedTo(arcId);
    const id = arcId(stage.world);
    stage.world.kubernetesDeny(id, { verb: "get", resource: "configmaps" });
    const { report } = await stage.attach({ ...stage.inputs, kubeconfig: await stage.of(id) });
    expect(report.error).toBeUndefined();
    expect(report.findings).toContainEqual(
      expect.objectContaining({ id: "kubeconfig-elsewhere", severity: "warning" }),
    );
  });
});
