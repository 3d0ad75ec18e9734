import { absent, aks, arc, arcId, there } from "../facts.ts";
import { arcToday, type Broken, emptied, hook, inCluster, notPopulated } from "./broken-parts.ts";
import { anyKind, compute, extension, facts, failedWith, reportOf } from "./facts.ts";

/** Clusters, extensions and computes that are broken as Azure shows them (extension 6, 7, 11). */
export const brokenInAzure: readonly Broken[] = [
  // The cluster and the extension as Azure has them.
  {
    title: "a cluster that is not there",
    facts: facts(anyKind, { cluster: { kind: "aks", seen: absent }, extensions: absent, inside: absent }),
    id: "cluster-exists",
    seen: /There is no cluster/,
    remedy: /resource id/,
  },
  {
    title: "a stopped AKS cluster",
    facts: facts(anyKind, { cluster: aks({ powerState: { code: "Stopped" } }), inside: absent }),
    id: "cluster-running",
    seen: /Stopped/,
    remedy: /az aks start/,
  },
  {
    title: "an Arc cluster that is offline",
    facts: facts(arcToday, { cluster: arc({ connectivityStatus: "Offline" }) }),
    id: "cluster-connected",
    seen: /Offline/,
    remedy: /azure-arc/,
  },
  {
    title: "no extension (X1)",
    facts: facts(anyKind, { extensions: there([]), inCluster: { ...emptied, namespace: absent } }),
    id: "extension-installed",
    seen: /no extension of type Microsoft.AzureML.Kubernetes/,
    remedy: /deploy-extension/,
  },
  {
    title: "an extension that is Failed and says nothing",
    facts: facts(anyKind, { extension: { provisioningState: "Failed" } }),
    id: "extension-succeeded",
    seen: /is Failed.*no reason/,
    remedy: /on-failed: recreate/,
  },
  {
    title: "an extension that is still Creating (K1)",
    facts: facts(anyKind, {
      extension: { provisioningState: "Creating", currentVersion: null },
      inCluster: { ...emptied, namespace: absent },
    }),
    id: "extension-settled",
    seen: /is Creating/,
    remedy: /`wait-for`/,
  },
  {
    title: "AML-Kubernetes#162: an object that belongs to someone else",
    facts: facts(anyKind, {
      extension: failedWith(
        'Unable to continue with install: ClusterRole "amlarc-role" in namespace "" exists and cannot be imported into the current release: invalid ownership metadata; label validation error',
      ),
    }),
    id: "extension-failure-cause",
    seen: /ClusterRole "amlarc-role" is in the cluster already/,
    remedy: /kubectl annotate clusterrole amlarc-role meta.helm.sh\/release-name=azureml/,
  },
  {
    title: "a custom resource of Volcano that belongs to someone else",
    facts: facts(anyKind, {
      extension: failedWith(
        'CustomResourceDefinition "jobs.batch.volcano.sh" in namespace "" exists and cannot be imported into the current release: invalid ownership metadata',
      ),
    }),
    id: "extension-failure-cause",
    seen: /jobs.batch.volcano.sh/,
    remedy: /config: installVolcano=false/,
  },
  {
    title: "a name that is still in use",
    facts: facts(anyKind, { extension: failedWith("cannot re-use a name that is still in use") }),
    id: "extension-failure-cause",
    seen: /Helm release named "azureml"/,
    remedy: /helm uninstall azureml -n azureml/,
  },
  {
    title: "an operation of Helm that never ended",
    facts: facts(anyKind, {
      extension: failedWith("another operation (install/upgrade/rollback) is in progress"),
    }),
    id: "extension-failure-cause",
    seen: /never ended/,
    remedy: /sh\.helm\.release\.v1\.azureml\.v<N>/,
  },
  {
    title: "a version that does not exist",
    facts: facts(anyKind, { extension: failedWith("failed in download the Chart path not found") }),
    id: "extension-failure-cause",
    seen: /version or release train/,
    remedy: /Leave the input `version` out/,
  },
  {
    title: "AML-Kubernetes#297: a webhook without endpoints",
    facts: facts(anyKind, {
      extension: failedWith(
        'Internal error occurred: failed calling webhook "validate.nginx.ingress.kubernetes.io": no endpoints available for service "azureml-ingress-nginx-controller-admission"',
      ),
    }),
    id: "extension-failure-cause",
    seen: /webhook does not answer \(validate\.nginx\.ingress\.kubernetes\.io\)/,
    remedy: /validatingwebhookconfigurations/,
  },
  {
    title: "AML-Kubernetes#280: a token that Azure does not take",
    facts: facts(anyKind, {
      extension: failedWith("(InvalidAuthenticationToken) The access token is invalid."),
    }),
    id: "extension-failure-cause",
    seen: /could not sign in/,
    remedy: /az provider register -n Microsoft.KubernetesConfiguration/,
  },
  {
    title: "a namespace that is being removed and is held",
    facts: facts(anyKind, {
      extension: failedWith(
        "unable to create new content in namespace azureml because it is being terminated",
      ),
      inCluster: {
        ...emptied,
        namespace: there({
          name: "azureml",
          phase: "Terminating",
          held: [
            "Some content in the namespace has finalizers remaining: amljobs.amlarc in 1 resource instances",
          ],
        }),
      },
    }),
    id: "namespace-active",
    seen: /being removed.*amljobs/,
    remedy: /finalizers/,
  },
  {
    title: "a namespace that somebody deleted",
    facts: inCluster({ ...emptied, namespace: absent }),
    id: "namespace-active",
    seen: /not there, though Azure has the extension/,
    remedy: /deploy-extension/,
  },
  {
    title: "terraform-provider-azurerm#24547: settings that only the CLI adds",
    facts: facts(anyKind, {
      extensions: there([
        {
          name: "azureml",
          properties: {
            ...extension(anyKind).properties,
            ...failedWith(hook),
            configurationSettings: { enableInference: "True", sslSecret: "tls", sslCname: "ml.example.com" },
          },
        },
      ]),
      inCluster: {
        ...emptied,
        healthReport: reportOf("reports-pre-install", "E40007", "Invalid ssl setting"),
      },
    }),
    id: "extension-derived-settings",
    seen: /cluster_name, clusterId, location.*/,
    remedy: /deploy-extension/,
  },
  {
    title: "a Kubernetes version that the extension does not support",
    facts: facts(anyKind, {
      extension: { ...failedWith(notPopulated), currentVersion: "1.1.84" },
      versions: there([
        {
          properties: {
            version: "1.1.84",
            unsupportedKubernetesVersions: {
              managedCluster: [{ distributions: ["AKS"], unsupportedVersions: [">1.28"] }],
            },
          },
        },
      ]),
    }),
    id: "kubernetes-supported",
    seen: /does not support Kubernetes 1\.29\.4/,
    remedy: /Upgrade/,
  },
  // The compute.
  {
    title: "peers 1.6: no local accounts and no Trusted Access",
    facts: facts(anyKind, {
      cluster: { ...aks({ disableLocalAccounts: true }), trustedAccess: there([]) },
      compute: there(compute(anyKind, { provisioningState: "Failed" })),
    }),
    id: "cluster-local-accounts",
    seen: /local accounts disabled/,
    remedy: /az aks trustedaccess rolebinding create/,
  },
  {
    title: "AML-Kubernetes#26: the compute's namespace is missing",
    facts: facts(anyKind, {
      inCluster: { computeNamespace: absent },
      compute: there(compute(anyKind, { properties: { namespace: "ml" } })),
    }),
    id: "compute-namespace",
    seen: /Namespace ml, .* is missing/,
    remedy: /kubectl create namespace ml/,
  },
  {
    title: "a compute of another cluster",
    facts: facts(anyKind, { compute: there(compute(anyKind, { resourceId: arcId })) }),
    id: "compute-cluster",
    seen: /of another cluster/,
    remedy: /attach this cluster/,
  },
  {
    title: "a compute that failed",
    facts: facts(anyKind, {
      compute: there(
        compute(anyKind, {
          provisioningState: "Failed",
          provisioningErrors: [{ error: { code: "ComputeNotAccessible", message: "AKS role check failed" } }],
        }),
      ),
    }),
    id: "compute-succeeded",
    seen: /ComputeNotAccessible: AKS role check failed/,
    remedy: /Kubernetes Extension Contributor/,
  },
  {
    title: "no such compute",
    facts: facts(anyKind, { compute: absent }),
    id: "compute-present",
    seen: /no compute "gpu"/,
    remedy: /`attach`/,
  },
];
