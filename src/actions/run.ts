import type { Connection } from "../azure/connect.ts";
import type { Host } from "../host/host.ts";
import type { Report } from "../model/report.ts";
import type { CommonRequest } from "../model/request.ts";
import type { Action } from "../reconcile/action.ts";
import { fleet } from "../reconcile/fleet.ts";
import { converge, reconcile } from "../reconcile/reconcile.ts";
import { publish } from "../report/publish.ts";
import { Redactor, redacting } from "../report/redaction.ts";
import { discover } from "./discover.ts";
import { listVersions } from "./list-versions.ts";
import { mergeReports } from "./merge-reports.ts";
import { fleetRequest, hasTargets } from "./targets.ts";
import { verifyExtension } from "./verify-extension.ts";

/** Runs an action that writes. @returns the exit code. */
export function run<Request extends CommonRequest, Facts>(
  action: Action<Request, Facts>,
  host: Host,
  client?: Connection["client"],
): Promise<0 | 1> {
  return published(host, (clean) => reconcile(action, clean, client));
}

/** Runs an action that writes, on one target or on the many that `targets` gives. @returns the exit code. */
export function runOnTargets<Request extends CommonRequest, Facts>(
  action: Action<Request, Facts>,
  host: Host,
  client?: Connection["client"],
): Promise<0 | 1> {
  if (!hasTargets(host)) return run(action, host, client);
  const asked = (clean: Host) => fleetRequest(clean, action.name, action.request);
  return published(host, (clean) =>
    fleet(action, asked, clean, client, (request, azure, draft, own, stop) =>
      converge(action, request, azure, own, draft, stop),
    ),
  );
}

/** Runs the release gate. @returns the exit code. */
export function runVerification(host: Host, client?: Connection["client"]): Promise<0 | 1> {
  return published(host, (clean) => verifyExtension(clean, client));
}

/** Lists versions. @returns the exit code. */
export function runListing(host: Host, client?: Connection["client"]): Promise<0 | 1> {
  return published(host, (clean) => listVersions(clean, client));
}

/** Finds computes and clusters. @returns the exit code. */
export function runDiscovery(host: Host, client?: Connection["client"]): Promise<0 | 1> {
  return published(host, (clean) => discover(clean, client));
}

/** Merges reports. @returns the exit code. */
export function runMerging(host: Host): Promise<0 | 1> {
  return published(host, mergeReports);
}

/** Runs in a host, with everything that leaves it cleaned of secrets. @returns the exit code. */
export async function published(host: Host, work: (clean: Host) => Promise<Report>): Promise<0 | 1> {
  const redactor = new Redactor();
  const clean = redacting(host, redactor);
  const report = await work(clean);
  return publish(redactor.cleanAll(report), clean);
}
