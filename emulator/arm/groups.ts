import { gatewayError } from "../errors.ts";
import { empty, json, type Reply } from "../http.ts";
import { keyOf } from "../ids.ts";
import type { JsonObject } from "../json.ts";
import type { World } from "../world.ts";
import type { Call } from "./call.ts";
import { param } from "./call.ts";

/** Subscriptions, resource groups, providers and tenants (arm-contract 7). */

export function listTenants({ world }: Call): Reply {
  return json(200, { value: [{ id: `/tenants/${world.tenantId}`, tenantId: world.tenantId }], nextLink: "" });
}

export function listSubscriptions({ world }: Call): Reply {
  return json(200, {
    value: [...world.subscriptions.keys()].map((key) => subscriptionBody(world, key)),
    nextLink: "",
  });
}

export function getSubscription(call: Call): Reply {
  return json(200, subscriptionBody(call.world, keyOf(param(call, "subscriptionId"))));
}

function subscriptionBody(world: World, key: string): JsonObject {
  const subscription = world.subscriptions.get(key);
  if (!subscription) throw subscriptionNotFound(key);
  return {
    id: `/subscriptions/${subscription.subscriptionId}`,
    subscriptionId: subscription.subscriptionId,
    displayName: subscription.displayName,
    tenantId: world.tenantId,
    state: subscription.state,
    subscriptionPolicies: {
      locationPlacementId: "Internal_2014-09-01",
      quotaId: "Internal_2014-09-01",
      spendingLimit: "Off",
    },
    authorizationSource: "RoleBased",
  };
}

export function getResourceGroup(call: Call): Reply {
  const { id, name, location, tags } = findResourceGroup(call);
  return json(200, {
    id,
    name,
    type: "Microsoft.Resources/resourceGroups",
    location,
    tags,
    properties: { provisioningState: "Succeeded" },
  });
}

/** arm-contract 7: HEAD 204 exists, 404 not. */
export function headResourceGroup(call: Call): Reply {
  findResourceGroup(call);
  return empty(204);
}

function findResourceGroup({ world, params }: Call) {
  return requireResourceGroup(world, params["subscriptionId"] ?? "", params["resourceGroup"] ?? "");
}

export function requireResourceGroup(world: World, subscriptionId: string, name: string) {
  const group = world.resourceGroups.get(keyOf(`/subscriptions/${subscriptionId}/resourceGroups/${name}`));
  if (group) return group;
  throw gatewayError(404, "ResourceGroupNotFound", `Resource group '${name}' could not be found.`);
}

export function subscriptionNotFound(subscriptionId: string) {
  return gatewayError(
    404,
    "SubscriptionNotFound",
    `The subscription '${subscriptionId}' could not be found.`,
  );
}

/** The namespaces that the emulator knows, with the resource types that matter here. */
const PROVIDERS: Record<string, string[]> = {
  "Microsoft.MachineLearningServices": [
    "workspaces",
    "workspaces/computes",
    "locations/computeOperationsStatus",
  ],
  "Microsoft.ContainerService": ["managedClusters", "managedClusters/trustedAccessRoleBindings"],
  "Microsoft.Kubernetes": ["connectedClusters"],
  "Microsoft.KubernetesConfiguration": ["extensions"],
  "Microsoft.Relay": ["namespaces"],
};

export function getProvider(call: Call): Reply {
  return json(200, providerBody(call));
}

/** `POST .../register`: registered at once; the real one takes a minute (state Registering). */
export function registerProvider(call: Call): Reply {
  const body = providerBody(call);
  call.world.providerStates.delete(String(body["namespace"]).toLowerCase());
  return json(200, providerBody(call));
}

function providerBody(call: Call): JsonObject {
  const asked = param(call, "namespace");
  const namespace = Object.keys(PROVIDERS).find((one) => keyOf(one) === keyOf(asked));
  if (!namespace) {
    throw gatewayError(404, "InvalidResourceNamespace", `The resource namespace '${asked}' is invalid.`);
  }
  return {
    id: `/subscriptions/${param(call, "subscriptionId")}/providers/${namespace}`,
    namespace,
    registrationPolicy: "RegistrationRequired",
    registrationState: registrationState(call.world, namespace),
    resourceTypes: (PROVIDERS[namespace] ?? []).map((resourceType) => ({
      resourceType,
      locations: ["East US", "West Europe"],
      apiVersions: [],
    })),
  };
}

export function registrationState(world: World, namespace: string): string {
  return world.providerStates.get(namespace.toLowerCase()) ?? "Registered";
}
