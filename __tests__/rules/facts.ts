import type {
  ConnectedCluster,
  Extension,
  ManagedCluster,
  TrustedAccessRoleBinding,
} from "../../src/model/azure-resources.ts";
import type { AttachFacts } from "../../src/model/facts.ts";
import { Failure } from "../../src/model/failure.ts";
import type { Finding } from "../../src/model/finding.ts";
import type { Observed } from "../../src/model/observed.ts";
import { judge, type Rule } from "../../src/rules/rule.ts";

export const subscriptionId = "22222222-2222-4222-8222-222222222222";
export const workspaceId = `/subscriptions/${subscriptionId}/resourceGroups/rg1/providers/Microsoft.MachineLearningServices/workspaces/ws1`;
const providers = `/subscriptions/${subscriptionId}/resourceGroups/rg1/providers`;
export const aksId = `${providers}/Microsoft.ContainerService/managedClusters/aks1`;
export const arcId = `${providers}/Microsoft.Kubernetes/connectedClusters/arc1`;
export const identityId = (name: string) =>
  `${providers}/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;

export const denied = { is: "denied", why: new Failure("AuthorizationFailed", "no") } as const;
export const absent = { is: "absent" } as const;
export const there = <T>(value: T): Observed<T> => ({ is: "present", value });

/** A healthy AKS cluster, with these properties. */
export const aks = (
  properties: ManagedCluster["properties"] = {},
): AttachFacts["cluster"] & { kind: "aks" } => ({
  kind: "aks",
  seen: there({
    id: aksId,
    location: "eastus",
    identity: { type: "SystemAssigned" },
    properties: { provisioningState: "Succeeded", powerState: { code: "Running" }, ...properties },
  }),
});

/** A healthy Arc cluster, with these properties. */
export const arc = (properties: ConnectedCluster["properties"] = {}): AttachFacts["cluster"] => ({
  kind: "arc",
  seen: there({
    id: arcId,
    location: "eastus",
    properties: { provisioningState: "Succeeded", connectivityStatus: "Connected", ...properties },
  }),
});

/** A healthy Azure ML extension, with these properties. */
export const extension = (properties: Extension["properties"] = {}): Extension => ({
  name: "azureml",
  properties: {
    extensionType: "microsoft.azureml.kubernetes",
    provisioningState: "Succeeded",
    currentVersion: "1.1.84",
    statuses: [],
    errorInfo: null,
    ...properties,
  },
});

/** The Trusted Access binding that lets the workspace in. */
export const binding = (
  properties: Partial<TrustedAccessRoleBinding["properties"]> = {},
): TrustedAccessRoleBinding => ({
  name: "azureml",
  properties: {
    provisioningState: "Succeeded",
    sourceResourceId: workspaceId,
    roles: ["Microsoft.MachineLearningServices/workspaces/mlworkload"],
    ...properties,
  },
});

/** Facts in which every rule of `attach` is silent, but for what is given. */
export function facts(
  given: Partial<Omit<AttachFacts, "request">> & {
    computeName?: string;
    workspaceName?: string;
    resourceGroup?: string;
    azureEnvironment?: string;
    clusterId?: string;
    identities?: readonly string[];
  } = {},
): AttachFacts {
  const {
    computeName = "gpu",
    workspaceName = "ws1",
    resourceGroup = "rg1",
    azureEnvironment = "AzureCloud",
    clusterId = aksId,
    identities = [],
    ...seen
  } = given;
  return {
    request: {
      azureEnvironment,
      workspace: {
        subscriptionId,
        resourceGroup,
        type: "Microsoft.MachineLearningServices/workspaces",
        name: workspaceName,
      },
      computeName,
      dryRun: false,
      preflight: "enforce",
      timeout: 1,
      wait: true,
      attachment: {
        clusterId,
        namespace: "default",
        identityType: identities.length > 0 ? "user_assigned" : "none",
        userAssignedIdentities: identities,
      },
    },
    workspace: {
      id: workspaceId,
      name: workspaceName,
      location: "eastus",
      properties: { provisioningState: "Succeeded" },
    },
    compute: absent,
    permissions: there([{ actions: ["*"] }]),
    cluster: aks(),
    extensions: there([extension()]),
    ...seen,
  };
}

/** What the rules say of the facts, each with its id, severity and source. */
export function said(rules: readonly Rule<AttachFacts>[], given: AttachFacts): Finding[] {
  return judge(rules, given);
}

/** The same, as one line each. */
export function lines(rules: readonly Rule<AttachFacts>[], given: AttachFacts): string[] {
  return said(rules, given).map(({ id, severity, source }) => `${severity} ${id} (${source})`);
}
