import type { ErrorBody } from "../errors.ts";
import { parseResourceId, sameId } from "../ids.ts";
import { isObject, type JsonObject, objectAt, textAt, valueAt } from "../json.ts";
import type { StoredResource } from "../store.ts";
import type { World } from "../world.ts";
import { legacyPrecondition } from "./aks-computes-preconditions.ts";

/** The role that Azure ML needs for Trusted Access (peers 1.6). */
const TRUSTED_ROLE = "microsoft.machinelearningservices/workspaces/mlworkload";
const AZURE_ML_EXTENSION = "microsoft.azureml.kubernetes";

interface Attachment {
  world: World;
  workspaceId: string;
  computeType: string;
  cluster: StoredResource;
}

/**
 * Why an attach ends as Failed, as far as the facts tell: a documented refusal, or undefined. Codes come from
 * extension 7 and peers 1.6; messages are ours where the source gives none.
 */
export function attachRefusal(
  world: World,
  workspaceId: string,
  properties: JsonObject,
): ErrorBody | undefined {
  const resourceId = textAt(properties, "resourceId");
  if (!resourceId)
    return failure("InvalidComputeInformation", "The compute names no cluster in 'resourceId'.");
  const cluster = world.resource(resourceId);
  if (!cluster || !/\/(managedClusters|connectedClusters)$/i.test(cluster.type)) {
    return failure("ClusterNotFound", `The cluster '${resourceId}' was not found. Check the resource id.`);
  }
  const attachment = { world, workspaceId, cluster, computeType: textAt(properties, "computeType") ?? "" };
  const onAks = cluster.type.endsWith("managedClusters");
  const refusal = (onAks ? aksRefusal(attachment) : arcRefusal(attachment)) ?? extensionRefusal(attachment);
  return refusal ?? legacyRefusal(attachment, properties);
}

function legacyRefusal({ world, workspaceId, cluster, computeType }: Attachment, properties: JsonObject) {
  if (computeType !== "AKS") return undefined;
  const location = textAt(world.resource(workspaceId)?.body, "location") ?? world.location;
  const error = legacyPrecondition(world, cluster, properties, location);
  return error && failure(error.code, error.message);
}

function aksRefusal(attachment: Attachment): ErrorBody | undefined {
  const { world, workspaceId, cluster } = attachment;
  const properties = objectAt(cluster.body, "properties");
  const subscription = parseResourceId(workspaceId)?.subscriptionId;
  if (!sameId(subscription, cluster.subscriptionId) && world.knobs.crossSubscriptionAks === "fail") {
    return failure("BadRequest", "The AKS cluster must be in the same subscription as the workspace.");
  }
  const power = textAt(properties, "powerState", "code") ?? "Running";
  if (power !== "Running") return unreachable(`The cluster '${cluster.name}' is ${power.toLowerCase()}.`);
  if (trusts(attachment)) return undefined;
  if (properties["disableLocalAccounts"] === true) {
    return failure(
      "BadRequest",
      `Failed to get static credential of cluster '${cluster.name}': the cluster is set to disable local accounts.`,
    );
  }
  // Legacy computes have rules of their own about that (A8, A9).
  if (attachment.computeType === "AKS") return undefined;
  if (world.knobs.restrictedApiServer === "fail" && isRestricted(properties)) {
    return unreachable(`The API server of cluster '${cluster.name}' can not be reached.`);
  }
  return undefined;
}

function isRestricted(properties: JsonObject): boolean {
  const access = objectAt(properties, "apiServerAccessProfile");
  const ranges = access["authorizedIPRanges"];
  return access["enablePrivateCluster"] === true || (Array.isArray(ranges) && ranges.length > 0);
}

/** peers 1.6: Trusted Access helps Kubernetes computes, one binding for each workspace; never legacy AKS. */
function trusts({ world, workspaceId, cluster, computeType }: Attachment): boolean {
  if (computeType !== "Kubernetes") return false;
  const type = "Microsoft.ContainerService/managedClusters/trustedAccessRoleBindings";
  return world.store.list(type, cluster.id).some(({ body }) => {
    const roles = valueAt(body, "properties", "roles");
    return (
      sameId(textAt(body, "properties", "sourceResourceId"), workspaceId) &&
      textAt(body, "properties", "provisioningState") === "Succeeded" &&
      Array.isArray(roles) &&
      roles.some((role) => typeof role === "string" && role.toLowerCase() === TRUSTED_ROLE)
    );
  });
}

function arcRefusal({ cluster, computeType }: Attachment): ErrorBody | undefined {
  if (computeType === "AKS") return failure("BadRequest", "A compute of type AKS takes an AKS cluster only.");
  const status = textAt(cluster.body, "properties", "connectivityStatus") ?? "unknown";
  return status === "Connected"
    ? undefined
    : unreachable(`The Arc cluster '${cluster.name}' is ${status.toLowerCase()}.`);
}

/** arm-contract 9: what happens without the extension is in no official file; the code is a knob. */
function extensionRefusal({ world, cluster, computeType }: Attachment): ErrorBody | undefined {
  if (computeType !== "Kubernetes") return undefined;
  const extension = azureMlExtension(world, cluster.id);
  const state = extension && textAt(extension.body, "properties", "provisioningState");
  if (state === "Succeeded") return undefined;
  const how = state ? `is in state ${state}` : "is not installed";
  return failure(
    world.knobs.extensionMissingCode,
    `The extension Microsoft.AzureML.Kubernetes ${how} on cluster '${cluster.name}'.`,
  );
}

export function azureMlExtension(world: World, clusterId: string): StoredResource | undefined {
  return world.store
    .list("Microsoft.KubernetesConfiguration/extensions", clusterId)
    .find(({ body }) => textAt(body, "properties", "extensionType")?.toLowerCase() === AZURE_ML_EXTENSION);
}

function unreachable(message: string): ErrorBody {
  return failure("ClusterNotReachable", message);
}

/** arm-contract 1.4 and 8: details nest; peers 1.4: the cause hides in them. */
function failure(code: string, message: string): ErrorBody {
  return {
    code: "BadRequest",
    message: "The compute could not be provisioned. See the details for the cause.",
    target: null,
    details: [
      {
        code,
        message,
        details: [{ code: `${code}Detail`, message: `Reported by the cluster agent: ${message}` }],
      },
    ],
  };
}

/** Free of secrets and of `null`: what `provisioningErrors` shows of an error (arm-contract 1.4: each wraps its own `error`). */
export function provisioningErrors(error: ErrorBody): JsonObject[] {
  const plain: unknown = JSON.parse(JSON.stringify(error));
  return isObject(plain) ? [{ error: plain }] : [];
}
