import type { Extension } from "./azure-resources.ts";
import type { Difference } from "./compute.ts";
import {
  type ClusterTraits,
  createOnlyKeys,
  followers,
  isInternal,
  needsRelay,
  type RelayTraits,
  type WantedExtension,
  withDerived,
} from "./extension-derived.ts";
import { autoUpgradeKey, booleanKeys, digestKey, nodeSelectorPrefix } from "./extension-keys.ts";
import { type GivenSettings, isOn, type Settings, valueIn } from "./extension-settings.ts";
import { hasSecrets, protectedDigest, sameProtected } from "./protected-digest.ts";
import { sameText } from "./resource-id.ts";

/** What an extension is asked to be. */
export interface ExtensionWish {
  readonly wanted: WantedExtension;
  /** By their present names. */
  readonly given: GivenSettings;
  readonly cluster: ClusterTraits;
  /** The Relay beside the cluster, where one is needed and known. */
  readonly relay?: RelayTraits | undefined;
  /** For a new digest of the protected settings, see `protectedDigest`. */
  readonly salt: string;
}

/** The body of a PATCH (arm-contract 3): what changes and nothing else, protected settings whole or not at all. */
export interface ExtensionPatch {
  readonly properties: {
    readonly autoUpgradeMinorVersion?: boolean;
    readonly releaseTrain?: string;
    readonly version?: string;
    readonly configurationSettings?: Settings;
    readonly configurationProtectedSettings?: Settings;
  };
}

const absent = "(none)";
const hybridConnection = "relayserver.hybridConnectionResourceID";

/** Values that Azure compares without case, apart from booleans (extension.md 1b, 1c). */
const caseless: ReadonlySet<string> = new Set([
  "inferenceRouterServiceType",
  "internalLoadBalancerProvider",
  "location",
  "jobSchedulerLocation",
]);

/** What is to change, once it is known. */
interface Change {
  readonly versions: VersionFields;
  readonly settings: Settings;
  /** Why protected settings are sent; `undefined` where they are not. */
  readonly secrets: "different" | "unknown" | "relay" | undefined;
}

/**
 * The fields in which an extension differs from the wish; empty when a PATCH would change nothing. Settings that
 * nobody wishes stay. Derived ones are added where they are missing, which is what breaks extensions of other
 * tools (terraform-provider-azurerm#24547), and never changed.
 */
export function extensionDifferences(wish: ExtensionWish, found: Extension): Difference[] {
  return differenceRows(changeOf(wish, found), found);
}

/** The PATCH that makes an extension what is wished; `undefined` where it is that already. */
export function extensionPatch(wish: ExtensionWish, found: Extension): ExtensionPatch | undefined {
  const change = changeOf(wish, found);
  if (differenceRows(change, found).length === 0) return undefined;
  const { version, releaseTrain, autoUpgradeMinorVersion } = change.versions;
  const secrets = change.secrets && allProtected(wish, found);
  const signed = change.secrets === "different" || change.secrets === "unknown";
  const digest = signed ? { [digestKey]: protectedDigest(wish.given, wish.salt) } : {};
  const settings = { ...change.settings, ...digest };
  return {
    properties: {
      ...(autoUpgradeMinorVersion !== undefined && { autoUpgradeMinorVersion }),
      ...(releaseTrain !== undefined && { releaseTrain }),
      ...(version !== undefined && { version }),
      ...(Object.keys(settings).length > 0 && { configurationSettings: settings }),
      ...(secrets && { configurationProtectedSettings: secrets }),
    },
  };
}

/** A change sends protected settings, which then must be whole (extension.md 3). */
export function sendsProtected(wish: ExtensionWish, found: Extension): boolean {
  return changedSecrets(wish, found) !== undefined;
}

/** A change needs the Relay's connection string: it sends protected settings, and the Relay beside the cluster is in use. */
export function changeNeedsRelay(wish: ExtensionWish, found: Extension): boolean {
  return sendsProtected(wish, found) && usesRelay(wish, found);
}

function changeOf(wish: ExtensionWish, found: Extension): Change {
  return {
    versions: changedVersions(wish.wanted, found),
    settings: changedSettings(wish, found),
    secrets: changedSecrets(wish, found),
  };
}

function differenceRows({ versions, settings, secrets }: Change, found: Extension): Difference[] {
  const before = foundSettings(found);
  const rows = Object.entries(settings).map(([field, wanted]) => ({
    field,
    wanted,
    found: valueIn(before, field) ?? absent,
  }));
  return [...versionRows(versions, found), ...rows, ...(secrets ? [secretRow(secrets)] : [])];
}

function foundSettings(found: Extension): Settings {
  return found.properties.configurationSettings ?? {};
}

/** What is there, overlaid by what is given: the settings as they are after the change. */
function together(wish: ExtensionWish, found: Extension): GivenSettings {
  return { ...wish.given, plain: { ...foundSettings(found), ...wish.given.plain } };
}

function changedSettings(wish: ExtensionWish, found: Extension): Settings {
  const before = foundSettings(found);
  const after = together(wish, found);
  const wanted = {
    ...wish.given.plain,
    ...followersOf(wish.given, after),
    ...routerFlags(wish.given, before),
    ...settledPause(wish.wanted, before),
  };
  const changed = Object.entries(wanted).filter(([key, value]) => !sameSetting(key, value, before));
  const derived = Object.entries(withDerived(after, wish.cluster, wish.relay).plain);
  const missing = derived.filter(
    ([key]) => !Object.hasOwn(before, key) && !Object.hasOwn(wanted, key) && !createOnlyKeys.has(key),
  );
  return Object.fromEntries([...changed, ...missing]);
}

/** Who says what auto-upgrade is to be ends the pause that an upgrade has left: nobody is to put it back. */
function settledPause({ version, autoUpgrade }: WantedExtension, before: Settings): Settings {
  const isSaid = version !== undefined || autoUpgrade !== undefined;
  return isSaid && before[autoUpgradeKey] === "paused" ? { [autoUpgradeKey]: "settled" } : {};
}

/** What follows from the settings that are given now; the router's flags have a rule of their own. */
function followersOf(given: GivenSettings, after: GivenSettings): Settings {
  const enableInference = valueIn(after.plain, "enableInference") ?? "False";
  const all = Object.entries(followers({ ...given, plain: { ...given.plain, enableInference } }));
  return Object.fromEntries(all.filter(([key]) => !key.startsWith("scoringFe.serviceType.")));
}

/**
 * The flags that the CLI rewrites to true or false when the router's type is given (extension.md 3). A load
 * balancer that is internal stays so unless its provider is given: nothing becomes public by being left out.
 */
function routerFlags(given: GivenSettings, before: Settings): Settings {
  const type = valueIn(given.plain, "inferenceRouterServiceType");
  const provider = valueIn(given.plain, "internalLoadBalancerProvider");
  if (type === undefined && provider === undefined) return {};
  const kind = type ?? valueIn(before, "inferenceRouterServiceType") ?? "";
  const balanced = sameText(kind, "LoadBalancer");
  const untold = balanced && provider === undefined;
  return {
    "scoringFe.serviceType.nodePort": pythonBoolean(sameText(kind, "NodePort")),
    ...(!untold && {
      "scoringFe.serviceType.internalLoadBalancer": pythonBoolean(
        isInternal(given.plain) && !sameText(kind, "NodePort"),
      ),
    }),
  };
}

/** As the CLI writes it on the wire (testbed 8). */
function pythonBoolean(value: boolean): string {
  return value ? "True" : "False";
}

function sameSetting(key: string, wanted: string, before: Settings): boolean {
  const found = valueIn(before, key);
  // A flag of the router that is missing is off.
  if (found === undefined) return key.startsWith("scoringFe.serviceType.") && sameText(wanted, "false");
  const isBoolean = /^(true|false)$/i.test(wanted);
  return isBoolean || caseless.has(key) ? sameText(wanted, found) : wanted === found;
}

/** Why protected settings are sent: those given are not known to be there, or the Relay's string is missing with its settings. */
function changedSecrets(wish: ExtensionWish, found: Extension): Change["secrets"] {
  const state = hasSecrets(wish.given) ? sameProtected(found, wish.given) : "same";
  if (state !== "same") return state;
  const missing = valueIn(foundSettings(found), hybridConnection) === undefined;
  return missing && usesRelay(wish, found) ? "relay" : undefined;
}

function usesRelay(wish: ExtensionWish, found: Extension): boolean {
  return needsRelay(together(wish, found), wish.cluster);
}

function secretRow(why: NonNullable<Change["secrets"]>): Difference {
  const field = "configurationProtectedSettings";
  if (why === "relay") return { field, wanted: "the Relay's connection string", found: absent };
  return { field, wanted: "those given", found: why === "different" ? "others" : "(can't be read back)" };
}

/** All protected settings, since those that are left out are deleted (extension.md 3). */
function allProtected(wish: ExtensionWish, found: Extension): Settings {
  const settings = withDerived(together(wish, found), wish.cluster, wish.relay).protected;
  if (usesRelay(wish, found) && valueIn(settings, "relayServerConnectionString") === undefined) {
    throw new Error("The Relay's connection string must go with the other protected settings.");
  }
  return settings;
}

interface VersionFields {
  readonly version?: string | undefined;
  readonly releaseTrain?: string | undefined;
  readonly autoUpgradeMinorVersion?: boolean | undefined;
}

/**
 * The fields of a PATCH that concern versions. A pinned version goes with auto-upgrade off (testbed 8: update).
 * The version that is there already is no change, which the CLI takes for an error (azure-cli-extensions#5910).
 */
function changedVersions(wanted: WantedExtension, { properties }: Extension): VersionFields {
  const upgrades = properties.autoUpgradeMinorVersion ?? true;
  const there = [properties.version, ...(upgrades ? [] : [properties.currentVersion])];
  const version = there.includes(wanted.version) ? undefined : wanted.version;
  const autoUpgrade = wanted.version === undefined ? wanted.autoUpgrade : false;
  const sameTrain = sameText(wanted.releaseTrain ?? "", properties.releaseTrain ?? "stable");
  return {
    version,
    releaseTrain: sameTrain ? undefined : wanted.releaseTrain,
    autoUpgradeMinorVersion: autoUpgrade === upgrades && version === undefined ? undefined : autoUpgrade,
  };
}

function versionRows(versions: VersionFields, { properties }: Extension): Difference[] {
  const { version, releaseTrain, autoUpgradeMinorVersion } = versions;
  const upgrades = properties.autoUpgradeMinorVersion ?? true;
  const rows = [
    { field: "version", wanted: version, found: properties.version ?? properties.currentVersion ?? absent },
    { field: "releaseTrain", wanted: releaseTrain, found: properties.releaseTrain ?? absent },
    { field: "autoUpgradeMinorVersion", wanted: autoUpgradeMinorVersion?.toString(), found: `${upgrades}` },
  ];
  return rows.flatMap(({ wanted, ...row }) =>
    wanted === undefined || wanted === row.found ? [] : [{ ...row, wanted }],
  );
}

/**
 * The changes that running work notices, as `az k8s-extension update` asks about them (extension.md 3). Where a
 * workload was not on before, nothing of it runs.
 */
export function disruptions(
  rows: readonly Difference[],
  found: Extension,
): { readonly jobs: string[]; readonly endpoints: string[] } {
  const before = foundSettings(found);
  const told = (hits: (row: Difference) => boolean) =>
    rows.filter((row) => hits(row) && !isDefault(row, before)).map(({ field }) => field);
  return {
    jobs: isOn(before, "enableTraining") ? told((row) => hitsJobs(row)) : [],
    endpoints: isOn(before, "enableInference") ? told((row) => hitsEndpoints(row)) : [],
  };
}

const alwaysHitEndpoints: ReadonlySet<string> = new Set([
  "allowInsecureConnections",
  "inferenceRouterServiceType",
  "internalLoadBalancerProvider",
  "sslCname",
]);

function hitsJobs(row: Difference): boolean {
  return turnsOff(row, "enableTraining", "installNvidiaDevicePlugin") || isSelector(row);
}

function hitsEndpoints(row: Difference): boolean {
  const off = turnsOff(row, "enableInference", "installNvidiaDevicePlugin");
  return off || isSelector(row) || alwaysHitEndpoints.has(row.field);
}

function turnsOff(row: Difference, ...fields: string[]): boolean {
  return fields.includes(row.field) && sameText(row.wanted, "false");
}

function isSelector(row: Difference): boolean {
  return row.field.startsWith(nodeSelectorPrefix);
}

/** A missing flag is off (extension.md 2a), so that writing `False` changes nothing. */
function isDefault(row: Difference, before: Settings): boolean {
  const unset = booleanKeys.has(row.field) && valueIn(before, row.field) === undefined;
  return unset && sameText(row.wanted, "false");
}
