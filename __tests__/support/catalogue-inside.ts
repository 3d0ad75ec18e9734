import type { BreakageKind } from "../../emulator/index.ts";
import {
  type Arrange,
  aks,
  aksWith,
  arc,
  type BrokenCluster,
  broken,
  cluster,
  settings,
} from "./catalogue-worlds.ts";

/** An error code of the health report, told by the rule on it (extension.md 6). */
function code(kind: BreakageKind & `E${string}`, cause: RegExp, remedy: RegExp): BrokenCluster {
  const title = `${kind} in the health report`;
  const arrange = [...aks, broken(kind)];
  return { title, source: "extension.md 6", verdict: "fail", arrange, rule: "health-report", cause, remedy };
}

const codes: readonly BrokenCluster[] = [
  code("E40000", /E40000 UNKNOWN_ERROR/, /kubectl logs healthcheck -n azureml/),
  code(
    "E40001",
    /gives no addresses to services of type LoadBalancer/,
    /inferenceRouterServiceType=NodePort/,
  ),
  code("E40002", /needs three healthy nodes that match/, /Add nodes.*inferenceRouterHA=false/),
  code("E40003", /internal load balancer exists on AKS alone/, /Leave `internalLoadBalancerProvider` out/),
  code("E40004", /deployment of the router is not there/, /kubectl describe deploy azureml-fe-v2/),
  code("E40005", /router did not get its pods in time/, /kubectl describe deploy azureml-fe-v2/),
  code("E40006", /number of the router's pods could not be changed/, /kubectl describe deploy azureml-fe-v2/),
  code("E40007", /INVALID_SSL_SETTING: .*does not cover `sslCname`/, /sslCertPemFile.*sslCname/),
  aksWith("E45001", {
    title: "E45001 in the health report: an agent is unhealthy",
    source: "extension.md 6",
    rule: "pods-running",
    cause: /metrics-controller-manager-\S+: container manager ends again and again \(exit code 1/,
    remedy: /kubectl logs -n azureml metrics-controller-manager-\S+ -c manager --previous/,
  }),
  aksWith("E45002", {
    title: "E45002 in the health report: Prometheus operator conflict",
    source: "extension.md 6",
    rule: "prometheus-operator-of-others",
    cause: /Prometheus operator already \(Deployment monitoring\/prometheus-operator\)/,
    remedy: /config: installPromOp=false/,
  }),
  code(
    "E45003",
    /BAD_NETWORK_CONNECTIVITY: the cluster can't reach/,
    /Let the cluster out to `https:\/\/mcr/,
  ),
  aksWith("E45004", {
    title: "E45004 in the health report: role of the legacy router",
    source: "extension.md 6, 8",
    rule: "legacy-router",
    cause: /legacy router .*ClusterRole azureml-fe-role/,
    remedy: /kubectl delete clusterrole azureml-fe-role/,
  }),
  aksWith("E45005", {
    title: "E45005 in the health report: deployment of the legacy router",
    source: "extension.md 6, 8",
    rule: "legacy-router",
    cause: /legacy router .*Deployment default\/azureml-fe/,
    remedy: /kubectl delete -n default sa,svc,deploy azureml-fe/,
  }),
  code("E45006", /instance types of the cluster could not be validated/, /kubectl get instancetypes/),
  code("E49999", /the check itself broke/, /kubectl logs healthcheck -n azureml/),
];

const pods: readonly BrokenCluster[] = [
  aksWith("image-pull", {
    title: "the registry refuses an image",
    source: "extension.md 6 (E45003)",
    rule: "pods-running",
    cause: /aml-operator:1\.1\.84 can't be pulled from mcr\.microsoft\.com .*403 Forbidden/,
    remedy: /Open the way from the nodes to https:\/\/mcr\.microsoft\.com in firewall, proxy and DNS/,
  }),
  aksWith("crash-loop", {
    title: "a container that ends again and again",
    source: "extension.md 6",
    rule: "pods-running",
    cause: /inference-operator-controller-manager-\S+: container manager ends again and again/,
    remedy: /kubectl logs .* --previous`.*inferenceRouterServiceType/,
  }),
  aksWith("out-of-memory", {
    title: "the ingress is killed for want of memory",
    source: "extension.md 2a (nginxIngress)",
    rule: "pods-running",
    cause: /killed for want of memory \(OOMKilled, exit code 137/,
    remedy: /nginxIngress\.controllerConfig\.worker-processes.*limits\.memory/,
  }),
  aksWith("insufficient-cpu", {
    title: "nodes without processors to spare",
    source: "extension.md 5a, 12 (azure-docs#55597)",
    rule: "pods-running",
    cause: /too little cpu left; the pod asks for 900m CPU/,
    remedy: /Add a node or use larger ones/,
  }),
  aksWith("insufficient-memory", {
    title: "nodes without memory to spare",
    source: "extension.md 5a",
    rule: "pods-running",
    cause: /too little memory left; .*800Mi memory/,
    remedy: /Add a node or use larger ones/,
  }),
  {
    verdict: "fail",
    title: "a highly available router on two nodes",
    source: "extension.md 11 (AML-Kubernetes#154)",
    arrange: [...aks, twoNodes()],
    rule: "pods-running",
    cause: /azureml-fe-v2-\S+: no node takes it: its replicas must be on different nodes/,
    remedy: /needs three nodes.*inferenceRouterHA=false/,
  },
  {
    verdict: "fail",
    title: "a highly available router where one node has the label",
    source: "extension.md 11 (AML-Kubernetes#271)",
    arrange: [...aks, oneLabelledNode(), settings({ "nodeSelector.purpose": "ml" })],
    rule: "pods-running",
    cause: /azureml-fe-v2.*no free node has the labels of `nodeSelector` \(purpose=ml\)/,
    remedy: /kubectl label node <node> purpose=ml.*1 node of 4 match now.*inferenceRouterHA=false/,
  },
  aksWith("node-selector-unmatched", {
    title: 'no node has the label that is selected: "status not populated"',
    source: "extension.md 11 (AML-Kubernetes#158)",
    rule: "nodes-selected",
    cause: /No node has the labels of `nodeSelector` \(purpose=azureml\)/,
    remedy: /kubectl label node <node> purpose=azureml/,
  }),
  aksWith("untolerated-taint", {
    title: "a taint that the extension does not tolerate",
    source: "extension.md 9",
    rule: "pods-running",
    cause: /nodes have a taint that the pod does not tolerate \(dedicated: gpu\)/,
    remedy: /Remove the taint.*ml\.azure\.com\/amlarc/,
  }),
  aksWith("windows-node-picked", {
    title: "a pod on a Windows node",
    source: "extension.md 11 (AML-Kubernetes#137)",
    rule: "pods-running",
    cause: /placed on the Windows node akswin000000, where its image can't run/,
    remedy: /kubectl taint nodes -l kubernetes\.io\/os=windows/,
  }),
  aksWith("daemonset-unschedulable", {
    title: "Succeeded, while a daemon set has no room on a node",
    source: "extension.md 11 (AML-Kubernetes#209)",
    rule: "pods-running",
    cause: /fluent-bit-\S+: no node takes it: nodes have too little cpu left/,
    remedy: /Add a node, use larger ones/,
  }),
  aksWith("ingress-without-pods", {
    title: "a quota keeps the ingress from getting pods: ClusterServiceNotFound",
    source: "extension.md 7 (ClusterServiceNotFound)",
    rule: "pods-running",
    cause: /azureml-ingress-nginx-controller-\S+: its pods can't be made: the quota compute-quota is used up/,
    remedy: /kubectl describe quota -n azureml/,
  }),
  {
    verdict: "fail",
    title: "OpenShift without the grants",
    source: "X8, extension.md 9, 11 (AML-Kubernetes#115)",
    arrange: [...arc, cluster({ distribution: "openshift" }, "arc"), broken("openshift-without-scc", "arc")],
    rule: "openshift-privileged",
    cause: /\d+ service accounts .*system:serviceaccount:azureml:azureml-kube-state-metrics/,
    remedy: /oc adm policy add-scc-to-user privileged system:serviceaccount:azure-arc:/,
  },
  {
    verdict: "fail",
    title: "the Relay's pod falls (Arc)",
    source: "extension.md 1d",
    arrange: [...arc, broken("relay-pod-down", "arc")],
    rule: "pods-running",
    cause: /relayserver-\S+: container relayserver ends again and again/,
    remedy: /Mostly its Relay was changed or its connection string is old: run `deploy-extension` again/,
  },
  aksWith("nodes-not-ready", {
    title: "two nodes of three are not ready",
    source: "extension.md 6",
    rule: "nodes-ready",
    cause: /2 nodes of 3 are not ready: aks-nodepool1-/,
    remedy: /kubectl describe node aks-nodepool1-/,
  }),
];

/** What keeps the pods of an extension from running, as the health report, pods and events tell it. */
export const brokenInside: readonly BrokenCluster[] = [...codes, ...pods];

/** Fewer nodes than a highly available router needs. */
function twoNodes(): Arrange {
  return cluster({ agentPoolProfiles: [{ name: "nodepool1", count: 2, vmSize: "Standard_D4s_v3" }] });
}

/** Nodes enough, of which one has the label that is selected. */
function oneLabelledNode(): Arrange {
  const pool = { vmSize: "Standard_D4s_v3" };
  return cluster({
    agentPoolProfiles: [
      { ...pool, name: "nodepool1", count: 3 },
      { ...pool, name: "ml", count: 1, nodeLabels: { purpose: "ml" } },
    ],
  });
}
