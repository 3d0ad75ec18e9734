import type { ClusterContents } from "../../model/cluster-contents.ts";
import type { VerifyFacts } from "../../model/facts.ts";
import type { Observed } from "../../model/observed.ts";
import type { GateRule } from "../rule.ts";
import type { ExtensionFacts } from "./installed.ts";

/** Facts that tell of what is inside a cluster. */
export type InsideFacts = ExtensionFacts & Pick<VerifyFacts, "inside" | "now">;

/** A rule of the gate, of any kind. */
export interface AnyGateRule extends GateRule<VerifyFacts> {
  /** The parts of the cluster that it looks at; none of a rule that Azure's word is enough for. */
  readonly looksAt?: (contents: ClusterContents) => readonly Observed<unknown>[];
}

/** A rule that looks into the cluster: where what it looks at was not read, its result is unknown. */
export type InsideRule = AnyGateRule & Required<Pick<AnyGateRule, "looksAt">>;
