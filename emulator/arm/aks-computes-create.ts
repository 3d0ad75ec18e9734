import type { ErrorBody } from "../errors.ts";
import { parseResourceId, uuid } from "../ids.ts";
import { type JsonObject, objectAt, textAt } from "../json.ts";
import type { Outcome } from "../operations.ts";
import type { World } from "../world.ts";
import { capacityError, purposeOf } from "./aks-computes-preconditions.ts";
import { defaultVersion, regionOf } from "./kubernetes-versions.ts";
import { settleCluster } from "./managed-clusters.ts";
import { overlap, rangeOf } from "./managed-clusters-addresses.ts";
import { clusterBody } from "./managed-clusters-body.ts";
import { clusterOutcome, disallowedByPolicy, needsPublicIp } from "./managed-clusters-outcome.ts";
import { clusterProblem, type WantedCluster } from "./managed-clusters-rules.ts";
import { TYPES } from "./reading.ts";
import { vmSize } from "./skus.ts";

/** peers 3: the documented defaults, which are the service's. */
export const CREATE_DEFAULTS = { agentCount: 3, agentVmSize: "Standard_D3_v2" } as const;

/** A cluster that the workspace makes: whether it will come to something, and which it is. */
export interface Creation {
  outcome: Outcome;
  clusterId: string | undefined;
  /** Ends the cluster's own part. */
  settle: () => void;
}

const nothing = (error: ErrorBody): Creation => ({
  outcome: { status: "Failed", error },
  clusterId: undefined,
  settle: () => undefined,
});

/**
 * The legacy create (C1, C2, C5): a cluster named after the compute in the workspace's group (azureml-sdk-for-r#319:
 * `myakscluster77d6159415`), with the region's default version.
 */
export function createCluster(
  world: World,
  workspaceId: string,
  name: string,
  compute: JsonObject,
): Creation {
  const properties = objectAt(compute, "properties");
  const inner = objectAt(properties, "properties");
  const refusal = sizeError(properties, inner) ?? networkError(inner);
  if (refusal) return nothing(refusal);
  const parts = parseResourceId(workspaceId);
  const clusterName = `${name}${uuid().replaceAll("-", "").slice(0, 10)}`;
  const place = {
    id: `${workspaceId.replace(/\/providers\/.*$/i, "")}/providers/${TYPES.managedCluster}/${clusterName}`,
    name: clusterName,
    resourceGroup: parts?.resourceGroup ?? "",
  };
  const location = regionOf(textAt(properties, "computeLocation") ?? world.location);
  const body = clusterRequest(world, location, clusterName, inner);
  const subscriptionId = parts?.subscriptionId ?? "";
  const basicAllowed = world.knobs.legacyLoadBalancer === "basic";
  const wanted: WantedCluster = {
    world,
    name: clusterName,
    subscriptionId,
    location,
    body,
    existing: undefined,
    basicAllowed,
  };
  const stored = clusterBody(world, place, body, undefined);
  const refused = clusterProblem(wanted) ?? earlyPolicy(world, subscriptionId, clusterName, stored);
  if (refused) return nothing(deploymentError(refused, clusterName, place.resourceGroup));
  const outcome = clusterOutcome(wanted, stored);
  world.store.put(place.id, TYPES.managedCluster, stored);
  const settle = () => settleCluster(world, place.id, outcome);
  if (outcome.status === "Succeeded") return { outcome, clusterId: place.id, settle };
  const error = deploymentError(outcome.error, clusterName, place.resourceGroup);
  return { outcome: { status: "Failed", error }, clusterId: place.id, settle };
}

function clusterRequest(world: World, location: string, name: string, inner: JsonObject): JsonObject {
  const network = objectAt(inner, "aksNetworkingConfiguration");
  const subnetId = textAt(network, "subnetId");
  const loadBalancerSku = world.knobs.legacyLoadBalancer === "standard" ? "standard" : "basic";
  const size = textAt(inner, "agentVmSize") ?? CREATE_DEFAULTS.agentVmSize;
  return {
    location,
    identity: { type: "SystemAssigned" },
    properties: {
      dnsPrefix: name,
      kubernetesVersion: defaultVersion(world, location),
      agentPoolProfiles: [
        {
          name: "agentpool",
          mode: "System",
          count: Number(inner["agentCount"] ?? CREATE_DEFAULTS.agentCount),
          vmSize: vmSize(size)?.name ?? size,
          ...(subnetId !== undefined && { vnetSubnetID: subnetId }),
        },
      ],
      networkProfile: {
        networkPlugin: subnetId === undefined ? "kubenet" : "azure",
        loadBalancerSku,
        ...(subnetId !== undefined && {
          serviceCidr: textAt(network, "serviceCidr"),
          dnsServiceIP: textAt(network, "dnsServiceIP"),
        }),
      },
    },
  };
}

/** C4 for a cluster that is not there yet. */
function sizeError(properties: JsonObject, inner: JsonObject): ErrorBody | undefined {
  const count = Number(inner["agentCount"] ?? CREATE_DEFAULTS.agentCount);
  const size = vmSize(textAt(inner, "agentVmSize") ?? CREATE_DEFAULTS.agentVmSize);
  // A size that nobody knows is AKS's to refuse.
  return size && capacityError(purposeOf(properties), { count, cores: count * size.vcpus });
}

/** C2: the docker bridge has to lie outside of the services (AKS documentation, "configure-azure-cni"). */
function networkError(inner: JsonObject): ErrorBody | undefined {
  const network = objectAt(inner, "aksNetworkingConfiguration");
  const [bridge, services] = [
    rangeOf(textAt(network, "dockerBridgeCidr") ?? ""),
    rangeOf(textAt(network, "serviceCidr") ?? ""),
  ];
  if (!bridge || !services || !overlap(bridge, services)) return undefined;
  return {
    code: "BadArgument",
    message: "The docker bridge CIDR overlaps with the service CIDR.",
  };
}

function earlyPolicy(
  world: World,
  subscriptionId: string,
  name: string,
  stored: JsonObject,
): ErrorBody | undefined {
  if (world.knobs.publicIpPolicy !== "early" || !needsPublicIp(stored)) return undefined;
  return disallowedByPolicy(subscriptionId, name, TYPES.managedCluster);
}

/** azureml-sdk-for-r#319: what becomes of AKS's error on its way through the workspace. Details are a guess of form. */
function deploymentError(inner: ErrorBody, name: string, resourceGroup: string): ErrorBody {
  const requestId = uuid();
  const outer = `The template deployment '${uuid()}' is not valid according to the validation procedure. The tracking id is '${requestId}'. See inner errors for details.`;
  const message = `Provisioning of resource(s) for container service ${name} in resource group ${resourceGroup} failed. Message: ${inner.message}`;
  return {
    code: "BadArgument",
    message: `InvalidTemplateDeployment: Details: RequestId: ${requestId}\nError code: 'InvalidTemplateDeployment'. Target: ''. Message: '${outer}'\n    Error code: '${inner.code}'. Target: ''. Message: '${message}'`,
    details: [inner],
  };
}
