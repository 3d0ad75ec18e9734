import { describe, expect, test } from "@jest/globals";
import { World } from "../../emulator/index.ts";
import {
  change,
  errors,
  extensionOf,
  servicePrincipal,
  warnings,
  write,
} from "../support/preflight-cases.ts";
import { aksId, arcId, scene, workspaceId } from "../support/scene.ts";
import { computeState, forbid } from "../support/world-facts.ts";

describe("a rule of the preflight that fails stops an attach before it writes", () => {
  test.each(errors.map((one) => [one.rule, one.what, one.source, one] as const))(
    "%s: %s (%s)",
    async (rule, _what, source, { prepare, shows }) => {
      const stage = scene();
      const { exit, host, report } = await stage.attach(prepare(stage.world));
      expect({ exit, code: report.error?.code, written: stage.written() }).toEqual({
        exit: 1,
        code: "PreflightFailed",
        written: [],
      });
      const found = report.findings.filter(({ severity }) => severity === "error");
      expect(found).toMatchObject([{ id: rule, source: expect.stringContaining(source) }]);
      expect(`${found[0]?.seen} ${found[0]?.remedy}`).toContain(shows);
      expect(found[0]?.remedy).not.toBe("");
      expect(JSON.parse(host.said.outputs["findings"] ?? "")).toEqual(report.findings);
      expect(host.said.errors).toHaveLength(1);
      expect(host.said.errors[0]?.message).toContain(found[0]?.seen.split(" ").slice(0, 5).join(" "));
      expect(host.said.outputs).toMatchObject({ changed: "false", "error-code": "PreflightFailed" });
    },
  );

  test("and all that fail are told at once (design 4)", async () => {
    const { world, attach, written } = scene();
    forbid(world, write);
    change(world, aksId(world), { powerState: { code: "Stopped" } });
    world.store.delete(extensionOf(aksId(world)));
    const { report } = await attach();
    const ids = report.findings.map(({ id }) => id).sort();
    expect(ids).toEqual(["cluster-running", "extension-installed", "permission-computes-write"]);
    expect(written()).toEqual([]);
  });
});

describe("a warning of the preflight does not stop an attach", () => {
  test.each(warnings.map((one) => [one.rule, one.what, one.source, one] as const))(
    "%s: %s (%s)",
    async (rule, _what, source, { prepare, shows }) => {
      const { world, attach, written } = scene();
      const { exit, host, report } = await attach(prepare(world));
      expect({ exit, errors: host.said.errors, written: written().length }).toEqual({
        exit: 0,
        errors: [],
        written: 1,
      });
      expect(report.findings).toMatchObject([
        { id: rule, severity: "warning", source: expect.stringContaining(source) },
      ]);
      expect(`${report.findings[0]?.seen} ${report.findings[0]?.remedy}`).toContain(shows);
      expect(host.said.log.join("\n")).toContain(shows);
      expect(host.said.summaries[0]).toContain("warning");
    },
  );
});

describe("the preflight has nothing to say of", () => {
  test.each<[string, (world: World) => Record<string, string>]>([
    ["a healthy AKS cluster", () => ({})],
    ["a healthy Arc cluster", (world) => ({ "cluster-resource-id": arcId(world) })],
    [
      "an AKS cluster without local accounts that trusts the workspace (peers 1.6)",
      (world) => {
        change(world, aksId(world), { disableLocalAccounts: true });
        world.addTrustedAccessRoleBinding(aksId(world), {
          sourceResourceId: workspaceId(world).toUpperCase(),
        });
        return {};
      },
    ],
    [
      "a cluster with a managed identity beside the profile msi (extension.md 7)",
      (world) => {
        const identity = { identity: null };
        change(world, aksId(world), { servicePrincipalProfile: { clientId: "msi" } }, identity);
        return {};
      },
    ],
    [
      "permissions that may not be read, where the write is allowed (arm-contract 5)",
      (world) => {
        forbid(world, "Microsoft.Authorization/permissions/read");
        return {};
      },
    ],
    [
      "an extension on a later page of the list (arm-contract 1.2)",
      (world) => {
        world.knobs.pageSize = 1;
        for (const name of ["a-first", "b-second"]) {
          world.addExtension(aksId(world), { name, extensionType: "Microsoft.Flux" });
        }
        world.store.delete(extensionOf(aksId(world)));
        world.addExtension(aksId(world), { name: "z-last" });
        return {};
      },
    ],
  ])("%s", async (_what, prepare) => {
    const { world, attach } = scene();
    const { exit, report } = await attach(prepare(world));
    expect({ exit, findings: report.findings, error: report.error?.message }).toEqual({
      exit: 0,
      findings: [],
      error: undefined,
    });
  });
});

describe("the input preflight", () => {
  /** A world whose cluster the preflight refuses and Azure takes. */
  function strict() {
    const stage = scene();
    const identity = { identity: { type: "None" } };
    change(stage.world, aksId(stage.world), { servicePrincipalProfile: servicePrincipal }, identity);
    return stage;
  }

  test("enforce is the default", async () => {
    const { attach, written } = strict();
    expect([(await attach()).exit, (await attach({ preflight: "enforce" })).exit]).toEqual([1, 1]);
    expect(written()).toEqual([]);
  });

  test("warn tells what fails and goes on", async () => {
    const { world, attach } = strict();
    const { exit, host, report } = await attach({ preflight: "warn" });
    expect({ exit, state: computeState(world) }).toEqual({ exit: 0, state: "Succeeded" });
    expect(report.findings).toMatchObject([{ id: "cluster-managed-identity" }]);
    expect(host.said.log.join("\n")).toContain("service principal");
  });

  test("off says nothing and goes on", async () => {
    const { world, attach } = strict();
    const { exit, host, report } = await attach({ preflight: "off" });
    expect({ exit, state: computeState(world), findings: report.findings }).toEqual({
      exit: 0,
      state: "Succeeded",
      findings: [],
    });
    expect(host.said.log.join("\n")).not.toContain("service principal");
  });

  test("enforce does not stop a run that writes nothing; it tells what fails (L3)", async () => {
    const { attach, written } = strict();
    await attach({ preflight: "off" });
    const { exit, host, report } = await attach();
    expect({ exit, changed: host.said.outputs["changed"], written: written().length }).toEqual({
      exit: 0,
      changed: "false",
      written: 1,
    });
    expect(report.findings).toMatchObject([{ id: "cluster-managed-identity", severity: "error" }]);
  });

  test("enforce does not stop a run that only waits (L3)", async () => {
    const { world, attach } = strict();
    await attach({ preflight: "off", wait: "false" });
    expect((await attach()).exit).toBe(0);
    expect(computeState(world)).toBe("Succeeded");
  });

  test("enforce shows the plan and what stands against it in a dry run too", async () => {
    const { attach, written } = strict();
    const { host, report } = await attach({ "dry-run": "true" });
    expect(JSON.parse(host.said.outputs["plan"] ?? "").steps).toHaveLength(1);
    expect(report.findings).toMatchObject([{ id: "cluster-managed-identity" }]);
    expect(written()).toEqual([]);
  });
});

test("a world without the extension on its cluster makes an attach fail in Azure, with the preflight off (X1)", async () => {
  const { world, attach } = scene(World.simple());
  world.store.delete(extensionOf(aksId(world)));
  const { exit, host, report } = await attach({ preflight: "off" });
  expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "ComputeFailed" });
  expect(host.said.outputs).toMatchObject({ changed: "true", state: "Failed" });
});
