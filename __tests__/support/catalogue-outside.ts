import type { JsonObject, World } from "../../emulator/index.ts";
import {
  aks,
  type BrokenCluster,
  broken,
  cluster,
  clusterOf,
  compute,
  kubeconfig,
  namingCompute,
  settings,
  tls,
  verifying,
} from "./catalogue-worlds.ts";

const computes: readonly BrokenCluster[] = [
  {
    title: "the workspace has no such compute",
    source: "extension.md 7 (ComputeNotFound)",
    verdict: "fail",
    arrange: [...aks, namingCompute],
    rule: "compute-present",
    cause: /The workspace "ws1" has no compute "gpu"/,
    remedy: /Run `attach`/,
  },
  {
    title: "the compute is of another cluster",
    source: "extension.md 12 (azure-docs#41778)",
    verdict: "fail",
    arrange: [...aks, compute({}, "arc")],
    rule: "compute-cluster",
    cause: /The compute "gpu" is of another cluster: .*connectedClusters\/arc1/,
    remedy: /Name the cluster that it is of/,
  },
  {
    title: "AKS role check failed",
    source: "extension.md 7 (ComputeNotAccessible), 12 (AML-Kubernetes#279)",
    verdict: "fail",
    arrange: [...aks, compute(failing("ComputeNotAccessible", "AKS role check failed"))],
    rule: "compute-succeeded",
    cause: /"gpu" is Failed\. ComputeNotAccessible: AKS role check failed/,
    remedy: /Give the workspace's identity Reader, `Kubernetes Extension Contributor`/,
  },
  {
    title: "the extension's identity is wrong",
    source: "extension.md 7 (RefreshExtensionIdentityNotSet)",
    verdict: "fail",
    arrange: [...aks, compute(failing("RefreshExtensionIdentityNotSet", "identity not set"))],
    rule: "compute-succeeded",
    cause: /RefreshExtensionIdentityNotSet/,
    remedy: /on-failed: recreate/,
  },
];

const unseen: readonly BrokenCluster[] = [
  {
    title: "the pods may not be read",
    source: "issue 4, point 2",
    verdict: "warn",
    because: "what was not read is told, not guessed",
    arrange: [...aks, denied("list", "pods")],
    rule: "cluster-reads",
    cause: /the pods of namespace azureml can't be read\. The identity may not list pods/,
    remedy: /apiGroups: \[""\], resources: \["pods"\], verbs: \["list"\]/,
  },
  {
    title: "a private cluster without run-command",
    source: "arm-contract 2",
    verdict: "warn",
    because: "Azure's word alone is judged",
    arrange: [
      ...aks,
      cluster({ apiServerAccessProfile: { enablePrivateCluster: true, disableRunCommand: true } }),
    ],
    rule: "cluster-looked-into",
    cause: /The AKS cluster is private and has run-command disabled/,
    remedy: /Give a `kubeconfig` on a runner that reaches the cluster/,
  },
  {
    title: "the extensions may not be read",
    source: "extension.md 11 (azure-cli#25654)",
    verdict: "warn",
    because: "what was not read is told, not guessed",
    arrange: [...aks, withoutRight("Microsoft.KubernetesConfiguration/extensions/read")],
    rule: "extension-installed",
    cause: /The extensions of the cluster can't be read/,
    remedy: /`Kubernetes Extension Contributor` or Reader/,
  },
];

/** The ways into a cluster, each with the same illness inside. */
const ways: readonly BrokenCluster[] = (
  [
    [
      "an Arc cluster by a client certificate",
      [verifying("arc"), settings(tls, "arc"), kubeconfig("arc", "certificate")],
      "arc",
    ],
    [
      "a cluster that wants Entra tokens (kubelogin)",
      [...aks, cluster({ aadProfile: { managed: true } })],
      "aks",
    ],
    [
      "a private cluster by run-command",
      [...aks, cluster({ apiServerAccessProfile: { enablePrivateCluster: true } })],
      "aks",
    ],
  ] as const
).map(([way, arrange, which]) => ({
  title: `a container that ends again and again: ${way}`,
  source: "issue 4, point 2",
  verdict: "fail",
  arrange: [...arrange, broken("crash-loop", which)],
  rule: "pods-running",
  cause: /inference-operator-controller-manager-\S+: container manager ends again and again/,
  remedy: /kubectl logs .* --previous/,
}));

/** What is wrong with the compute and with who looks, and the same illness seen by every way into a cluster. */
export const brokenOutside: readonly BrokenCluster[] = [...computes, ...unseen, ...ways];

function denied(verb: string, resource: string) {
  return (world: World) => {
    world.kubernetesDeny(clusterOf(world, "aks"), { verb, resource, namespace: "azureml" });
    return undefined;
  };
}

function withoutRight(action: string) {
  return (world: World) => {
    const { clientId } = world.application;
    world.revoke(clientId);
    world.grant(clientId, ["*"], [action]);
    return undefined;
  };
}

function failing(code: string, message: string): JsonObject {
  return { provisioningState: "Failed", provisioningErrors: [{ error: { code, message } }] };
}
