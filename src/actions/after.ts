import type { Connection } from "../azure/connect.ts";
import type { Host } from "../host/host.ts";
import type { ActionName } from "../model/doors.ts";
import { formatDuration } from "../model/duration.ts";
import type { Plan } from "../model/plan.ts";
import type { Report } from "../model/report.ts";
import type { AksAttachRequest, AttachRequest, CommonRequest } from "../model/request.ts";
import { sameText } from "../model/resource-id.ts";
import type { Action } from "../reconcile/action.ts";
import { fleet } from "../reconcile/fleet.ts";
import { converge, reconcile } from "../reconcile/reconcile.ts";
import { underWay, wasUnderWay } from "../reconcile/under-way.ts";
import { redacting } from "../report/redaction.ts";
import { attach } from "./attach.ts";
import { createCluster } from "./create-cluster.ts";
import { deployExtension } from "./deploy-extension.ts";
import { detach } from "./detach.ts";
import { ensure } from "./ensure.ts";
import { ensureRequest } from "./ensure-request.ts";
import { fleetRequest, hasTargets } from "./targets.ts";
import { updateComponents } from "./update-components.ts";

/** Milliseconds that the post step takes at most. */
const timeLimit = 60_000;

/** The same where it finishes something: what a job that is cancelled still has is five minutes (GitHub documentation). */
const finishLimit = 4 * 60_000;

/**
 * The post step of every action. Where the main step was cut off while its plan was being applied, it tells
 * what became of it and what the next run will do: a dry run of the same action. It writes nothing but
 * what attaches a compute again that was left detached, and never fails the job.
 */
export async function after(host: Host, client?: Connection["client"]): Promise<void> {
  const clean = redacting(host);
  switch (clean.state(underWay)) {
    case attach.name:
      return finish(attach, clean, client);
    case detach.name:
      await tell(detach, clean, client);
      return;
    case updateComponents.name:
      return finish(updateComponents, clean, client);
    case createCluster.name:
      await tell(createCluster, clean, client);
      return;
    case deployExtension.name:
      await tell(deployExtension, clean, client);
      return;
    case "ensure":
      return finishEnsured(clean, client);
  }
}

/** What makes a look of a run. */
const looking = { dryRun: true, timeout: timeLimit };

function tell<Request extends CommonRequest, Facts>(
  action: Action<Request, Facts>,
  host: Host,
  client: Connection["client"],
): Promise<Report> {
  const request = async (of: Host) => ({ ...(await action.request(of)), ...looking });
  return told(action.name, host, () => reconcile({ ...action, request }, host, client));
}

async function told(name: ActionName, host: Host, look: () => Promise<Report>): Promise<Report> {
  host.info(`The step was cut off. This is where it stands, and what the next ${name} will do:`);
  const report = await look();
  conclude(report, host);
  return report;
}

/**
 * The same for an action that detaches and attaches again. Nobody may be there to run the step once more: a compute that
 * was left detached is attached from its journal, as far as time allows.
 */
async function finish<Request extends CommonRequest, Facts>(
  action: Action<Request, Facts>,
  host: Host,
  client: Connection["client"],
): Promise<void> {
  if (hasTargets(host)) return finishMany(action, host, client);
  const report = await tell(action, host, client);
  if (isDetached(report)) await goOn(action, () => action.request(host), report, Date.now(), host, client);
}

/** The computes of an `ensure` that were left detached, one after the other; the rest is the next run's. */
async function finishEnsured(host: Host, client: Connection["client"]): Promise<void> {
  const report = await told("ensure", host, () =>
    ensure(host, client, async (of) => ({ ...(await ensureRequest(of)), ...looking })),
  );
  const detached = (report.targets ?? [report]).filter(isDetached);
  if (detached.length === 0) return;
  const began = Date.now();
  const { entries } = await ensureRequest(host);
  for (const one of detached) {
    const entry = entries.find(({ attach: request }) => isAbout(one, request));
    if (entry) await goOn(attach, async () => entry.attach, one, began, host, client);
  }
}

/** A journal is to be gone on with, and the compute is not there. */
function isDetached({ plan, state }: { readonly plan?: Plan | undefined; readonly state: string }): boolean {
  return plan?.steps.some(({ kind }) => kind === "write-journal") === true && state !== "Succeeded";
}

function isAbout({ target }: Report, { workspace, computeName }: AttachRequest | AksAttachRequest): boolean {
  const pairs = [
    [target.computeName, computeName],
    [target.workspaceName, workspace.name],
    [target.resourceGroup, workspace.resourceGroup],
    [target.subscriptionId, workspace.subscriptionId],
  ] as const;
  return pairs.every(([one = "", other]) => sameText(one, other));
}

/** Attaches from the journal, as far as the time since `began` allows. */
async function goOn<Request extends CommonRequest, Facts>(
  action: Action<Request, Facts>,
  asked: () => Promise<Request>,
  { state, target }: Report,
  began: number,
  host: Host,
  client: Connection["client"],
): Promise<void> {
  const timeout = Math.max(0, began + finishLimit - Date.now());
  host.info(
    `The compute "${target.computeName}" is ${state}: this step goes on with the journal, for ${formatDuration(timeout)} at most.`,
  );
  const request = async () => ({ ...(await asked()), dryRun: false, timeout });
  conclude(await reconcile({ ...action, request }, host, client), host);
}

/** The same for those of many targets that were under way; what was not begun, or has ended, is none of its business. */
async function finishMany<Request extends CommonRequest, Facts>(
  action: Action<Request, Facts>,
  host: Host,
  client: Connection["client"],
): Promise<void> {
  const isLeft = wasUnderWay(host);
  const asked = async (of: Host) => {
    const { members, terms, ...session } = await fleetRequest(of, action.name, action.request);
    const left = members.filter((member) => isLeft(action.target(member)));
    host.info(
      `The step was cut off in the middle of ${left.length} targets. Computes that were left detached are attached again from their journals, for ${formatDuration(finishLimit)} at most; of the others this step tells what the next ${action.name} will do.`,
    );
    return { ...session, timeout: finishLimit, members: left, terms: { ...terms, ...allAtOnce } };
  };
  const report = await fleet(action, asked, host, client, async (request, azure, draft, own, stop) => {
    await converge(action, { ...request, dryRun: true }, azure, own, draft, stop);
    if (!isDetached({ plan: draft.plan, state: draft.sight.state })) return;
    await converge(action, { ...request, dryRun: false }, azure, own, draft, stop);
  });
  if (report.error) conclude(report, host);
}

/** None waits for another, and none stops another. */
const allAtOnce = { waves: [], maxFailures: undefined };

function conclude({ error, state }: Report, host: Host): void {
  host.info(error ? `${error.code}: ${error.message} ${error.remedy ?? ""}`.trim() : `State: ${state}.`);
}
