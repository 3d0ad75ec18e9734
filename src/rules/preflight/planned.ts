import { type EffectiveSettings, effectiveSettings } from "../../model/effective-settings.ts";
import { hasPemPair } from "../../model/extension-derived.ts";
import type { Settings } from "../../model/extension-settings.ts";
import type { DeployFacts, ObservedCluster } from "../../model/facts.ts";
import { newest } from "../../model/kubernetes-version.ts";
import { present } from "../../model/observed.ts";
import { installed } from "../gate/installed.ts";
import { offered } from "../versions.ts";

/** What an extension will be set to once the run is done. */
export interface Planned {
  readonly name: string;
  /** `undefined` where Azure chooses and its choice is not known. */
  readonly version: string | undefined;
  readonly plain: Settings;
  readonly settings: EffectiveSettings;
  /** `true` where pods are to come that do not run yet. */
  readonly isNew: boolean;
}

/** The extension that the run will make or leave behind: an update merges settings (extension.md 3). */
export function planned(facts: DeployFacts): Planned {
  const { request, cluster } = facts;
  const there = installed(facts);
  const isNew = there?.standing !== "succeeded";
  const isRecreated = there?.standing === "failed" && request.onFailed === "recreate";
  const plain = {
    ...(!isRecreated && there?.extension.properties.configurationSettings),
    ...request.settings.plain,
    ...(isNew && smallCluster(cluster, request.settings.plain)),
  };
  const settings = effectiveSettings(plain, cluster.kind);
  return {
    name: there?.name ?? request.extensionName,
    version: request.wanted.version ?? there?.version ?? newest(offered(facts)),
    plain,
    settings: { ...settings, ...(hasPemPair(request.settings) && { scheme: "https", sslSecret: undefined }) },
    isNew,
  };
}

/** Fewer than three nodes make a router of one replica, unless it is said otherwise (extension.md 1c). */
function smallCluster(cluster: ObservedCluster, given: Settings): Settings {
  const nodes =
    cluster.kind === "arc"
      ? present(cluster.seen)?.properties.totalNodeCount
      : present(cluster.seen)?.properties.agentPoolProfiles?.reduce((sum, { count = 0 }) => sum + count, 0);
  const isSmall = nodes !== undefined && nodes < 3;
  return isSmall && given["inferenceRouterHA"] === undefined ? { inferenceRouterHA: "false" } : {};
}

/** Whether Azure adds nodes by itself when pods wait for one. */
export function growsByItself(cluster: ObservedCluster): boolean {
  const aks = cluster.kind === "aks" ? present(cluster.seen) : undefined;
  return (aks?.properties.agentPoolProfiles ?? []).some(
    ({ enableAutoScaling }) => enableAutoScaling === true,
  );
}
