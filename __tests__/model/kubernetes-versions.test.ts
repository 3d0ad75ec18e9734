import { describe, expect, test } from "@jest/globals";
import type { OfferedVersion } from "../../src/model/azure-resources.ts";
import { minorVersions, supportOf, upgradesOf } from "../../src/model/kubernetes-versions.ts";

const offered: readonly OfferedVersion[] = [
  { version: "1.9", patchVersions: { "1.9.9": { upgrades: ["1.10.2", "1.9.10", "1.10.0"] }, "1.9.10": {} } },
  { version: "1.10", isPreview: true, patchVersions: { "1.10.0": null } },
  { version: "1.8", capabilities: { supportPlan: ["AKSLongTermSupport"] }, patchVersions: null },
];

describe("V1: the versions of a region", () => {
  test("are sorted as versions, not as texts, and what Azure leaves out is false or empty", () => {
    const versions = minorVersions(offered);
    expect(versions.map(({ version }) => version)).toEqual(["1.10", "1.9", "1.8"]);
    expect(versions[1]).toEqual({
      version: "1.9",
      isDefault: false,
      isPreview: false,
      supportPlans: [],
      patches: [
        { version: "1.9.10", upgrades: [] },
        {
          version: "1.9.9",
          upgrades: [
            { version: "1.9.10", isPreview: false },
            { version: "1.10.0", isPreview: true },
            { version: "1.10.2", isPreview: true },
          ],
        },
      ],
    });
  });
});

test("V1: upgrades of a cluster, where Azure names some", () => {
  expect(upgradesOf({ properties: {} })).toEqual([]);
  expect(upgradesOf({ properties: { controlPlaneProfile: { upgrades: null } } })).toEqual([]);
  const upgrades = [{ kubernetesVersion: "1.10.0", isPreview: true }, {}, { kubernetesVersion: "1.9.10" }];
  expect(upgradesOf({ properties: { controlPlaneProfile: { upgrades } } })).toEqual([
    { version: "1.9.10", isPreview: false },
    { version: "1.10.0", isPreview: true },
  ]);
});

describe("A7: a version among those of the region", () => {
  test.each([
    ["1.9.3", null, "supported"],
    ["1.9", undefined, "supported"],
    ["1.10.0", null, "preview"],
    ["1.8.1", "KubernetesOfficial", "unsupported"],
    ["1.8.1", "AKSLongTermSupport", "supported"],
    ["1.1.0", "AKSLongTermSupport", "unsupported"],
    ["2.9.3", null, "unsupported"],
  ])("%s with the plan %s: %s", (version, plan, attachable) => {
    expect(supportOf(version, plan, offered).attachable).toBe(attachable);
  });

  test("what is supported is listed, the oldest first", () => {
    expect(supportOf("1.1.0", null, offered).supported).toEqual(["1.9", "1.10"]);
    expect(supportOf("1.1.0", "AKSLongTermSupport", offered).supported).toEqual(["1.8", "1.9", "1.10"]);
  });
});
