/**
 * The settings of the Azure ML extension that are known (extension.md 2a, 1c). Others are passed on: the
 * chart is not public and has more.
 */

/** Settings that are `true` or `false`; the service compares them without case (extension.md 1b). */
export const booleanKeys: ReadonlySet<string> = new Set([
  "enableTraining",
  "enableInference",
  "allowInsecureConnections",
  "inferenceRouterHA",
  "installNvidiaDevicePlugin",
  "installPromOp",
  "installVolcano",
  "installDcgmExporter",
  "logAnalyticsWS",
  "openshift",
  "isAKSMigration",
  "servicebus.enabled",
  "relayserver.enabled",
  "nginxIngress.enabled",
  "azure_log_analytics.enabled",
  "scoringFe.enableUpgrade",
  "scoringFe.serviceType.nodePort",
  "scoringFe.serviceType.internalLoadBalancer",
]);

const textKeys: ReadonlySet<string> = new Set([
  "inferenceRouterServiceType",
  "internalLoadBalancerProvider",
  "sslSecret",
  "sslCname",
  "clusterPurpose",
  "cluster_name",
  "cluster_name_friendly",
  "clusterId",
  "prometheus.prometheusSpec.externalLabels.cluster_name",
  "location",
  "jobSchedulerLocation",
  "domain",
  "scoringFe.sslSecret",
  "scoringFe.namespace",
  "relayserver.hybridConnectionResourceID",
  "relayserver.hybridConnectionName",
  "servicebus.resourceID",
  "azure_log_analytics.customer_id",
  "nginxIngress.controller",
  "nginxIngress.controllerConfig.worker-processes",
  "nginxIngress.resources.controller.limits.memory",
  "volcanoScheduler.schedulerConfigMap",
  "amloperator.skipResourceValidation",
  "amloperator.custom_ip_interface",
  "amloperator.custom_ip_interface_enabled",
  "blobCsiDriverEnabled",
  "enable_https",
]);

/** Settings that hold a secret, or name a file that does: they belong in `config-protected` (extension.md 1c, 2a). */
export const secretKeys: ReadonlySet<string> = new Set([
  "sslCertPemFile",
  "sslKeyPemFile",
  "scoringFe.sslCert",
  "scoringFe.sslKey",
  "relayServerConnectionString",
  "relayserver.relayConnectionString",
  "serviceBusConnectionString",
  "servicebus.connectionString",
  "azure_log_analytics.connection_string",
]);

/** The paths that the CLI reads. They mean nothing in the cluster, so that they are never sent (testbed 8). */
export const pathKeys: ReadonlySet<string> = new Set(["sslCertPemFile", "sslKeyPemFile"]);

/** Where the digest of the protected settings is kept, among the plain ones. */
export const digestKey = "azureml-clusters.protected";

/** Whether an upgrade has paused auto-upgrade: `paused`, and `settled` once it was put back, or pinned on purpose. */
export const autoUpgradeKey = "azureml-clusters.auto-upgrade";

/** When a failed upgrade was last tried again: a PATCH that changes nothing starts nothing (arm-contract 3). */
export const attemptKey = "azureml-clusters.attempt";

/** Settings that are ours alone. */
export const ownKeys: ReadonlySet<string> = new Set([digestKey, autoUpgradeKey, attemptKey]);

/** Node labels that the extension and its workloads keep to: `nodeSelector.<label>` (extension.md 2a). */
export const nodeSelectorPrefix = "nodeSelector.";

/** Keys that documents or people get wrong beyond a typo, with the right one (extension.md 8). */
const mistakes: ReadonlyMap<string, string> = new Map([["sslCertKeyFile", "sslKeyPemFile"]]);

/** The setting is known and holds no secret. */
export function isPlainKey(key: string): boolean {
  return booleanKeys.has(key) || textKeys.has(key) || key.startsWith(nodeSelectorPrefix);
}

/** The setting is known. */
export function isKnownKey(key: string): boolean {
  return isPlainKey(key) || secretKeys.has(key) || key.startsWith("servicebus.topicSubMapping.");
}

/** The known key that was probably meant by one that is not known; Helm values that nobody reads are no error to Azure. */
export function meantKey(key: string, alsoKnown: Iterable<string>): string | undefined {
  const selector = /^node_?selectors?\.(.+)$/i.exec(key)?.[1];
  if (selector) return `${nodeSelectorPrefix}${selector}`;
  const mistaken = mistakes.get(key);
  if (mistaken) return mistaken;
  const known = [...booleanKeys, ...textKeys, ...secretKeys, ...alsoKnown];
  const tolerated = key.length < 8 ? 1 : 2;
  const ranked = known
    .map((name) => ({ name, edits: edits(name.toLowerCase(), key.toLowerCase()) }))
    .sort((one, other) => one.edits - other.edits);
  return ranked[0] && ranked[0].edits <= tolerated ? ranked[0].name : undefined;
}

/** How many letters must be put in, left out or changed to make one text of the other (Levenshtein's distance). */
function edits(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...one].entries()) {
    const current = [row + 1];
    for (const [column, otherLetter] of [...other].entries()) {
      const left = current[column] ?? 0;
      const diagonal = above[column] ?? 0;
      const up = above[column + 1] ?? 0;
      current.push(Math.min(left + 1, up + 1, diagonal + (letter === otherLetter ? 0 : 1)));
    }
    above = current;
  }
  return above.at(-1) ?? 0;
}
