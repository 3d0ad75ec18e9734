import {
  countStandings,
  type Fleet,
  type FleetCluster,
  type FleetReport,
  type Standing,
  type WrongCluster,
} from "../../model/fleet.ts";
import type { FailOn } from "../../model/request.ts";

const worstFirst: readonly Standing[] = ["fail", "unknown", "warn", "pass"];

/** A fleet in numbers, with what is wrong in it, the worst first. A run that came to no verdict is wrong as well. */
export function tallyFleet(
  { clusters }: Pick<Fleet, "clusters">,
  { failOn, expected }: { readonly failOn: FailOn; readonly expected?: number | undefined },
): FleetReport {
  const standings = countStandings(clusters.map(({ standing }) => standing));
  const isWrong = (standing: Standing) =>
    standing === "fail" || standing === "unknown" || (standing === "warn" && failOn === "warning");
  const wrong = clusters
    .filter(({ standing }) => isWrong(standing))
    .sort((one, other) => worstFirst.indexOf(one.standing) - worstFirst.indexOf(other.standing));
  const missing = Math.max(0, (expected ?? 0) - clusters.length);
  const failing = standings.fail + standings.unknown + missing > 0;
  return {
    verdict: failing ? "fail" : standings.warn > 0 ? "warn" : "pass",
    count: clusters.length,
    failed: wrong.length + missing,
    missing,
    standings,
    wrong: wrong.map(wrongCluster),
  };
}

function wrongCluster(cluster: FleetCluster): WrongCluster {
  const { name, workspace, compute, clusterId, standing } = cluster;
  return {
    name,
    compute: [workspace, compute].filter(Boolean).join("/"),
    ...(clusterId && { clusterId }),
    standing,
    ...causeOf(cluster),
  };
}

function causeOf({ errors, findings }: FleetCluster): Pick<WrongCluster, "cause" | "remedy" | "link"> {
  const [failed] = errors;
  if (failed) {
    const { action, code, message, remedy = "", link } = failed;
    return { cause: `${action} failed. ${code}: ${message}`, remedy, ...(link && { link }) };
  }
  const found =
    findings.find(({ severity }) => severity === "error") ??
    findings.find(({ severity }) => severity === "warning");
  if (!found) return { cause: "It came to no verdict.", remedy: "Look at the log of its run." };
  const { text, remedy, link } = found;
  return { cause: text, remedy, ...(link && { link }) };
}
