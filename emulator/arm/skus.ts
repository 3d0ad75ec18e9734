import { providerError } from "../errors.ts";
import { json, type Reply } from "../http.ts";
import type { JsonObject } from "../json.ts";
import type { World } from "../world.ts";
import type { Call } from "./call.ts";
import { regionOf } from "./kubernetes-versions.ts";

/** A VM size, as the documentation of its series describes it. */
export interface VmSize {
  name: string;
  family: string;
  vcpus: number;
  memoryGb: number;
  gpus?: number;
}

const size = (name: string, family: string, vcpus: number, memoryGb: number, gpus?: number): VmSize => ({
  name,
  family,
  vcpus,
  memoryGb,
  ...(gpus !== undefined && { gpus }),
});

/** Numbers in a size's name are not always its vCPUs: D3 v2 has four (C4's own example). */
const SIZES: readonly VmSize[] = [
  size("Standard_A1_v2", "standardAv2Family", 1, 2),
  size("Standard_B2s", "standardBSFamily", 2, 4),
  size("Standard_D2_v2", "standardDv2Family", 2, 7),
  size("Standard_D2s_v3", "standardDSv3Family", 2, 8),
  size("Standard_D2s_v5", "standardDSv5Family", 2, 8),
  size("Standard_D3_v2", "standardDv2Family", 4, 14),
  size("Standard_D4_v2", "standardDv2Family", 8, 28),
  size("Standard_D4s_v3", "standardDSv3Family", 4, 16),
  size("Standard_D4s_v5", "standardDSv5Family", 4, 16),
  size("Standard_D8s_v3", "standardDSv3Family", 8, 32),
  size("Standard_D8s_v5", "standardDSv5Family", 8, 32),
  size("Standard_D16s_v5", "standardDSv5Family", 16, 64),
  size("Standard_DS2_v2", "standardDSv2Family", 2, 7),
  size("Standard_DS3_v2", "standardDSv2Family", 4, 14),
  size("Standard_E4s_v5", "standardESv5Family", 4, 32),
  size("Standard_F4s_v2", "standardFSv2Family", 4, 8),
  size("Standard_NC4as_T4_v3", "Standard NCASv3_T4 Family", 4, 28, 1),
  size("Standard_NC6s_v3", "standardNCSv3Family", 6, 112, 1),
  size("Standard_NC24ads_A100_v4", "StandardNCADSA100v4Family", 24, 220, 1),
];

/** A VM size by name; AKS ignores its case. */
export function vmSize(name: string): VmSize | undefined {
  return SIZES.find((one) => one.name.toLowerCase() === name.toLowerCase());
}

export function isRestricted(world: World, name: string): boolean {
  return world.knobs.restrictedVmSizes.some((one) => one.toLowerCase() === name.toLowerCase());
}

/** What AKS lists in its refusals: lower case, in order (azure-cli#30887). */
export function usableSizes(world: World): string[] {
  return SIZES.filter(({ name }) => !isRestricted(world, name)).map(({ name }) => name.toLowerCase());
}

/**
 * `GET /subscriptions/{s}/providers/Microsoft.Compute/skus`. REST reference of Microsoft.Compute, "Resource Skus - List":
 * the filter takes `location` alone; other kinds of SKUs stand in between; capabilities are texts.
 */
export function listSkus(call: Call): Reply {
  const { world, request, origin } = call;
  const { searchParams } = request.url;
  const location = locationOf(searchParams.get("$filter"));
  const region = regionOf(location ?? world.location);
  const all = [...SIZES.map((one) => skuBody(world, one, region)), ...otherSkus(region)].sort(byName);
  const skip = Number(searchParams.get("$skiptoken") ?? "0");
  const next = skip + Math.max(1, world.knobs.pageSize);
  const body: JsonObject = { value: all.slice(skip, next) };
  if (next < all.length) {
    const filter =
      location === undefined ? "" : `&%24filter=${encodeURIComponent(`location eq '${location}'`)}`;
    body["nextLink"] =
      `${origin}${request.path}?api-version=${call.apiVersion}${filter}&%24skiptoken=${next}`;
  }
  return json(200, body);
}

function locationOf(filter: string | null): string | undefined {
  if (filter === null) return undefined;
  const location = /^\s*location\s+eq\s+'([^']+)'\s*$/i.exec(filter)?.[1];
  if (location !== undefined) return location;
  throw providerError(400, "InvalidFilterInQueryString", `Invalid $filter '${filter}' in the query string.`);
}

function skuBody(world: World, { name, family, vcpus, memoryGb, gpus }: VmSize, region: string): JsonObject {
  const restriction: JsonObject = {
    type: "Location",
    values: [region],
    restrictionInfo: { locations: [region] },
    reasonCode: "NotAvailableForSubscription",
  };
  const capabilities = { vCPUs: vcpus, MemoryGB: memoryGb, ...(gpus !== undefined && { GPUs: gpus }) };
  return {
    resourceType: "virtualMachines",
    name,
    tier: "Standard",
    size: name.replace("Standard_", ""),
    family,
    locations: [region],
    locationInfo: [{ location: region, zones: ["1", "2", "3"], zoneDetails: [] }],
    capabilities: Object.entries(capabilities).map(([key, value]) => ({ name: key, value: String(value) })),
    restrictions: isRestricted(world, name) ? [restriction] : [],
  };
}

function otherSkus(region: string): JsonObject[] {
  const plain = { locations: [region], locationInfo: [], capabilities: [], restrictions: [] };
  return [
    { resourceType: "availabilitySets", name: "Aligned", ...plain },
    { resourceType: "disks", name: "Premium_LRS", tier: "Premium", size: "P10", ...plain },
  ];
}

function byName(a: JsonObject, b: JsonObject): number {
  return String(a["name"]).localeCompare(String(b["name"]));
}
