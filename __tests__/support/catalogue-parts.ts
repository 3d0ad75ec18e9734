import type { JsonObject } from "../../emulator/index.ts";
import {
  aks,
  aksWith,
  type BrokenCluster,
  broken,
  changed,
  compute,
  extension,
  settings,
} from "./catalogue-worlds.ts";

const workloads: readonly BrokenCluster[] = [
  aksWith("workload-missing", {
    title: "somebody deleted a deployment",
    source: "K3",
    rule: "workloads-present",
    cause: /Deployment gateway of namespace azureml is missing/,
    remedy: /az k8s-extension delete.*run `deploy-extension`/,
  }),
  {
    verdict: "fail",
    title: "somebody scaled a deployment to zero",
    source: "K3",
    arrange: [...aks, changed("Deployment", "gateway", scaledToZero)],
    rule: "workloads-ready",
    cause: /Deployment azureml\/gateway is scaled to zero/,
    remedy: /kubectl scale deployment gateway -n azureml --replicas=1/,
  },
  aksWith("router-service-missing", {
    title: "somebody deleted the router's service",
    source: "extension.md 5a",
    rule: "router-service",
    cause: /Service azureml\/azureml-fe is missing, so that no endpoint can be reached/,
    remedy: /az k8s-extension delete.*run `deploy-extension`/,
  }),
  {
    verdict: "fail",
    title: "somebody changed the type of the router's service",
    source: "X4",
    arrange: [...aks, changed("Service", "azureml-fe", ofTypeClusterIp)],
    rule: "router-service",
    cause: /of type ClusterIP; the settings ask for LoadBalancer/,
    remedy: /kubectl patch svc azureml-fe -n azureml/,
  },
  {
    verdict: "fail",
    title: "an internal load balancer that has become public",
    source: "X4",
    arrange: [
      ...aks,
      settings({ internalLoadBalancerProvider: "azure" }),
      changed("Service", "azureml-fe", madePublic),
    ],
    rule: "router-internal",
    cause:
      /ask for an internal load balancer, but Service azureml\/azureml-fe has the public address 20\.50\.1\.10/,
    remedy: /kubectl annotate svc azureml-fe -n azureml .*internal=true/,
  },
  aksWith("load-balancer-pending", {
    title: "the load balancer gets no address: limit of public addresses",
    source: "extension.md 6 (E40001)",
    rule: "router-address",
    cause: /has no address yet\. .*PublicIPCountLimitReached/,
    remedy: /Remove public IP addresses that nobody needs/,
  }),
  aksWith("tls-secret-missing", {
    title: "the secret of `sslSecret` is missing",
    source: "extension.md 2a, 8",
    rule: "tls-secret",
    cause: /Secret azureml\/azureml-tls, which `sslSecret` names, is missing/,
    remedy: /kubectl create secret generic azureml-tls -n azureml/,
  }),
  aksWith("tls-secret-expired", {
    title: "the certificate has expired",
    source: "extension.md 8, 12 (azure-docs#22716)",
    rule: "tls-secret",
    cause: /The certificate "ml\.example\.com" expired on \d{4}-/,
    remedy: /Get a new certificate.*kubectl rollout restart deploy -n azureml azureml-fe-v2/,
  }),
  aksWith("tls-secret-wrong-name", {
    title: "the certificate is for another name",
    source: "extension.md 6 (E40007), 8",
    rule: "tls-secret",
    cause: /not for "ml\.example\.com"\. Its names: wrong\.example\.org/,
    remedy: /Give a certificate for that name, or the CNAME that it is for/,
  }),
  aksWith("tls-secret-key-mismatch", {
    title: "the key is not that of the certificate",
    source: "extension.md 6 (E40007), 8",
    rule: "tls-secret",
    cause: /`key\.pem` is not the key of the certificate/,
    remedy: /kubectl create secret generic azureml-tls/,
  }),
  {
    verdict: "fail",
    title: 'an installation over TLS fails, and Azure says "pod healthcheck failed" alone',
    source: "extension.md 11 (azure-cli-extensions#5477)",
    arrange: [...aks, broken("tls-secret-key-mismatch"), broken("E40007")],
    rule: "tls-secret",
    cause: /`key\.pem` is not the key of the certificate/,
    remedy: /kubectl create secret generic azureml-tls/,
  },
  {
    verdict: "fail",
    title: "the namespace of the compute is missing: jobs wait forever",
    source: "extension.md 7, 12 (AML-Kubernetes#26)",
    arrange: [...aks, compute({ properties: { namespace: "team-ml" } }), broken("compute-namespace-missing")],
    rule: "compute-namespace",
    cause: /Namespace team-ml, which the compute runs its work in, is missing/,
    remedy: /kubectl create namespace team-ml/,
  },
];

const beside: readonly BrokenCluster[] = [
  {
    ...aksWith("volcano-of-others", {
      title: "a Volcano scheduler of somebody else",
      source: "extension.md 2a (installVolcano)",
      rule: "volcano-of-others",
      cause: /Volcano scheduler already \(Deployment volcano-system\/volcano-admission/,
      remedy: /config: installVolcano=false/,
    }),
    verdict: "warn",
    because: "the extension is Succeeded beside it",
  },
  {
    ...aksWith("prometheus-operator-of-others", {
      title: "a Prometheus operator of somebody else",
      source: "extension.md 2a (installPromOp)",
      rule: "prometheus-operator-of-others",
      cause: /Prometheus operator already/,
      remedy: /config: installPromOp=false/,
    }),
    verdict: "warn",
    because: "the extension is Succeeded beside it",
  },
  {
    verdict: "fail",
    title: "an upgrade that the legacy router stops",
    source: "extension.md 8, 11 (AML-Kubernetes#293)",
    arrange: [...aks, broken("legacy-router"), extension(rolledBack())],
    rule: "legacy-router",
    cause: /legacy router of Azure ML \(AksCompute\) is in the cluster: ServiceAccount default\/azureml-fe/,
    remedy: /remove its eight objects.*scoringFe\.enableUpgrade=true/,
  },
];

/** What the extension should have and has not, its router and certificate, and what it can't live beside. */
export const brokenParts: readonly BrokenCluster[] = [...workloads, ...beside];

function scaledToZero(deployment: JsonObject): void {
  Object.assign(deployment["spec"] as JsonObject, { replicas: 0 });
  deployment["status"] = {};
}

function ofTypeClusterIp(service: JsonObject): void {
  Object.assign(service["spec"] as JsonObject, { type: "ClusterIP" });
}

function madePublic(service: JsonObject): void {
  Object.assign(service["metadata"] as JsonObject, { annotations: {} });
  service["status"] = { loadBalancer: { ingress: [{ ip: "20.50.1.10" }] } };
}

/** How Azure tells of an upgrade whose hook failed (terraform-provider-azurerm#24547, extension.md 6). */
function rolledBack(): JsonObject {
  const message =
    "Error: [ InnerError: [Helm Upgrade Failed : InnerError [release azureml failed, and has been rolled back due to atomic being set: pre-upgrade hooks failed: pod healthcheck failed]]]";
  return {
    provisioningState: "Failed",
    currentVersion: "1.1.35",
    errorInfo: { code: "UpgradeFailed", message },
    statuses: [{ code: "UpgradeFailed", level: "Error", message }],
  };
}
