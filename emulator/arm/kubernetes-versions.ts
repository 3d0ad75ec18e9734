import { gatewayError } from "../errors.ts";
import { json, type Reply } from "../http.ts";
import { type Json, type JsonObject, objectAt, textAt } from "../json.ts";
import type { World } from "../world.ts";
import type { Call } from "./call.ts";
import { param } from "./call.ts";
import { agentPoolsOf } from "./managed-clusters-pools.ts";
import { pathOf, require } from "./reading.ts";

/** A minor version in a region (V1; arm-contract 2: the modern `kubernetesVersions`). */
export interface RegionVersion {
  version: string;
  patches: string[];
  isDefault?: boolean;
  isPreview?: boolean;
  /** arm-contract 2, `capabilities.supportPlan`; KubernetesOfficial unless it says otherwise. */
  supportPlan?: string[];
}

/** Made up, in the form of the official example (`KubernetesVersions_List.json`). The seeded clusters run 1.33.4. */
const USUAL: RegionVersion[] = [
  { version: "1.30", patches: ["1.30.13", "1.30.14"], supportPlan: ["AKSLongTermSupport"] },
  {
    version: "1.31",
    patches: ["1.31.9", "1.31.10"],
    supportPlan: ["KubernetesOfficial", "AKSLongTermSupport"],
  },
  { version: "1.32", patches: ["1.32.5", "1.32.6"] },
  { version: "1.33", patches: ["1.33.2", "1.33.4"], isDefault: true },
  { version: "1.34", patches: ["1.34.0", "1.34.1"] },
  { version: "1.35", patches: ["1.35.0"], isPreview: true },
];

/** Regions that take clusters. Anything else is refused as ARM refuses it. */
const REGIONS = [
  "australiaeast",
  "canadacentral",
  "centralus",
  "eastus",
  "eastus2",
  "francecentral",
  "japaneast",
  "northeurope",
  "southcentralus",
  "southeastasia",
  "swedencentral",
  "uksouth",
  "westeurope",
  "westus",
  "westus2",
  "westus3",
];

/** `East US` and `eastus` are one region to ARM. */
export function regionOf(location: string): string {
  return location.replace(/\s+/g, "").toLowerCase();
}

/** The region, or ARM's refusal of one that it does not have. */
export function requireRegion(world: World, location: string, type: string): string {
  const region = regionOf(location);
  const known = [...REGIONS, regionOf(world.location), ...Object.keys(world.knobs.kubernetesVersions)];
  if (known.includes(region)) return region;
  throw gatewayError(
    400,
    "LocationNotAvailableForResourceType",
    `The provided location '${location}' is not available for resource type '${type}'. List of available regions for the resource type is '${REGIONS.join(",")}'.`,
  );
}

export function versionsIn(world: World, location: string): RegionVersion[] {
  return world.knobs.kubernetesVersions[regionOf(location)] ?? USUAL;
}

/** The default patch version: the newest of the default minor version. */
export function defaultVersion(world: World, location: string): string {
  const versions = versionsIn(world, location);
  const usual = versions.find(({ isDefault }) => isDefault) ?? versions[0];
  return usual?.patches.at(-1) ?? "1.33.4";
}

export interface FoundVersion {
  patch: string;
  entry: RegionVersion;
}

/** A version of the region: `1.33` is an alias of its newest patch (AKS documentation, "alias minor version"). */
export function findVersion(world: World, location: string, wanted: string): FoundVersion | undefined {
  for (const entry of versionsIn(world, location)) {
    const patch =
      entry.version === wanted ? entry.patches.at(-1) : entry.patches.find((one) => one === wanted);
    if (patch !== undefined) return { patch, entry };
  }
  return undefined;
}

export function isOfficial({ supportPlan }: RegionVersion): boolean {
  return supportPlan?.includes("KubernetesOfficial") ?? true;
}

/** Later patches of the same minor version and all of the next: AKS skips none (AKS documentation, "upgrade"). */
function upgradesFrom(versions: RegionVersion[], patch: string): { patch: string; entry: RegionVersion }[] {
  const [major = 0, minor = 0] = numbers(patch);
  return versions.flatMap((entry) => {
    const [itsMajor = 0, itsMinor = 0] = numbers(entry.version);
    if (itsMajor !== major || itsMinor < minor || itsMinor > minor + 1) return [];
    return entry.patches.filter((one) => later(one, patch)).map((one) => ({ patch: one, entry }));
  });
}

export function later(a: string, b: string): boolean {
  const [left, right] = [numbers(a), numbers(b)];
  const differing = [0, 1, 2].find((index) => (left[index] ?? 0) !== (right[index] ?? 0));
  return differing !== undefined && (left[differing] ?? 0) > (right[differing] ?? 0);
}

function numbers(version: string): number[] {
  return version.split(".").map(Number);
}

/** `GET .../locations/{location}/kubernetesVersions`. arm-contract 2: the list is called `values`. */
export function listKubernetesVersions(call: Call): Reply {
  const region = requireRegion(call.world, param(call, "location"), "locations/kubernetesVersions");
  const versions = versionsIn(call.world, region);
  return json(200, { values: versions.map((entry) => versionBody(versions, entry)) });
}

/** The official example leaves `isDefault` and `isPreview` out where they are false. */
function versionBody(versions: RegionVersion[], entry: RegionVersion): JsonObject {
  const upgrades = (patch: string): Json => upgradesFrom(versions, patch).map((one) => one.patch);
  return {
    version: entry.version,
    ...(entry.isDefault && { isDefault: true }),
    ...(entry.isPreview && { isPreview: true }),
    capabilities: { supportPlan: entry.supportPlan ?? ["KubernetesOfficial"] },
    patchVersions: Object.fromEntries(entry.patches.map((patch) => [patch, { upgrades: upgrades(patch) }])),
  };
}

/** `GET {cluster}/upgradeProfiles/default`: what the cluster and each of its pools may become. */
export function getUpgradeProfile(call: Call): Reply {
  const id = pathOf(call);
  const cluster = require(call, id.replace(/\/upgradeProfiles\/default$/i, ""));
  const versions = versionsIn(call.world, textAt(cluster.body, "location") ?? "");
  const profile = (version: string, more: JsonObject): JsonObject => ({
    ...more,
    kubernetesVersion: version,
    osType: "Linux",
    upgrades: upgradesFrom(versions, version).map(({ patch, entry }) => ({
      kubernetesVersion: patch,
      ...(entry.isPreview && { isPreview: true }),
    })),
  });
  const current = textAt(cluster.body, "properties", "currentKubernetesVersion") ?? "";
  const pools = agentPoolsOf(cluster.body).map((pool) =>
    profile(textAt(pool, "currentOrchestratorVersion") ?? current, {
      name: textAt(pool, "name") ?? "",
      osType: textAt(objectAt(pool), "osType") ?? "Linux",
    }),
  );
  return json(200, {
    id: `${cluster.id}/upgradeprofiles/default`,
    name: "default",
    type: "Microsoft.ContainerService/managedClusters/upgradeprofiles",
    properties: { controlPlaneProfile: profile(current, { name: "master" }), agentPoolProfiles: pools },
  });
}
