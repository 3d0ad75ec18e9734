import type { World } from "../../emulator/index.ts";
import {
  aks,
  aksWith,
  arc,
  type BrokenCluster,
  broken,
  cluster,
  clusterOf,
  compute,
  extension,
  extensionOf,
  failedWith,
  settings,
  verifying,
} from "./catalogue-worlds.ts";

const installations: readonly BrokenCluster[] = [
  {
    title: "no extension",
    source: "X1",
    verdict: "fail",
    arrange: [...aks, without((world) => [extensionOf(world, "aks")])],
    rule: "extension-installed",
    cause: /no extension of type Microsoft\.AzureML\.Kubernetes/,
    remedy: /Run `deploy-extension`/,
  },
  {
    title: "the extension is still being created",
    source: "K1",
    verdict: "fail",
    arrange: [...aks, extension({ provisioningState: "Creating" })],
    rule: "extension-settled",
    cause: /"azureml" is Creating/,
    remedy: /Wait: .*takes 5 to 15 of them/,
  },
  aksWith("missing-derived-keys", {
    title: "works by CLI, fails by Terraform",
    source: "extension.md 1c, 11 (terraform-provider-azurerm#24547, AML-Kubernetes#284)",
    rule: "extension-derived-settings",
    cause: /lack what the Azure CLI adds: cluster_name, clusterId, location, domain/,
    remedy: /Run `deploy-extension`, which sends them/,
  }),
  aksWith("ownership-conflict", {
    title: "an object that belongs to somebody else",
    source: "extension.md 11 (AML-Kubernetes#162)",
    rule: "extension-failure-cause",
    cause: /ClusterRole "azureml-ingress-nginx" is in the cluster already and belongs to someone else/,
    remedy: /kubectl delete clusterrole azureml-ingress-nginx.*meta\.helm\.sh\/release-name=azureml/,
  }),
  {
    title: "an NVIDIA device plugin of somebody else",
    source: "X6",
    verdict: "fail",
    arrange: [...aks, settings({ installNvidiaDevicePlugin: "True" }), broken("nvidia-plugin-of-others")],
    rule: "extension-failure-cause",
    cause: /DaemonSet "nvidia-device-plugin-daemonset" is in the cluster already/,
    remedy: /config: installNvidiaDevicePlugin=False/,
  },
  aksWith("webhook-without-endpoints", {
    title: "an admission webhook without endpoints",
    source: "extension.md 11 (AML-Kubernetes#297)",
    rule: "extension-failure-cause",
    cause: /An admission webhook does not answer \(validate\.nginx\.ingress\.kubernetes\.io\)/,
    remedy: /on-failed: recreate.*just late/,
  }),
  aksWith("helm-pending", {
    title: "an operation of Helm that never ended",
    source: "extension.md 3, 6",
    rule: "extension-failure-cause",
    cause: /An earlier operation of Helm on the extension never ended/,
    remedy: /kubectl get secret -n azureml -l owner=helm,name=azureml/,
  }),
  aksWith("namespace-terminating", {
    title: "the namespace is being removed, and is held",
    source: "extension.md 3, 12 (AML-Kubernetes#75)",
    rule: "namespace-active",
    cause: /Namespace azureml is being removed\. It is held by: .*amljobs/,
    remedy: /Remove what holds it/,
  }),
  {
    title: "the namespace was deleted, and Azure has the extension",
    source: "extension.md 3",
    verdict: "fail",
    arrange: [...aks, namespaceDeleted],
    rule: "namespace-active",
    cause: /Namespace azureml is not there, though Azure has the extension/,
    remedy: /az k8s-extension delete.*run `deploy-extension`/,
  },
  {
    title: "a version that does not exist",
    source: "extension.md 4",
    verdict: "fail",
    arrange: [...aks, failedWith("Failed in download the Chart path not found")],
    rule: "extension-failure-cause",
    cause: /version or release train that was asked for does not exist/,
    remedy: /Leave the input `version` out/,
  },
  {
    title: "the name of the release is taken",
    source: "extension.md 6",
    verdict: "fail",
    arrange: [...aks, failedWith("cannot re-use a name that is still in use")],
    rule: "extension-failure-cause",
    cause: /A Helm release named "azureml" is in the cluster already/,
    remedy: /helm list -A -a/,
  },
  {
    title: "InvalidAuthenticationToken, since a provider is not registered",
    source: "extension.md 11 (AML-Kubernetes#280, azure-docs#99762)",
    verdict: "fail",
    arrange: [...aks, failedWith("InvalidAuthenticationToken: The received access token is not valid")],
    rule: "extension-failure-cause",
    cause: /agent in the cluster could not sign in to Azure/,
    remedy: /az provider register -n Microsoft\.KubernetesConfiguration/,
  },
  {
    title: "Succeeded, and a status reports an error",
    source: "arm-contract 3",
    verdict: "warn",
    because: "what the extension needs runs",
    arrange: [
      ...aks,
      extension({ statuses: [{ code: "AgentUnreachable", level: "Error", message: "no heartbeat" }] }),
    ],
    rule: "extension-statuses",
    cause: /is Succeeded and reports errors: AgentUnreachable: no heartbeat/,
    remedy: /Look at the pods of namespace azureml/,
  },
];

const clusters: readonly BrokenCluster[] = [
  {
    title: "no such cluster",
    source: "X7",
    verdict: "fail",
    arrange: [...aks, without((world) => [clusterOf(world, "aks")])],
    rule: "cluster-exists",
    cause: /There is no cluster \/subscriptions\/.*\/managedClusters\/aks1/,
    remedy: /Check its resource id or name/,
  },
  {
    title: "a stopped AKS cluster",
    source: "extension.md 7 (ClusterNotReachable)",
    verdict: "fail",
    arrange: [
      ...aks,
      cluster({ provisioningState: "Succeeded", powerState: { code: "Stopped" } }),
      noKubeconfig,
    ],
    rule: "cluster-running",
    cause: /The AKS cluster is Stopped/,
    remedy: /az aks start/,
  },
  {
    title: "an Arc cluster that is offline",
    source: "X7, extension.md 3",
    verdict: "fail",
    arrange: [...arc, cluster({ connectivityStatus: "Offline" }, "arc")],
    rule: "cluster-connected",
    cause: /The Arc cluster is Offline, last heard of at/,
    remedy: /Check the Arc agents in namespace azure-arc/,
  },
  {
    title: "the Azure Relay is gone (Arc)",
    source: "X9, extension.md 1d",
    verdict: "fail",
    arrange: [...arc, without(relays)],
    rule: "relay-present",
    cause: /The Azure Relay that the extension goes through is gone/,
    remedy: /run `deploy-extension`, which makes the Relay again/,
  },
  {
    title: "no local accounts and no Trusted Access",
    source: "peers 1.6, extension.md 12 (AML-Kubernetes#261, #275)",
    verdict: "fail",
    arrange: [...aks, compute(), cluster({ disableLocalAccounts: true, aadProfile: { managed: true } })],
    rule: "cluster-local-accounts",
    cause: /local accounts disabled and no Trusted Access role binding for this workspace/,
    remedy: /az aks trustedaccess rolebinding create/,
  },
  {
    title: "a Kubernetes version that the extension does not support",
    source: "extension.md 4, arm-contract 3",
    verdict: "warn",
    because: "what runs nonetheless is not broken yet",
    arrange: [...aks, onlyOlderKubernetes],
    rule: "kubernetes-supported",
    cause: /Version 1\.1\.84 of the extension does not support Kubernetes 1\.33\.4/,
    remedy: /Upgrade the extension .*or the cluster/,
  },
  {
    title: "an old version that is pinned",
    source: "extension.md 4, 11 (azure-cli#26680)",
    verdict: "warn",
    because: "it works, and stays as it is",
    arrange: [...aks, extension({ currentVersion: "1.1.17", autoUpgradeMinorVersion: false })],
    rule: "version-latest",
    cause: /1\.1\.17 of the extension is installed; 1\.1\.84 is the latest\. Auto-upgrade is off/,
    remedy: /auto-upgrade: true/,
  },
  {
    title: "a release train that is not for production",
    source: "extension.md 4",
    verdict: "warn",
    because: "it works",
    arrange: [...aks, extension({ releaseTrain: "preview" })],
    rule: "release-train-stable",
    cause: /of the release train "preview"/,
    remedy: /release-train: stable/,
  },
  {
    title: "HTTP on a public load balancer",
    source: "X4, extension.md 12 (azure-docs#77654)",
    verdict: "warn",
    because: "it works as it was asked for",
    arrange: [verifying("aks")],
    rule: "router-public-http",
    cause: /served over HTTP on a public load balancer/,
    remedy: /sslCertPemFile.*internalLoadBalancerProvider=azure/,
  },
];

/** What is wrong with the installation, and with the cluster as Azure has it. */
export const brokenAround: readonly BrokenCluster[] = [...installations, ...clusters];

/** Takes resources away. */
function without(ids: (world: World) => readonly string[]) {
  return (world: World) => {
    for (const id of ids(world)) world.store.delete(id);
    return undefined;
  };
}

function relays(world: World): readonly string[] {
  const types = ["Microsoft.Relay/namespaces", "Microsoft.Relay/namespaces/hybridConnections"];
  return types.flatMap((type) => world.store.list(type, "").map(({ id }) => id));
}

function namespaceDeleted(world: World): undefined {
  world.kubernetes(clusterOf(world, "aks")).remove("Namespace", "", "azureml");
}

/** A stopped cluster has no credentials to give, and nobody who answers. */
function noKubeconfig(world: World): undefined {
  world.faults.push({ match: { url: /listClusterUserCredential/ }, kind: "status", status: 400 });
}

function onlyOlderKubernetes(world: World): undefined {
  world.knobs.extensionReleases = [
    {
      version: "1.1.84",
      train: "stable",
      unsupported: { managedCluster: [{ distributions: ["AKS"], unsupportedVersions: [">1.32"] }] },
    },
  ];
}
