import { uuidFrom } from "./ids.ts";
import type { JsonObject } from "./json.ts";

/** Bodies of healthy resources. Each property is one that the official file of the type declares (arm-contract 1.8 to 4). */

export function workspaceBody(id: string, name: string, location: string, tenantId: string): JsonObject {
  return {
    location,
    tags: {},
    kind: "Default",
    sku: { name: "Basic", tier: "Basic" },
    identity: { type: "SystemAssigned", principalId: uuidFrom(`${id} principal`), tenantId },
    properties: {
      friendlyName: name,
      description: "",
      provisioningState: "Succeeded",
      workspaceId: uuidFrom(id),
      tenantId,
      discoveryUrl: `https://${location}.api.azureml.emulator.test/discovery`,
      mlFlowTrackingUri: `azureml://${location}.api.azureml.emulator.test/mlflow/v1.0${id}`,
      publicNetworkAccess: "Enabled",
      v1LegacyMode: false,
      hbiWorkspace: false,
    },
  };
}

export function managedClusterBody(id: string, name: string, location: string, tenantId: string): JsonObject {
  const group = id.split("/")[4] ?? "";
  return {
    location,
    tags: {},
    sku: { name: "Base", tier: "Standard" },
    identity: { type: "SystemAssigned", principalId: uuidFrom(`${id} principal`), tenantId },
    properties: {
      provisioningState: "Succeeded",
      powerState: { code: "Running" },
      kubernetesVersion: "1.33",
      currentKubernetesVersion: "1.33.4",
      dnsPrefix: name,
      fqdn: `${name}-dns.hcp.${location}.emulator.test`,
      agentPoolProfiles: [agentPool()],
      nodeResourceGroup: `MC_${group}_${name}_${location}`,
      enableRBAC: true,
      networkProfile: { networkPlugin: "azure", loadBalancerSku: "standard" },
      apiServerAccessProfile: { enablePrivateCluster: false },
      disableLocalAccounts: false,
      publicNetworkAccess: "Enabled",
    },
  };
}

function agentPool(): JsonObject {
  return {
    name: "nodepool1",
    count: 3,
    vmSize: "Standard_D4s_v3",
    osType: "Linux",
    type: "VirtualMachineScaleSets",
    mode: "System",
    orchestratorVersion: "1.33",
    currentOrchestratorVersion: "1.33.4",
    provisioningState: "Succeeded",
    powerState: { code: "Running" },
    enableAutoScaling: false,
  };
}

export function connectedClusterBody(
  id: string,
  location: string,
  tenantId: string,
  now: string,
): JsonObject {
  return {
    location,
    tags: {},
    identity: { type: "SystemAssigned", principalId: uuidFrom(`${id} principal`), tenantId },
    properties: {
      provisioningState: "Succeeded",
      connectivityStatus: "Connected",
      agentPublicKeyCertificate: "MIIBCgKCAQEA",
      kubernetesVersion: "1.33.4",
      totalNodeCount: 3,
      totalCoreCount: 12,
      agentVersion: "1.28.3",
      distribution: "k3s",
      infrastructure: "generic",
      lastConnectivityTime: now,
      managedIdentityCertificateExpirationTime: "2036-01-01T00:00:00Z",
      privateLinkState: "Disabled",
    },
  };
}

export interface ExtensionSeed {
  name?: string;
  extensionType?: string;
  provisioningState?: string;
  identity?: JsonObject;
  /** Merged into `properties`. */
  properties?: JsonObject;
}

/**
 * What the CLI derives for an AKS cluster (extension 1c), and a router that can be reached: so an extension that is
 * there from the start is a whole one. On Arc a Relay belongs to it, which is left to those who seed one.
 */
function wholeSettings(clusterId: string, location: string): JsonObject {
  return {
    allowInsecureConnections: "True",
    inferenceRouterServiceType: "LoadBalancer",
    cluster_name_friendly: clusterId.split("/").at(-1),
    "prometheus.prometheusSpec.externalLabels.cluster_name": clusterId,
    location: location.toLowerCase(),
    jobSchedulerLocation: location.toLowerCase(),
    domain: `${location}.cloudapp.azure.com`,
    "servicebus.enabled": "false",
    "relayserver.enabled": "false",
    "nginxIngress.enabled": "true",
  };
}

/** The body of an extension; with the cluster's location it is one that has been there from the start. */
export function extensionBody(
  clusterId: string,
  seed: ExtensionSeed,
  tenantId: string,
  now: string,
  location?: string,
): JsonObject {
  const onAks = /managedClusters/i.test(clusterId);
  const identity = { type: "SystemAssigned", principalId: uuidFrom(`${clusterId} extension`), tenantId };
  const body: JsonObject = {
    properties: {
      extensionType: seed.extensionType ?? "microsoft.azureml.kubernetes",
      autoUpgradeMinorVersion: true,
      releaseTrain: "stable",
      version: null,
      currentVersion: "1.1.84",
      scope: { cluster: { releaseNamespace: "azureml" } },
      provisioningState: seed.provisioningState ?? "Succeeded",
      configurationSettings: {
        enableTraining: "True",
        enableInference: "True",
        cluster_name: clusterId,
        clusterId,
        ...(onAks && location !== undefined && wholeSettings(clusterId, location)),
      },
      configurationProtectedSettings: {},
      statuses: [],
      aksAssignedIdentity: onAks ? identity : null,
      isSystemExtension: false,
    },
    systemData: systemData(now),
  };
  if (!onAks || seed.identity) body["identity"] = seed.identity ?? identity;
  return body;
}

/** testbed 7: the extension provider knows no authors. */
export function systemData(now: string): JsonObject {
  return {
    createdBy: null,
    createdByType: null,
    createdAt: now,
    lastModifiedBy: null,
    lastModifiedByType: null,
    lastModifiedAt: now,
  };
}
