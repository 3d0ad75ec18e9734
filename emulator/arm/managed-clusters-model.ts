import type { JsonObject } from "../json.ts";
import { anything, boolean, map, object, oneOf, problems, readOnly, type Shape, text } from "./shape.ts";

const CIDR: Shape = {
  kind: "text",
  pattern: /^([0-9]{1,3}\.){3}[0-9]{1,3}(\/([0-9]|[1-2][0-9]|3[0-2]))?$/,
};
const IPV4: Shape = {
  kind: "text",
  pattern: /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/,
};
const integer: Shape = { kind: "integer" };
const list = (item: Shape): Shape => ({ kind: "list", item });

/** arm-contract 2, `ManagedClusterAgentPoolProfile`. Members that no action of this kind sends are `anything`. */
const POOL = object(
  {
    name: text,
    count: integer,
    vmSize: text,
    osDiskSizeGB: integer,
    osDiskType: oneOf("Managed", "Ephemeral"),
    vnetSubnetID: text,
    podSubnetID: text,
    maxPods: integer,
    osType: oneOf("Linux", "Windows"),
    osSKU: text,
    maxCount: integer,
    minCount: integer,
    enableAutoScaling: boolean,
    type: oneOf("VirtualMachineScaleSets", "AvailabilitySet"),
    mode: oneOf("System", "User"),
    orchestratorVersion: text,
    currentOrchestratorVersion: readOnly,
    nodeImageVersion: readOnly,
    provisioningState: readOnly,
    powerState: anything,
    availabilityZones: list(text),
    enableNodePublicIP: boolean,
    scaleSetPriority: oneOf("Spot", "Regular"),
    tags: map(text),
    nodeLabels: map(text),
    nodeTaints: list(text),
    upgradeSettings: anything,
    enableEncryptionAtHost: boolean,
    enableFIPS: boolean,
  },
  ["name"],
);

const NETWORK = object({
  networkPlugin: oneOf("azure", "kubenet", "none"),
  networkPluginMode: oneOf("overlay"),
  networkPolicy: oneOf("none", "calico", "azure", "cilium"),
  networkDataplane: oneOf("azure", "cilium"),
  podCidr: CIDR,
  serviceCidr: CIDR,
  dnsServiceIP: IPV4,
  outboundType: oneOf("loadBalancer", "userDefinedRouting", "managedNATGateway", "userAssignedNATGateway"),
  loadBalancerSku: oneOf("standard", "basic"),
  loadBalancerProfile: anything,
  natGatewayProfile: anything,
  podCidrs: list(CIDR),
  serviceCidrs: list(CIDR),
  ipFamilies: list(text),
});

const API_SERVER = object({
  authorizedIPRanges: list(text),
  enablePrivateCluster: boolean,
  privateDNSZone: text,
  enablePrivateClusterPublicFQDN: boolean,
  disableRunCommand: boolean,
});

const PROPERTIES = object({
  provisioningState: readOnly,
  powerState: readOnly,
  maxAgentPools: readOnly,
  kubernetesVersion: text,
  currentKubernetesVersion: readOnly,
  dnsPrefix: text,
  fqdnSubdomain: text,
  fqdn: readOnly,
  privateFQDN: readOnly,
  azurePortalFQDN: readOnly,
  resourceUID: readOnly,
  agentPoolProfiles: list(POOL),
  linuxProfile: anything,
  servicePrincipalProfile: anything,
  addonProfiles: anything,
  oidcIssuerProfile: anything,
  nodeResourceGroup: text,
  enableRBAC: boolean,
  supportPlan: oneOf("KubernetesOfficial", "AKSLongTermSupport"),
  networkProfile: NETWORK,
  aadProfile: anything,
  autoUpgradeProfile: anything,
  apiServerAccessProfile: API_SERVER,
  disableLocalAccounts: boolean,
  securityProfile: anything,
  storageProfile: anything,
  publicNetworkAccess: oneOf("Enabled", "Disabled"),
});

const CLUSTER = object({
  id: readOnly,
  name: readOnly,
  type: readOnly,
  systemData: readOnly,
  location: text,
  tags: map(text),
  sku: object({ name: oneOf("Base", "Automatic"), tier: oneOf("Free", "Standard", "Premium") }),
  identity: object({
    type: oneOf("None", "SystemAssigned", "UserAssigned"),
    userAssignedIdentities: map(object({ principalId: readOnly, clientId: readOnly })),
    principalId: readOnly,
    tenantId: readOnly,
  }),
  properties: PROPERTIES,
});

/** Every reason to refuse the body of a managed cluster's PUT, as far as the official file tells. */
export function clusterShapeProblems(body: JsonObject): string[] {
  return problems(CLUSTER, body);
}

export function tagsProblems(body: JsonObject): string[] {
  return problems(object({ tags: map(text) }), body);
}

/** arm-contract 2. */
export function isClusterName(name: string): boolean {
  return /^[a-zA-Z0-9]$|^[a-zA-Z0-9][-_a-zA-Z0-9]{0,61}[a-zA-Z0-9]$/.test(name);
}
