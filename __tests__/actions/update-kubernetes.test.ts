import { describe, expect, test } from "@jest/globals";
import type { JsonObject } from "../../emulator/index.ts";
import { aksId, arcId, workspaceId } from "../support/scene.ts";
import { forbid } from "../support/world-facts.ts";
import { change, extensionId, http, propertiesOf, sent, settingsOf } from "./deploy-scenes.ts";
import { kinds, type UpdateStage, updateScene } from "./update-kubernetes-scenes.ts";

const extensionOf = ({ world }: UpdateStage) => extensionId(aksId(world));
const shown = (stage: UpdateStage) => propertiesOf(stage.world, extensionOf(stage));
const patches = (stage: UpdateStage) => sent(stage.world, "PATCH").map(({ properties }) => properties);
const marker = "azureml-clusters.auto-upgrade";
const upgrade = ["hold-lease", "update-extension", "restore-auto-upgrade", "verify-extension"];

describe("an extension that upgrades by itself", () => {
  test("is upgraded and verified; auto-upgrade is paused meanwhile, since Azure takes no version with it (extension.md 4)", async () => {
    const stage = updateScene();
    const run = await stage.update();
    expect(run.exit).toBe(0);
    expect(kinds(run)).toEqual(upgrade);
    expect(run.report).toMatchObject({
      verdict: "done",
      changed: true,
      state: "Succeeded",
      extensionVersion: "1.1.84",
    });
    expect(shown(stage)).toMatchObject({ currentVersion: "1.1.84", autoUpgradeMinorVersion: true });
    expect(patches(stage)).toEqual([
      {
        version: "1.1.84",
        autoUpgradeMinorVersion: false,
        configurationSettings: { [marker]: "paused" },
      },
      { autoUpgradeMinorVersion: true, configurationSettings: { [marker]: "settled" } },
    ]);
  });

  test("is left alone the second time", async () => {
    const stage = updateScene();
    await stage.update();
    const run = await stage.update();
    expect(run.report).toMatchObject({ verdict: "unchanged", changed: false, plan: { steps: [] } });
    expect(run.report.plan?.summary).toContain("version 1.1.84 is the newest");
    expect(patches(stage)).toHaveLength(2);
  });

  test("gets auto-upgrade back where a run died in between (issue 5, crash)", async () => {
    const stage = updateScene({
      version: "1.1.84",
      pinned: true,
      properties: { configurationSettings: { ...settingsIn(updateScene()), [marker]: "paused" } },
    });
    const run = await stage.update();
    expect(kinds(run)).toEqual(["hold-lease", "restore-auto-upgrade", "verify-extension"]);
    expect(shown(stage)).toMatchObject({ autoUpgradeMinorVersion: true, currentVersion: "1.1.84" });
  });

  test("is waited for where another run is at it, and not written to twice", async () => {
    const stage = updateScene({ pinned: true });
    await stage.deploy({ ...http, version: "1.1.84", "allow-disruption": "true", wait: "false" });
    expect(shown(stage)).toMatchObject({ provisioningState: "Updating" });
    const before = patches(stage).length;
    const run = await stage.update();
    expect(run.exit).toBe(0);
    expect(kinds(run)).toEqual(["hold-lease", "await-extension", "update-extension", "verify-extension"]);
    expect(patches(stage)).toHaveLength(before);
  });
});

test("an extension that was pinned on purpose after a failed upgrade stays pinned", async () => {
  const stage = updateScene();
  breakUpgrade(stage);
  await stage.update();
  stage.world.breakages.clear();
  await stage.deploy({ ...http, version: "1.1.35", "allow-disruption": "true" });
  expect(settingsIn(stage)).toMatchObject({ [marker]: "settled" });
  const run = await stage.update({ "max-version": "1.1.35" });
  expect(run).toMatchObject({ exit: 0, report: { changed: false } });
  expect(shown(stage)).toMatchObject({ autoUpgradeMinorVersion: false, currentVersion: "1.1.35" });
});

function settingsIn(stage: UpdateStage) {
  return settingsOf(stage.world, extensionOf(stage));
}

describe("a pinned extension", () => {
  test("stays pinned, to the new version", async () => {
    const stage = updateScene({ pinned: true });
    const run = await stage.update();
    expect(kinds(run)).toEqual(["hold-lease", "update-extension", "verify-extension"]);
    expect(patches(stage)).toEqual([{ version: "1.1.84", autoUpgradeMinorVersion: false }]);
    expect(shown(stage)).toMatchObject({
      currentVersion: "1.1.84",
      version: "1.1.84",
      autoUpgradeMinorVersion: false,
    });
  });

  test.each([
    [{ "max-version": "1.1.44" }, "version 1.1.44 is the newest"],
    [{ "skip-if-newer-than": "1.1.35" }, "newer than 1.1.35"],
    [{ "skip-if-newer-than": "1.0" }, "newer than 1.0"],
  ])("is left alone with %j", async (inputs, told) => {
    const stage = updateScene({ pinned: true });
    const run = await stage.update(inputs);
    expect(run).toMatchObject({ exit: 0, report: { verdict: "unchanged", changed: false } });
    expect(run.report.plan?.summary).toContain(told);
    expect(patches(stage)).toEqual([]);
  });

  test("goes no further than `max-version`, and the newer one is told", async () => {
    const stage = updateScene({ version: "1.1.35", pinned: true });
    const run = await stage.update({ "max-version": "1.1.44" });
    expect(shown(stage)).toMatchObject({ currentVersion: "1.1.44" });
    expect(run.report.findings).toContainEqual(
      expect.objectContaining({ id: "newer-version-left", seen: expect.stringContaining("1.1.84") }),
    );
  });

  test("of another train follows the train that is asked for", async () => {
    const stage = updateScene({ pinned: true });
    const run = await stage.update({ "release-train": "preview" });
    expect(run.exit).toBe(0);
    expect(patches(stage)).toEqual([
      { version: "1.2.0-preview", autoUpgradeMinorVersion: false, releaseTrain: "preview" },
    ]);
  });

  test("is not brought to a version that does not support its Kubernetes (arm-contract 3)", async () => {
    const stage = updateScene({ pinned: true });
    stage.world.knobs.extensionReleases = [
      {
        version: "1.1.84",
        train: "stable",
        unsupported: { managedCluster: [{ distributions: ["AKS"], unsupportedVersions: [">1.0"] }] },
      },
    ];
    const run = await stage.update();
    expect(run).toMatchObject({ exit: 0, report: { changed: false } });
    expect(run.report.findings).toContainEqual(
      expect.objectContaining({ id: "newer-version-left", severity: "warning" }),
    );
  });

  test("is asked for once more with `only-if-outdated: false`", async () => {
    const stage = updateScene({ version: "1.1.84", pinned: true });
    const run = await stage.update({ "only-if-outdated": "false" });
    expect(kinds(run)).toEqual(["hold-lease", "update-extension", "verify-extension"]);
    expect(run.exit).toBe(0);
  });
});

/** What keeps the next upgrade from going well; what runs now is well. */
function breakUpgrade({ world }: UpdateStage): void {
  world.breakages.set(aksId(world).toLowerCase(), [{ kind: "webhook-without-endpoints" }]);
}

describe("an upgrade that fails", () => {
  test("tells why, that Helm has rolled it back, and which version runs now (extension.md 3, 6)", async () => {
    const stage = updateScene();
    breakUpgrade(stage);
    const run = await stage.update();
    expect(run.exit).toBe(1);
    expect(run.report.error).toMatchObject({ code: "UpgradeFailed" });
    expect(run.report.error?.message).toMatch(
      /upgrade to version 1\.1\.84 failed.*version 1\.1\.44 runs now/,
    );
    expect(run.report.error?.message).toContain("is paused");
    expect([run.report.error?.message, ...(run.report.error?.details ?? [])].join("\n")).toMatch(/webhook/i);
    expect(run.report.error?.remedy).not.toContain("on-failed");
    expect(shown(stage)).toMatchObject({ provisioningState: "Failed", currentVersion: "1.1.44" });
    // The state is that of the compute, which is as well as before.
    expect(run.report.state).toBe("Succeeded");
  });

  test("is tried again by the next run, with a PATCH that changes something, and all is as it was then", async () => {
    const stage = updateScene();
    breakUpgrade(stage);
    await stage.update();
    stage.world.breakages.clear();
    const run = await stage.update();
    expect(run.exit).toBe(0);
    expect(kinds(run)).toEqual(upgrade);
    expect(shown(stage)).toMatchObject({
      currentVersion: "1.1.84",
      autoUpgradeMinorVersion: true,
      provisioningState: "Succeeded",
    });
  });

  test("where there is nothing to upgrade to, is told as it is", async () => {
    const stage = updateScene({
      version: "1.1.84",
      properties: {
        provisioningState: "Failed",
        errorInfo: { code: "X", message: "pod healthcheck failed" },
      },
    });
    const run = await stage.update();
    expect(run).toMatchObject({ exit: 1, report: { error: { code: "ExtensionFailed" } } });
    expect(run.report.error?.details.join("\n")).toContain("pod healthcheck failed");
    expect(patches(stage)).toEqual([]);
  });
});

test("an extension of an Arc cluster without a kubeconfig is upgraded by Azure alone, and the report says so", async () => {
  const stage = updateScene({ cluster: arcId });
  const run = await stage.update();
  expect(run.report.error).toBeUndefined();
  expect(kinds(run)).toEqual(["update-extension", "restore-auto-upgrade", "verify-extension"]);
  expect(run.report.findings).toContainEqual(expect.objectContaining({ id: "lease-unavailable" }));
  expect(propertiesOf(stage.world, extensionId(arcId(stage.world)))).toMatchObject({
    currentVersion: "1.1.84",
  });
});

test("a run that has no time left says what Azure goes on with; the next one waits for it and ends it", async () => {
  const stage = updateScene();
  const run = await stage.update({ timeout: "5s" });
  expect(run).toMatchObject({ exit: 1, report: { state: "Succeeded", error: { code: "Timeout" } } });
  expect(run.report.error?.message).toContain('Azure goes on with the upgrade of the extension "azureml"');
  expect(run.report.error?.remedy).toContain("puts auto-upgrade back");
  const next = await stage.update();
  expect(next.report.error).toBeUndefined();
  expect(shown(stage)).toMatchObject({ currentVersion: "1.1.84", autoUpgradeMinorVersion: true });
  expect(patches(stage)).toHaveLength(2);
});

test("wrong conditions are told all at once, and nothing is asked of Azure", async () => {
  const stage = updateScene();
  const wrong = {
    "maintenance-window": "Sat 22:00-02:00 CET",
    "max-version": "latest",
    "skip-if-newer-than": "1",
    "release-train": "a b",
    reattach: "yes",
    "allow-disruption": "maybe",
    "only-if-outdated": "1",
  };
  const run = await stage.update(wrong);
  expect(run).toMatchObject({ exit: 1, report: { error: { code: "InvalidInput" } } });
  const told = run.report.error?.details.map((line) => line.split(":")[0]).sort();
  expect(told).toEqual(Object.keys(wrong).sort());
  expect(stage.requests()).toEqual([]);
});

describe("what is missing", () => {
  test("an extension", async () => {
    const stage = updateScene();
    stage.world.store.delete(extensionOf(stage));
    const run = await stage.update();
    expect(run).toMatchObject({ exit: 1, report: { error: { code: "ExtensionNotInstalled" } } });
    expect(run.report.error?.remedy).toContain("deploy-extension");
  });

  test("an installation that went well: a failed one is not upgraded", async () => {
    const stage = updateScene({ properties: { provisioningState: "Failed", currentVersion: null } });
    const run = await stage.update();
    expect(run).toMatchObject({ exit: 1, report: { error: { code: "ExtensionFailed" } } });
    expect(patches(stage)).toEqual([]);
  });

  test("pods that come up: the gate's rules close, after the upgrade (K1 to K3)", async () => {
    const stage = updateScene({ pinned: true });
    stage.world.breakCluster(aksId(stage.world), "E45003");
    const run = await stage.update();
    expect(run.report.plan?.steps.map(({ kind }) => kind)).toContain("verify-extension");
    expect(run).toMatchObject({ exit: 1, report: { error: { code: "VerificationFailed" } } });
    expect(run.report.steps.at(-1)).toMatchObject({ kind: "verify-extension", result: "failed" });
  });

  test("nothing of it is looked at with `verify: false`", async () => {
    const stage = updateScene({ pinned: true });
    stage.world.breakCluster(aksId(stage.world), "E45003");
    const run = await stage.update({ verify: "false" });
    expect(run.exit).toBe(0);
    expect(kinds(run)).toEqual(["hold-lease", "update-extension"]);
  });
});

describe("jobs and deployments on the compute (issue 5, point 4)", () => {
  const compute = ({ world }: UpdateStage) => `${workspaceId(world)}/computes/gpu`;
  const addJob = (stage: UpdateStage, properties: JsonObject = {}) =>
    stage.world.addJob(workspaceId(stage.world), "wise_frog_1", { computeId: compute(stage), ...properties });

  test("keep a run from writing, by name", async () => {
    const stage = updateScene();
    const workspace = workspaceId(stage.world);
    addJob(stage, { displayName: "train" });
    stage.world.addJob(workspace, "old", { computeId: compute(stage), status: "Completed" });
    stage.world.addOnlineEndpoint(workspace, "chat", {
      compute: compute(stage).toUpperCase(),
      deployments: { blue: "Updating", green: "Succeeded" },
    });
    stage.world.addOnlineEndpoint(workspace, "elsewhere", {
      compute: `${compute(stage)}2`,
      provisioningState: "Updating",
    });
    const run = await stage.update();
    expect(run).toMatchObject({ exit: 1, report: { changed: false, error: { code: "PreflightFailed" } } });
    expect(run.report.error?.message).toContain("1 job of the compute");
    expect(run.report.error?.message).toContain("train (wise_frog_1), Running");
    expect(run.report.error?.message).toContain('deployment "chat/blue" is Updating');
    expect(run.report.error?.message).not.toMatch(/elsewhere|green/);
    expect(run.report.error?.remedy).toContain("allow-disruption: true");
    expect(patches(stage)).toEqual([]);
  });

  test("are told and not minded with `allow-disruption: true`", async () => {
    const stage = updateScene();
    addJob(stage);
    const run = await stage.update({ "allow-disruption": "true" });
    expect(run.exit).toBe(0);
    expect(run.report.findings).toContainEqual(
      expect.objectContaining({ id: "jobs-running", severity: "warning" }),
    );
  });

  test("matter to nobody where nothing is to be done", async () => {
    const stage = updateScene({ version: "1.1.84" });
    addJob(stage);
    const run = await stage.update();
    expect(run).toMatchObject({ exit: 0, report: { findings: [] } });
  });

  test("that can't be read keep a run from writing as well: what is not known may be there", async () => {
    const stage = updateScene();
    forbid(stage.world, "Microsoft.MachineLearningServices/workspaces/jobs/read");
    const run = await stage.update();
    expect(run).toMatchObject({ exit: 1, report: { error: { code: "PreflightFailed" } } });
    expect(run.report.error?.message).toContain("jobs of the workspace can't be read");
    expect(run.report.error?.remedy).toContain("Reader on the workspace");
  });

  test("that begin between the look and the first write are seen", async () => {
    const stage = updateScene();
    stage.watch.onRequest = (path) => {
      if (path.endsWith("/leases")) addJob(stage);
    };
    const run = await stage.update();
    expect(run).toMatchObject({ exit: 1, report: { changed: false, error: { code: "WouldDisrupt" } } });
    expect(patches(stage)).toEqual([]);
  });
});

describe("the maintenance window (issue 5, point 4)", () => {
  /** The hour that is `hours` from now, as a window of an hour in UTC. */
  const windowIn = (hours: number) => {
    const hour = (new Date().getUTCHours() + hours + 24) % 24;
    const two = (value: number) => String(value % 24).padStart(2, "0");
    return `${two(hour)}:00-${two(hour + 1)}:59`;
  };

  test("outside of it the plan is shown, nothing is done, and the opening is told", async () => {
    const stage = updateScene();
    stage.world.addJob(workspaceId(stage.world), "j", {
      computeId: `${workspaceId(stage.world)}/computes/gpu`,
    });
    const run = await stage.update({ "maintenance-window": windowIn(12) });
    expect(run).toMatchObject({ exit: 0, report: { verdict: "planned", changed: false } });
    expect(kinds(run)).toEqual(upgrade);
    expect(Date.parse(run.report.plan?.notBefore ?? "")).toBeGreaterThan(Date.now());
    expect(run.report.findings).toContainEqual(
      expect.objectContaining({ id: "maintenance-window", severity: "info" }),
    );
    expect(run.report.findings).toContainEqual(
      expect.objectContaining({ id: "jobs-running", severity: "info" }),
    );
    expect(patches(stage)).toEqual([]);
  });

  test("within it the work is done", async () => {
    const stage = updateScene();
    const run = await stage.update({ "maintenance-window": "00:00-24:00" });
    expect(run).toMatchObject({ exit: 0, report: { verdict: "done" } });
  });

  test("outside of it, where there is nothing to do, there is nothing to say", async () => {
    const stage = updateScene({ version: "1.1.84" });
    const run = await stage.update({ "maintenance-window": windowIn(12) });
    expect(run.report).toMatchObject({ verdict: "unchanged", findings: [] });
    expect(run.report.plan).not.toHaveProperty("notBefore");
  });
});

describe("an attachment that is to be made anew", () => {
  const binding = ({ world }: UpdateStage, createdAt: string) =>
    world.addTrustedAccessRoleBinding(aksId(world), { sourceResourceId: workspaceId(world), createdAt });
  const again = [
    "hold-lease",
    "write-journal",
    "detach-compute",
    "create-compute",
    "verify-compute",
    "delete-journal",
  ];
  const attached = (stage: UpdateStage) =>
    propertiesOf(stage.world, `${workspaceId(stage.world)}/computes/gpu`);

  test("is attached again where the Trusted Access binding is newer, and once only (peers 1.6)", async () => {
    const stage = updateScene({ version: "1.1.84" });
    binding(stage, new Date(Date.now() + 2_000).toISOString());
    stage.world.clock.advance(5_000);
    const run = await stage.update();
    expect(run.report.error).toBeUndefined();
    expect(kinds(run)).toEqual([...again, "verify-extension"]);
    expect(run.report.plan?.steps[2]?.reason).toContain("Trusted Access");
    expect(attached(stage)).toMatchObject({
      provisioningState: "Succeeded",
      properties: { namespace: "default" },
    });
    expect(kinds(await stage.update())).toEqual([]);
  });

  test("is left alone where the binding is older, or of another workspace", async () => {
    const stage = updateScene({ version: "1.1.84" });
    binding(stage, "2020-01-01T00:00:00Z");
    expect(kinds(await stage.update())).toEqual([]);
  });

  test("takes over instance types that came after it, as Azure writes them (peers 6)", async () => {
    const stage = updateScene({ version: "1.1.84" });
    change(stage.world, `${workspaceId(stage.world)}/computes/gpu`, { createdOn: "2020-01-01T00:00:00Z" });
    stage.world.kubernetes(aksId(stage.world)).put({
      apiVersion: "amlarc.azureml.com/v1alpha1",
      kind: "InstanceType",
      metadata: { name: "big" },
      spec: {
        nodeSelector: { pool: "gpu" },
        resources: { requests: { cpu: 2 }, limits: { cpu: 2, memory: "4Gi" } },
      },
    });
    const run = await stage.update();
    expect(run.report.error).toBeUndefined();
    expect(run.report.plan?.steps[2]?.reason).toContain("big");
    expect(attached(stage)?.["properties"]).toMatchObject({
      instanceTypes: {
        big: {
          nodeSelector: { pool: "gpu" },
          resources: { requests: { cpu: "2" }, limits: { cpu: "2", memory: "4Gi" } },
        },
      },
    });
    expect(kinds(await stage.update())).toEqual([]);
  });

  test("`reattach: always` comes after the upgrade, `never` not at all", async () => {
    const stage = updateScene();
    const run = await stage.update({ reattach: "always" });
    expect(run.report.error).toBeUndefined();
    expect(kinds(run)).toEqual([
      "hold-lease",
      "update-extension",
      "restore-auto-upgrade",
      ...again.slice(1),
      "verify-extension",
    ]);
    binding(stage, new Date(Date.now() + 86_400_000).toISOString());
    expect(kinds(await stage.update({ reattach: "never" }))).toEqual([]);
  });
});
