import type { Breakage, BreakageKind } from "../breakages.ts";
import { breakageTable } from "../kubernetes/breakage-table.ts";
import type { ExtensionKnobs } from "./extension-knobs.ts";
import { type ClusterTraits, isSelected, isTolerated, type NodePool } from "./extension-nodes.ts";
import { type ExtensionRelease, refusesCluster } from "./extension-releases.ts";
import type { ExtensionSettings } from "./extension-settings.ts";
import { lacksDerivedKeys, tlsTrouble } from "./extension-tls.ts";

/** An installation, or an update, of the Azure ML extension: everything that its end follows from. */
export interface Installation {
  cluster: ClusterTraits;
  settings: ExtensionSettings;
  /** Undefined: there is no such version or train. */
  release: ExtensionRelease | undefined;
  /** What an earlier installation left is still being taken away (extension 3). */
  namespaceTerminating: boolean;
  /** The cluster has another extension of this type. */
  secondOfType: boolean;
  /** What is wrong in the cluster. */
  broken: readonly Breakage[];
  knobs: ExtensionKnobs;
}

/** Why an installation fails: what the cluster shows of it, what Helm or the agent says, or both. */
export interface Cause {
  kind?: BreakageKind;
  /** Where nothing is said, the table of breakages has the words. `{ext}` (the release) and `{undone}` are filled in. */
  says?: string;
}

/** An installation comes to a bad end in Helm, which waits no longer (extension 6: over 15 minutes). */
const TIMED_OUT =
  "release {ext} failed, and has been {undone} due to atomic being set: timed out waiting for the condition";
/** extension 6: HA wants so many nodes. */
const HA_NODES = 3;

/** What an installation comes to: the cause of its failure, or undefined. The first of the checks that objects wins. */
export function failureCause(installation: Installation): Cause | undefined {
  for (const check of [beforeHelm, workloads, placement, inference, relay, insideTheCluster]) {
    const cause = check(installation);
    if (cause) return cause;
  }
  return undefined;
}

/** What keeps Helm from beginning. */
function beforeHelm({ release, cluster, knobs, ...installation }: Installation): Cause | undefined {
  if (installation.namespaceTerminating) {
    // The words are those of a cluster that is stuck so; here it will be over by itself, so that nothing is broken.
    return { says: breakageTable["namespace-terminating"].inner ?? "" };
  }
  // extension 4: a wrong version or train.
  if (!release) return { says: "failed in download the Chart path not found" };
  if (refusesCluster(release, cluster)) {
    // Guess: the extension types API tells which versions are unsupported, nobody what becomes of an attempt.
    return {
      says: `chart requires another Kubernetes version: ${cluster.kubernetesVersion} is not supported`,
    };
  }
  if (installation.secondOfType && knobs.secondOfType === "fail") {
    return { kind: "ownership-conflict" };
  }
  return undefined;
}

function workloads({ settings, knobs }: Installation): Cause | undefined {
  const none = !settings.on("enableTraining") && !settings.on("enableInference");
  // Guess: the health check refuses it.
  return none && knobs.withoutWorkload === "fail" ? { kind: "E40000" } : undefined;
}

/** extension 11: AML-Kubernetes#158 (a label that no node has), #137 (Windows). */
function placement({ cluster, settings, knobs }: Installation): Cause | undefined {
  const selected = cluster.pools.filter((pool) => isSelected(pool, settings));
  if (nodesIn(selected.filter(({ windows }) => !windows)) === 0) return { kind: "node-selector-unmatched" };
  const open = selected.filter((pool) => isTolerated(pool));
  if (nodesIn(open.filter(({ windows }) => !windows)) === 0) {
    return { kind: "untolerated-taint", says: TIMED_OUT };
  }
  const astray = knobs.windowsNodes === "picked" && open.some(({ windows, count }) => windows && count > 0);
  return astray ? { kind: "windows-node-picked" } : undefined;
}

function nodesIn(pools: readonly NodePool[]): number {
  return pools.reduce((sum, { count }) => sum + count, 0);
}

/** The checks of the health report that settings answer for (extension 6). */
function inference({ cluster, settings, knobs }: Installation): Cause | undefined {
  if (!settings.on("enableInference")) return undefined;
  const provider = settings.text("internalLoadBalancerProvider");
  const internal = provider !== undefined || settings.on("scoringFe.serviceType.internalLoadBalancer");
  const strange = provider !== undefined && provider.toLowerCase() !== "azure";
  if (strange || (internal && cluster.type === "connectedCluster")) return { kind: "E40003" };
  const trouble = tlsTrouble(settings, knobs);
  if (trouble) return { kind: trouble };
  return highlyAvailable(settings, knobs) && readyFor(cluster, settings) < HA_NODES
    ? { kind: "E40002" }
    : undefined;
}

function highlyAvailable(settings: ExtensionSettings, knobs: ExtensionKnobs): boolean {
  const legacy = knobs.legacyHaKey === "heeded" ? settings.on("inferenceLoadBalancerHA", true) : true;
  return settings.on("inferenceRouterHA", legacy);
}

function readyFor(cluster: ClusterTraits, settings: ExtensionSettings): number {
  const fit = cluster.pools.filter(
    (pool) => !pool.windows && isTolerated(pool) && isSelected(pool, settings),
  );
  return nodesIn(fit);
}

/**
 * A Relay server without its connection string never becomes ready. Deduced: the string is a protected setting, an
 * update that leaves it out deletes it (extension 1c, 3).
 */
function relay({ settings }: Installation): Cause | undefined {
  const wanted = settings.on("relayserver.enabled");
  const connected = settings.secret("relayserver.relayConnectionString") !== undefined;
  return wanted && !connected ? { kind: "relay-pod-down", says: TIMED_OUT } : undefined;
}

/** Settings that keep a breakage from mattering, as the documents advise (extension 6, 8, X6). */
const MATTERS: Partial<Record<BreakageKind, (settings: ExtensionSettings) => boolean>> = {
  E40001: (settings) => hasLoadBalancer(settings),
  E40002: (settings) => settings.on("enableInference") && settings.on("inferenceRouterHA", true),
  E40003: (settings) => settings.has("internalLoadBalancerProvider"),
  E40004: (settings) => settings.on("enableInference"),
  E40005: (settings) => settings.on("enableInference"),
  E40006: (settings) => settings.on("enableInference"),
  // A pair in the settings has been looked at; what a secret of the cluster holds has not.
  E40007: (settings) => usesClusterSecret(settings),
  E45002: (settings) => settings.on("installPromOp", true),
  E45004: (settings) => meetsLegacyRouter(settings),
  E45005: (settings) => meetsLegacyRouter(settings),
  "legacy-router": (settings) => meetsLegacyRouter(settings),
  "node-selector-unmatched": (settings) => settings.nodeSelector().length > 0,
  "missing-derived-keys": (settings) => lacksDerivedKeys(settings),
  "nvidia-plugin-of-others": (settings) => settings.on("installNvidiaDevicePlugin"),
};

function usesClusterSecret(settings: ExtensionSettings): boolean {
  const own = settings.secret("scoringFe.sslCert") !== undefined;
  return settings.on("enableInference") && !settings.on("allowInsecureConnections") && !own;
}

function hasLoadBalancer(settings: ExtensionSettings): boolean {
  const unnamed = settings.text("inferenceRouterServiceType") === undefined;
  return (
    settings.on("enableInference") && (unnamed || settings.is("inferenceRouterServiceType", "LoadBalancer"))
  );
}

/** extension 8: `scoringFe.enableUpgrade` lets the router live beside the old one. */
function meetsLegacyRouter(settings: ExtensionSettings): boolean {
  return settings.on("enableInference") && !settings.on("scoringFe.enableUpgrade");
}

/** What is broken in the cluster, whatever is installed. */
function insideTheCluster({ broken, settings }: Installation): Cause | undefined {
  return broken.find(({ kind }) => breakageTable[kind].failsInstall && (MATTERS[kind]?.(settings) ?? true));
}
