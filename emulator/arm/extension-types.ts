import { providerError } from "../errors.ts";
import { json, type Reply } from "../http.ts";
import type { JsonObject } from "../json.ts";
import type { Call } from "./call.ts";
import { param } from "./call.ts";
import { type ClusterTypeName, type ExtensionRelease, releases } from "./extension-releases.ts";
import { pathOf, require } from "./reading.ts";

/** The extension types API (extension 4, arm-contract 3): which versions there are for a location or a cluster. */

const TYPE = "microsoft.azureml.kubernetes";
const CLUSTER_TYPES: readonly ClusterTypeName[] = ["managedCluster", "connectedCluster"];
/** The example of the official file names distributions; which ones the service names is not known. */
const DISTRIBUTIONS: Record<ClusterTypeName, string[]> = {
  managedCluster: ["AKS"],
  connectedCluster: ["AKS", "EKS", "GKE", "k3s", "openshift", "generic"],
};

/** All types there are here. */
export function listExtensionTypes(call: Call): Reply {
  requireCluster(call);
  const value = fitsCluster(call) ? [extensionType(call, pathOf(call))] : [];
  return json(200, { value, nextLink: null });
}

export function getExtensionType(call: Call): Reply {
  requireCluster(call);
  requireType(call);
  return json(200, extensionType(call, listPath(call)));
}

/** The filters: `releaseTrain` (default stable), `clusterType`, `majorVersion`, `showLatest`. */
export function listExtensionTypeVersions(call: Call): Reply {
  requireCluster(call);
  requireType(call);
  const query = call.request.url.searchParams;
  const train = query.get("releaseTrain") || "stable";
  const major = query.get("majorVersion");
  const found = releases(call.world.knobs.extensionReleases)
    .filter((one) => one.train.toLowerCase() === train.toLowerCase())
    .filter(({ version }) => !major || version.split(".")[0] === major)
    .filter(() => fitsCluster(call));
  const shown = query.get("showLatest")?.toLowerCase() === "true" ? found.slice(0, 1) : found;
  return json(200, { value: shown.map((one) => versionBody(call, one)), nextLink: null });
}

/** One version, of whatever train. */
export function getExtensionTypeVersion(call: Call): Reply {
  requireCluster(call);
  requireType(call);
  const wanted = param(call, "version");
  const release = releases(call.world.knobs.extensionReleases).find(({ version }) => version === wanted);
  if (release) return json(200, versionBody(call, release));
  // Guess: code and wording.
  throw providerError(404, "ExtensionTypeVersionNotFound", `Version '${wanted}' of ${TYPE} was not found.`);
}

function extensionType({ world }: Call, list: string): JsonObject {
  return {
    id: `${list}/${TYPE}`,
    name: TYPE,
    type: typeName(list),
    properties: {
      isSystemExtension: false,
      isManagedIdentityRequired: true,
      description: "Azure Machine Learning on Kubernetes",
      publisher: "Microsoft",
      supportedClusterTypes: [...CLUSTER_TYPES],
      supportedScopes: {
        defaultScope: "cluster",
        clusterScopeSettings: {
          properties: {
            allowMultipleInstances: world.knobs.secondOfType === "allow",
            defaultReleaseNamespace: "azureml",
          },
        },
      },
    },
  };
}

function versionBody(call: Call, { version, unsupported }: ExtensionRelease): JsonObject {
  const matrix = CLUSTER_TYPES.map((type) => [
    type,
    unsupported?.[type]?.map((row) => ({ ...row })) ?? [
      { distributions: [...DISTRIBUTIONS[type]], unsupportedVersions: [] },
    ],
  ]);
  return {
    id: `${listPath(call)}/${TYPE}/versions/${version}`,
    name: version,
    type: `${typeName(listPath(call))}/versions`,
    properties: {
      version,
      unsupportedKubernetesVersions: Object.fromEntries(matrix),
      supportedClusterTypes: [...CLUSTER_TYPES],
    },
  };
}

/** The type follows the path: a location's is another one than a cluster's. */
function typeName(list: string): string {
  const below = /\/locations\/[^/]+\/extensionTypes$/i.test(list) ? "locations/" : "";
  return `Microsoft.KubernetesConfiguration/${below}extensionTypes`;
}

/** Up to and with `/extensionTypes`, as the caller spells it. */
function listPath(call: Call): string {
  return pathOf(call).replace(/(\/extensionTypes)\/.*$/i, "$1");
}

function requireCluster(call: Call): void {
  if (call.params["cluster"] === undefined) return;
  require(call, pathOf(call).replace(/\/providers\/Microsoft\.KubernetesConfiguration\/.*$/i, ""));
}

/** The name is compared without case. The code is the one that users see for a type which a region does not have. */
function requireType(call: Call): void {
  const asked = param(call, "extensionType");
  if (asked.toLowerCase() === TYPE) return;
  const where = call.params["location"] ?? call.world.location;
  const message = `Extension type ${asked.toLowerCase()} is not registered in region ${where}.`;
  throw providerError(404, "ExtensionTypeRegistrationGetFailed", message);
}

/** arm-contract 3: `clusterType` exists in the location form alone, in the singular. */
function fitsCluster(call: Call): boolean {
  const asked = call.request.url.searchParams.get("clusterType");
  return !asked || CLUSTER_TYPES.some((one) => one.toLowerCase() === asked.toLowerCase().replace(/s$/, ""));
}
