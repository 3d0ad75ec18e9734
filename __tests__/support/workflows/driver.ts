import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { allFilledIn, type Before, type Contexts, filledIn, holds } from "./expressions.ts";
import { type JobRun, type Start, StepRunner } from "./job.ts";
import { type Job, needsOf, ownUse, readWorkflow, type Workflow } from "./parts.ts";

/** How a workflow went. */
export interface WorkflowRun {
  readonly result: "success" | "failure";
  readonly jobs: readonly JobRun[];
  /** Of a workflow that was called. */
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * Runs a workflow file of this repository, each step of it as the runner would. It knows what the workflows here use:
 * needs, if, matrix, outputs, calls of workflows, GitHub's own actions for files. A matrix runs one after the other.
 */
export async function runWorkflow(file: string, start: Start): Promise<WorkflowRun> {
  const workflow = readWorkflow(file);
  const base = contextsOf(workflow, start);
  const done = new Map<string, { readonly runs: readonly JobRun[]; readonly result: JobRun["result"] }>();
  for (const [id, job] of inOrder(workflow)) {
    const needs = needsOf(job).map((name) => [name, summed(done.get(name)?.runs ?? [])] as const);
    const contexts = { ...base, needs: Object.fromEntries(needs) };
    const runs = await runJob(id, job, contexts, beforeOf(needs.map(([, { result }]) => result)), start);
    done.set(id, { runs, result: summed(runs).result });
  }
  const jobs = [...done.values()].flatMap(({ runs }) => runs);
  const results = Object.fromEntries([...done].map(([id, { runs }]) => [id, summed(runs)]));
  const declared = workflow.on?.workflow_call?.outputs ?? {};
  const values = Object.fromEntries(Object.entries(declared).map(([name, { value }]) => [name, value]));
  return {
    result: jobs.some(({ result }) => result === "failure") ? "failure" : "success",
    jobs,
    outputs: allFilledIn(values, { ...base, jobs: results }),
  };
}

function contextsOf(workflow: Workflow, { world, inputs = {}, vars = {}, runId = "1" }: Start): Contexts {
  const declared = Object.entries(workflow.on?.workflow_call?.inputs ?? {});
  const missing = declared.filter(([name, { required }]) => required && inputs[name] === undefined);
  if (missing.length > 0) throw new Error(`inputs are missing: ${missing.map(([name]) => name).join(", ")}`);
  const github = {
    repository: world.github.repository,
    token: world.github.token,
    run_id: runId,
    run_attempt: "1",
    server_url: "https://github.com",
    event_name: "workflow_dispatch",
    sha: "5".repeat(40),
    ref: "refs/heads/main",
  };
  const defaults = Object.fromEntries(declared.map(([name, { default: value }]) => [name, value ?? ""]));
  return { github, inputs: { ...defaults, ...inputs }, vars, secrets: {}, env: workflow.env ?? {} };
}

/** Those that wait for others after them. */
function inOrder({ jobs }: Workflow): [string, Job][] {
  const waiting = new Map(Object.entries(jobs));
  const ordered: [string, Job][] = [];
  while (waiting.size > 0) {
    const ready = [...waiting].filter(([, job]) => needsOf(job).every((name) => !waiting.has(name)));
    if (ready.length === 0) throw new Error(`jobs wait for each other: ${[...waiting.keys()].join(", ")}`);
    for (const [id, job] of ready) {
      ordered.push([id, job]);
      waiting.delete(id);
    }
  }
  return ordered;
}

/** A job that was skipped keeps those after it from running, as one that failed does. */
function beforeOf(results: readonly JobRun["result"][]): Before {
  return results.every((result) => result === "success") ? "success" : "failure";
}

function summed(runs: readonly JobRun[]): { result: JobRun["result"]; outputs: JobRun["outputs"] } {
  const results = runs.map(({ result }) => result);
  const result = results.includes("failure")
    ? "failure"
    : results.includes("success")
      ? "success"
      : "skipped";
  return { result, outputs: Object.assign({}, ...runs.map(({ outputs }) => outputs)) };
}

async function runJob(
  id: string,
  job: Job,
  contexts: Contexts,
  before: Before,
  start: Start,
): Promise<readonly JobRun[]> {
  const skipped: JobRun = { id, result: "skipped", outputs: {}, steps: [] };
  if (!holds(job.if, contexts, before)) return [skipped];
  if (job.uses) return [await callWorkflow(id, job, contexts, start)];
  const runs: JobRun[] = [];
  for (const [index, matrix] of combinations(job, contexts).entries()) {
    const name = job.strategy ? `${id} (${index + 1})` : id;
    runs.push(await runSteps(name, job, { ...contexts, matrix }, start));
  }
  return runs;
}

async function callWorkflow(id: string, job: Job, contexts: Contexts, start: Start): Promise<JobRun> {
  const given = Object.entries(job.with ?? {}).map(([name, value]) => [name, filledIn(value, contexts)]);
  const { result, outputs, jobs } = await runWorkflow(ownUse(job.uses) ?? "", {
    ...start,
    inputs: Object.fromEntries(given),
  });
  return { id, result, outputs, steps: jobs.flatMap(({ steps }) => steps) };
}

/** `include` alone, or every combination of lists. GitHub refuses more than 256, and none at all. */
function combinations({ strategy }: Job, contexts: Contexts): readonly Readonly<Record<string, unknown>>[] {
  if (!strategy?.matrix) return [{}];
  const filled = (value: unknown) => filledIn(value, contexts);
  const whole = filled(strategy.matrix) as Readonly<Record<string, unknown>>;
  const { include, ...lists } = Object.fromEntries(
    Object.entries(whole).map(([name, value]) => [name, filled(value)]),
  ) as Record<string, Record<string, unknown>[]>;
  let all: Record<string, unknown>[] = Object.keys(lists).length > 0 ? [{}] : [];
  for (const [name, values] of Object.entries(lists)) {
    all = all.flatMap((one) => (values ?? []).map((value) => ({ ...one, [name]: value })));
  }
  const found = [...all, ...(include ?? [])];
  if (found.length === 0) throw new Error("Matrix vector does not contain any values");
  if (found.length > 256) throw new Error("Matrix has more than 256 jobs");
  return found;
}

async function runSteps(id: string, job: Job, contexts: Contexts, start: Start): Promise<JobRun> {
  const folder = mkdtempSync(path.join(tmpdir(), "job-"));
  try {
    const runner = new StepRunner(folder, job, contexts, start);
    for (const step of job.steps ?? []) await runner.run(step);
    await runner.end();
    return { id, result: runner.before, outputs: runner.outputs(), steps: runner.runs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
