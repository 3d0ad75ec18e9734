import { describe, expect, test } from "@jest/globals";
import type { JsonObject, World } from "../../emulator/index.ts";
import {
  aks,
  broken,
  clusterOf,
  compute,
  extension,
  extensionOf,
  propertiesOf,
} from "../support/catalogue-worlds.ts";
import { computeId } from "../support/world-facts.ts";
import { asked, verifyIn } from "./verify-scenes.ts";

const minute = 60_000;
const creating = extension({ provisioningState: "Creating" });

/** Inputs of a step. */
const inputs = (given: Record<string, string>) => () => ({ inputs: given });
/** Changes the world when so much of virtual time has gone by. */
const later = (milliseconds: number, change: (world: World) => void) => (_host: unknown, world: World) =>
  void setTimeout(() => change(world), milliseconds);
const settle = (world: World) =>
  Object.assign(propertiesOf(world, extensionOf(world, "aks")), { provisioningState: "Succeeded" });
const finishCompute = (world: World) =>
  Object.assign(propertiesOf(world, computeId(world)), { provisioningState: "Succeeded" });
const shortLived = { tokenLifetimeSeconds: 100 };
/** How often the extension was looked at. */
const looks = (world: World) => asked(world, /\/extensions$/).length;

describe("what may pass by itself is waited for (K1)", () => {
  test("an extension that is being created, and then is", async () => {
    const run = await verifyIn([...aks, creating], inputs({ "wait-for": "10m" }), later(minute, settle));
    expect(run.report.gate?.verdict).toBe("pass");
    expect(run.exit).toBe(0);
    expect(run.report.milliseconds).toBeGreaterThanOrEqual(minute);
    expect(run.report.milliseconds).toBeLessThan(2 * minute);
    expect(looks(run.world)).toBeGreaterThan(3);
    expect(run.host.said.log.filter((line) => line.includes("is Creating. Looking again."))).toHaveLength(
      looks(run.world) - 1,
    );
    expect(run.host.said.errors).toEqual([]);
  });

  test("pods of a young cluster that come up late", async () => {
    const mend = (world: World) => world.breakages.clear();
    const run = await verifyIn(
      [...aks, broken("image-pull")],
      inputs({ "wait-for": "5m" }),
      later(minute, mend),
    );
    expect({ exit: run.exit, verdict: run.report.gate?.verdict }).toEqual({ exit: 0, verdict: "pass" });
    expect(looks(run.world)).toBeGreaterThan(1);
  });

  test("a compute that is being attached", async () => {
    const run = await verifyIn(
      [...aks, compute({ provisioningState: "Creating" })],
      inputs({ "wait-for": "5m" }),
      later(minute, finishCompute),
    );
    expect(run.report.gate?.verdict).toBe("pass");
  });

  test("a namespace that is being removed: its content takes some minutes to go", async () => {
    const run = await verifyIn([...aks, extension({ provisioningState: "Deleting" }), goingNamespace]);
    const found = run.report.findings.filter(({ id }) => id === "namespace-active");
    expect(found).toMatchObject([{ severity: "error", pending: true }]);
    expect(found[0]?.remedy).toMatch(/^Wait/);
  });

  test("for longer than a token lives", async () => {
    const run = await verifyIn(
      [
        ...aks,
        compute({ provisioningState: "Creating" }),
        (world) => void Object.assign(world.knobs, shortLived),
      ],
      inputs({ "wait-for": "10m" }),
      later(4 * minute, finishCompute),
    );
    expect({ exit: run.exit, verdict: run.report.gate?.verdict }).toEqual({ exit: 0, verdict: "pass" });
    expect(asked(run.world, /\/token$/).length).toBeGreaterThan(3);
    expect(run.world.violations).toEqual([]);
  });
});

describe("the end of waiting (K1)", () => {
  test("the time runs out: the step fails with what it waited for", async () => {
    const run = await verifyIn([...aks, creating], inputs({ "wait-for": "90s" }));
    expect(run.report.error).toMatchObject({
      code: "VerificationFailed",
      message: expect.stringContaining('The extension "azureml" is Creating.'),
      remedy: expect.stringContaining("wait-for"),
    });
    expect(run.report.milliseconds).toBeGreaterThanOrEqual(1.5 * minute);
    expect(run.report.milliseconds).toBeLessThan(2 * minute);
    expect(run.host.said.outputs).toMatchObject({ verdict: "fail", state: "Creating" });
    expect(run.host.said.outputs["diagnostics"]).toBeDefined();
  });

  test("five minutes where nothing else is asked for", async () => {
    const run = await verifyIn([...aks, creating], inputs({ "wait-for": "" }));
    expect(run.report.milliseconds).toBeGreaterThanOrEqual(5 * minute);
    expect(run.report.milliseconds).toBeLessThan(6 * minute);
  });

  test("a time limit that is shorter than `wait-for`: there is a verdict nonetheless", async () => {
    const run = await verifyIn([...aks, creating], inputs({ "wait-for": "1h", timeout: "4m" }));
    expect(run.report.error).toMatchObject({
      code: "VerificationFailed",
      message: expect.stringContaining('The extension "azureml" is Creating.'),
    });
    expect(run.report.milliseconds).toBeLessThan(4 * minute);
    expect(run.host.said.outputs["diagnostics"]).toBeDefined();
  });

  test.each(["30s", "2m"])("a time limit of %s leaves time for a look and a verdict", async (timeout) => {
    const run = await verifyIn([...aks, creating], inputs({ "wait-for": "5m", timeout }));
    expect(run.report.error?.code).toBe("VerificationFailed");
  });

  test("`0s` looks once", async () => {
    const run = await verifyIn([...aks, creating]);
    expect(run.report.gate?.verdict).toBe("fail");
    expect(looks(run.world)).toBe(1);
    expect(run.report.milliseconds).toBeLessThan(minute);
  });

  test("an error that does not pass ends it at once, whatever else is pending", async () => {
    const run = await verifyIn([...aks, creating, compute({}, "arc")], inputs({ "wait-for": "30m" }));
    expect(run.report.error?.message).toContain("Creating");
    expect(run.report.error?.details.join()).toContain("of another cluster");
    expect(looks(run.world)).toBe(1);
  });

  test("pods that fell for longer than a quarter of an hour are not waited for", async () => {
    const run = await verifyIn([...aks, anHourOld, broken("crash-loop")], inputs({ "wait-for": "30m" }));
    expect(run.report.findings[0]).toMatchObject({ id: "pods-running", severity: "error" });
    expect(run.report.findings[0]?.pending).toBeUndefined();
    expect(looks(run.world)).toBe(1);
  });

  test("`fail-on: never` waits as well, and then passes on what it saw", async () => {
    const run = await verifyIn([...aks, creating], inputs({ "wait-for": "30s", "fail-on": "never" }));
    expect({ exit: run.exit, verdict: run.report.gate?.verdict }).toEqual({ exit: 0, verdict: "fail" });
    expect(run.report.milliseconds).toBeGreaterThanOrEqual(30_000);
  });

  test("a cancellation ends it within five seconds, with the last verdict", async () => {
    const run = await verifyIn(
      [...aks, creating],
      inputs({ "wait-for": "30m" }),
      (host) => void setTimeout(() => host.cancel(), 20_000),
    );
    expect(run.report).toMatchObject({
      verdict: "cancelled",
      error: { code: "Cancelled" },
      gate: { verdict: "fail" },
    });
    expect(run.exit).toBe(1);
    expect(run.report.milliseconds).toBeLessThan(25_000);
    expect(run.host.said.outputs).toMatchObject({ verdict: "fail", "error-code": "Cancelled" });
  });

  test("a cancellation while the cluster does not answer ends it as fast", async () => {
    const hang = { match: { url: /hcp\.eastus/ }, kind: "hang", count: 999 } as const;
    const run = await verifyIn(
      [...aks, (world) => void world.faults.push(hang)],
      undefined,
      (host) => void setTimeout(() => host.cancel(), 3_000),
    );
    expect(run.report.error?.code).toBe("Cancelled");
    expect(run.report.milliseconds).toBeLessThan(8_000);
  });
});

/** The extension, and with it all that it made, is older than anything that could still come up. */
function anHourOld(world: World): undefined {
  const resource = world.resource(extensionOf(world, "aks"));
  const createdAt = new Date(Date.now() - 60 * minute).toISOString();
  Object.assign(resource?.body["systemData"] as JsonObject, { createdAt });
}

/** As every namespace looks for some minutes when it goes (API: namespace conditions). */
async function goingNamespace(world: World): Promise<undefined> {
  await world.clusters.prepare();
  const kubernetes = world.kubernetes(clusterOf(world, "aks"));
  const message = "Some resources are remaining: pods. has 2 resource instances";
  const conditions = [{ type: "NamespaceContentRemaining", status: "True", message }];
  kubernetes.put({
    ...kubernetes.get("Namespace", "", "azureml"),
    kind: "Namespace",
    status: { phase: "Terminating", conditions },
  });
}
