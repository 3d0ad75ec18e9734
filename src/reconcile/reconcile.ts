import { type Azure, type Connection, connect, newCorrelationId } from "../azure/connect.ts";
import type { Host } from "../host/host.ts";
import { isFinal } from "../model/compute.ts";
import { formatDuration } from "../model/duration.ts";
import { asFailure, Failure } from "../model/failure.ts";
import type { Finding } from "../model/finding.ts";
import { type Plan, type Step, writes } from "../model/plan.ts";
import type { Report } from "../model/report.ts";
import type { CommonRequest, SessionRequest } from "../model/request.ts";
import { product } from "../model/version.ts";
import { judge } from "../rules/rule.ts";
import type { Action, Opening } from "./action.ts";
import { Draft } from "./draft.ts";
import { progress } from "./progress.ts";
import type { Watcher } from "./resource-steps.ts";

/** State of the step: the action whose plan is being applied. What finds it set was cut off. */
export const underWay = "under-way";

/**
 * Runs an action: observe, check the rules, plan, show, apply, verify. Never throws; the report tells how it
 * ended. `client` stands in for the network in tests.
 */
export async function reconcile<Request extends CommonRequest, Facts>(
  action: Action<Request, Facts>,
  host: Host,
  client?: Connection["client"],
): Promise<Report> {
  const report = await session(action, host, client, (request, azure, draft) =>
    converge(action, request, azure, host, draft),
  );
  if (report.steps.length > 0 && !interrupted(report.error?.code)) host.saveState(underWay, "");
  return report;
}

/**
 * Reads the inputs, connects to Azure, and runs the body within the run's time. Never throws; the report tells how
 * it ended.
 */
export async function session<Request extends SessionRequest>(
  opening: Opening<Request>,
  host: Host,
  client: Connection["client"],
  body: (request: Request, azure: Azure, draft: Draft) => Promise<void>,
): Promise<Report> {
  const draft = new Draft(opening.name, newCorrelationId());
  let wrong: Failure | undefined;
  try {
    host.info(`${product.name} ${product.version}, correlation id ${draft.correlationId}`);
    const request = await opening.request(host);
    wrong = request.wrong;
    draft.target = opening.target(request);
    host.live?.({ what: "looking at what is there", state: "" });
    await within(request.timeout, host.cancellation, async (signal, deadline) => {
      const azure = await connect({
        ...request,
        environment: host.environment,
        idToken: (audience) => host.idToken(audience),
        mask: (secret) => host.mask(secret),
        ...(host.deviceCode && { deviceCode: (message) => host.deviceCode?.(message) }),
        userAgent: `${product.name}/${product.version} (${opening.name}; ${host.name})`,
        correlationId: draft.correlationId,
        deadline,
        signal,
        log: (line) => host.info(line),
        debug: (line) => host.debug(line),
        client,
      });
      await body(request, azure, draft);
    });
  } catch (error) {
    draft.fail(wrong ? wrongWith(wrong, draft.findings) : left(asFailure(error), opening.subject, draft));
  } finally {
    host.live?.();
  }
  return draft.report();
}

async function converge<Request extends CommonRequest, Facts>(
  action: Action<Request, Facts>,
  request: Request,
  azure: Azure,
  host: Host,
  draft: Draft,
): Promise<void> {
  const facts = await action.observe(request, azure);
  host.live?.();
  azure.arm.signal.throwIfAborted();
  draft.see(action.sight(facts));
  host.group("Observed", action.describe(facts));
  draft.findings = request.preflight === "off" ? [] : judge(action.rules, facts);
  showFindings(host, draft.findings);
  if (request.wrong) throw request.wrong;
  draft.plan = action.plan(facts);
  showPlan(host, draft.plan);
  refuse(draft.plan, draft.findings, request);
  if (request.dryRun) {
    draft.verdict = draft.plan.steps.length > 0 ? "planned" : "unchanged";
    return;
  }
  if (draft.plan.steps.length > 0) host.saveState(underWay, action.name);
  await apply(action, facts, draft.plan, azure, host, draft);
}

/** Errors of the rules stop a run that would write; where nothing is written they are told, no more. */
function refuse(plan: Plan, findings: readonly Finding[], request: CommonRequest): void {
  const errors = findings.filter(({ severity }) => severity === "error");
  if (request.preflight !== "enforce" || errors.length === 0 || !plan.steps.some(writes)) return;
  throw new Failure("PreflightFailed", failing(errors), {
    remedy: errors.map(({ remedy }) => remedy).join(" "),
    link: errors.find(({ link }) => link)?.link,
  });
}

/** Wrong inputs, with the errors of the rules as a second group. What hindered the look itself is of no interest yet. */
function wrongWith({ message, code, details }: Failure, findings: readonly Finding[]): Failure {
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return new Failure(code, message, { details });
  return new Failure(code, `${message} ${failing(errors)}`, {
    details,
    remedy: errors.map(({ remedy }) => remedy).join(" "),
    link: errors.find(({ link }) => link)?.link,
  });
}

/** How many rules fail, and what each has seen. */
function failing(errors: readonly Finding[]): string {
  const count = errors.length === 1 ? "One preflight rule fails" : `${errors.length} preflight rules fail`;
  return `${count}. ${errors.map(({ seen }) => seen).join(" ")}`;
}

async function apply<Request extends CommonRequest, Facts>(
  action: Action<Request, Facts>,
  facts: Facts,
  plan: Plan,
  azure: Azure,
  host: Host,
  draft: Draft,
): Promise<void> {
  for (const step of plan.steps) {
    azure.arm.signal.throwIfAborted();
    host.info(`${step.title} …`);
    host.live?.({ what: step.title, state: "" });
    const began = Date.now();
    try {
      const performed = await action.perform(step, facts, { azure, watcher: watcher(step, host, draft) });
      const { ended, sight, findings = [] } = performed;
      if (sight) draft.see(sight);
      draft.findings = [...draft.findings, ...findings];
      showFindings(host, findings);
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
    } finally {
      host.live?.();
    }
  }
}

function watcher({ title }: Step, host: Host, draft: Draft): Watcher {
  const tell = progress(
    (line) => host.info(line),
    (state) => host.live?.({ what: title, state }),
  );
  return {
    state: (state) => {
      draft.see({ state });
      tell(state);
    },
    progress: tell,
    sent: () => {
      draft.sent = true;
      draft.see({ state: "Unknown" });
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
function left(failure: Failure, subject: string, draft: Draft): Failure {
  if (!interrupted(failure.code)) return failure;
  const { state } = draft.sight;
  const goesOn = isFinal(state) || state === "Absent" ? "" : ", and Azure goes on with it";
  const left = draft.changed
    ? `The ${subject} was ${state} when last read${goesOn}.`
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

/** A line for each finding. */
export function showFindings(host: Host, findings: readonly Finding[]): void {
  for (const finding of findings) {
    const { severity, id, source, seen, remedy } = finding;
    if (host.finding) host.finding(finding);
    else host.info(`${severity}: ${seen} ${remedy} [${id}: ${source}]`);
  }
}

function showPlan(host: Host, plan: Plan): void {
  host.info(plan.steps.length > 0 ? "Plan:" : `Plan: ${plan.summary}`);
  plan.steps.forEach((step, index) => {
    host.info(`  ${index + 1}. ${step.title}, since ${step.reason}`);
    if (step.body) host.group("What it writes", JSON.stringify(step.body, undefined, 2).split("\n"));
  });
}
