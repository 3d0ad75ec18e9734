import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Extension } from "../../src/model/azure-resources.ts";
import {
  decideUpgrade,
  hasTaken,
  isPaused,
  passedOver,
  resumePatch,
  type UpgradeCase,
  upgradePatch,
} from "../../src/model/extension-upgrade.ts";
import { compareVersions } from "../../src/model/kubernetes-version.ts";
import type { UpgradePolicy } from "../../src/model/update-policy.ts";

const open: UpgradePolicy = { allowDisruption: false, onlyIfOutdated: true, reattach: "auto" };

function extensionWith(properties: Extension["properties"]): Extension {
  return { name: "azureml", properties };
}

function caseOf(
  current: string,
  offered: readonly string[] | undefined,
  policy: Partial<UpgradePolicy> = {},
  unsupported: readonly string[] = [],
): UpgradeCase {
  return {
    extension: extensionWith({ currentVersion: current }),
    offered: offered?.map((version) => ({ properties: { version } })),
    unsupported: (version) => (unsupported.includes(version) ? "1.36.1" : undefined),
    policy: { ...open, ...policy },
  };
}

const versions = ["1.1.26", "1.1.35", "1.1.44", "1.1.84", "1.2.0", "2.0.1"];

describe("the version that an extension should have", () => {
  test.each<[string, Partial<UpgradePolicy>, string | undefined]>([
    ["1.1.44", {}, "1.2.0"],
    ["1.2.0", {}, undefined],
    // Newer than all that is offered: another train, or a release that was withdrawn.
    ["1.3.0", {}, undefined],
    ["1.1.44", { maxVersion: "1.1" }, "1.1.84"],
    ["1.1.44", { maxVersion: "1.1.83" }, undefined],
    ["1.1.44", { maxVersion: "1.1.84" }, "1.1.84"],
    ["1.1.44", { maxVersion: "v1.1.84" }, "1.1.84"],
    ["1.1.44", { maxVersion: "1" }, "1.2.0"],
    ["1.1.44", { maxVersion: "2.0.1" }, "2.0.1"],
    ["1.1.44", { maxVersion: "2" }, "2.0.1"],
    ["1.1.44", { maxVersion: "1.0" }, undefined],
    ["1.1.44", { skipIfNewerThan: "1.1.35" }, undefined],
    ["1.1.44", { skipIfNewerThan: "1.1.44" }, "1.2.0"],
    ["1.1.44", { skipIfNewerThan: "1.1" }, "1.2.0"],
    ["1.1.44", { skipIfNewerThan: "1.0" }, undefined],
    ["1.2.0", { onlyIfOutdated: false }, "1.2.0"],
    ["1.3.0", { onlyIfOutdated: false }, undefined],
  ])("of %s with %j is %s", (current, policy, to) => {
    const decision = decideUpgrade(caseOf(current, versions, policy));
    expect(decision).toEqual(
      to ? expect.objectContaining({ is: "upgrade", to }) : expect.objectContaining({ is: "stay" }),
    );
  });

  test("is none that does not support the cluster's Kubernetes (arm-contract 3)", () => {
    const given = caseOf("1.1.44", versions, {}, ["1.2.0"]);
    expect(decideUpgrade(given)).toMatchObject({ to: "1.1.84" });
    expect(passedOver(given)).toEqual([
      { version: "1.2.0", why: "kubernetes" },
      { version: "2.0.1", why: "major" },
    ]);
  });

  test("is not known where Azure does not tell", () => {
    expect(decideUpgrade(caseOf("1.1.44", undefined))).toMatchObject({ is: "stay" });
    expect(decideUpgrade(caseOf("1.1.44", []))).toMatchObject({ is: "stay" });
    const unknown = { ...caseOf("1.1.44", versions), extension: extensionWith({}) };
    expect(decideUpgrade(unknown)).toMatchObject({ is: "stay" });
    expect(passedOver(unknown)).toEqual([]);
  });

  test("is tried again where it failed, and the reason says so", () => {
    const given = caseOf("1.1.44", versions);
    const extension = extensionWith({ currentVersion: "1.1.44", provisioningState: "Failed" });
    expect(decideUpgrade({ ...given, extension })).toMatchObject({
      is: "upgrade",
      reason: expect.stringContaining("the last attempt is Failed"),
    });
  });

  const version = fc.tuple(fc.nat(2), fc.nat(3), fc.nat(9)).map((numbers) => numbers.join("."));

  test("is offered, supported, newer, within the limit and of no other major version", () => {
    fc.assert(
      fc.property(
        version,
        fc.uniqueArray(version, { minLength: 1 }),
        fc.option(version, { nil: undefined }),
        fc.subarray(["0.0.1", "1.1.1", "1.2.3", "2.0.0"]),
        (current, offered, maxVersion, unsupported) => {
          const given = caseOf(current, offered, { maxVersion }, unsupported);
          const decision = decideUpgrade(given);
          const major = (text: string | undefined) => text?.split(".")[0];
          const fits = (one: string) =>
            compareVersions(one, current) > 0 &&
            !unsupported.includes(one) &&
            (maxVersion === undefined || compareVersions(one, maxVersion) <= 0) &&
            (major(one) === major(current) || major(one) === major(maxVersion));
          const best = offered.filter(fits).sort(compareVersions).at(-1);
          expect(decision.is === "upgrade" ? decision.to : undefined).toBe(best);
          for (const { version: passed } of passedOver(given))
            expect(compareVersions(passed, best ?? current)).toBeGreaterThan(0);
        },
      ),
    );
  });
});

describe("the PATCH of an upgrade", () => {
  const at = Date.UTC(2026, 10, 21);

  test("pauses auto-upgrade and notes so in the same request; what is pinned stays pinned (extension.md 4)", () => {
    expect(
      upgradePatch(extensionWith({ currentVersion: "1.1.44" }), "1.1.84", "stable", at).properties,
    ).toEqual({
      version: "1.1.84",
      autoUpgradeMinorVersion: false,
      configurationSettings: { "azureml-clusters.auto-upgrade": "paused" },
    });
    const pinned = extensionWith({
      version: "1.1.44",
      autoUpgradeMinorVersion: false,
      releaseTrain: "Stable",
    });
    expect(upgradePatch(pinned, "1.1.84", "stable", at).properties).toEqual({
      version: "1.1.84",
      autoUpgradeMinorVersion: false,
    });
    expect(upgradePatch(pinned, "1.2.0", "preview", at).properties).toMatchObject({
      releaseTrain: "preview",
    });
  });

  test("changes something where the same was asked for before and failed, or Azure would do nothing (arm-contract 3)", () => {
    const failed = extensionWith({
      version: "1.1.84",
      currentVersion: "1.1.44",
      autoUpgradeMinorVersion: false,
      provisioningState: "Failed",
    });
    expect(upgradePatch(failed, "1.1.84", "stable", at).properties.configurationSettings).toEqual({
      "azureml-clusters.attempt": "2026-11-21T00:00:00.000Z",
    });
  });

  test("is known to be taken by its fields; afterwards auto-upgrade is put back, as it was", () => {
    const before = extensionWith({ currentVersion: "1.1.44" });
    const patch = upgradePatch(before, "1.1.84", "stable", at);
    const after = extensionWith({ ...before.properties, ...patch.properties });
    expect([hasTaken(before, patch), hasTaken(after, patch)]).toEqual([false, true]);
    expect([isPaused(before), isPaused(after)]).toEqual([false, true]);
    const restored = extensionWith({ ...after.properties, ...resumePatch().properties });
    expect([hasTaken(after, resumePatch()), hasTaken(restored, resumePatch())]).toEqual([false, true]);
    expect(isPaused(restored)).toBe(false);
  });
});
