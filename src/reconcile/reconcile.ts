import { type Azure, type Connection, connect, newCorrelationId } from "../azure/connect.ts";
import type { Host } from "../host/host.ts";
import { formatDuration } from "../model/duration.ts";
import { asFailure, Failure } from "../model/failure.ts";
import type { Finding } from "../model/finding.ts";
import { type Plan, type Step, stepName, writes } from "../model/plan.ts";
import type { Report } from "../model/report.ts";
import type { CommonRequest, SessionRequest } from "../model/request.ts";
import { product } from "../model/version.ts";
import { judge } from "../rules/rule.ts";
import type { Action, Opening, Tools } from "./action.ts";
import { Draft } from "./draft.ts";
import { interrupted, left, letGo } from "./ending.ts";
import { progress } from "./progress.ts";
import type { Watcher } from "./resource-steps.ts";
import { underWay } from "./under-way.ts";

/**
 * Runs an action: observe, check the rules, plan, show, apply, verify. Never throws; the report tells how it
 * ended. `client` stands in for the network in tests.
 */
export async function reconcile<Request extends CommonRequest, Facts>(
  action: Action<Request, Facts>,
  host: Host,
  client?: Connection["client"],
): Promise<Report> {
  const report = await session(action, host, client, (request, azure, draft, stop) =>
    converge(action, request, azure, host, draft, stop),
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
  body: (request: Request, azure: Azure, draft: Draft, stop: (why: Failure) => void) => Promise<void>,
): Promise<Report> {
  const draft = new Draft(opening.name, newCorrelationId());
  let wrong: Failure | undefined;
  try {
    host.info(`${product.name} ${product.version}, correlation id ${draft.correlationId}`);
    const request = await opening.request(host);
    wrong = request.wrong;
    draft.target = opening.target(request);
    host.live?.({ what: "looking at what is there", state: "" });
    await within(request.timeout, host.cancellation, async (signal, deadline, stop) => {
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
        socketsPerServer: opening.socketsPerServer,
        log: (line) => host.info(line),
        debug: (line) => host.debug(line),
        client,
      });
      await body(request, azure, draft, stop);
    });
  } catch (error) {
    draft.fail(wrong ? wrongWith(wrong, draft.findings) : left(asFailure(error), opening.subject, draft));
  } finally {
    host.live?.();
    await letGo(draft, host);
  }
  return draft.report();
}

/** What a run of an action does once Azure is reached. */
export async function converge<Request extends CommonRequest, Facts>(
  action: Action<Request, Facts>,
  request: Request,
  azure: Azure,
  host: Host,
  draft: Draft,
  stop: (why: Failure) => void,
): Promise<void> {
  while (await again(action, request, azure, host, draft, stop)) {
    host.info("What was seen may have changed while this run waited: it looks again.");
  }
}

/** The sentence once. @returns `true` where it has to be said again, since what the plan was made of may have changed. */
async function again<Request extends CommonRequest, Facts>(
  action: Action<Request, Facts>,
  request: Request,
  azure: Azure,
  host: Host,
  draft: Draft,
  stop: (why: Failure) => void,
): Promise<boolean> {
  const facts = await action.observe(request, azure);
  host.live?.();
  azure.arm.signal.throwIfAborted();
  draft.see(action.sight(facts));
  draft.unfinished = action.leaves?.(facts);
  host.group("Observed", action.describe(facts));
  draft.findings = request.preflight === "off" ? [] : judge(action.rules, facts);
  showFindings(host, draft.findings);
  if (request.wrong) throw request.wrong;
  const plan = held(action.plan(facts), draft);
  draft.planned(plan);
  showPlan(host, plan);
  // A plan for later only reports: what hinders it now may be gone by then.
  if (!plan.notBefore) refuse(plan, draft.findings, request);
  if (request.dryRun || plan.notBefore) {
    draft.verdict = plan.steps.length > 0 ? "planned" : "unchanged";
    return false;
  }
  if (plan.steps.length > 0) host.saveState(underWay, action.name);
  return apply(action, facts, plan, azure, host, draft, stop);
}

/** What the run holds already, it does not take again. */
export function held(plan: Plan, { held }: Draft): Plan {
  return held ? { ...plan, steps: plan.steps.filter(({ kind }) => kind !== "hold-lease") } : plan;
}

/**
 * Errors of the rules stop a run that would write; where nothing is written they are told, no more.
 * @throws Failure `PreflightFailed`.
 */
export function refuse(
  plan: Plan,
  findings: readonly Finding[],
  request: Pick<CommonRequest, "preflight">,
): void {
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

/** Does the steps of a plan, one after the other. The one place where plans are applied. */
export async function apply<Request extends CommonRequest, Facts>(
  action: Pick<Action<Request, Facts>, "perform">,
  facts: Facts,
  plan: Plan,
  azure: Azure,
  host: Host,
  draft: Draft,
  stop: (why: Failure) => void,
): Promise<boolean> {
  for (const step of plan.steps) {
    azure.arm.signal.throwIfAborted();
    host.info(`${step.title} …`);
    host.live?.({ what: step.title, state: "" });
    const began = Date.now();
    try {
      await draft.held?.check();
      const performed = await action.perform(step, facts, toolsFor(step, azure, host, draft, stop));
      const { ended, sight, findings = [] } = performed;
      draft.held ??= performed.held;
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
      if (performed.outdated) return true;
    } catch (error) {
      draft.step(step, "failed", Date.now() - began);
      throw error;
    } finally {
      host.live?.();
    }
  }
  return false;
}

function toolsFor(step: Step, azure: Azure, host: Host, draft: Draft, stop: (why: Failure) => void): Tools {
  return {
    azure,
    watcher: watcher(step, host, draft),
    run: draft.run,
    job: draft.correlationId,
    stop,
    leaves: (what) => {
      draft.unfinished = what;
    },
  };
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
  run: (signal: AbortSignal, deadline: number, stop: (why: Failure) => void) => Promise<void>,
): Promise<void> {
  const limit = new AbortController();
  const over = () =>
    limit.abort(new Failure("Timeout", `The time limit of ${formatDuration(timeout)} is over.`));
  const timer = setTimeout(over, timeout);
  const signal = AbortSignal.any([limit.signal, cancellation]);
  try {
    const stop = (why: Failure) => limit.abort(why);
    await Promise.race([run(signal, Date.now() + timeout, stop), aborted(signal)]);
  } finally {
    clearTimeout(timer);
  }
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

/** Lines for each step, with what it writes. */
export function showPlan(host: Host, plan: Plan): void {
  host.info(plan.steps.length > 0 ? "Plan:" : `Plan: ${plan.summary}`);
  plan.steps.forEach((step, index) => {
    host.info(`  ${index + 1}. ${stepName(step)}, since ${step.reason}`);
    if (step.body) host.group("What it writes", JSON.stringify(step.body, undefined, 2).split("\n"));
  });
}
