import type { RootContent } from "mdast";
import type { GateVerdict } from "../model/gate.ts";
import type { Report, Verdict } from "../model/report.ts";
import { parseResourceId } from "../model/resource-id.ts";
import { table } from "./markdown.ts";

/** The words for how runs end, and for what a gate says. */
export interface Words {
  readonly verdicts: Readonly<Record<Verdict, string>>;
  readonly gates: Readonly<Record<GateVerdict, string>>;
}

/** A row for each compute of a run about several; what is wrong with it, and what to do. */
export function targetBlocks(targets: readonly Report[], { verdicts, gates }: Words): RootContent[] {
  const rows = targets.map(({ target, verdict, gate, error }) => [
    target.computeName ?? "",
    (target.clusterId && parseResourceId(target.clusterId)?.name) ?? "",
    verdicts[verdict],
    gate ? gates[gate.verdict] : "",
    error ? `${error.code}: ${error.message}` : "",
    error?.remedy ?? "",
  ]);
  return [table(["Compute", "Cluster", "Result", "Gate", "What is wrong", "What to do"], rows)];
}

/** A run about several in a few words. */
export function targetsHeadline(targets: readonly Report[], verdict: Verdict, { verdicts }: Words): string {
  const failed = targets.filter(({ error }) => error).length;
  const computes = targets.filter(({ target }) => target.computeName).length;
  return failed > 0 ? `${failed} of ${targets.length} failed` : `${computes} computes: ${verdicts[verdict]}`;
}

/** The worst that a gate said of any. */
export function worstGate(targets: readonly Report[]): GateVerdict | undefined {
  const said = targets.flatMap(({ gate }) => gate?.verdict ?? []);
  return (["fail", "warn", "pass"] as const).find((verdict) => said.includes(verdict));
}
