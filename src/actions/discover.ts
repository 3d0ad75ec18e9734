import type { Connection } from "../azure/connect.ts";
import type { Host } from "../host/host.ts";
import { balanced, type Discovery, inOrder, matrixText, targetsText } from "../model/discovery.ts";
import { Failure } from "../model/failure.ts";
import type { Finding } from "../model/finding.ts";
import type { Report } from "../model/report.ts";
import type { Opening } from "../reconcile/action.ts";
import { session, showFindings } from "../reconcile/reconcile.ts";
import { discoveryLines } from "../report/discovery-summary.ts";
import { judge, type Rule } from "../rules/rule.ts";
import { type DiscoverFacts, observeFleet } from "./discover-look.ts";
import { legacyLeftOut, pick } from "./discover-pick.ts";
import { type DiscoverRequest, discoverRequest } from "./discover-request.ts";

const opening: Opening<DiscoverRequest> = {
  name: "discover",
  subject: "cluster",
  request: discoverRequest,
  target: ({ subscriptionIds: [first, ...others] }) =>
    first && others.length === 0 ? { subscriptionId: first } : {},
};

/** Characters of a job's outputs: 1 MB, measured in UTF-16 (GitHub Actions, "passing information between jobs"). */
const outputLimit = 500_000;

/** Bytes that one input may have: the runner hands it on as a variable, for which Linux has 128 KiB (execve, MAX_ARG_STRLEN). */
const inputLimit = 120_000;

/** Finds computes or clusters over subscriptions, and makes a job matrix of them. Writes nothing. */
export function discover(host: Host, client?: Connection["client"]): Promise<Report> {
  return session(opening, host, client, async (request, azure, draft) => {
    const facts = await observeFleet(request, azure.arm);
    draft.findings = judge(rules, facts);
    showFindings(host, draft.findings);
    const discovery = discoveryOf(facts);
    draft.discovery = discovery;
    draft.verdict = "done";
    for (const line of discoveryLines(discovery)) host.info(line);
    if (discovery.matrix.length > outputLimit) throw tooMany(discovery);
    const longest = Math.max(0, ...shardTexts(discovery.found, request).map((text) => text.length));
    if (longest > inputLimit) throw tooLarge(longest);
  });
}

function shardTexts(found: Discovery["found"], { shardSize, maxShards }: DiscoverRequest): string[] {
  return balanced(found, shardSize, maxShards).map(targetsText);
}

function discoveryOf(facts: DiscoverFacts): Discovery {
  const { shardSize, maxShards, matrixFor } = facts.request;
  const found = inOrder(pick(facts));
  const parts = balanced(found, shardSize, maxShards);
  return {
    count: found.length,
    interrupted: found.filter(({ interrupted }) => interrupted).length,
    shards: parts.length,
    found,
    matrix: matrixText(parts, matrixFor),
  };
}

/** A runner would drop the output without a word, and the jobs after it would do nothing. */
function tooMany({ count, matrix }: Discovery): Failure {
  return new Failure(
    "MatrixTooLarge",
    `A matrix of ${count} targets has ${matrix.length} characters; outputs of a job may have ${outputLimit}.`,
    { remedy: "Look at fewer at a time, by `subscription-ids`, `regions`, `tags` or `workspaces`." },
  );
}

/** The job of such a shard could not even start its step. */
function tooLarge(longest: number): Failure {
  return new Failure(
    "ShardTooLarge",
    `A shard's targets have ${longest} characters; an input of a step may have ${inputLimit}.`,
    {
      remedy:
        "Give a smaller `shard-size` or more `max-shards`; or let a step of the same job read them from the file that the output `report` names.",
    },
  );
}

/** What is missing in what was found is said: half a fleet must not pass for the whole. */
const rules: readonly Rule<DiscoverFacts>[] = [
  {
    id: "subscription-unseen",
    source: "arm-contract 6",
    check: ({ unseen }) =>
      unseen.map(
        ({ id, why }): Omit<Finding, "id" | "source"> => ({
          severity: "warning",
          seen: `The subscription ${id} can't be read, so that nothing in it was found: ${why}.`,
          remedy: "Give the identity that this step signs in with Reader on it, or leave it out.",
          unread: true,
        }),
      ),
  },
  {
    id: "computes-unread",
    source: "arm-contract 1.2",
    check: ({ workspaces }) =>
      workspaces.flatMap(({ id, place, computes }) =>
        computes.is === "present"
          ? []
          : [
              {
                severity: "warning" as const,
                seen: `The computes of the workspace "${place.name}" can't be read, so that none of them was found${computes.is === "denied" ? `: ${computes.why.message}` : "."}`,
                remedy:
                  "Give the identity that this step signs in with `AzureML Compute Operator` or Reader on the workspace.",
                object: id,
                unread: true,
              },
            ],
      ),
  },
  {
    id: "legacy-left-out",
    source: "A1",
    check: (facts) => {
      const count = legacyLeftOut(facts);
      if (count === 0) return undefined;
      return {
        severity: "info",
        seen: `${count === 1 ? "One legacy compute (type AKS) is" : `${count} legacy computes (type AKS) are`} left out.`,
        remedy: "Give `compute-types: kubernetes, aks` to have them as well.",
      };
    },
  },
];
