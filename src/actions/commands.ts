import { newCorrelationId } from "../azure/connect.ts";
import type { Host } from "../host/host.ts";
import type { ActionName } from "../model/doors.ts";
import type { SessionRequest } from "../model/request.ts";
import { Draft } from "../reconcile/draft.ts";
import { attach } from "./attach.ts";
import { createCluster } from "./create-cluster.ts";
import { deployExtension } from "./deploy-extension.ts";
import { detach } from "./detach.ts";
import { discoverRequest } from "./discover-request.ts";
import { ensure } from "./ensure.ts";
import { ensureRequest } from "./ensure-request.ts";
import { versionsRequest } from "./list-versions-request.ts";
import { mergeRequest } from "./merge-reports-request.ts";
import {
  published,
  run,
  runDiscovery,
  runListing,
  runMerging,
  runOnTargets,
  runVerification,
} from "./run.ts";
import { fleetRequest, hasTargets } from "./targets.ts";
import { updateComponents } from "./update-components.ts";
import { type UsageProblem, wronglyCalled } from "./usage.ts";
import { verifyRequest } from "./verify-request.ts";

export { doctor } from "./doctor.ts";

/** An action as a command that any host can give. */
export interface Command {
  /** @returns the exit code. */
  readonly run: (host: Host) => Promise<0 | 1>;
  /** Reads the inputs. @throws Failure `InvalidInput`. */
  readonly request: (host: Host) => Promise<unknown>;
}

/** Reads the inputs of an action that takes one target or many. */
function oneOrMany<Request extends SessionRequest>(
  name: ActionName,
  request: (host: Host) => Promise<Request>,
): Command["request"] {
  return (host) => (hasTargets(host) ? fleetRequest(host, name, request) : request(host));
}

/** Every action of the bundle. */
export const commands: Readonly<Record<ActionName, Command>> = {
  attach: {
    run: (host) => runOnTargets(attach, host),
    request: oneOrMany("attach", attach.request),
  },
  "create-cluster": { run: (host) => run(createCluster, host), request: createCluster.request },
  "deploy-extension": { run: (host) => run(deployExtension, host), request: deployExtension.request },
  detach: { run: (host) => run(detach, host), request: detach.request },
  ensure: { run: (host) => published(host, ensure), request: ensureRequest },
  discover: { run: (host) => runDiscovery(host), request: discoverRequest },
  "list-versions": { run: (host) => runListing(host), request: versionsRequest },
  "update-components": {
    run: (host) => runOnTargets(updateComponents, host),
    request: oneOrMany("update-components", updateComponents.request),
  },
  "merge-reports": { run: (host) => runMerging(host), request: mergeRequest },
  "verify-extension": {
    run: (host) => runVerification(host),
    request: oneOrMany("verify-extension", verifyRequest),
  },
};

/**
 * Ends a run that was not called rightly, before anything is sent; so that nobody mends the call only to hear of an
 * input, what is wrong with those is told as well. @returns the exit code.
 */
export function refuse(name: ActionName, host: Host, usage: readonly UsageProblem[]): Promise<0 | 1> {
  return published(host, async (clean) => {
    const draft = new Draft(name, newCorrelationId());
    draft.fail(await wronglyCalled(usage, commands[name].request(clean)));
    return draft.report();
  });
}
