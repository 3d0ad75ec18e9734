import type { ErrorBody } from "../errors.ts";
import { uuidFrom } from "../ids.ts";
import type { Json, JsonObject } from "../json.ts";
import { objectAt, textAt } from "../json.ts";
import type { Outcome } from "../operations.ts";
import { agentPoolsOf } from "./managed-clusters-pools.ts";
import { quota, type WantedCluster } from "./managed-clusters-rules.ts";

/** How the operation of a cluster ends: what AKS learns only while it works. */
export function clusterOutcome(wanted: WantedCluster, stored: JsonObject): Outcome {
  const error = capacityError(wanted) ?? quotaError(wanted, stored) ?? policyError(wanted, stored);
  return error ? { status: "Failed", error } : { status: "Succeeded" };
}

/** Azure troubleshooting, "SkuNotAvailable": no list tells of it beforehand. */
function capacityError({ world, location, body }: WantedCluster): ErrorBody | undefined {
  const exhausted = world.knobs.exhaustedVmSizes.map((one) => one.toLowerCase());
  const size = agentPoolsOf(body)
    .map((pool) => textAt(pool, "vmSize") ?? "")
    .find((one) => exhausted.includes(one.toLowerCase()));
  if (size === undefined) return undefined;
  return {
    code: "SkuNotAvailable",
    message: `The requested VM size for resource 'Following SKUs have failed for Capacity Restrictions: ${size}' is currently not available in location '${location}'. Please try another size or deploy to a different location or different zone. See https://aka.ms/azureskunotavailable for details.`,
  };
}

/** AKS troubleshooting, "InsufficientVCPUQuota", and azureml-sdk-for-r#267. */
function quotaError(wanted: WantedCluster, stored: JsonObject): ErrorBody | undefined {
  const { limit, used, left, requested } = quota(wanted);
  if (requested <= left) return undefined;
  return {
    code: "QuotaExceeded",
    message: `Provisioning of resource(s) for container service ${wanted.name} in resource group ${String(objectAt(stored, "properties")["nodeResourceGroup"])} failed. Message: Operation could not be completed as it results in exceeding approved Total Regional Cores quota. Additional details - Deployment Model: Resource Manager, Location: ${wanted.location}, Current Limit: ${limit}, Current Usage: ${used}, Additional Required: ${requested}, (Minimum) New Limit Required: ${used + requested}. Submit a request for Quota increase. Details:`,
  };
}

/** C6, AKS#2993: a cluster whose traffic leaves through a router of its own needs no public IP; any other does. */
export function needsPublicIp(stored: JsonObject): boolean {
  const outbound = textAt(stored, "properties", "networkProfile", "outboundType") ?? "loadBalancer";
  return outbound === "loadBalancer" || outbound === "managedNATGateway";
}

function policyError(
  { world, subscriptionId, name }: WantedCluster,
  stored: JsonObject,
): ErrorBody | undefined {
  if (world.knobs.publicIpPolicy !== "late" || !needsPublicIp(stored)) return undefined;
  const address = uuidFrom(`${name} public ip`);
  const { message, additionalInfo } = disallowedByPolicy(subscriptionId, address, PUBLIC_IP);
  return {
    code: "ReconcileStandardLoadBalancerError",
    message: `Resource request failed due to RequestDisallowedByPolicy. Please see https://aka.ms/aks-requestdisallowedbypolicy for more details. The detailed error message: outboundReconciler retry failed: Category: ClientError; Code: Unspecified; SubCode: RequestDisallowedByPolicy; Message: ; InnerMessage: ; Dependency: Microsoft.Network/PublicIPAddresses; OrginalError: Code="RequestDisallowedByPolicy" Message="${message}" Target="${address}" AdditionalInfo=${JSON.stringify(additionalInfo)}`,
  };
}

const PUBLIC_IP = "Microsoft.Network/publicIPAddresses";

/** AKS#3212: the whole refusal of a policy, with the `PolicyViolation` that names it. */
export function disallowedByPolicy(subscriptionId: string, resource: string, type: string): ErrorBody {
  const scope = `/subscriptions/${subscriptionId}`;
  const authorization = `${scope}/providers/Microsoft.Authorization`;
  const info: Json = {
    evaluationDetails: {
      evaluatedExpressions: [
        {
          result: "True",
          expressionKind: "Field",
          expression: "type",
          path: "type",
          expressionValue: type,
          targetValue: type,
          operator: "Equals",
        },
      ],
    },
    policyDefinitionId: `${authorization}/policyDefinitions/no-public-ip`,
    policyDefinitionName: "no-public-ip",
    policyDefinitionDisplayName: "No public IP addresses",
    policyDefinitionEffect: "deny",
    policyAssignmentId: `${authorization}/policyAssignments/no-public-ip`,
    policyAssignmentName: "no-public-ip",
    policyAssignmentDisplayName: "No public IP addresses",
    policyAssignmentScope: scope,
    policyAssignmentParameters: {},
    policyExemptionIds: [],
  };
  return {
    code: "RequestDisallowedByPolicy",
    target: resource,
    message: `Resource '${resource}' was disallowed by policy. Reasons: 'Public IP creation is not allowed.'. See error details for policy resource IDs.`,
    additionalInfo: [{ type: "PolicyViolation", info }],
  };
}
