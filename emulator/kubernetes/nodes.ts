import { uuidFrom } from "../ids.ts";
import type { JsonObject } from "../json.ts";
import type { ClusterFacts, Pool } from "./facts.ts";
import { type PlannedNode, type Taint, zulu } from "./plan.ts";

/** Cores, GiB and GPUs of machine sizes; of others the first number in the name tells the cores. */
const SIZES: Record<string, [cores: number, memory: number, gpus?: number]> = {
  Standard_D2s_v3: [2, 8],
  Standard_D4s_v3: [4, 16],
  Standard_D8s_v3: [8, 32],
  Standard_DS2_v2: [2, 7],
  Standard_DS3_v2: [4, 14],
  Standard_NC6s_v3: [6, 112, 1],
  Standard_NC4as_T4_v3: [4, 28, 1],
};

function sizeOf(vmSize: string): [cores: number, memory: number, gpus?: number] {
  const cores = Number(/\d+/.exec(vmSize)?.[0] ?? 2);
  return SIZES[vmSize] ?? [cores, cores * 4];
}

/**
 * What is left of a machine for pods (AKS documentation, "Resource reservations"): 60m of the first core, 40m of the
 * second, 20m of each further one to four, then 10m; memory in steps, and 750 MiB for eviction.
 */
function allocatable(cores: number, gib: number): { cpu: number; memory: number } {
  const reserved =
    [60, 40, 20, 20].slice(0, cores).reduce((sum, one) => sum + one, 0) + Math.max(0, cores - 4) * 10;
  const steps: [upTo: number, share: number][] = [
    [4, 0.25],
    [4, 0.2],
    [8, 0.1],
    [112, 0.06],
  ];
  let left = gib;
  let kept = 0;
  for (const [size, share] of steps) {
    const part = Math.min(left, size);
    kept += part * share;
    left -= part;
  }
  return { cpu: cores * 1000 - reserved, memory: Math.floor((gib - kept) * 1024) - 750 };
}

export function nodesOf(facts: ClusterFacts): PlannedNode[] {
  return facts.pools.flatMap((pool) =>
    Array.from({ length: pool.count }, (_, index) => nodeOf(facts, pool, index)),
  );
}

function nodeOf(facts: ClusterFacts, pool: Pool, index: number): PlannedNode {
  const name = facts.onAks
    ? aksName(facts, pool, index)
    : `${facts.name}-${pool.name}-${index}`.toLowerCase();
  const [cores, gib, gpus = 0] = sizeOf(pool.vmSize);
  const os = pool.windows ? "windows" : "linux";
  return {
    name,
    windows: pool.windows,
    ready: true,
    labels: {
      "kubernetes.io/os": os,
      "kubernetes.io/arch": "amd64",
      "kubernetes.io/hostname": name,
      ...(gpus > 0 && { accelerator: "nvidia" }),
      ...(facts.onAks && aksLabels(facts, pool)),
      ...pool.labels,
    },
    taints: pool.taints.map(taintOf),
    vmSize: pool.vmSize,
    ...allocatable(cores, gib),
    gpus,
  };
}

/** Windows nodes of AKS have short names; Linux nodes are named after their scale set. */
function aksName(facts: ClusterFacts, pool: Pool, index: number): string {
  const number = index.toString(36).padStart(6, "0");
  if (pool.windows) return `aks${pool.name}${number}`;
  return `aks-${pool.name}-${Number.parseInt(uuidFrom(facts.id).slice(0, 6), 16)}-vmss${number}`;
}

function aksLabels(facts: ClusterFacts, pool: Pool): Record<string, string> {
  return {
    agentpool: pool.name,
    "kubernetes.azure.com/agentpool": pool.name,
    "kubernetes.azure.com/cluster": facts.nodeResourceGroup,
    "node.kubernetes.io/instance-type": pool.vmSize,
    "topology.kubernetes.io/region": facts.location,
  };
}

function taintOf(text: string): Taint {
  const [, key = text, value = "", effect = "NoSchedule"] = /^([^=:]+)=?([^:]*):(.+)$/.exec(text) ?? [];
  return { key, value, effect };
}

/** Source of cloud-provider-azure: the group in lower case, whatever it was created with. */
function machineOf({ id, nodeResourceGroup }: ClusterFacts, { name }: PlannedNode): string {
  const subscription = id.split("/")[2] ?? "";
  const group = nodeResourceGroup.toLowerCase();
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/${name}`;
}

/** A node as the API shows it. */
export function nodeObject(facts: ClusterFacts, node: PlannedNode): JsonObject {
  const [cores, gib] = sizeOf(node.vmSize);
  const gpu = node.gpus > 0 ? { "nvidia.com/gpu": String(node.gpus) } : {};
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: node.name, labels: node.labels, creationTimestamp: zulu(facts.since) },
    spec: {
      providerID: facts.onAks ? `azure://${machineOf(facts, node)}` : `k3s://${node.name}`,
      ...(node.taints.length > 0 && { taints: node.taints.map(taintObject) }),
    },
    status: {
      capacity: { cpu: String(cores), memory: `${gib * 1024 * 1024}Ki`, pods: "110", ...gpu },
      allocatable: { cpu: `${node.cpu}m`, memory: `${node.memory * 1024}Ki`, pods: "110", ...gpu },
      conditions: conditions(facts, node),
      addresses: [{ type: "Hostname", address: node.name }],
      nodeInfo: {
        kubeletVersion: `v${facts.kubernetesVersion}`,
        operatingSystem: node.windows ? "windows" : "linux",
        architecture: "amd64",
        osImage: node.windows ? "Windows Server 2022 Datacenter" : "Ubuntu 22.04.5 LTS",
        containerRuntimeVersion: "containerd://1.7.27-1",
      },
    },
  };
}

function taintObject({ key, value, effect }: Taint): JsonObject {
  return { key, ...(value && { value }), effect };
}

function conditions(facts: ClusterFacts, { ready }: PlannedNode): JsonObject[] {
  const times = { lastHeartbeatTime: zulu(facts.since), lastTransitionTime: zulu(facts.since) };
  const state = ready
    ? { status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" }
    : { status: "Unknown", reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." };
  const memory = {
    status: "False",
    reason: "KubeletHasSufficientMemory",
    message: "kubelet has sufficient memory",
  };
  return [
    { type: "MemoryPressure", ...memory, ...times },
    { type: "Ready", ...state, ...times },
  ];
}
