import type { Arm } from "../azure/arm.ts";
import { Computes } from "../azure/computes.ts";
import { type Connection, connect, newCorrelationId } from "../azure/connect.ts";
import type { Host } from "../host/host.ts";
import { formatDuration } from "../model/duration.ts";
import type { CommonFacts } from "../model/facts.ts";
import { asFailure, Failure } from "../model/failure.ts";
import type { Finding } from "../model/finding.ts";
import { type Plan, writes } from "../model/plan.ts";
import type { Report, Target } from "../model/report.ts";
import type { CommonRequest } from "../model/request.ts";
import { formatResourceId } from "../model/resource-id.ts";
import { product } from "../model/version.ts";
import { judge } from "../rules/rule.ts";
import type { Action } from "./action.ts";
import { ComputeSteps, type Watcher } from "./compute-steps.ts";
import { Draft } from "./draft.ts";
import { progress } from "./progress.ts";

/** State of the step: the action whose plan is being applied. What finds it set was cut off. */
export const underWay = "under-way";

/**
 * Runs an action: observe, check the rules, plan, show, apply, verify. Never throws; the report tells how it
 * ended. `client` stands in for the network in tests.
 */
export async function reconcile<Request extends CommonRequest, Facts extends CommonFacts<Request>>(
  action: Action<Request, Facts>,
  host: Host,
  client?: Connection["client"],
): Promise<Report> {
  const draft = new Draft(action.name, newCorrelationId());
  try {
    host.info(`${product.name} ${product.version}, correlation id ${draft.correlationId}`);
    const request = await action.request(host);
    draft.target = targetOf(request);
    await within(request.timeout, host.cancellation, async (signal, deadline) => {
      const arm = await connect({
        ...request,
        environment: host.environment,
        idToken: (audience) => host.idToken(audience),
        mask: (secret) => host.mask(secret),
        userAgent: `${product.name}/${product.version} (${action.name}; ${host.name})`,
        correlationId: draft.correlationId,
        deadline,
        signal,
        log: (line) => host.info(line),
        debug: (line) => host.debug(line),
        client,
      });
      await converge(action, request, arm, host, draft);
    });
  } catch (error) {
    draft.fail(left(asFailure(error), draft));
  }
  const report = draft.report();
  if (report.steps.length > 0 && !interrupted(report.error?.code)) host.saveState(underWay, "");
  return report;
}

async function converge<Request extends CommonRequest, Facts extends CommonFacts<Request>>(
  action: Action<Request, Facts>,
  request: Request,
  arm: Arm,
  host: Host,
  draft: Draft,
): Promise<void> {
  const facts = await action.observe(request, arm);
  draft.see(facts.compute);
  host.group("Observed", action.describe(facts));
  draft.findings = request.preflight === "off" ? [] : judge(action.rules, facts);
  showFindings(host, draft.findings);
  draft.plan = action.plan(facts);
  showPlan(host, draft.plan);
  refuse(draft.plan, draft.findings, request);
  if (request.dryRun) {
    draft.verdict = draft.plan.steps.length > 0 ? "planned" : "unchanged";
    return;
  }
  if (draft.plan.steps.length > 0) host.saveState(underWay, action.name);
  await apply(action, facts, draft.plan, arm, host, draft);
}

/** Errors of the rules stop a run that would write; where nothing is written they are told, no more. */
function refuse(plan: Plan, findings: readonly Finding[], request: CommonRequest): void {
  const errors = findings.filter(({ severity }) => severity === "error");
  if (request.preflight !== "enforce" || errors.length === 0 || !plan.steps.some(writes)) return;
  const count = errors.length === 1 ? "One preflight rule fails" : `${errors.length} preflight rules fail`;
  throw new Failure("PreflightFailed", `${count}. ${errors.map(({ seen }) => seen).join(" ")}`, {
    remedy: errors.map(({ remedy }) => remedy).join(" "),
    link: errors.find(({ link }) => link)?.link,
  });
}

async function apply<Request extends CommonRequest, Facts extends CommonFacts<Request>>(
  action: Action<Request, Facts>,
  facts: Facts,
  plan: Plan,
  arm: Arm,
  host: Host,
  draft: Draft,
): Promise<void> {
  const { workspace, computeName } = facts.request;
  for (const step of plan.steps) {
    host.info(`${step.title} …`);
    const began = Date.now();
    const steps = new ComputeSteps(arm, new Computes(arm, workspace), computeName, watcher(host, draft));
    try {
      const { ended, compute } = await action.perform(step, facts, steps);
      if (compute) draft.see({ is: "present", value: compute });
      draft.step(step, ended, Date.now() - began);
      draft.verdict = ended === "accepted" ? "accepted" : draft.changed ? "done" : "unchanged";
      host.info(
        ended === "accepted"
          ? "  Accepted; not waited for."
          : `  Done and read back in ${formatDuration(Date.now() - began)}.`,
      );
    } catch (error) {
      draft.step(step, "failed", Date.now() - began);
      throw error;
    }
  }
}

function watcher(host: Host, draft: Draft): Watcher {
  const tell = progress((line) => host.info(line));
  return {
    state: (state) => {
      draft.state = state;
      tell(state);
    },
    progress: tell,
    sent: () => {
      draft.sent = true;
      draft.state = "Unknown";
    },
    accepted: () => {
      draft.changed = true;
    },
    log: (line) => host.info(line),
  };
}

/** Ends everything when the time is over or the pipeline cancels, whichever comes first. */
async function within(
  timeout: number,
  cancellation: AbortSignal,
  run: (signal: AbortSignal, deadline: number) => Promise<void>,
): Promise<void> {
  const limit = new AbortController();
  const over = () =>
    limit.abort(new Failure("Timeout", `The time limit of ${formatDuration(timeout)} is over.`));
  const timer = setTimeout(over, timeout);
  const signal = AbortSignal.any([limit.signal, cancellation]);
  try {
    await Promise.race([run(signal, Date.now() + timeout), aborted(signal)]);
  } finally {
    clearTimeout(timer);
  }
}

function interrupted(code: string | undefined): boolean {
  return code === "Timeout" || code === "Cancelled";
}

/** What a run that had to stop waiting leaves behind, and how the next one goes on. */
function left(failure: Failure, draft: Draft): Failure {
  if (!interrupted(failure.code)) return failure;
  const left = draft.changed
    ? `The compute was ${draft.state} when last read, and Azure goes on with it.`
    : draft.sent
      ? "A write was on its way; whether Azure took it is not known."
      : "Nothing was written.";
  return new Failure(failure.code, `${failure.message} ${left}`, {
    remedy: "Run the same step again: it finds what is under way, waits for it and writes nothing twice.",
  });
}

/** Milliseconds after an abort in which what listens to the signal ends by itself, and notes how far it came. */
const grace = 500;

/** Never resolves. Ends also what does not listen to the signal, such as a sign-in that hangs. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => setTimeout(() => reject(signal.reason), grace);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

function targetOf({ workspace, computeName }: CommonRequest): Target {
  return {
    subscriptionId: workspace.subscriptionId,
    resourceGroup: workspace.resourceGroup,
    workspaceName: workspace.name,
    computeName,
    computeId: `${formatResourceId(workspace)}/computes/${computeName}`,
  };
}

function showFindings(host: Host, findings: readonly Finding[]): void {
  for (const { severity, id, source, seen, remedy } of findings) {
    host.info(`${severity}: ${seen} ${remedy} [${id}: ${source}]`);
  }
}

function showPlan(host: Host, plan: Plan): void {
  host.info(plan.steps.length > 0 ? "Plan:" : `Plan: ${plan.summary}`);
  plan.steps.forEach((step, index) => {
    host.info(`  ${index + 1}. ${step.title}, since ${step.reason}`);
    if (step.body) host.group("What it writes", JSON.stringify(step.body, undefined, 2).split("\n"));
  });
}
