import { describe, expect, test } from "@jest/globals";
import type { Dialect, Knobs } from "../../emulator/index.ts";
import { nested, shown } from "../support/nested-error.ts";
import { aksId, scene, workspaceId } from "../support/scene.ts";
import { computePart, computeState, countCreates } from "../support/world-facts.ts";

/** Attaches and detaches in a world with these knobs, and holds both to what they say. */
async function bothWays(knobs: Partial<Knobs>) {
  const stage = scene();
  Object.assign(stage.world.knobs, knobs);
  const creates = countCreates(stage.world);
  const attached = await stage.attach();
  expect({ exit: attached.exit, errors: attached.host.said.errors }).toEqual({ exit: 0, errors: [] });
  expect(attached.host.said.outputs).toMatchObject({ changed: "true", state: "Succeeded" });
  expect([computeState(stage.world), creates()]).toEqual(["Succeeded", 1]);
  const detached = await stage.detach();
  expect({ exit: detached.exit, errors: detached.host.said.errors }).toEqual({ exit: 0, errors: [] });
  expect(detached.host.said.outputs).toMatchObject({ changed: "true", state: "Absent" });
  expect(computeState(stage.world)).toBe("Absent");
  expect(stage.world.violations).toEqual([]);
  return stage;
}

const polls = ({ requests }: ReturnType<typeof scene>) =>
  requests().filter((line) => /operation(s|results|statuses)/i.test(line));

describe("attach and detach follow their operation to its end", () => {
  test.each(["azure-asyncoperation", "location", "both", "none", "foreign-location"] as const)(
    "announced by the headers %s (arm-contract 8, testbed 7)",
    async (asyncHeaders) => {
      const stage = await bothWays({ asyncHeaders });
      expect(stage.world.exchanges.filter(({ host }) => host === "foreign")).toEqual([]);
      if (asyncHeaders === "none") expect(polls(stage)).toEqual([]);
      else expect(polls(stage).length).toBeGreaterThan(1);
    },
  );

  const dialects: Dialect[] = ["machineLearning", "containerService", "connectedCluster", "extension"];
  const everyDialect = dialects.flatMap((dialect) =>
    (["azure-asyncoperation", "location"] as const)
      // The status URL of an extension has no second form.
      .filter((headers) => headers === "azure-asyncoperation" || /^(machineL|containerS)/.test(dialect))
      .map((headers) => [dialect, headers] as const),
  );
  test.each(everyDialect)("in the dialect %s, by %s (testbed 7)", async (computeDialect, asyncHeaders) => {
    const stage = await bothWays({ computeDialect, asyncHeaders });
    expect(polls(stage).every((line) => / (200|202|204)$/.test(line))).toBe(true);
  });

  test.each<[string, Partial<Knobs>]>([
    ["an error while it is in progress (testbed 7)", { errorWhileInProgress: nested }],
    ["an error though it succeeded (testbed 7)", { errorWhenSucceeded: nested }],
    ["a resource that shows the end later than the monitor (testbed 9)", { resourceLagSeconds: 45 }],
    ["a resource that shows the end earlier than the monitor (testbed 9)", { resourceLeadSeconds: 8 }],
    ["a monitor that vanishes at the end (testbed 9)", { monitorVanishes: true }],
    [
      "a monitor that vanishes, and a resource that lags (testbed 9)",
      { monitorVanishes: true, resourceLagSeconds: 20 },
    ],
    ["a new compute that can't be seen for a while (testbed 9)", { replicationLagSeconds: 60 }],
    ["status URLs that are not signed (testbed 7)", { signedStatusUrls: false }],
    ["operations that take a quarter of an hour", { computeSeconds: { create: 900, detach: 900 } }],
    ["operations that end at once", { computeSeconds: { create: 0, detach: 0 } }],
    [
      "tokens that live two minutes",
      { tokenLifetimeSeconds: 120, computeSeconds: { create: 600, detach: 600 } },
    ],
    [
      "Resource Manager's own throttling (arm-contract 8)",
      { throttling: true, computeSeconds: { create: 900, detach: 5 } },
    ],
    ["a detach that is answered by 200 (arm-contract 1.2)", { detachAnswer: 200 }],
    [
      "a detach that is answered by 200 without headers (arm-contract 1.2)",
      { detachAnswer: 200, asyncHeaders: "none" },
    ],
    ["a detach that is answered by 204 (arm-contract 1.2)", { detachAnswer: 204 }],
  ])("with %s", async (_what, knobs) => {
    await bothWays(knobs);
  });

  test("sends each status URL as it came: the path and the parameters t, c, s, h (arm-contract 1.7)", async () => {
    const { world } = await bothWays({});
    const announced = world.exchanges.flatMap(
      ({ responseHeaders }) => responseHeaders["azure-asyncoperation"] ?? [],
    );
    const asked = world.exchanges
      .filter(({ url }) => url.includes("computeOperationsStatus"))
      .map(({ url }) => url);
    expect(new Set(asked)).toEqual(new Set(announced));
  });
});

test("an operation that only a foreign host could tell of is followed by reading the compute (testbed 7)", async () => {
  const { world, emulator, attach } = scene();
  const location = `${emulator.foreignOrigin}/operations/1`;
  const answer = { kind: "status", status: 201, headers: { location } } as const;
  world.faults.push({ match: { method: "PUT" }, phase: "after", ...answer });
  const { exit, host } = await attach();
  expect({ exit, state: host.said.outputs["state"] }).toEqual({ exit: 0, state: "Succeeded" });
  expect(world.exchanges.filter((exchange) => exchange.host === "foreign")).toEqual([]);
  expect(world.violations).toEqual([]);
});

describe("the time between two polls (arm-contract 8, design 5)", () => {
  /** Seconds between the polls of an attach, by the clock of the world. */
  async function gaps(knobs: Partial<Knobs>): Promise<number[]> {
    const stage = scene();
    Object.assign(stage.world.knobs, knobs);
    expect((await stage.attach()).exit).toBe(0);
    const monitors = stage.world.exchanges.filter(
      ({ url, method }) =>
        method === "PUT" || url.includes("/operation") || url.includes("computeOperationsStatus"),
    );
    const times = monitors.map(({ responseHeaders }) => Date.parse(responseHeaders["date"] ?? "") / 1000);
    return times.slice(1).map((time, index) => time - (times[index] ?? 0));
  }

  test("is what Retry-After says", async () => {
    const seconds = await gaps({ retryAfterSeconds: 7, computeSeconds: { create: 60, detach: 5 } });
    expect(seconds.length).toBeGreaterThan(5);
    expect(new Set(seconds)).toEqual(new Set([7]));
  });

  test("is a second at first and never more than ten where nothing is said", async () => {
    const seconds = await gaps({ computeSeconds: { create: 1800 - 60, detach: 5 } });
    expect(seconds[0]).toBe(1);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(11);
    expect(seconds.length).toBeLessThan(260);
  });
});

describe("an attach that fails in Azure", () => {
  test.each(["Failed", "Canceled"] as const)(
    "(%s) is reported with every error, nested ones too, and a remedy (L4, peers 1.4)",
    async (status) => {
      const { world, attach } = scene();
      world.knobs.createOutcome = { status, error: nested };
      const { exit, host, report } = await attach();
      expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "ComputeFailed" });
      expect(report.error?.details).toEqual(shown);
      expect(host.said.errors).toHaveLength(1);
      for (const line of shown) expect(host.said.errors[0]?.message).toContain(line.trim());
      for (const line of shown) expect(host.said.summaries[0]).toContain(line);
      expect(report.error?.remedy).toMatch(/detach/);
      expect(host.said.outputs).toMatchObject({ changed: "true", state: status });
      expect(report.steps).toMatchObject([{ kind: "create-compute", result: "failed" }]);
    },
  );

  test.each(["location", "none", "both"] as const)(
    "is reported in full also where the headers are %s (arm-contract 8)",
    async (asyncHeaders) => {
      const { world, attach } = scene();
      Object.assign(world.knobs, { asyncHeaders, createOutcome: { status: "Failed", error: nested } });
      const { report } = await attach();
      expect(report.error).toMatchObject({ code: "ComputeFailed", details: shown });
    },
  );

  test("is reported once where the monitor and the compute tell the same reasons (peers 1.4)", async () => {
    const { world, attach } = scene();
    world.store.delete(`${aksId(world)}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`);
    const { report } = await attach({ preflight: "off" });
    const details = report.error?.details ?? [];
    expect(details.join("\n")).toContain("ExtensionNotInstalled");
    expect(new Set(details).size).toBe(details.length);
    expect(report.error?.remedy).toContain("extension");
  });

  test("is found Failed by the next run, which writes nothing (L3)", async () => {
    const { world, attach, written } = scene();
    world.knobs.createOutcome = { status: "Failed", error: nested };
    await attach();
    const { exit, report } = await attach();
    expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "ComputeFailed" });
    expect(written()).toHaveLength(1);
  });

  test("because the compute vanished is told as such (testbed 9)", async () => {
    const { world, attach } = scene();
    world.knobs.replicationLagSeconds = 3600;
    const { exit, host, report } = await attach();
    expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "ComputeVanished" });
    expect(host.said.outputs["changed"]).toBe("true");
  });
});

describe("an answer that is lost after Azure acted on it", () => {
  test("where the new compute shows some seconds late makes no second create (testbed 9)", async () => {
    const { world, attach } = scene();
    world.knobs.replicationLagSeconds = 5;
    world.faults.push({ match: { method: "PUT" }, kind: "reset", phase: "after" });
    const creates = countCreates(world);
    const { exit } = await attach();
    expect({ exit, creates: creates(), state: computeState(world) }).toEqual({
      exit: 0,
      creates: 1,
      state: "Succeeded",
    });
  });

  test.each([
    ["while Azure is still at work", 60],
    ["after Azure has ended", 3],
  ])(
    "where the new compute shows half a minute late, %s, ends in success and one compute (testbed 9)",
    async (_when, create) => {
      const { world, attach } = scene();
      Object.assign(world.knobs, { replicationLagSeconds: 30, computeSeconds: { create, detach: 5 } });
      world.faults.push({ match: { method: "PUT" }, kind: "reset", phase: "after" });
      const creates = countCreates(world);
      const { exit, report } = await attach();
      expect({ exit, code: report.error?.code, creates: creates() }).toEqual({
        exit: 0,
        code: undefined,
        creates: 1,
      });
      expect(computePart(world, "properties", "resourceId")).toBe(aksId(world));
    },
  );

  test("by a detach of a compute that is soon gone ends in success (D2)", async () => {
    const { world, detach, written } = scene();
    world.addCompute(workspaceId(world), { name: "gpu", properties: { resourceId: aksId(world) } });
    world.knobs.detachAnswer = 204;
    world.faults.push({ match: { method: "DELETE" }, kind: "truncated", phase: "after" });
    const { exit, host } = await detach();
    expect({ exit, state: host.said.outputs["state"], changed: host.said.outputs["changed"] }).toEqual({
      exit: 0,
      state: "Absent",
      changed: "true",
    });
    expect(written()).toHaveLength(1);
  });
});
