import type { Extension } from "../../model/azure-resources.ts";
import { isFinal, stateOf } from "../../model/compute.ts";
import { type EffectiveSettings, effectiveSettings } from "../../model/effective-settings.ts";
import type { ClusterFacts } from "../../model/facts.ts";
import { present } from "../../model/observed.ts";
import type { ClusterRequest } from "../../model/request.ts";
import { sameText } from "../../model/resource-id.ts";
import { azureMlExtension } from "../extension.ts";

/** The extension that is there, with what its settings come to. */
export interface Installed {
  readonly extension: Extension;
  readonly name: string;
  readonly state: string;
  /** `working`: Azure is still at it (K1). */
  readonly standing: "succeeded" | "failed" | "working";
  /** The version that runs; `undefined` where Azure does not tell. */
  readonly version: string | undefined;
  readonly settings: EffectiveSettings;
}

/** Facts that tell of an installed extension. */
export type ExtensionFacts = Pick<ClusterFacts<ClusterRequest>, "cluster" | "extensions">;

/** How long a thing may take to come up before it counts as stuck (extension.md 6: "over 15 min"). */
export const patience = 15 * 60_000;

/** The Azure ML extension of the cluster, under whatever name. */
export function installed({ cluster, extensions }: ExtensionFacts): Installed | undefined {
  const extension = azureMlExtension(present(extensions) ?? []);
  if (!extension) return undefined;
  const { properties } = extension;
  const state = stateOf(extension);
  return {
    extension,
    name: extension.name,
    state,
    standing: sameText(state, "Succeeded") ? "succeeded" : isFinal(state) ? "failed" : "working",
    version: properties.currentVersion ?? properties.version ?? undefined,
    settings: effectiveSettings(properties.configurationSettings, cluster.kind),
  };
}

/** What a finding carries about a thing of that age: it may still pass by itself while the thing is young (K1). */
export function whileYoung(created: number, now: number): { pending?: true } {
  return now - created < patience ? { pending: true } : {};
}
