import { newCorrelationId } from "../azure/connect.ts";
import type { Host } from "../host/host.ts";
import type { ActionName } from "../model/doors.ts";
import { Draft } from "../reconcile/draft.ts";
import { attach } from "./attach.ts";
import { createCluster } from "./create-cluster.ts";
import { deployExtension } from "./deploy-extension.ts";
import { detach } from "./detach.ts";
import { versionsRequest } from "./list-versions-request.ts";
import { published, run, runListing, runVerification } from "./run.ts";
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

/** Every action of the bundle. */
export const commands: Readonly<Record<ActionName, Command>> = {
  attach: { run: (host) => run(attach, host), request: attach.request },
  "create-cluster": { run: (host) => run(createCluster, host), request: createCluster.request },
  "deploy-extension": { run: (host) => run(deployExtension, host), request: deployExtension.request },
  detach: { run: (host) => run(detach, host), request: detach.request },
  "list-versions": { run: (host) => runListing(host), request: versionsRequest },
  "update-components": { run: (host) => run(updateComponents, host), request: updateComponents.request },
  "verify-extension": { run: (host) => runVerification(host), request: verifyRequest },
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
