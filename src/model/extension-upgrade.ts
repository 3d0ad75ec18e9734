import type { Extension, ExtensionVersion } from "./azure-resources.ts";
import { isFinal, stateOf } from "./compute.ts";
import type { ExtensionPatch } from "./extension-change.ts";
import { attemptKey, autoUpgradeKey } from "./extension-keys.ts";
import { compareVersions, newest, versionNumbers } from "./kubernetes-version.ts";
import { sameText } from "./resource-id.ts";
import type { UpgradePolicy } from "./update-policy.ts";

/** What decides whether an extension is upgraded. */
export interface UpgradeCase {
  readonly extension: Extension;
  /** Versions that Azure offers on the train in question; `undefined` where they can't be read. */
  readonly offered: readonly ExtensionVersion[] | undefined;
  /** The cluster's Kubernetes version, where a version of the extension does not support it. */
  readonly unsupported: (version: string) => string | undefined;
  readonly policy: UpgradePolicy;
}

/** What is to be done about the version of an extension, and why. */
export type UpgradeDecision =
  | { readonly is: "upgrade"; readonly to: string; readonly reason: string }
  | { readonly is: "stay"; readonly reason: string };

/** A version that would be newer, and why it is not taken. */
export interface PassedOver {
  readonly version: string;
  readonly why: "kubernetes" | "major" | "max-version";
}

/** The version that runs; what is asked for stands in where Azure does not tell (extension.md 4). */
export function runningVersion({ properties }: Extension): string | undefined {
  return properties.currentVersion ?? properties.version ?? undefined;
}

/** The train whose versions count: the one that is asked for, else the extension's own (extension.md 4). */
export function trainOf(policy: UpgradePolicy, extension: Extension | undefined): string {
  return (policy.releaseTrain ?? extension?.properties.releaseTrain ?? "stable").toLowerCase();
}

/** An upgrade without being asked is off: the version is pinned, or was by an upgrade that is not over. */
export function isPinned({ properties }: Extension): boolean {
  return properties.autoUpgradeMinorVersion === false;
}

/** An upgrade has switched auto-upgrade off, and nobody has switched it on again. */
export function isPaused(extension: Extension): boolean {
  return isPinned(extension) && extension.properties.configurationSettings?.[autoUpgradeKey] === "paused";
}

/** Pure. Whether the extension is upgraded, and to which version. */
export function decideUpgrade(given: UpgradeCase): UpgradeDecision {
  const { extension, offered, policy } = given;
  const current = runningVersion(extension);
  const train = trainOf(policy, extension);
  if (current === undefined) return { is: "stay", reason: "Azure does not tell which version is installed" };
  const limit = policy.skipIfNewerThan;
  if (limit !== undefined && above(current, limit)) {
    return {
      is: "stay",
      reason: `version ${current} is newer than ${limit}, which \`skip-if-newer-than\` names`,
    };
  }
  if (offered === undefined) {
    return {
      is: "stay",
      reason: "the versions that Azure offers can't be read, so that there is nothing to compare",
    };
  }
  const best = newest(candidates(given, current));
  if (best === undefined || compareVersions(best, current) <= 0) return staying(given, current, train);
  const failed = failedState(extension);
  const reason = `version ${current} is installed, and ${best} is the newest on the train "${train}" that suits`;
  return { is: "upgrade", to: best, reason: failed ? `${reason}; the last attempt is ${failed}` : reason };
}

/** Where it is not only to be done if outdated, the version that runs is asked for once more. */
function staying({ policy, offered }: UpgradeCase, current: string, train: string): UpgradeDecision {
  const isOffered = (offered ?? []).some(({ properties }) => properties.version === current);
  if (!policy.onlyIfOutdated && isOffered) {
    return {
      is: "upgrade",
      to: current,
      reason: `\`only-if-outdated\` is false; version ${current} is installed already`,
    };
  }
  return { is: "stay", reason: `version ${current} is the newest on the train "${train}" that suits` };
}

function failedState(extension: Extension): string | undefined {
  const state = stateOf(extension);
  return isFinal(state) && !sameText(state, "Succeeded") ? state : undefined;
}

/** Newer versions that are offered and not taken, the newest of each reason, so that nobody wonders. */
export function passedOver(given: UpgradeCase): readonly PassedOver[] {
  const current = runningVersion(given.extension);
  if (current === undefined) return [];
  const best = newest([current, ...candidates(given, current)]) ?? current;
  const missed = versionsOf(given).filter((version) => compareVersions(version, best) > 0);
  return (["kubernetes", "max-version", "major"] as const).flatMap((why) => {
    const version = newest(missed.filter((one) => hindrance(one, given, current) === why));
    return version === undefined ? [] : [{ version, why }];
  });
}

function candidates(given: UpgradeCase, current: string): string[] {
  return versionsOf(given).filter((version) => hindrance(version, given, current) === undefined);
}

function versionsOf({ offered }: UpgradeCase): string[] {
  return (offered ?? []).flatMap(({ properties }) => properties.version ?? []);
}

/** Auto-upgrade never takes a new major version (extension.md 4); neither is it taken at night unless it is asked for. */
function hindrance(
  version: string,
  { policy, unsupported }: UpgradeCase,
  current: string,
): PassedOver["why"] | undefined {
  if (policy.maxVersion !== undefined && above(version, policy.maxVersion)) return "max-version";
  const [major, own] = [versionNumbers(version)?.[0], versionNumbers(current)?.[0]];
  const asked = versionNumbers(policy.maxVersion ?? "")?.[0];
  if (major !== own && major !== asked) return "major";
  return unsupported(version) === undefined ? undefined : "kubernetes";
}

/** A limit counts as far as it goes: 1.1.84 is not above 1.1. */
function above(version: string, limit: string): boolean {
  const length = versionNumbers(limit)?.length ?? 0;
  const start = versionNumbers(version)?.slice(0, length).join(".");
  return start !== undefined && compareVersions(start, limit) > 0;
}

/**
 * The PATCH that upgrades. A version goes with auto-upgrade off, or Azure refuses it (extension.md 4). Where
 * auto-upgrade is on, this pauses it, and the same PATCH notes so in the settings: whoever comes after a crash knows
 * what to put back.
 */
export function upgradePatch(extension: Extension, to: string, train: string, now: number): ExtensionPatch {
  const { releaseTrain = "stable", version } = extension.properties;
  const settings = {
    ...(!isPinned(extension) && { [autoUpgradeKey]: "paused" }),
    ...(failedState(extension) && version === to && { [attemptKey]: new Date(now).toISOString() }),
  };
  return {
    properties: {
      version: to,
      autoUpgradeMinorVersion: false,
      ...(!sameText(releaseTrain ?? "stable", train) && { releaseTrain: train }),
      ...(Object.keys(settings).length > 0 && { configurationSettings: settings }),
    },
  };
}

/** Azure has taken that PATCH. */
export function hasTaken(extension: Extension, { properties }: ExtensionPatch): boolean {
  const settings = Object.entries(properties.configurationSettings ?? {});
  return (
    isPinned(extension) === (properties.autoUpgradeMinorVersion === false) &&
    (properties.version === undefined || extension.properties.version === properties.version) &&
    settings.every(([key, value]) => extension.properties.configurationSettings?.[key] === value)
  );
}

/** The PATCH that puts auto-upgrade back. */
export function resumePatch(): ExtensionPatch {
  return {
    properties: { autoUpgradeMinorVersion: true, configurationSettings: { [autoUpgradeKey]: "settled" } },
  };
}
