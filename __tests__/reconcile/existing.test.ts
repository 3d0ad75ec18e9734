import { describe, expect, test } from "@jest/globals";
import type { World } from "../../emulator/index.ts";
import { attach } from "../../src/actions/attach.ts";
import { run } from "../../src/actions/run.ts";
import { nested, shown } from "../support/nested-error.ts";
import { hostOf } from "../support/own-host.ts";
import { aksId, arcId, scene, workspaceId } from "../support/scene.ts";
import { virtually } from "../support/virtual-time.ts";
import { computeId, computePart, computeState, countCreates } from "../support/world-facts.ts";

/** A compute that is there already, attached to the AKS cluster unless the seed says otherwise. */
function attached(world: World, seed: Partial<Parameters<World["addCompute"]>[1]> = {}) {
  const properties = { resourceId: aksId(world), ...seed.properties };
  world.addCompute(workspaceId(world), { name: "gpu", ...seed, properties });
}

describe("a compute of that name that exists", () => {
  test("with the same settings is found and reused: the second attach sends no write (L3)", async () => {
    const { world, attach, written } = scene();
    await attach({ namespace: "team-a", "identity-type": "system_assigned" });
    const sent = written().length;
    const { exit, host, report } = await attach({ namespace: "team-a", "identity-type": "system_assigned" });
    expect({ exit, verdict: report.verdict }).toEqual({ exit: 0, verdict: "unchanged" });
    expect(written()).toHaveLength(sent);
    expect(host.said.outputs).toMatchObject({ changed: "false", state: "Succeeded" });
    expect(host.said.outputs["principal-id"]).toBe(computePart(world, "identity", "principalId"));
    expect(report.steps).toEqual([]);
  });

  test("with the cluster's id in another case is the same (L3, arm-contract 8)", async () => {
    const { world, attach, written } = scene();
    attached(world, { properties: { resourceId: aksId(world).toLowerCase().replace("rg1", "RG1") } });
    const { exit, host } = await attach();
    expect({ exit, changed: host.said.outputs["changed"], written: written() }).toEqual({
      exit: 0,
      changed: "false",
      written: [],
    });
  });

  test("with another description is the same where none is asked for (L3)", async () => {
    const { world, attach, written } = scene();
    attached(world, { properties: { description: "made by hand" } });
    expect((await attach()).exit).toBe(0);
    expect(written()).toEqual([]);
  });

  test("with other settings is refused with each field named, and nothing is written (L3, A6, peers 0.1)", async () => {
    const { world, attach, written } = scene();
    attached(world, {
      identity: { type: "SystemAssigned", principalId: "p" },
      properties: {
        computeType: "AKS",
        resourceId: arcId(world),
        description: "old",
        properties: { namespace: "old-namespace" },
      },
    });
    const files = { "compute.yml": "description: new" };
    const { exit, host, report } = await attach(
      { namespace: "new-namespace", file: "compute.yml" },
      { files },
    );
    expect({ exit, code: report.error?.code, written: written() }).toEqual({
      exit: 1,
      code: "Different",
      written: [],
    });
    const details = report.error?.details.join("\n") ?? "";
    for (const [field, wanted, found] of [
      ["computeType", "Kubernetes", "AKS"],
      ["resourceId", aksId(world), arcId(world)],
      ["namespace", "new-namespace", "old-namespace"],
      ["identity", "None", "SystemAssigned"],
      ["description", "new", "old"],
    ]) {
      expect(details).toContain(`${field}: wanted "${wanted}", found "${found}"`);
      expect(host.said.errors[0]?.message).toContain(`${field}: wanted`);
    }
    expect(report.error?.details).toHaveLength(5);
    expect(report.error?.remedy).toContain("detach");
    expect(host.said.outputs).toMatchObject({
      changed: "false",
      state: "Succeeded",
      "error-code": "Different",
    });
  });

  test.each([
    ["computeType", { properties: { computeType: "AKS" } }],
    ["resourceId", { properties: { resourceId: "/subscriptions/s/other" } }],
    ["namespace", { properties: { properties: { namespace: "other" } } }],
    ["identity", { identity: { type: "SystemAssigned" } }],
  ])("that differs in %s alone is refused with that field alone (L3)", async (field, seed) => {
    const { world, attach, written } = scene();
    attached(world, seed);
    const { exit, report } = await attach();
    expect({ exit, written: written() }).toEqual({ exit: 1, written: [] });
    expect(report.error?.details).toEqual([expect.stringMatching(new RegExp(`^${field}: wanted `))]);
  });
});

describe("a compute of that name that is under way", () => {
  test("and will be as asked is waited for; it is not our change (L3, L4)", async () => {
    const { world, attach, written } = scene();
    await attach({ wait: "false" });
    const { exit, host, report } = await attach();
    expect({ exit, verdict: report.verdict, written: written().length }).toEqual({
      exit: 0,
      verdict: "unchanged",
      written: 1,
    });
    expect(host.said.outputs).toMatchObject({ changed: "false", state: "Succeeded" });
    expect(report.plan?.steps.map(({ kind }) => kind)).toEqual(["await-compute"]);
    expect(computeState(world)).toBe("Succeeded");
  });

  test.each(["Updating", "Resizing"])(
    "in the state %s, known to us or not, is waited for (arm-contract 8)",
    async (state) => {
      const { world, attach } = scene();
      attached(world, { properties: { provisioningState: state } });
      const { exit, host } = await attach({ timeout: "10m" });
      expect({ exit, code: host.said.outputs["error-code"], state: host.said.outputs["state"] }).toEqual({
        exit: 1,
        code: "Timeout",
        state,
      });
    },
  );

  test("and will have other settings is refused at once (L3)", async () => {
    const { attach, written } = scene();
    await attach({ wait: "false", namespace: "other" });
    const { exit, host } = await attach();
    expect({ exit, code: host.said.outputs["error-code"] }).toEqual({ exit: 1, code: "Different" });
    expect(host.said.outputs).toMatchObject({ changed: "false", state: "Creating" });
    expect(written()).toHaveLength(1);
  });

  test("and fails while we wait is reported with its errors, and is not our change (L3, peers 1.4)", async () => {
    const { world, attach } = scene();
    world.knobs.createOutcome = { status: "Failed", error: nested };
    await attach({ wait: "false" });
    const { exit, host, report } = await attach();
    expect({ exit, code: report.error?.code, changed: host.said.outputs["changed"] }).toEqual({
      exit: 1,
      code: "ComputeFailed",
      changed: "false",
    });
    expect(report.error?.details).toEqual(shown);
    expect(host.said.outputs["state"]).toBe("Failed");
  });

  test("of being detached is waited for until it is gone, then attached anew (D2, peers 6)", async () => {
    const { world, attach, detach, written } = scene();
    attached(world, { properties: { resourceId: arcId(world) } });
    await detach({ wait: "false" });
    const { exit, host, report } = await attach();
    expect({ exit, changed: host.said.outputs["changed"] }).toEqual({ exit: 0, changed: "true" });
    expect(report.steps.map(({ kind, result }) => [kind, result])).toEqual([
      ["await-gone", "done"],
      ["create-compute", "done"],
    ]);
    expect(written()).toEqual([`DELETE ${computeId(world)} 202`, `PUT ${computeId(world)} 201`]);
    expect(computePart(world, "properties", "resourceId")).toBe(aksId(world));
  });

  test("of being detached and whose detach fails is not overwritten (D2)", async () => {
    const { world, attach, detach, written } = scene();
    attached(world);
    world.knobs.detachOutcome = { status: "Failed", error: nested };
    await detach({ wait: "false" });
    const { exit, report } = await attach();
    expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "DetachFailed" });
    expect(report.error?.details).toEqual(shown);
    expect(written().filter((line) => line.startsWith("PUT"))).toEqual([]);
  });
});

describe("a compute of that name that failed", () => {
  test.each(["Failed", "Canceled"])(
    "(%s) is reported with all its provisioning errors and a remedy, and left as it is (peers 1.4)",
    async (state) => {
      const { world, attach, written } = scene();
      const second = { code: "ClusterNotReachable", message: "No way\nto the API server." };
      const provisioningErrors = [{ error: nested as never }, { error: second }];
      attached(world, { properties: { provisioningState: state, provisioningErrors } });
      const { exit, host, report } = await attach();
      expect({ exit, code: report.error?.code, written: written() }).toEqual({
        exit: 1,
        code: "ComputeFailed",
        written: [],
      });
      expect(report.error?.details).toEqual([...shown, "ClusterNotReachable: No way to the API server."]);
      for (const line of shown) expect(host.said.errors[0]?.message).toContain(line.trim());
      expect(report.error?.remedy).toMatch(/detach/);
      expect(host.said.outputs).toMatchObject({ changed: "false", state });
    },
  );

  test("without a reason is reported as such (arm-contract 1.4)", async () => {
    const { world, attach } = scene();
    attached(world, { properties: { provisioningState: "Failed" } });
    const { report } = await attach();
    expect(report.error).toMatchObject({ code: "ComputeFailed", details: [] });
    expect(report.error?.message).toContain("no reason");
  });

  test.each([
    ["Failed to get static credential of the cluster", "Trusted Access"],
    ["AKS role check failed for user assigned identity", "Kubernetes Extension Contributor"],
    ["ClusterNotReachable", "authorized IP ranges"],
    ["ClusterNotFound", "resource id"],
    ["ComputeNotAccessible", "rights on the cluster"],
    ["RefreshExtensionIdentityNotSet", "Reinstall"],
    ["Relay resource id or connection string are not provided", "Azure Relay"],
    ["The extension is in state Failed", "extension is Succeeded"],
    ["GenericComputeError", "same name and namespace"],
  ])("for the reason %j has its own remedy (peers 1.6)", async (message, remedy) => {
    const { world, attach } = scene();
    const error = { code: "BadRequest", message: "See details.", details: [{ code: "Cause", message }] };
    attached(world, { properties: { provisioningState: "Failed", provisioningErrors: [{ error }] } });
    const { report } = await attach();
    expect(report.error?.remedy).toContain(remedy);
  });
});

describe("a PUT that Azure reports as done and has not applied (peers 0.1)", () => {
  test("over a compute that somebody else made meanwhile is found out by reading: NotApplied", async () => {
    const { world, attach } = scene();
    world.knobs.putExisting = "silent";
    world.knobs.intruder = { properties: { resourceId: arcId(world), properties: { namespace: "theirs" } } };
    const { exit, host, report } = await attach();
    expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "NotApplied" });
    expect(report.error?.details.map((line) => line.split(":")[0])).toEqual(["resourceId", "namespace"]);
    expect(report.steps).toMatchObject([{ result: "failed" }]);
    expect(host.said.outputs["state"]).toBe("Succeeded");
    expect(computePart(world, "properties", "resourceId")).toBe(arcId(world));
  });

  test.each([
    ["namespace", { namespace: "team-a" }],
    ["identity", { "identity-type": "system_assigned" }],
  ] as const)("with the loss of %s is found out by reading: NotApplied", async (setting, inputs) => {
    const { world, attach } = scene();
    world.knobs.dropSettings = [setting];
    const { exit, report } = await attach({ ...inputs });
    expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "NotApplied" });
    expect(report.error?.details).toEqual([expect.stringContaining(`${setting}: wanted`)]);
  });

  test("with the loss of a description is found out by reading: NotApplied", async () => {
    const { world, attach } = scene();
    world.knobs.dropSettings = ["description"];
    const { report } = await attach({ file: "c.yml" }, { files: { "c.yml": "description: mine" } });
    expect(report.error?.code).toBe("NotApplied");
  });

  test("is refused by Azure: the run fails with Azure's reason and tells the true state", async () => {
    const { world, attach } = scene();
    world.knobs.putExisting = "refuse";
    world.knobs.intruder = { properties: { resourceId: arcId(world) } };
    const { exit, host, report } = await attach();
    expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "UserError" });
    expect(host.said.outputs["request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(host.said.outputs["state"]).not.toBe("Absent");
  });

  test("two runs at once make one compute, and no run says what is not so (C7)", async () => {
    const stage = scene();
    const creates = countCreates(stage.world);
    const hosts = [hostOf(stage), hostOf(stage)];
    const exits = await virtually(() => Promise.all(hosts.map((host) => run(attach, host, stage.client))));
    expect({ creates: creates(), state: computeState(stage.world) }).toEqual({
      creates: 1,
      state: "Succeeded",
    });
    expect(exits).toContain(0);
    for (const { said } of hosts) expect(said.outputs["state"]).not.toBe("Absent");
    const changed = hosts.filter(({ said }) => said.outputs["changed"] === "true");
    expect(changed).toHaveLength(1);
  });
});
