import type { World } from "../../emulator/index.ts";
import { aksId, arcId, workspaceId } from "./scene.ts";
import { forbid } from "./world-facts.ts";

const otherSubscription = "55555555-5555-4555-8555-555555555555";
export const write = "Microsoft.MachineLearningServices/workspaces/computes/write";
export const servicePrincipal = { clientId: "66666666-6666-4666-8666-666666666666" };

/** Changes properties of a resource that the world has. */
export function change(world: World, id: string, properties: object, body: object = {}): void {
  const resource = world.resource(id);
  if (!resource) throw new Error(`the world has no ${id}`);
  Object.assign(resource.body, body);
  Object.assign(resource.body["properties"] ?? {}, properties);
}

export const extensionOf = (clusterId: string) =>
  `${clusterId}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`;

/** A world and inputs in which one rule has something to say. */
export interface Case {
  readonly rule: string;
  readonly what: string;
  readonly source: string;
  /** Brings the world into the state that the rule is about; gives inputs where they matter. */
  readonly prepare: (world: World) => Record<string, string>;
  /** What the finding must show. */
  readonly shows: string;
}

/** Worlds and inputs in which one rule finds an error. */
export const errors: readonly Case[] = [
  {
    rule: "compute-name-digits",
    what: "a compute name that ends in a dash and digits",
    source: "A2",
    prepare: () => ({ "compute-name": "pool-1" }),
    shows: "pool1",
  },
  {
    rule: "workspace-name-dash",
    what: "a workspace whose name ends in a dash",
    source: "extension.md 7",
    prepare: (world) => {
      world.addWorkspace({ resourceGroup: "rg1", name: "ws1-" });
      return { "workspace-name": "ws1-" };
    },
    shows: "ws1-",
  },
  {
    rule: "resource-group-dash",
    what: "a resource group whose name ends in a dash",
    source: "extension.md 7",
    prepare: (world) => {
      world.addWorkspace({ resourceGroup: "rg-", name: "ws1" });
      return { "resource-group": "rg-" };
    },
    shows: "rg-",
  },
  {
    rule: "workspace-succeeded",
    what: "a workspace that is not ready",
    source: "arm-contract 1.8",
    prepare: (world) => {
      change(world, workspaceId(world), { provisioningState: "Updating" });
      return {};
    },
    shows: "Updating",
  },
  {
    rule: "cluster-exists",
    what: "an AKS cluster that is not there",
    source: "A1, L1",
    prepare: (world) => ({ "cluster-resource-id": aksId(world).replace("aks1", "aks9") }),
    shows: "aks9",
  },
  {
    rule: "cluster-exists",
    what: "an Arc cluster that is not there",
    source: "A1, L1",
    prepare: (world) => ({ "cluster-resource-id": arcId(world).replace("arc1", "arc9") }),
    shows: "arc9",
  },
  {
    rule: "cluster-subscription",
    what: "an AKS cluster of another subscription",
    source: "A4",
    prepare: (world) => {
      const subscriptionId = otherSubscription;
      world.addSubscription({ subscriptionId });
      const id = world.addManagedCluster({ subscriptionId, resourceGroup: "rg1", name: "aks1" });
      world.addExtension(id);
      return { "cluster-resource-id": id };
    },
    shows: otherSubscription,
  },
  {
    rule: "cluster-running",
    what: "an AKS cluster that is stopped",
    source: "extension.md 7",
    prepare: (world) => {
      change(world, aksId(world), { powerState: { code: "Stopped" } });
      return {};
    },
    shows: "az aks start",
  },
  {
    rule: "cluster-connected",
    what: "an Arc cluster that is not connected",
    source: "X7",
    prepare: (world) => {
      const lastConnectivityTime = "2026-01-02T03:04:05Z";
      change(world, arcId(world), { connectivityStatus: "Offline", lastConnectivityTime });
      return { "cluster-resource-id": arcId(world) };
    },
    shows: "2026-01-02T03:04:05Z",
  },
  {
    rule: "cluster-managed-identity",
    what: "an AKS cluster with a service principal",
    source: "extension.md 7",
    prepare: (world) => {
      const identity = { identity: { type: "None" } };
      change(world, aksId(world), { servicePrincipalProfile: servicePrincipal }, identity);
      return {};
    },
    shows: "--enable-managed-identity",
  },
  ...(["none", "of another workspace", "with another role", "that is not ready"] as const).map(
    (binding): Case => ({
      rule: "cluster-local-accounts",
      what: `an AKS cluster without local accounts, its Trusted Access binding: ${binding}`,
      source: "peers 1.6",
      prepare: (world) => {
        change(world, aksId(world), { disableLocalAccounts: true });
        const own = workspaceId(world);
        const seeds = {
          "of another workspace": { sourceResourceId: `${own}2` },
          "with another role": { sourceResourceId: own, roles: ["Microsoft.X/y/role"] },
          "that is not ready": { sourceResourceId: own, provisioningState: "Updating" },
        };
        if (binding !== "none") world.addTrustedAccessRoleBinding(aksId(world), seeds[binding]);
        return {};
      },
      shows: "az aks trustedaccess rolebinding create",
    }),
  ),
  ...([aksId, arcId] as const).map(
    (clusterOf): Case => ({
      rule: "extension-installed",
      what: `${clusterOf === aksId ? "an AKS" : "an Arc"} cluster without the extension`,
      source: "X1, K1",
      prepare: (world) => {
        world.store.delete(extensionOf(clusterOf(world)));
        world.addExtension(clusterOf(world), { name: "other", extensionType: "Microsoft.Flux" });
        return { "cluster-resource-id": clusterOf(world) };
      },
      shows: "deploy-extension",
    }),
  ),
  {
    rule: "extension-succeeded",
    what: "an extension that failed, with what errorInfo tells",
    source: "K1",
    prepare: (world) => {
      const details = [{ code: "Inner", message: "the image can't be pulled" }];
      const errorInfo = { code: "Outer", message: "failed", details };
      change(world, extensionOf(aksId(world)), { provisioningState: "Failed", errorInfo });
      return {};
    },
    shows: "Inner: the image can't be pulled",
  },
  {
    rule: "extension-succeeded",
    what: "an extension that failed, with what its statuses tell",
    source: "K1",
    prepare: (world) => {
      const statuses = [{ code: "InstallationFailed", level: "Error", message: "helm gave up" }];
      change(world, extensionOf(aksId(world)), { provisioningState: "Failed", statuses });
      return {};
    },
    shows: "InstallationFailed: helm gave up",
  },
  {
    rule: "extension-succeeded",
    what: "an extension that is being installed",
    source: "K1",
    prepare: (world) => {
      change(world, extensionOf(aksId(world)), { provisioningState: "Creating" });
      return {};
    },
    shows: "Wait until",
  },
  {
    rule: "permission-computes-write",
    what: "an identity without the right to write computes",
    source: "A4",
    prepare: (world) => {
      forbid(world, write);
      return {};
    },
    shows: write,
  },
];

/** Worlds and inputs in which one rule finds a warning. */
export const warnings: readonly Case[] = [
  {
    rule: "compute-name-length",
    what: "a compute name of more than 16 characters",
    source: "A2, peers 1.3",
    prepare: () => ({ "compute-name": "seventeen-letters" }),
    shows: "17 characters",
  },
  {
    rule: "cluster-subscription",
    what: "an Arc cluster of another subscription",
    source: "A4",
    prepare: (world) => {
      const subscriptionId = otherSubscription;
      world.addSubscription({ subscriptionId });
      const id = world.addConnectedCluster({ subscriptionId, resourceGroup: "rg1", name: "arc1" });
      world.addExtension(id);
      return { "cluster-resource-id": id };
    },
    shows: otherSubscription,
  },
  {
    rule: "extension-statuses",
    what: "an extension that succeeded and reports errors",
    source: "arm-contract 3",
    prepare: (world) => {
      const statuses = [
        { code: "Pods", level: "error", message: "two are not ready" },
        { code: "Note", level: "Information", message: "unseen" },
      ];
      change(world, extensionOf(aksId(world)), { statuses });
      return {};
    },
    shows: "Pods: two are not ready",
  },
  {
    rule: "cluster-exists",
    what: "a cluster that may not be read",
    source: "A1, L1",
    prepare: (world) => {
      forbid(world, "Microsoft.ContainerService/managedClusters/read");
      return {};
    },
    shows: "can't be read",
  },
  {
    rule: "cluster-exists",
    what: "an Arc cluster that may not be read",
    source: "A1, L1",
    prepare: (world) => {
      forbid(world, "Microsoft.Kubernetes/connectedClusters/read");
      return { "cluster-resource-id": arcId(world) };
    },
    shows: "can't be read",
  },
  {
    rule: "extension-installed",
    what: "extensions that may not be read",
    source: "X1, K1",
    prepare: (world) => {
      forbid(world, "Microsoft.KubernetesConfiguration/extensions/read");
      return {};
    },
    shows: "can't be read",
  },
  {
    rule: "cluster-local-accounts",
    what: "Trusted Access bindings that may not be read",
    source: "peers 1.6",
    prepare: (world) => {
      change(world, aksId(world), { disableLocalAccounts: true });
      world.addTrustedAccessRoleBinding(aksId(world), { sourceResourceId: workspaceId(world) });
      forbid(world, "Microsoft.ContainerService/managedClusters/trustedAccessRoleBindings/read");
      return {};
    },
    shows: "can't be read",
  },
];
