import { describe, expect, test } from "@jest/globals";
import { type FleetSeed, World } from "../../emulator/index.ts";
import { type Run, scene } from "../support/scene.ts";
import { leaks } from "../support/secret-scanner.ts";

const fleet = (seed: FleetSeed = {}) => scene(World.fleet({ subscriptions: 2, clusters: 6, ...seed }));
type Stage = ReturnType<typeof fleet>;

const computeIds = ({ world }: Stage) =>
  JSON.stringify(world.fleet.map(({ workspaceId, computeName }) => `${workspaceId}/computes/${computeName}`));
const attachments = ({ world }: Stage) =>
  JSON.stringify(
    world.fleet.map(({ workspaceId, computeName, clusterId }) => {
      const [, , subscription = "", , group = "", , , , workspace = ""] = workspaceId.split("/");
      return {
        "subscription-id": subscription,
        "resource-group": group,
        "workspace-name": workspace,
        "compute-name": computeName,
        "cluster-resource-id": clusterId,
      };
    }),
  );
const quick = { "wait-for": "0s", diagnostics: "false" };
const verdicts = ({ report }: Run) => report.targets?.map(({ gate, error }) => gate?.verdict ?? error?.code);
const sent = (stage: Stage) => stage.world.exchanges.filter(({ host }) => host === "arm").length;

describe("many targets in one run", () => {
  test("are judged one by one, with one sign-in, and told in one report", async () => {
    const stage = fleet();
    const run = await stage.verifyAll({ ...quick, targets: computeIds(stage) });
    expect(run.exit).toBe(0);
    expect(verdicts(run)).toEqual(Array(6).fill("pass"));
    expect(run.host.said.outputs).toMatchObject({ verdict: "pass", count: "6", failed: "0", untouched: "0" });
    expect(run.report.targets?.map(({ target }) => target.computeName)).toEqual(
      stage.world.fleet.map(({ computeName }) => computeName),
    );
    expect(run.report.rollout).toEqual({
      count: 6,
      failed: 0,
      waves: [{ targets: 6, failed: 0 }],
      untouched: [],
    });
    const tokens = stage.world.exchanges.filter(({ url }) => /oauth2/.test(url));
    expect(tokens).toHaveLength(1);
    expect(run.host.said.log.filter((line) => /^\[\d\/6\] ws1\/gpu\d{4}: pass/.test(line))).toHaveLength(6);
    expect(run.host.said.summaries[0]).toContain("6 targets done");
  });

  test("one that fails stops no other", async () => {
    const stage = fleet({ broken: 2, breakages: ["crash-loop"] });
    const run = await stage.verifyAll({ ...quick, targets: computeIds(stage), concurrency: "1" });
    expect(run.exit).toBe(1);
    expect(verdicts(run)?.filter((verdict) => verdict === "fail")).toHaveLength(2);
    expect(verdicts(run)?.filter((verdict) => verdict === "pass")).toHaveLength(4);
    expect(run.report.error).toMatchObject({ code: "TargetsFailed", message: "2 of 6 targets failed." });
    expect(run.report.error?.details).toHaveLength(2);
    expect(run.host.said.outputs).toMatchObject({ verdict: "fail", failed: "2" });
    expect(run.host.said.errors).toHaveLength(1);
  });

  test("`fail-on: never` fails for no finding; what can't be judged still fails", async () => {
    const stage = fleet({ broken: 2, breakages: ["crash-loop"] });
    const targets = JSON.parse(computeIds(stage)) as string[];
    const never = { ...quick, "fail-on": "never" };
    const found = await stage.verifyAll({ ...never, targets: JSON.stringify(targets) });
    expect([found.exit, found.host.said.outputs["verdict"]]).toEqual([0, "fail"]);
    const strange = await stage.verifyAll({
      ...never,
      targets: JSON.stringify([`${targets[0]}x`, targets[1]]),
    });
    expect(strange.exit).toBe(1);
    expect(verdicts(strange)?.[0]).toBe("ComputeNotFound");
  });

  test("none at all is no failure, and nobody is asked anything", async () => {
    const stage = fleet();
    const run = await stage.verifyAll({ targets: "[]" });
    expect(run.exit).toBe(0);
    expect(run.host.said.outputs).toMatchObject({ count: "0", failed: "0" });
    expect(sent(stage)).toBe(0);
  });

  test("are not begun where signing in fails, which is told once", async () => {
    const stage = fleet();
    const environment = { AZURE_CLIENT_SECRET: "wrong" };
    const run = await stage.verifyAll({ ...quick, targets: computeIds(stage) }, { environment });
    expect(run.report.error?.code).toBe("AADSTS7000215");
    expect(run.report.rollout?.untouched).toHaveLength(6);
    expect(stage.world.exchanges.filter(({ url }) => /oauth2/.test(url))).toHaveLength(1);
  });

  test("stay inside Azure's limits together", async () => {
    const stage = fleet({ subscriptions: 1, clusters: 30 });
    const { knobs } = stage.world;
    knobs.throttling = true;
    knobs.tokenBuckets.reads = { size: 30, refill: 5 };
    knobs.tokenBuckets.writes = { size: 10, refill: 2 };
    const run = await stage.verifyAll({ ...quick, targets: computeIds(stage) });
    expect(run.exit).toBe(0);
    const refused = stage.world.exchanges.filter(({ status }) => status === 429).length;
    expect(sent(stage) / (sent(stage) - refused)).toBeLessThanOrEqual(1.05);
  });

  test("tell no secret of any cluster", async () => {
    const stage = fleet({ broken: 3 });
    const { host } = await stage.verifyAll({ "wait-for": "0s", targets: computeIds(stage) });
    const { log, reports, summaries, files } = host.said;
    const everything = {
      log: log.join("\n"),
      reports: reports.join(),
      summaries: summaries.join(),
      ...files,
    };
    expect(leaks(everything, stage.world.secrets)).toEqual([]);
    // The keys of all clusters are not given to the runner, which would look for each in every line.
    expect(host.said.masks.length).toBeLessThan(5);
  });
});

describe("a rollout in waves", () => {
  const waves = { waves: "1, 50%, 100%" };

  test("stops after the wave in which one fails, tells what was not touched, and the next run goes on", async () => {
    const stage = fleet({ attached: false });
    const { world } = stage;
    const extension = `${world.fleet[2]?.clusterId}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`;
    const { type = "", body = {} } = world.store.get(extension) ?? {};
    world.store.delete(extension);
    const first = await stage.attachAll({ ...waves, targets: attachments(stage) });
    expect(first.exit).toBe(1);
    expect(first.report.rollout).toMatchObject({
      failed: 1,
      waves: [
        { targets: 1, failed: 0 },
        { targets: 2, failed: 1 },
      ],
      untouched: [{ computeName: "gpu0004" }, { computeName: "gpu0005" }, { computeName: "gpu0006" }],
    });
    expect(first.report.error?.message).toBe("1 of 6 targets failed; 3 were not touched.");
    expect(first.host.said.outputs).toMatchObject({ changed: "true", untouched: "3" });
    const written = (computeName: string) =>
      stage.written().filter((line) => line.includes(`/computes/${computeName} `));
    expect([written("gpu0001"), written("gpu0004")].map(({ length }) => length)).toEqual([1, 0]);

    world.store.put(extension, type, body);
    const second = await stage.attachAll({ ...waves, targets: attachments(stage) });
    expect(second.exit).toBe(0);
    expect(second.report.targets?.map(({ verdict }) => verdict)).toEqual([
      ...["unchanged", "unchanged", "done"],
      ...["done", "done", "done"],
    ]);
    expect(written("gpu0001")).toHaveLength(1);
  });

  test("a wave that ends before the last target leaves the others alone, and that is no failure", async () => {
    const stage = fleet({ attached: false });
    const run = await stage.attachAll({ waves: "2", targets: attachments(stage) });
    expect(run.exit).toBe(0);
    expect(run.host.said.outputs).toMatchObject({ failed: "0", untouched: "4" });
  });

  test("`max-failures` begins no further one, in whatever wave", async () => {
    const stage = fleet({ broken: 6, breakages: ["crash-loop"] });
    const run = await stage.verifyAll({
      ...quick,
      ...{ "max-failures": "2", concurrency: "1", targets: computeIds(stage) },
    });
    expect(run.report.rollout).toMatchObject({ failed: 2, count: 6 });
    expect(run.report.rollout?.untouched).toHaveLength(4);
  });

  test("a dry run plans all and writes nothing", async () => {
    const stage = fleet({ attached: false });
    const run = await stage.attachAll({ ...waves, "dry-run": "true", targets: attachments(stage) });
    expect(run.report.targets?.map(({ verdict }) => verdict)).toEqual(Array(6).fill("planned"));
    expect(stage.written()).toEqual([]);
  });
});

test("a run whose time is over tells what was begun and what was not", async () => {
  const stage = fleet({ attached: false });
  stage.world.knobs.computeSeconds.create = 3_600;
  const run = await stage.attachAll({ timeout: "10m", concurrency: "2", targets: attachments(stage) });
  expect(run.report.error).toMatchObject({ code: "Timeout", remedy: expect.stringMatching(/^Run the same/) });
  expect(run.report.targets).toHaveLength(2);
  expect(run.report.rollout?.untouched).toHaveLength(4);
  stage.world.knobs.computeSeconds.create = 10;
  stage.world.clock.advance(3_600_000);
  const again = await stage.attachAll({ targets: attachments(stage) });
  expect(again.exit).toBe(0);
  expect(stage.written().filter((line) => line.includes("/computes/gpu0001 "))).toHaveLength(1);
});

test("a run that is ended tells which computes it leaves detached, and how each is finished", async () => {
  const stage = fleet({ clusters: 2 });
  stage.world.knobs.computeSeconds.detach = 3600;
  const replace = { namespace: "team-b", "on-difference": "replace", timeout: "5m" };
  const { report } = await stage.attachAll({ ...replace, targets: attachments(stage) });
  expect(report.error?.code).toBe("Timeout");
  for (const { computeName } of stage.world.fleet) {
    expect(report.error?.message).toContain(`The compute "${computeName}" may be detached by now.`);
    expect(report.error?.remedy).toContain(`--compute-name ${computeName}`);
  }
});
