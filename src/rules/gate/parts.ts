import { stateOf } from "../../model/compute.ts";
import type { VerifyFacts } from "../../model/facts.ts";
import type { Check, Part } from "../../model/gate.ts";
import { present } from "../../model/observed.ts";
import { resourceName } from "../../model/resource-id.ts";
import { installed } from "./installed.ts";
import { routerOf } from "./router.ts";
import { workloadsSeen } from "./workloads.ts";

/** Which subjects of checks speak of a part. */
const spokenOf = {
  compute: ["compute"],
  cluster: ["cluster", "nodes", "access"],
  extension: [
    "extension",
    "namespace",
    "versions",
    "conflicts",
    "openshift",
    "relay",
    "health report",
    "pods",
  ],
  router: ["router", "tls"],
} as const;

/** The chain workspace, compute, cluster, extension, workloads and router, each with how it stands. */
export function partsOf(facts: VerifyFacts, checks: readonly Check[]): Part[] {
  return [
    ...computeParts(facts, checks),
    clusterPart(facts, checks),
    ...extensionPart(facts, checks),
    ...workloadParts(facts),
    ...routerPart(facts, checks),
  ];
}

function computeParts(facts: VerifyFacts, checks: readonly Check[]): Part[] {
  const named = facts.request.compute;
  if (!named) return [];
  const compute = facts.compute && present(facts.compute);
  return [
    // Azure answered for it, or nothing could be said of the compute.
    {
      kind: "workspace",
      name: named.workspace.name,
      health: compute ? "pass" : "unknown",
      state: compute ? "found" : "not looked at",
    },
    {
      kind: "compute",
      name: named.computeName,
      health: worst(checks, spokenOf.compute),
      state: compute ? stateOf(compute) : facts.compute?.is === "absent" ? "missing" : "not read",
    },
  ];
}

function clusterPart({ cluster, request }: VerifyFacts, checks: readonly Check[]): Part {
  const state =
    cluster.kind === "aks"
      ? present(cluster.seen)?.properties.powerState?.code
      : present(cluster.seen)?.properties.connectivityStatus;
  const version =
    cluster.kind === "aks"
      ? present(cluster.seen)?.properties.currentKubernetesVersion
      : present(cluster.seen)?.properties.kubernetesVersion;
  const unseen = cluster.seen.is === "absent" ? "missing" : "not read";
  const known = [state, version && `Kubernetes ${version}`].filter(Boolean).join(", ");
  return {
    kind: "cluster",
    name: resourceName(request.clusterId),
    health: worst(checks, spokenOf.cluster),
    state: cluster.seen.is === "present" ? known || "found" : unseen,
  };
}

function extensionPart(facts: VerifyFacts, checks: readonly Check[]): Part[] {
  const extension = installed(facts);
  return [
    {
      kind: "extension",
      name: extension?.name ?? "Azure ML extension",
      health: worst(checks, spokenOf.extension),
      state: extension
        ? [extension.state, extension.version].filter(Boolean).join(", ")
        : facts.extensions.is === "denied"
          ? "not read"
          : "missing",
    },
  ];
}

function workloadParts(facts: VerifyFacts): Part[] {
  const seen = workloadsSeen(facts) ?? [];
  return seen
    .filter(({ expected, found }) => found || !expected.optional)
    .map(({ expected, found }) => ({
      kind: "workload" as const,
      name: found?.name ?? expected.name,
      health: found && found.ready >= found.wanted ? ("pass" as const) : ("fail" as const),
      state: found ? `${found.ready} of ${found.wanted} ready` : "missing",
    }));
}

function routerPart(facts: VerifyFacts, checks: readonly Check[]): Part[] {
  if (!installed(facts)?.settings.inference) return [];
  const service = routerOf(facts);
  const address = service?.addresses[0] ?? service?.clusterIp;
  const isRead = present(facts.inside)?.services.is === "present";
  return [
    {
      kind: "router",
      name: "azureml-fe",
      health: worst(checks, spokenOf.router),
      state: service ? [service.type, address].filter(Boolean).join(", ") : isRead ? "missing" : "not read",
    },
  ];
}

/** The worst that the checks of these subjects came to; unknown only where all of them are. */
function worst(checks: readonly Check[], subjects: readonly string[]): Part["health"] {
  const results = checks.filter(({ subject }) => subjects.includes(subject)).map(({ result }) => result);
  if (results.includes("fail")) return "fail";
  if (results.includes("warn")) return "warn";
  return results.includes("pass") || results.length === 0 ? "pass" : "unknown";
}
