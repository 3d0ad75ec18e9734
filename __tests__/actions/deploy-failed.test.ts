import { describe, expect, test } from "@jest/globals";
import type { Breakage, BreakageKind } from "../../emulator/index.ts";
import { aksId, arcId } from "../support/scene.ts";
import { forbid } from "../support/world-facts.ts";
import {
  addFailed,
  bareScene,
  change,
  changes,
  countCreates,
  deployBeside,
  deployTogether,
  done,
  ending,
  extensionId,
  http,
  lines,
  onArc,
  sent,
  settingsOf,
  stateOf,
  training,
  untouched,
} from "./deploy-scenes.ts";

const anew = { ...http, "on-failed": "recreate" };
const kinds = (run: { report: { plan?: { steps: readonly { kind: string }[] } } }) =>
  run.report.plan?.steps.map(({ kind }) => kind);

describe("an extension that is Failed", () => {
  test("is an error with everything that Azure holds, in any of its places (arm-contract 3)", async () => {
    for (const shownIn of ["errorInfo", "statuses"] as const) {
      const stage = bareScene();
      await stage.deploy({ ...http, wait: "false" });
      const message = "Helm installation failed: no space left on device";
      const bad = { code: "InstallationFailed", message, level: null };
      const shown = shownIn === "errorInfo" ? { errorInfo: bad } : { statuses: [bad] };
      stage.world.clock.advance(60_000);
      change(stage.world, extensionId(aksId(stage.world)), { provisioningState: "Failed", ...shown });
      const run = await stage.deploy(http);
      expect(ending(run)).toEqual({ exit: 1, changed: "false", state: "Failed", code: "ExtensionFailed" });
      expect([run.report.error?.message, ...(run.report.error?.details ?? [])].join("\n")).toContain(message);
      expect(changes(stage)).toHaveLength(1);
    }
  });

  const causes: readonly [BreakageKind, Partial<Breakage>, RegExp][] = [
    ["E45003", {}, /E45003|network|egress/i],
    ["image-pull", {}, /image/i],
    ["webhook-without-endpoints", {}, /webhook/i],
    ["helm-pending", {}, /pending|sh\.helm\.release|operation/i],
  ];
  test.each(causes)(
    "is explained with the cause that the cluster knows: %s (extension.md 11)",
    async (kind, more, told) => {
      const stage = bareScene();
      expect((await stage.deploy(http)).exit).toBe(0);
      stage.world.breakCluster(aksId(stage.world), kind, more);
      change(stage.world, extensionId(aksId(stage.world)), {
        provisioningState: "Failed",
        errorInfo: { code: "UpgradeFailed", message: "pod healthcheck failed" },
      });
      const run = await stage.deploy(http);
      expect(ending(run)).toMatchObject({ exit: 1, code: "ExtensionFailed" });
      expect([run.report.error?.message, ...(run.report.error?.details ?? [])].join("\n")).toMatch(told);
      expect(run.report.error?.remedy).toBeTruthy();
    },
  );

  test("during this run is explained after a new look into the cluster, with the remedy (X6)", async () => {
    const stage = bareScene();
    stage.world.breakCluster(aksId(stage.world), "nvidia-plugin-of-others");
    const inputs = { ...training, config: "installNvidiaDevicePlugin=True", preflight: "warn" };
    const run = await stage.deploy(inputs);
    expect(ending(run)).toEqual({ exit: 1, changed: "true", state: "Failed", code: "ExtensionFailed" });
    expect(run.report.error?.message).toContain("nvidia-device-plugin-daemonset");
    expect(run.report.error?.remedy).toContain("installNvidiaDevicePlugin=False");
    expect(run.host.said.errors).toHaveLength(1);
    // The same thing is not said twice.
    const sentences = (run.report.error?.message ?? "").split(/(?<=\.)\s+/);
    expect(sentences.length).toBe(new Set(sentences).size);
  });

  test("on Arc without a kubeconfig is told with what Azure holds alone", async () => {
    const stage = bareScene();
    addFailed(stage.world, arcId(stage.world));
    const run = await stage.deploy({ ...http, ...onArc(stage.world), "allow-disruption": "true" });
    // Settings differ: the change may be what mends it.
    expect(kinds(run)).toEqual(["update-extension"]);
  });

  test("with other settings is changed to those that are wished, which mends it", async () => {
    const stage = bareScene();
    const bad = { ...http, config: `${http.config}\nnodeSelector.pool=nowhere`, preflight: "off" };
    expect(ending(await stage.deploy(bad))).toMatchObject({ exit: 1, state: "Failed" });
    const better = lines({ inferenceRouterServiceType: "NodePort", allowInsecureConnections: "True" });
    const run = await stage.deploy({
      workloads: "both",
      config: `${better}\nnodeSelector.pool=`,
      preflight: "off",
    });
    // Nothing of it ran, so that nothing is disrupted.
    expect(run.report.error?.code).not.toBe("WouldDisrupt");
    expect(sent(stage.world, "PATCH")).toHaveLength(1);
  });
});

describe("on-failed: recreate (issue 4, point 1)", () => {
  test("deletes it, waits until its namespace is gone, and creates it", async () => {
    const stage = bareScene();
    const { world } = stage;
    addFailed(world);
    world.knobs.namespaceGoneSeconds = 400;
    const run = await stage.deploy(anew);
    expect(ending(run)).toEqual(done);
    expect(kinds(run)).toEqual([
      "delete-extension",
      "await-gone",
      "await-namespace-gone",
      "create-extension",
    ]);
    expect(changes(stage)).toEqual([
      "DELETE Microsoft.KubernetesConfiguration/extensions/azureml 202",
      "PUT Microsoft.KubernetesConfiguration/extensions/azureml 201",
    ]);
    const removal = world.exchanges.find(({ method }) => method === "DELETE");
    expect(new URL(removal?.url ?? "").searchParams.get("forceDelete")).toBe("false");
    expect(run.report.milliseconds).toBeGreaterThan(400_000);
    // Whoever waits is told of it, and not at every question.
    expect(run.host.said.log.filter((line) => line.includes("namespace azureml is still there")).length).toBe(
      7,
    );
  });

  test("keeps the name that it has", async () => {
    const stage = bareScene();
    stage.world.addExtension(aksId(stage.world), {
      name: "team-ml",
      provisioningState: "Failed",
      properties: { currentVersion: null },
    });
    const run = await stage.deploy(anew);
    expect(ending(run)).toEqual(done);
    expect(run.host.said.outputs["extension-name"]).toBe("team-ml");
    expect(stateOf(stage.world, extensionId(aksId(stage.world), "team-ml"))).toBe("Succeeded");
  });

  test.each([
    ["whatever settings it has", { configurationSettings: { enableTraining: "True" } }],
    ["also where it was Canceled", { provisioningState: "Canceled" }],
  ])("%s", async (_what, properties) => {
    const stage = bareScene();
    addFailed(stage.world, aksId(stage.world), properties);
    const run = await stage.deploy(anew);
    expect(kinds(run)?.[0]).toBe("delete-extension");
    expect(ending(run)).toEqual(done);
  });

  test("on Arc, where the cluster can't be asked, waits the ten minutes that its agents take", async () => {
    const stage = bareScene();
    addFailed(stage.world, arcId(stage.world));
    stage.world.knobs.namespaceGoneSeconds = 500;
    const run = await stage.deploy({ ...anew, ...onArc(stage.world) });
    expect({ ...ending(run), errors: run.host.said.errors }).toEqual({ ...done, errors: [] });
    expect(run.host.said.log.join("\n")).toContain("waiting 10 min");
  });

  test("on Arc with a kubeconfig asks the cluster", async () => {
    const stage = bareScene();
    addFailed(stage.world, arcId(stage.world));
    const kubeconfig = await stage.world.kubeconfigOf(arcId(stage.world), { user: "token" });
    const run = await stage.deploy({ ...anew, ...onArc(stage.world), kubeconfig });
    expect(ending(run)).toEqual(done);
    expect(run.report.milliseconds).toBeLessThan(120_000);
  });

  test.each([
    ["namespaces may not be read", { verb: "get", resource: "namespaces" }],
    ["nothing may be read", { verb: "*", resource: "*" }],
  ])("where %s, waits instead: a deleted extension is never left deleted", async (_what, denial) => {
    const stage = bareScene();
    addFailed(stage.world);
    stage.world.kubernetesDeny(aksId(stage.world), denial);
    expect(ending(await stage.deploy(anew))).toEqual(done);
  });

  test("where the cluster can't be reached for a while during the wait, it goes on", async () => {
    const stage = bareScene();
    addFailed(stage.world);
    stage.world.knobs.namespaceGoneSeconds = 100;
    const match = { url: /namespaces\/azureml$/ };
    stage.world.faults.push({ match, nth: 3, count: 30, kind: "reset" });
    expect(ending(await stage.deploy(anew))).toEqual(done);
  });

  test("does nothing while what ran before the failed upgrade still runs, unless allow-disruption says so", async () => {
    const stage = bareScene();
    addFailed(stage.world, aksId(stage.world), { currentVersion: "1.1.44" });
    const run = await stage.deploy(anew);
    expect(ending(run)).toEqual({ exit: 1, changed: "false", state: "Failed", code: "WouldDisrupt" });
    expect(changes(stage)).toEqual([]);
    expect(ending(await stage.deploy({ ...anew, "allow-disruption": "true" }))).toEqual(done);
  });

  test("of one that is Succeeded does nothing", async () => {
    const stage = bareScene();
    await stage.deploy(http);
    expect(ending(await stage.deploy(anew))).toEqual(untouched);
  });

  test("for want of the right to delete: one error, nothing changed", async () => {
    const stage = bareScene();
    addFailed(stage.world);
    forbid(stage.world, "Microsoft.KubernetesConfiguration/extensions/delete");
    const run = await stage.deploy(anew);
    expect(ending(run)).toMatchObject({ exit: 1, changed: "false", state: "Failed" });
    expect(run.host.said.errors).toHaveLength(1);
    expect(`${run.report.error?.message}`).toContain("Microsoft.KubernetesConfiguration/extensions/delete");
    expect(changes(stage).filter((line) => line.endsWith(" 202"))).toEqual([]);
  });

  test("of one that fails again is an error with the cause", async () => {
    const stage = bareScene();
    addFailed(stage.world);
    const config = `${http.config}\nnodeSelector.pool=nowhere`;
    const run = await stage.deploy({ ...anew, config, preflight: "off" });
    expect(ending(run)).toMatchObject({ exit: 1, changed: "true", state: "Failed", code: "ExtensionFailed" });
    expect(run.report.error?.message).toMatch(/nodeSelector|nowhere|labels/);
  });

  test("that was cut off after the delete is finished by the next run", async () => {
    const stage = bareScene();
    addFailed(stage.world);
    stage.world.knobs.extensionSeconds.delete = 300;
    stage.world.knobs.namespaceGoneSeconds = 400;
    const cut = await stage.deploy({ ...anew, timeout: "2m" });
    expect(ending(cut)).toMatchObject({ exit: 1, changed: "true", state: "Deleting", code: "Timeout" });
    const next = await stage.deploy(http);
    expect({ ...ending(next), errors: next.host.said.errors }).toEqual({ ...done, errors: [] });
    expect(kinds(next)).toEqual(["await-gone", "await-namespace-gone", "create-extension"]);
  });
});

describe("an extension that somebody else works on", () => {
  test.each([
    ["is being created", 0],
    ["is being updated", 1],
  ])("%s with these settings is waited for, nothing is written (L3)", async (_what, before) => {
    const stage = bareScene();
    const { world } = stage;
    world.knobs.extensionSeconds.write = before === 0 ? 900 : 0;
    if (before === 1) await stage.deploy(training);
    world.knobs.extensionSeconds.write = 900;
    await stage.deploy({ ...http, wait: "false" });
    const writes = changes(stage).length;
    const run = await stage.deploy(http);
    expect(ending(run)).toEqual(untouched);
    expect(kinds(run)).toEqual(["await-extension"]);
    expect(changes(stage)).toHaveLength(writes);
  });

  test("is being created with other settings is waited for, then changed", async () => {
    const stage = bareScene();
    await stage.deploy({ ...training, wait: "false" });
    const run = await stage.deploy(http);
    expect(ending(run)).toEqual(done);
    expect(kinds(run)).toEqual(["await-extension", "update-extension"]);
    expect(settingsOf(stage.world, extensionId(aksId(stage.world)))).toMatchObject({
      enableInference: "True",
    });
  });

  test("is being created and fails: the failure is explained, nothing is written", async () => {
    const stage = bareScene();
    const config = `${http.config}\nnodeSelector.pool=nowhere`;
    await stage.deploy({ ...http, config, preflight: "off", wait: "false" });
    const run = await stage.deploy({ ...http, config, preflight: "off" });
    expect(ending(run)).toEqual({ exit: 1, changed: "false", state: "Failed", code: "ExtensionFailed" });
    expect(changes(stage)).toHaveLength(1);
  });

  test("is being deleted is waited for, with its namespace, and made anew", async () => {
    const stage = bareScene();
    const { world } = stage;
    await stage.deploy(http);
    world.exchanges.length = 0;
    world.addExtension(aksId(world), { provisioningState: "Deleting" });
    const run = await deployBeside(stage, http, () => {
      setTimeout(() => {
        world.store.delete(extensionId(aksId(world)));
        world.namespaceGoneAt.set(aksId(world).toLowerCase(), world.clock.now() + 200_000);
      }, 90_000);
    });
    expect(ending(run)).toEqual(done);
    expect(kinds(run)).toEqual(["await-gone", "await-namespace-gone", "create-extension"]);
    expect(changes(stage)).toHaveLength(1);
    expect(run.report.milliseconds).toBeGreaterThan(290_000);
  });

  test("is gone, and its namespace is still being removed: that is waited for", async () => {
    const stage = bareScene();
    const { world } = stage;
    const run = await deployBeside(stage, training, () => {
      world.namespaceGoneAt.set(aksId(world).toLowerCase(), world.clock.now() + 300_000);
    });
    expect(ending(run)).toEqual(done);
    expect(kinds(run)).toEqual(["await-namespace-gone", "create-extension"]);
    expect(run.report.milliseconds).toBeGreaterThan(300_000);
  });

  test("namespace held by finalizers stops the run, since no waiting helps", async () => {
    const stage = bareScene();
    stage.world.breakCluster(aksId(stage.world), "namespace-terminating");
    stage.world.store.delete(extensionId(aksId(stage.world)));
    const run = await stage.deploy(training);
    expect(ending(run)).toMatchObject({ exit: 1, code: "PreflightFailed" });
    expect(run.report.error?.message).toContain("amljobs.amlarc.azureml.com");
    expect(changes(stage)).toEqual([]);
  });
});

describe("two runs at the same time", () => {
  test.each([0, 3])("with the same settings, %i s apart, make one extension", async (apart) => {
    const stage = bareScene();
    const creates = countCreates(stage.world);
    const runs = await deployTogether(stage, [http, http], apart);
    expect(runs.flatMap(({ host }) => host.said.errors)).toEqual([]);
    expect(creates()).toBe(1);
    expect(runs.map(({ host }) => host.said.outputs["changed"]).sort()).toEqual(["false", "true"]);
  });

  test("with other settings: one of them says that it did not get what it asked for", async () => {
    const stage = bareScene();
    const creates = countCreates(stage.world);
    const [first, second] = await deployTogether(stage, [http, training], 0);
    expect(creates()).toBe(1);
    expect(first && ending(first)).toEqual(done);
    expect(second && ending(second)).toMatchObject({
      exit: 1,
      changed: "false",
      code: expect.stringMatching(/^(NotApplied|WouldDisrupt)$/),
    });
    expect(second?.host.said.errors).toHaveLength(1);
  });

  test("that change it: the second waits for the first's write, then says what is left", async () => {
    const stage = bareScene();
    await stage.deploy(http);
    const one = { ...http, config: `${http.config}\ninstallPromOp=False` };
    const other = { ...http, config: `${http.config}\ninstallVolcano=False` };
    stage.world.knobs.extensionSeconds.write = 30;
    const runs = await deployTogether(stage, [one, other], 0);
    const settings = settingsOf(stage.world, extensionId(aksId(stage.world)));
    const ends = runs.map(ending);
    expect(ends[0]).toEqual(done);
    // Either it got its turn, or it says that it did not.
    expect(ends[1]?.exit === 0 ? settings?.["installVolcano"] : ends[1]?.code).toMatch(
      /^(False|AnotherOperationInProgress)$/,
    );
    expect(runs[1]?.host.said.errors.length).toBe(ends[1]?.exit);
  });
});

test("an operation that ends only in the resource is noticed (testbed 9: the monitor may vanish)", async () => {
  const stage = bareScene();
  stage.world.knobs.monitorVanishes = true;
  stage.world.knobs.resourceLagSeconds = 45;
  expect(ending(await stage.deploy(http))).toEqual(done);
});
