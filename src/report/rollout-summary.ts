import type { RootContent } from "mdast";
import { formatDuration } from "../model/duration.ts";
import type { Report } from "../model/report.ts";
import { parseResourceId } from "../model/resource-id.ts";
import type { Rollout } from "../model/rollout.ts";
import { paragraph, table, text } from "./markdown.ts";
import type { Words } from "./targets-summary.ts";

/** A run over many targets in a few words: `3 of 100 targets failed, 50 not touched`. */
export function rolloutHeadline({ count, failed, untouched }: Rollout): string {
  if (count === 0) return "no targets";
  const many = count === 1 ? "1 target" : `${count} targets`;
  const left = untouched.length > 0 ? `, ${untouched.length} not touched` : "";
  return failed > 0 ? `${failed} of ${many} failed${left}` : `${many} done${left}`;
}

/** Waves, and a row for each target, what failed first; without the last so many rows. */
export function rolloutBlocks(
  { waves, untouched }: Rollout,
  targets: readonly Report[],
  words: Words,
  leaveOut: number,
): RootContent[] {
  const worstFirst = targets.toSorted((one, other) => rank(one) - rank(other));
  const shown = worstFirst.slice(0, worstFirst.length - leaveOut).map((one) => rowOf(one, words));
  return [
    ...(waves.length > 1 || untouched.length > 0
      ? [
          table(
            ["Wave", "Targets", "Failed"],
            waves.map(({ targets: count, failed }, index) => [`${index + 1}`, `${count}`, `${failed}`]),
          ),
        ]
      : []),
    ...(shown.length > 0
      ? [table(["Target", "Cluster", "Result", "Time", "What is wrong", "What to do"], shown)]
      : []),
    ...(leaveOut > 0
      ? [paragraph([text(`${leaveOut} of ${targets.length} are left out here; the JSON report has all.`)])]
      : []),
    ...(untouched.length > 0
      ? [paragraph([text(`Not touched: ${untouched.length} targets, which the JSON report names.`)])]
      : []),
  ];
}

/** What failed, then what is worth a look, then the others. */
function rank({ error, gate, changed }: Report): number {
  if (error) return 0;
  if (gate && gate.verdict !== "pass") return 1;
  return changed ? 2 : 3;
}

function rowOf({ target, verdict, gate, error, milliseconds }: Report, { verdicts, gates }: Words): string[] {
  const { computeName = "", workspaceName, clusterId } = target;
  const cluster = clusterId === undefined ? "" : (parseResourceId(clusterId)?.name ?? clusterId);
  return [
    [workspaceName, computeName].filter(Boolean).join("/") || cluster,
    cluster,
    gate ? gates[gate.verdict] : verdicts[verdict],
    formatDuration(milliseconds),
    error ? `${error.code}: ${error.message}` : "",
    error?.remedy ?? "",
  ];
}
