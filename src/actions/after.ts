import type { Connection } from "../azure/connect.ts";
import type { Host } from "../host/host.ts";
import type { ActionName } from "../model/doors.ts";
import { formatDuration } from "../model/duration.ts";
import type { Report } from "../model/report.ts";
import type { CommonRequest } from "../model/request.ts";
import type { Action } from "../reconcile/action.ts";
import { reconcile, underWay } from "../reconcile/reconcile.ts";
import { redacting } from "../report/redaction.ts";
import { attach } from "./attach.ts";
import { createCluster } from "./create-cluster.ts";
import { deployExtension } from "./deploy-extension.ts";
import { detach } from "./detach.ts";
import { ensure } from "./ensure.ts";
import { ensureRequest } from "./ensure-request.ts";
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
      await told("ensure", clean, () =>
        ensure(clean, client, async (of) => ({ ...(await ensureRequest(of)), ...looking })),
      );
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
  const { plan, state } = await tell(action, host, client);
  const isDetached = plan?.steps.some(({ kind }) => kind === "write-journal") && state !== "Succeeded";
  if (!isDetached) return;
  host.info(
    `The compute is ${state}: this step goes on with the journal, for ${formatDuration(finishLimit)} at most.`,
  );
  const request = async (of: Host) => ({
    ...(await action.request(of)),
    dryRun: false,
    timeout: finishLimit,
  });
  conclude(await reconcile({ ...action, request }, host, client), host);
}

function conclude({ error, state }: Report, host: Host): void {
  host.info(error ? `${error.code}: ${error.message} ${error.remedy ?? ""}`.trim() : `State: ${state}.`);
}
