import type { RootContent } from "mdast";
import type { FleetReport, WrongCluster } from "../model/fleet.ts";
import { cut, type Shortening, withinBudget } from "./budget.ts";
import { paragraph, table, text } from "./markdown.ts";

/** Characters that an issue may have (REST, issues: 65,536), less what its keeper adds. */
const issueLimit = 65_536 - 1_536;

/** Characters of a cell; the page has the whole text. */
const longestCell = 500;

/** A fleet in a sentence. */
export function fleetHeadline({ count, failed, missing, standings }: FleetReport): string {
  const all = count + missing;
  if (failed > 0) return `${failed} of ${all} ${plural(all)} do not pass`;
  const warned = standings.warn > 0 ? `, ${standings.warn} with warnings` : "";
  return count === 0 ? "no clusters" : `all ${count} ${plural(count)} pass${warned}`;
}

function plural(count: number): string {
  return count === 1 ? "cluster" : "clusters";
}

/** What is wrong in a fleet, without the last so many clusters. */
export function fleetBlocks(fleet: FleetReport, leaveOut: number): RootContent[] {
  const { standings, missing, wrong } = fleet;
  const shown = wrong.slice(0, wrong.length - leaveOut);
  const numbers = table(
    ["Pass", "Warning", "Fail", "No verdict", "No report"],
    [[standings.pass, standings.warn, standings.fail, standings.unknown, missing].map(String)],
  );
  return [
    numbers,
    ...(shown.length > 0
      ? [table(["Cluster", "Compute", "Verdict", "What is wrong", "What to do"], shown.map(row))]
      : []),
    ...(leaveOut > 0
      ? [paragraph([text(`${leaveOut} of ${wrong.length} clusters are left out here; the page has all.`)])]
      : []),
  ];
}

function row({ name, compute, standing, cause, remedy }: WrongCluster): string[] {
  return [
    inCode(name),
    compute && inCode(compute),
    standing,
    quiet(cut(cause, longestCell)),
    quiet(cut(remedy, longestCell)),
  ];
}

/** Backticks would end it. */
function inCode(name: string): string {
  return `\`${name.replaceAll("`", "'")}\``;
}

/** Text of others that calls nobody: an `@` would send a person a message. Code is left as it is. */
function quiet(value: string): string {
  return value
    .split(/(`[^`]+`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/@(?=\w)/g, "@\u200b")))
    .join("");
}

/** The text of the issue; `run` is where the page and the logs are. */
export function issueBody(fleet: FleetReport, run: string | undefined): string {
  const form = (step: number) => [
    paragraph([text(`${capitalized(fleetHeadline(fleet))}.`)]),
    ...fleetBlocks(fleet, step),
    ...(run
      ? [paragraph([text("The page and the logs: "), { type: "link", url: run, children: [text(run)] }])]
      : []),
  ];
  const shortening: Shortening = { form, steps: fleet.wrong.length };
  return withinBudget(shortening, issueLimit);
}

function capitalized(value: string): string {
  return `${value.charAt(0).toUpperCase()}${value.slice(1)}`;
}
