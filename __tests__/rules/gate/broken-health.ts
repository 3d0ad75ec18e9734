import { absent, there } from "../facts.ts";
import {
  arcToday,
  type Broken,
  crash,
  emptied,
  legacy,
  notPopulated,
  other,
  refused,
  upgradeHook,
} from "./broken-parts.ts";
import { anyKind, broken, facts, failedWith, ill, reportOf } from "./facts.ts";

/** Clusters whose health report or neighbours say what is wrong (extension 6, 8, 9). */
export const brokenByHealth: readonly Broken[] = [
  // Error codes of the health report (extension 6).
  ...(
    [
      ["E40000", "Unknown error", /UNKNOWN_ERROR/, /kubectl logs healthcheck/],
      [
        "E40001",
        "Load balancer is not supported",
        /gives no addresses/,
        /inferenceRouterServiceType=NodePort/,
      ],
      ["E40002", "Insufficient nodes", /three healthy nodes/, /inferenceRouterHA=false/],
      ["E40003", "Internal load balancer", /AKS alone/, /Leave `internalLoadBalancerProvider` out/],
      ["E40004", "Deployment is not found", /router is not there/, /kubectl describe deploy azureml-fe-v2/],
      ["E40005", "Scale up timed out", /did not get its pods/, /inferenceRouterHA=false/],
      ["E40006", "Failed to update replicas", /could not be changed/, /azureml-fe-v2/],
      ["E40007", "Invalid ssl setting", /does not cover `sslCname`/, /config-protected: sslCertPemFile/],
      ["E45001", "There are unhealthy resources", /AGENT_UNHEALTHY/, /kubectl get pods -n azureml/],
      [
        "E45002",
        "Prometheus operator conflict",
        /Prometheus operator of its own/,
        /config: installPromOp=false/,
      ],
      ["E45003", "Bad network connectivity", /can't reach the endpoints/, /private link/],
      ["E45004", "Azureml Fe role conflict", /azureml-fe-role/, /kubectl delete clusterrole azureml-fe-role/],
      ["E45005", "Azureml Fe deployment confict", /legacy router/, /scoringFe.enableUpgrade=true/],
      ["E45006", "Failed to validate or update instancetype", /instance types/, /kubectl get instancetypes/],
      ["E49999", "Checker panic", /check itself broke/, /kubectl logs healthcheck/],
      ["E41234", "Something of the future", /E41234.*Something of the future/, /kubectl logs healthcheck/],
    ] as const
  ).map(([code, message, seen, remedy]) => ({
    title: `health code ${code}`,
    facts: refused(code, message),
    id: "health-report",
    seen,
    remedy,
  })),
  {
    title: "AML-Kubernetes#293: an update that the legacy router stops",
    facts: facts(anyKind, {
      extension: { ...failedWith(upgradeHook), currentVersion: "1.1.84" },
      inCluster: {
        legacyRouter: legacy,
        healthReport: reportOf("reports-pre-upgrade", "E45005", "Azureml Fe deployment confict"),
      },
    }),
    id: "legacy-router",
    seen: /Deployment default\/azureml-fe, ClusterRole azureml-fe-role/,
    remedy: /azuremlfessl/,
  },
  {
    title: "E45002 with the Prometheus operator named",
    facts: refused("E45002", "Prometheus operator conflict", {
      others: other("monitoring", "kube-prometheus-stack-operator"),
    }),
    id: "prometheus-operator-of-others",
    seen: /monitoring\/kube-prometheus-stack-operator/,
    remedy: /config: installPromOp=false/,
  },
  {
    title: "X6: a device plugin of someone else",
    facts: facts(anyKind, {
      extension: failedWith(notPopulated),
      set: { installNvidiaDevicePlugin: "True" },
      inCluster: { ...emptied, others: other("kube-system", "nvidia-device-plugin-daemonset") },
    }),
    id: "nvidia-plugin-of-others",
    seen: /kube-system\/nvidia-device-plugin-daemonset/,
    remedy: /config: installNvidiaDevicePlugin=False/,
  },
  {
    title: "X8: OpenShift without the grants",
    facts: facts(arcToday, {
      extension: failedWith(notPopulated),
      inCluster: { ...emptied, privileged: there(["system:serviceaccount:azureml:default"]) },
    }),
    id: "openshift-privileged",
    seen: /system:serviceaccount:azureml:azureml-kube-state-metrics/,
    remedy:
      /oc adm policy add-scc-to-user privileged system:serviceaccount:azure-arc:azure-arc-kube-aad-proxy-sa/,
  },
  {
    title: "X9: the Relay is gone, and its pod falls",
    facts: facts(arcToday, {
      relay: absent,
      inCluster: broken("relayserver", [ill("relayserver", crash)], {}, arcToday),
    }),
    id: "relay-present",
    seen: /Azure Relay .* is gone/,
    remedy: /detach the computes/,
  },
];
