import type { RootContent } from "mdast";
import type { Discovered, Discovery } from "../model/discovery.ts";
import { parseResourceId } from "../model/resource-id.ts";
import { paragraph, table, text } from "./markdown.ts";

/** What was found, in a few words: `12 targets in 2 shards`. */
export function discoveryHeadline({ count, interrupted, shards }: Discovery): string {
  if (count === 0) return "nothing found";
  const many = count === 1 ? "1 target" : `${count} targets`;
  const first = interrupted > 0 ? `, ${interrupted} interrupted` : "";
  return `${many} in ${shards === 1 ? "1 shard" : `${shards} shards`}${first}`;
}

/** Lines of the log; those of a large fleet are in the report. */
export function discoveryLines(discovery: Discovery): string[] {
  const { found } = discovery;
  const shown = found.slice(0, longestList).map((one) => `  ${cellsOf(one).filter(Boolean).join(", ")}`);
  const more = found.length - shown.length;
  return [
    `${discoveryHeadline(discovery)}.`,
    ...shown,
    ...(more > 0 ? [`  and ${more} more; the JSON report has all of them.`] : []),
  ];
}

/** Rows that are worth reading in a log. */
const longestList = 50;

/** The page of the run, without the last so many rows. */
export function discoveryBlocks({ found }: Discovery, leaveOut: number): RootContent[] {
  if (found.length === 0) return [paragraph([text("Nothing was found: the matrix has no entries.")])];
  const shown = found.slice(0, found.length - leaveOut);
  return [
    table(["Name", "Cluster", "Workspace", "Region", "Type", "State", "Extension"], shown.map(cellsOf)),
    ...(leaveOut > 0
      ? [paragraph([text(`${leaveOut} of ${found.length} are left out here; the JSON report has all.`)])]
      : []),
  ];
}

function cellsOf(one: Discovered): string[] {
  const { name, clusterId, workspaceName = "", region, computeType = "", state, extensionVersion = "" } = one;
  const cluster = clusterId === undefined ? "" : (parseResourceId(clusterId)?.name ?? clusterId);
  return [name, cluster, workspaceName, region, computeType, state, extensionVersion];
}
