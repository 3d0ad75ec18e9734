import type { ExtensionVersion } from "../model/azure-resources.ts";
import type { ClusterFacts, ObservedCluster } from "../model/facts.ts";
import { isListed } from "../model/kubernetes-version.ts";
import { present } from "../model/observed.ts";
import type { ClusterRequest } from "../model/request.ts";
import { sameText } from "../model/resource-id.ts";

/** Versions that Azure offers for the cluster, in no order. */
export function offered({ versions }: Pick<ClusterFacts<ClusterRequest>, "versions">): readonly string[] {
  return (present(versions) ?? []).flatMap(({ properties }) => properties.version ?? []);
}

/** The cluster's Kubernetes version, where it falls under those that a version of the extension does not support. */
export function unsupportedKubernetes(
  facts: Pick<ClusterFacts<ClusterRequest>, "cluster" | "versions">,
  extensionVersion: string | undefined,
): string | undefined {
  const kubernetes = kubernetesVersion(facts.cluster);
  const entry = (present(facts.versions) ?? []).find(
    ({ properties }) => properties.version === extensionVersion,
  );
  if (kubernetes === undefined || !entry || extensionVersion === undefined) return undefined;
  return isListed(kubernetes, unsupportedVersions(entry, facts.cluster)) ? kubernetes : undefined;
}

function kubernetesVersion(cluster: ObservedCluster): string | undefined {
  return cluster.kind === "aks"
    ? present(cluster.seen)?.properties.currentKubernetesVersion
    : present(cluster.seen)?.properties.kubernetesVersion;
}

/** By kind of cluster, and within it by distribution; none named means all (arm-contract 3). */
function unsupportedVersions({ properties }: ExtensionVersion, cluster: ObservedCluster): readonly string[] {
  const key = cluster.kind === "aks" ? "managedCluster" : "connectedCluster";
  const distribution =
    cluster.kind === "aks" ? "AKS" : (present(cluster.seen)?.properties.distribution ?? "");
  return (properties.unsupportedKubernetesVersions?.[key] ?? [])
    .filter(
      ({ distributions = [] }) =>
        distributions.length === 0 || distributions.some((one) => sameText(one, distribution)),
    )
    .flatMap(({ unsupportedVersions: versions = [] }) => versions);
}
