import type { Connection } from "../azure/connect.ts";
import type { Host } from "../host/host.ts";
import type { CommonFacts } from "../model/facts.ts";
import type { CommonRequest } from "../model/request.ts";
import type { Action } from "../reconcile/action.ts";
import { reconcile } from "../reconcile/reconcile.ts";
import { publish } from "../report/publish.ts";
import { Redactor, redacting } from "../report/redaction.ts";

/** Runs an action in a host, with everything that leaves it cleaned of secrets. @returns the exit code. */
export async function run<Request extends CommonRequest, Facts extends CommonFacts<Request>>(
  action: Action<Request, Facts>,
  host: Host,
  client?: Connection["client"],
): Promise<0 | 1> {
  const redactor = new Redactor();
  const clean = redacting(host, redactor);
  const report = await reconcile(action, clean, client);
  return publish(redactor.cleanAll(report), clean);
}
