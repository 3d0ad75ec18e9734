import type { Connection } from "../azure/connect.ts";
import type { Host } from "../host/host.ts";
import type { CommonRequest } from "../model/request.ts";
import type { Action } from "../reconcile/action.ts";
import { reconcile, underWay } from "../reconcile/reconcile.ts";
import { redacting } from "../report/redaction.ts";
import { attach } from "./attach.ts";
import { createCluster } from "./create-cluster.ts";
import { deployExtension } from "./deploy-extension.ts";
import { detach } from "./detach.ts";

/** Milliseconds that the post step takes at most. */
const timeLimit = 60_000;

/**
 * The post step of every action. Where the main step was cut off while its plan was being applied, it tells
 * what became of it and what the next run will do: a dry run of the same action. Writes nothing and
 * never fails the job.
 */
export async function after(host: Host, client?: Connection["client"]): Promise<void> {
  const clean = redacting(host);
  switch (clean.state(underWay)) {
    case attach.name:
      return tell(attach, clean, client);
    case detach.name:
      return tell(detach, clean, client);
    case createCluster.name:
      return tell(createCluster, clean, client);
    case deployExtension.name:
      return tell(deployExtension, clean, client);
  }
}

async function tell<Request extends CommonRequest, Facts>(
  action: Action<Request, Facts>,
  host: Host,
  client: Connection["client"],
): Promise<void> {
  host.info(`The step was cut off. This is where it stands, and what the next ${action.name} will do:`);
  const request = async (of: Host) => ({ ...(await action.request(of)), dryRun: true, timeout: timeLimit });
  const { error, state } = await reconcile({ ...action, request }, host, client);
  host.info(error ? `${error.code}: ${error.message}` : `State: ${state}.`);
}
