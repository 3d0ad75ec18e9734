import { describe, expect, test } from "@jest/globals";
import type { World } from "../../emulator/index.ts";
import { nested, shown } from "../support/nested-error.ts";
import { aksId, arcId, scene, workspaceId } from "../support/scene.ts";
import { computeId, computeState, forbid } from "../support/world-facts.ts";

/** A scene with a compute that is attached to the AKS cluster, unless its properties say otherwise. */
function attachedScene(properties: Record<string, string | boolean> = {}) {
  const stage = scene();
  const { world } = stage;
  world.addCompute(workspaceId(world), {
    name: "gpu",
    properties: { resourceId: aksId(world), ...properties },
  });
  return stage;
}

/** Everything in the world that a detach must leave alone. */
const clusters = (world: World) =>
  [aksId(world), arcId(world)].map((id) => JSON.stringify(world.resource(id)?.body));

describe("detach", () => {
  test.each([
    ["an AKS cluster", aksId],
    ["an Arc cluster", arcId],
  ])(
    "takes the compute of %s off its workspace, waits until it is gone, and leaves the cluster as it is (D1, D2)",
    async (_what, clusterOf) => {
      const { world, detach, requests } = attachedScene();
      world.addCompute(workspaceId(world), { name: "gpu", properties: { resourceId: clusterOf(world) } });
      const before = clusters(world);
      const { exit, host, report } = await detach();
      expect({ exit, errors: host.said.errors, verdict: report.verdict }).toEqual({
        exit: 0,
        errors: [],
        verdict: "done",
      });
      expect(computeState(world)).toBe("Absent");
      expect(clusters(world)).toEqual(before);
      expect(world.violations).toEqual([]);
      expect(requests().at(-1)).toBe(`GET ${computeId(world)} 404`);
      expect(host.said.outputs).toMatchObject({
        changed: "true",
        state: "Absent",
        "compute-name": "gpu",
        "compute-id": computeId(world),
        report: "memory:detach.json",
      });
    },
  );

  test("always detaches and never deletes: each DELETE carries underlyingResourceAction=Detach (D1)", async () => {
    const { world, detach } = attachedScene();
    world.faults.push({ match: { method: "DELETE" }, kind: "status", status: 503, count: 2 });
    await detach();
    const deletes = world.exchanges.filter(({ method }) => method === "DELETE");
    const actions = deletes.map(({ url }) => new URL(url).searchParams.get("underlyingResourceAction"));
    expect(actions).toEqual(["Detach", "Detach", "Detach"]);
    expect(world.violations).toEqual([]);
    expect(world.resource(aksId(world))).toBeDefined();
  });

  test("of a compute that is gone already is success, unchanged, and writes nothing (D2)", async () => {
    const { detach, written } = attachedScene();
    await detach();
    const { exit, host, report } = await detach();
    expect({ exit, verdict: report.verdict, written: written().length }).toEqual({
      exit: 0,
      verdict: "unchanged",
      written: 1,
    });
    expect(host.said.outputs).toMatchObject({ changed: "false", state: "Absent" });
  });

  test("of a compute that never was is success, unchanged (D2)", async () => {
    const { detach, written } = scene();
    const { exit, host } = await detach();
    expect({ exit, changed: host.said.outputs["changed"], written: written() }).toEqual({
      exit: 0,
      changed: "false",
      written: [],
    });
  });

  test("in a workspace with a name in other case finds the compute (arm-contract 8)", async () => {
    const { world, detach } = attachedScene();
    const inputs = { "workspace-name": "WS1", "resource-group": "RG1", "compute-name": "GPU" };
    expect((await detach(inputs)).exit).toBe(0);
    expect(computeState(world)).toBe("Absent");
  });

  test("of a compute that is being detached waits for it and writes nothing (D2)", async () => {
    const { world, detach, written } = attachedScene();
    await detach({ wait: "false" });
    const { exit, host, report } = await detach();
    expect({ exit, verdict: report.verdict, written: written().length }).toEqual({
      exit: 0,
      verdict: "unchanged",
      written: 1,
    });
    expect(report.steps).toMatchObject([{ kind: "await-gone", result: "done" }]);
    expect(host.said.outputs).toMatchObject({ changed: "false", state: "Absent" });
    expect(computeState(world)).toBe("Absent");
  });

  test.each(["Failed", "Canceled"])("of a compute that is %s detaches it (D1)", async (provisioningState) => {
    const { world, detach } = attachedScene({ provisioningState });
    expect((await detach()).exit).toBe(0);
    expect(computeState(world)).toBe("Absent");
  });

  test("of a compute that is being created meets Azure's refusal, in one clear error (testbed 9)", async () => {
    const { world, attach, detach } = scene();
    await attach({ wait: "false" });
    const { exit, host, report } = await detach();
    expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "AnotherOperationInProgress" });
    expect(report.error?.remedy).toContain("again");
    expect(host.said.outputs).toMatchObject({ changed: "false", state: computeState(world) });
  });
});

describe("wait: false", () => {
  test("returns once Azure accepted (L4)", async () => {
    const { world, detach } = attachedScene();
    const { exit, host, report } = await detach({ wait: "false" });
    expect({ exit, verdict: report.verdict, state: computeState(world) }).toEqual({
      exit: 0,
      verdict: "accepted",
      state: "Deleting",
    });
    expect(host.said.outputs).toMatchObject({ changed: "true", state: "Deleting" });
  });

  test("of a compute that is being detached returns at once (L4)", async () => {
    const { world, detach, written } = attachedScene();
    await detach({ wait: "false" });
    const { exit, host } = await detach({ wait: "false" });
    expect({ exit, state: computeState(world), written: written().length }).toEqual({
      exit: 0,
      state: "Deleting",
      written: 1,
    });
    expect(host.said.outputs).toMatchObject({ changed: "false", state: "Deleting" });
  });

  test("of a compute that is gone at once says so (arm-contract 1.2)", async () => {
    const { world, detach } = attachedScene();
    world.knobs.detachAnswer = 204;
    const { exit, host } = await detach({ wait: "false" });
    expect(exit).toBe(0);
    expect(host.said.outputs).toMatchObject({ changed: "true", state: "Absent" });
  });
});

describe("a compute that the workspace created", () => {
  test("is refused, and nothing is written (extension.md 7)", async () => {
    const { detach, written } = attachedScene({ isAttachedCompute: false });
    const { exit, host, report } = await detach();
    expect({ exit, code: report.error?.code, written: written() }).toEqual({
      exit: 1,
      code: "CreatedByWorkspace",
      written: [],
    });
    expect(report.error?.remedy).toContain("allow-created");
    expect(host.said.outputs).toMatchObject({ changed: "false", state: "Succeeded" });
  });

  test("is detached where allow-created says so; its cluster goes on (D1)", async () => {
    const { world, detach } = attachedScene({ isAttachedCompute: false });
    expect((await detach({ "allow-created": "true" })).exit).toBe(0);
    expect(computeState(world)).toBe("Absent");
    expect(world.resource(aksId(world))).toBeDefined();
    expect(world.violations).toEqual([]);
  });
});

describe("dry-run", () => {
  test("writes nothing and gives the plan as an output (design 1)", async () => {
    const { world, detach, written } = attachedScene();
    const { exit, host, report } = await detach({ "dry-run": "true" });
    expect({ exit, verdict: report.verdict, written: written() }).toEqual({
      exit: 0,
      verdict: "planned",
      written: [],
    });
    expect(JSON.parse(host.said.outputs["plan"] ?? "").steps).toMatchObject([{ kind: "detach-compute" }]);
    expect(host.said.outputs).toMatchObject({ changed: "false", state: "Succeeded" });
    expect(computeState(world)).toBe("Succeeded");
  });
});

describe("a detach that fails in Azure", () => {
  test.each(["azure-asyncoperation", "location", "none"] as const)(
    "is reported with every error, nested ones too (headers: %s; D2)",
    async (asyncHeaders) => {
      const { world, detach } = attachedScene();
      Object.assign(world.knobs, { asyncHeaders, detachOutcome: { status: "Failed", error: nested } });
      const { exit, host, report } = await detach();
      expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "DetachFailed" });
      expect(report.error?.details).toEqual(shown);
      for (const line of shown) expect(host.said.errors[0]?.message).toContain(line.trim());
      expect(host.said.errors).toHaveLength(1);
      expect(host.said.outputs).toMatchObject({ changed: "true", state: "Failed" });
      expect(world.resource(aksId(world))).toBeDefined();
    },
  );

  test("can be run again (D2)", async () => {
    const { world, detach } = attachedScene();
    world.knobs.detachOutcome = { status: "Failed", error: nested };
    await detach();
    world.knobs.detachOutcome = undefined;
    expect((await detach()).exit).toBe(0);
    expect(computeState(world)).toBe("Absent");
  });
});

describe("the preflight of a detach", () => {
  const right = "Microsoft.MachineLearningServices/workspaces/computes/delete";

  test("permission-computes-delete: without the right nothing is sent (A4, arm-contract 5)", async () => {
    const { world, detach, written } = attachedScene();
    forbid(world, right);
    const { exit, report } = await detach();
    expect({ exit, code: report.error?.code, written: written() }).toEqual({
      exit: 1,
      code: "PreflightFailed",
      written: [],
    });
    expect(report.findings).toMatchObject([{ id: "permission-computes-delete", severity: "error" }]);
    expect(report.findings[0]?.seen).toContain(right);
  });

  test("does not stop a run that writes nothing (D2)", async () => {
    const { world, detach } = scene();
    forbid(world, right);
    expect((await detach()).exit).toBe(0);
  });

  test("warn goes on to Azure's own refusal", async () => {
    const { world, detach } = attachedScene();
    forbid(world, right);
    const { exit, host, report } = await detach({ preflight: "warn" });
    expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "AuthorizationFailed" });
    expect(host.said.outputs).toMatchObject({ changed: "false", state: "Succeeded" });
  });
});
