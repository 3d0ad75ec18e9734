import { expect, test } from "@jest/globals";
import type { Exchange, Fault } from "../../emulator/index.ts";
import { asked, verifyIn } from "../actions/verify-scenes.ts";
import type { Verification } from "../support/catalogue.ts";
import { type Arrange, aks, broken, compute } from "../support/catalogue-worlds.ts";

type Broken = Omit<Fault, "match" | "count">;

/** Everything that a wire and a server do to a read. */
const kinds: readonly Broken[] = [
  { kind: "status", status: 500 },
  { kind: "status", status: 429 },
  { kind: "status", status: 503 },
  { kind: "reset" },
  { kind: "reset", phase: "after" },
  { kind: "truncated", phase: "after" },
  { kind: "hang" },
  { kind: "html", status: 502 },
];
/** What no further attempt mends. */
const lasting: readonly Broken[] = [
  ...kinds,
  { kind: "status", status: 410, code: "Expired" },
  { kind: "status", status: 404, code: "NotFound" },
  { kind: "status", status: 400, code: "BadRequest" },
  { kind: "not-json" },
  { kind: "truncated", phase: "after", clean: true },
  { kind: "expired-token" },
];

/** A container falls, so that there is something to find, logs to fetch and a verdict to lose. */
const ill: readonly Arrange[] = [...aks, compute(), broken("crash-loop")];
const reads = readsOf((await verifyIn(ill)).world.exchanges);

/** The paths that a run reads, in Azure and in the cluster. */
function readsOf(exchanges: readonly Exchange[]): string[] {
  const read = exchanges.filter(({ host }) => host === "arm" || host === "kubernetes");
  return [...new Set(read.map(({ url }) => new URL(url).pathname))];
}

/** The path alone, whatever is asked of it. */
function pattern(path: string): RegExp {
  return new RegExp(`${path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?:\\?|$)`, "i");
}

const faulty =
  (paths: readonly string[], fault: Broken, count: number): Arrange =>
  (world) =>
    void world.faults.push(...paths.map((path) => ({ ...fault, match: { url: pattern(path) }, count })));

/** What holds of every run, whatever happened. */
function expectDecency({ world, report, host }: Verification): void {
  expect(report.error?.code).not.toBe("Unexpected");
  const methods = world.exchanges.filter(({ host }) => host !== "entra").map(({ method }) => method);
  expect(methods.filter((method) => !["GET", "POST"].includes(method))).toEqual([]);
  const posts = world.exchanges.filter(({ host, method }) => method === "POST" && host !== "entra");
  for (const { url } of posts) expect(url).toMatch(/listClusterUserCredential|selfsubjectrulesreviews/);
  expect(world.violations).toEqual([]);
  expect(host.said.summaries).toHaveLength(1);
}

test.each(kinds.map((fault) => [named(fault), fault] as const))(
  "every read of a healthy cluster fails once (%s): the verdict is as it should be",
  async (_name, fault) => {
    const run = await verifyIn([...aks, compute(), faulty(reads, fault, 1)]);
    expectDecency(run);
    expect(run.report.findings).toEqual([]);
    expect({ exit: run.exit, verdict: run.report.gate?.verdict }).toEqual({ exit: 0, verdict: "pass" });
  },
);

test.each(reads.map((path, index) => [shortened(path), path, index] as const))(
  "%s never answers: what is wrong elsewhere is found, and what was not read is told",
  async (_name, path, index) => {
    const fault = lasting[index % lasting.length] ?? { kind: "reset" };
    const run = await verifyIn([...ill, faulty([path], fault, 99)]);
    expectDecency(run);
    expect({ fault, told: toldOf(run, path) }).toEqual({ fault, told: true });
  },
);

/** The illness is found, or it is told that what would show it was not read. */
function toldOf({ exit, report, world }: Verification, path: string): boolean {
  const { gate, error, findings } = report;
  const found = findings[0]?.id === "pods-running" && gate?.verdict === "fail" && exit === 1;
  const stoppedByAzure =
    gate === undefined && exit === 1 && error !== undefined && error.code !== "VerificationFailed";
  const unread = findings.some(({ unread, severity }) => unread && severity !== "info");
  // A fault may look like an answer: what is not there is no fault.
  const isAnswer = world.faults.some(({ status }) => status === 404);
  const hides = /pods$|selfsubjectrulesreviews|listClusterUserCredential/.test(path);
  return found || stoppedByAzure || (hides && (unread || isAnswer)) || (isAnswer && exit === 1);
}

test("the whole API of the cluster fails: Azure's word is judged, and each part is told", async () => {
  const fault = { match: { url: /hcp\.eastus/ }, kind: "status", status: 500, count: 999 } as const;
  const run = await verifyIn([...ill, (world) => void world.faults.push(fault)]);
  expectDecency(run);
  expect(run.report.gate?.verdict).toBe("warn");
  for (const { id, remedy } of run.report.findings) {
    expect(id).toBe("cluster-reads");
    expect(remedy).not.toMatch(/Role/);
  }
});

test("a list whose token grew old is begun anew (410 Expired): no pod is lost", async () => {
  for (const expireContinue of ["once", "always"] as const) {
    const crowded: Arrange = (world) => {
      const [cluster] = world.clusters.all();
      if (!cluster) throw new Error("the world has no cluster");
      Object.assign(world.kubernetes(cluster.id).knobs, { podCount: 1_200, podsFail: true, expireContinue });
      return undefined;
    };
    const run = await verifyIn([...aks, crowded]);
    expectDecency(run);
    if (expireContinue === "once") {
      expect(run.report.gate?.verdict).toBe("fail");
      expect(run.report.findings.find(({ seen }) => /more groups? of/.test(seen))?.seen).toContain(
        "1180 pods",
      );
    } else expect(run.report.findings[0]?.id).toMatch(/cluster-reads|pods-running/);
    expect(asked(run.world, /namespaces\/azureml\/pods$/).length).toBeLessThan(20);
  }
});

function named({ kind, status, phase, clean }: Broken): string {
  return [kind, status, phase, clean && "clean"].filter(Boolean).join(" ");
}

function shortened(path: string): string {
  return path.replace(/^.*\/providers\//, "…/");
}
