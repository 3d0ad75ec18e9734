import { there } from "../facts.ts";
import { type Broken, crash, emptied, inCluster, notPopulated, stuckAt } from "./broken-parts.ts";
import {
  anyKind,
  broken,
  container,
  event,
  facts,
  failedWith,
  ill,
  minute,
  node,
  now,
  old,
  pending,
  pod,
} from "./facts.ts";

/** Clusters whose nodes or pods are in trouble (extension 11). */
export const brokenPods: readonly Broken[] = [
  // Nodes.
  {
    title: "no node is ready",
    facts: inCluster({ nodes: there([node("a", { ready: false }), node("b", { ready: false })]) }),
    id: "nodes-ready",
    seen: /2 nodes of 2 are not ready: a, b/,
    remedy: /kubectl describe node a/,
  },
  {
    title: "AML-Kubernetes#158: no node has the selector's label",
    facts: facts(anyKind, {
      extension: failedWith(notPopulated),
      set: { "nodeSelector.agentpool": "pool1" },
      inCluster: emptied,
    }),
    id: "nodes-selected",
    seen: /agentpool=pool1/,
    remedy: /kubectl label node <node> agentpool=pool1/,
  },
  // Pods.
  {
    title: "an image that the registry refuses",
    facts: inCluster(
      broken("gateway", [
        ill(
          "gateway",
          { ...stuckAt("403 Forbidden"), image: "mirror.example.com/azureml/gateway:1" },
          { phase: "Pending" },
        ),
      ]),
    ),
    id: "pods-running",
    seen: /can't be pulled from mirror\.example\.com \(ImagePullBackOff\)\. 403 Forbidden/,
    remedy: /pull from mirror\.example\.com: check the pull secret/,
  },
  {
    title: "an image that no way leads to",
    facts: inCluster(
      broken("gateway", [ill("gateway", stuckAt("dial tcp: i/o timeout"), { phase: "Pending" })]),
    ),
    id: "pods-running",
    seen: /i\/o timeout/,
    remedy: /https:\/\/mcr\.microsoft\.com/,
  },
  {
    title: "a container that ends again and again",
    facts: inCluster(broken("metrics-controller-manager", [ill("metrics-controller-manager", crash)])),
    id: "pods-running",
    seen: /ends again and again \(exit code 1, Error, restarted 14 times\)\. It said: panic: no relay/,
    remedy: /kubectl logs -n azureml metrics-controller-manager-7d9f8c6b5d-x7k2p .*--previous/,
  },
  {
    title: "an ingress that is killed for want of memory",
    facts: inCluster(
      broken("azureml-ingress-nginx-controller", [
        ill("azureml-ingress-nginx-controller", {
          ...crash,
          last: { reason: "OOMKilled", exitCode: 137, message: "", at: now - minute },
        }),
      ]),
    ),
    id: "pods-running",
    seen: /OOMKilled, exit code 137/,
    remedy: /nginxIngress\.resources\.controller\.limits\.memory/,
  },
  {
    title: "AML-Kubernetes#154: a highly available router on two nodes",
    facts: inCluster(
      broken(
        "azureml-fe-v2",
        [
          pod("azureml-fe-v2", {}, "aaaaa"),
          pod("azureml-fe-v2", {}, "bbbbb"),
          pending(
            "azureml-fe-v2",
            "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.",
          ),
        ],
        { ready: 2 },
      ),
    ),
    id: "pods-running",
    seen: /replicas must be on different nodes/,
    remedy: /config: inferenceRouterHA=false/,
  },
  {
    title: "nodes without processors to spare",
    facts: inCluster(broken("gateway", [pending("gateway", "0/3 nodes are available: 3 Insufficient cpu.")])),
    id: "pods-running",
    seen: /too little cpu left; the pod asks for 100m CPU and 128Mi memory/,
    remedy: /Add a node/,
  },
  {
    title: "a taint that nobody tolerates",
    facts: inCluster(
      broken("gateway", [
        pending("gateway", "0/3 nodes are available: 3 node(s) had untolerated taint {dedicated: gpu}."),
      ]),
    ),
    id: "pods-running",
    seen: /taint that the pod does not tolerate \(dedicated: gpu\)/,
    remedy: /ml\.azure\.com\/amlarc/,
  },
  {
    title: "AML-Kubernetes#209: a daemon set that can't be scheduled",
    facts: inCluster(
      broken(
        "fluent-bit",
        [
          pending(
            "fluent-bit",
            "0/3 nodes are available: 1 Too many pods, 2 node(s) didn't satisfy plugin(s) [NodeAffinity].",
            {
              owner: "fluent-bit",
              name: "fluent-bit-abcde",
            },
          ),
        ],
        { kind: "DaemonSet", wanted: 3, ready: 2 },
      ),
    ),
    id: "pods-running",
    seen: /as many pods as they may/,
    remedy: /--max-pods/,
  },
  {
    title: "AML-Kubernetes#137: a pod on a Windows node",
    facts: inCluster({
      ...broken("gateway", [
        ill("gateway", stuckAt("no match for platform in manifest: not found"), {
          phase: "Pending",
          node: "win-1",
        }),
      ]),
      nodes: there([node("node-1"), node("win-1", { os: "windows" })]),
    }),
    id: "pods-running",
    seen: /Windows node win-1/,
    remedy: /kubectl taint nodes -l kubernetes\.io\/os=windows/,
  },
  {
    title: "a secret that a pod wants to mount",
    facts: inCluster({
      ...broken("azureml-fe-v2", [
        ill("azureml-fe-v2", { waiting: { reason: "ContainerCreating", message: "" } }, { phase: "Pending" }),
      ]),
      events: there([
        event(
          "Pod",
          "azureml-fe-v2-7d9f8c6b5d-x7k2p",
          "FailedMount",
          'MountVolume.SetUp failed for volume "ssl" : secret "azureml-tls" not found',
        ),
      ]),
    }),
    id: "pods-running",
    seen: /secret "azureml-tls" not found/,
    remedy: /Create the secret `azureml-tls`.*cert\.pem/,
  },
  {
    title: "a quota that is used up",
    facts: inCluster({
      ...broken("gateway", []),
      events: there([
        event(
          "ReplicaSet",
          "gateway-7d9f8c6b5d",
          "FailedCreate",
          'pods "gateway-7d9f8c6b5d-" is forbidden: exceeded quota: compute-quota, requested: cpu=100m',
        ),
      ]),
    }),
    id: "pods-running",
    seen: /the quota compute-quota is used up/,
    remedy: /kubectl describe quota -n azureml/,
  },
  {
    title: "an admission webhook that denies",
    facts: inCluster({
      ...broken("gateway", []),
      events: there([
        event(
          "ReplicaSet",
          "gateway-7d9f8c6b5d",
          "FailedCreate",
          'admission webhook "validation.gatekeeper.sh" denied the request: [no-latest]',
        ),
      ]),
    }),
    id: "pods-running",
    seen: /admission webhook validation\.gatekeeper\.sh denies it/,
    remedy: /Exempt namespace azureml/,
  },
  {
    title: "pods that were evicted",
    facts: inCluster(
      broken("gateway", [
        pod("gateway", { phase: "Failed", reason: "Evicted", ready: false, containers: [] }),
      ]),
    ),
    id: "pods-running",
    seen: /was evicted from its node/,
    remedy: /kubectl describe node node-1/,
  },
  {
    title: "a pod that has not started for long",
    facts: inCluster(
      broken("gateway", [
        ill(
          "gateway",
          { waiting: { reason: "ContainerCreating", message: "" } },
          { phase: "Pending", created: old },
        ),
      ]),
    ),
    id: "pods-running",
    seen: /containers have not started/,
    remedy: /kubectl describe pod/,
  },
  {
    title: "a pod whose configuration is missing",
    facts: inCluster(
      broken("gateway", [
        ill("gateway", {
          waiting: { reason: "CreateContainerConfigError", message: 'secret "relay" not found' },
        }),
      ]),
    ),
    id: "pods-running",
    seen: /CreateContainerConfigError.*secret "relay" not found/,
    remedy: /Create the secret `relay`/,
  },
  {
    title: "a pod that runs and never gets ready",
    facts: inCluster({
      ...broken("gateway", [
        pod("gateway", { ready: false, containers: [container("gateway", { ready: false })] }),
      ]),
      events: there([event("Pod", "gateway-7d9f8c6b5d-x7k2p", "Unhealthy", "Readiness probe failed: 503")]),
    }),
    id: "pods-running",
    seen: /runs and is not ready\. Readiness probe failed: 503/,
    remedy: /kubectl logs/,
  },
];
