/** What an error code of the extension's own health check stands for (extension.md 6). */
export interface HealthCode {
  readonly code: string;
  readonly name: string;
  /** What is wrong, as a sentence. */
  readonly meaning: string;
  /** What to do about it, in the words of our inputs. */
  readonly remedy: string;
  readonly link: string;
  /** `true` where the code tells that something is wrong and not what: a finding on a pod may say more. */
  readonly symptom: boolean;
}

const troubleshooting =
  "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-kubernetes-extension";
const network =
  "https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall#scenario-use-kubernetes-compute";
const legacyCleanup =
  "https://learn.microsoft.com/azure/machine-learning/v1/how-to-create-attach-kubernetes#delete-azureml-fe-related-resources";

/** How to read the log of the health check; Microsoft's support asks for it too (extension.md 6). */
export const healthLog = "kubectl logs healthcheck -n azureml";

/** Removes the eight objects of the legacy router; all must go (extension.md 8). */
export const removeLegacyRouter =
  "When no legacy service is active any more, remove its eight objects: " +
  "`kubectl delete -n default sa,svc,deploy azureml-fe`, `kubectl delete -n default svc azureml-fe-int-http`, " +
  "`kubectl delete -n default secret azuremlfessl`, `kubectl delete -n default cm azuremlfeconfig`, " +
  "`kubectl delete clusterrole azureml-fe-role`, `kubectl delete clusterrolebinding azureml-fe-binding`. " +
  "To run both on AKS, give `config: scoringFe.enableUpgrade=true` and use another namespace.";

const readPods =
  "Look at the pods of namespace azureml: `kubectl get pods -n azureml` and `kubectl describe pod -n azureml <pod>`.";
const scaleRouter =
  "Look at the router: `kubectl describe deploy azureml-fe-v2 -n azureml`. If nodes are short, add some or give `config: inferenceRouterHA=false`.";

const codes: readonly HealthCode[] = [
  entry(
    "E40000",
    "UNKNOWN_ERROR",
    "the check met an error that it does not know",
    `Read its log: \`${healthLog}\`.`,
    { symptom: true },
  ),
  entry(
    "E40001",
    "LOAD_BALANCER_NOT_SUPPORT",
    "the cluster gives no addresses to services of type LoadBalancer",
    "Give `config: inferenceRouterServiceType=NodePort` or `=ClusterIP`, or install a load balancer such as MetalLB in the cluster.",
  ),
  entry(
    "E40002",
    "INSUFFICIENT_NODE",
    "a highly available router needs three healthy nodes that match the node selector",
    "Add nodes, label more nodes to match `nodeSelector.…`, or give `config: inferenceRouterHA=false`.",
  ),
  entry(
    "E40003",
    "INTERNAL_LOAD_BALANCER_NOT_SUPPORT",
    "an internal load balancer exists on AKS alone, by the provider `azure`",
    "Leave `internalLoadBalancerProvider` out, or give `config: inferenceRouterServiceType=NodePort`.",
  ),
  entry(
    "E40004",
    "AZUREML_FE_DEPLOYMENT_NOT_FOUND",
    "the deployment of the router is not there",
    scaleRouter,
    { symptom: true },
  ),
  entry("E40005", "AZUREML_FE_SCALE_UP_TIMEOUT", "the router did not get its pods in time", scaleRouter, {
    symptom: true,
  }),
  entry(
    "E40006",
    "AZUREML_FE_UPDATE_REPLICAS_FAILED",
    "the number of the router's pods could not be changed",
    scaleRouter,
    { symptom: true },
  ),
  entry(
    "E40007",
    "INVALID_SSL_SETTING",
    "certificate or key is missing, they don't belong together, or the certificate does not cover `sslCname`",
    "Give a matching pair by `config-protected: sslCertPemFile` and `sslKeyPemFile` (no passphrase, whole chain), or a secret by `config: sslSecret`, and the certificate's name by `config: sslCname`.",
    {
      link: "https://learn.microsoft.com/azure/machine-learning/how-to-secure-kubernetes-online-endpoint",
    },
  ),
  entry("E45001", "AGENT_UNHEALTHY", "a workload of the extension is not healthy", readPods, {
    symptom: true,
  }),
  entry(
    "E45002",
    "PROMETHEUS_CONFLICT",
    "the cluster has a Prometheus operator of its own",
    "Give `config: installPromOp=false`, so that the present operator is used.",
    { link: `${troubleshooting}#prometheus-operator` },
  ),
  entry(
    "E45003",
    "BAD_NETWORK_CONNECTIVITY",
    "the cluster can't reach the endpoints of Azure ML",
    "Let the cluster out to `https://mcr.microsoft.com`, `https://<workspace id>.workspace.<region>.api.azureml.ms` and the other hosts of the linked page; with a private link, check that these names give its addresses.",
    { link: network },
  ),
  entry(
    "E45004",
    "AZUREML_FE_ROLE_CONFLICT",
    "the cluster role `azureml-fe-role` of the legacy router is there",
    removeLegacyRouter,
    { link: legacyCleanup },
  ),
  entry(
    "E45005",
    "AZUREML_FE_DEPLOYMENT_CONFLICT",
    "the deployment `azureml-fe` of the legacy router is there",
    removeLegacyRouter,
    { link: legacyCleanup },
  ),
  entry(
    "E45006",
    "INSTANCE_TYPE_INVALID",
    "the instance types of the cluster could not be validated or updated",
    "Look at them: `kubectl get instancetypes.amlarc.azureml.com -o yaml`; mend or delete those that are not valid.",
    {
      link: "https://learn.microsoft.com/azure/machine-learning/how-to-manage-kubernetes-instance-types",
    },
  ),
  entry("E49999", "CHECKER_PANIC", "the check itself broke", `Read its log: \`${healthLog}\`.`, {
    symptom: true,
  }),
];

/**
 * What a code means; one that is not known is told as such. E40004 meant what E40007 means today when it spoke of
 * certificates (AML-Kubernetes docs of mid 2022).
 */
export function healthCode(code: string, message = ""): HealthCode {
  const meant = code === "E40004" && /\bssl|certificate/i.test(message) ? "E40007" : code;
  const known = codes.find((candidate) => candidate.code === meant);
  return known ? { ...known, code } : unknownCode(code);
}

function unknownCode(code: string): HealthCode {
  const about = code === "AgentWarning" ? readPods : `Read its log: \`${healthLog}\`. ${readPods}`;
  return {
    ...entry(code, "", "a check of the extension failed", about),
    symptom: code === "AgentWarning" || !/^E4\d{4}$/.test(code),
  };
}

function entry(
  code: string,
  name: string,
  meaning: string,
  remedy: string,
  more: { symptom?: boolean; link?: string } = {},
): HealthCode {
  return {
    code,
    name,
    meaning,
    remedy,
    symptom: more.symptom ?? false,
    link: more.link ?? `${troubleshooting}#error-code-of-healthcheck`,
  };
}
