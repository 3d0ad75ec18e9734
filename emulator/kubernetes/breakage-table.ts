import type { Breakage, BreakageKind } from "../breakages.ts";
import type { ErrorBody } from "../errors.ts";
import type { JsonObject } from "../json.ts";

/** What one kind of breakage does to an installation. What it does inside the cluster is in `breaking.ts`. */
export interface BreakageEffect {
  /** Whether an installation or update comes to a bad end by it. */
  failsInstall: boolean;
  /** It fails only where this setting is `true`, or not `true`, so given. */
  onlyIf?: { setting: string; is: boolean };
  /** What Helm says inside Azure's message; `{ext}` is the release. Default: the health check's own failure. */
  inner?: string;
  /** Helm could not take the workloads away again: they stay as they are. */
  leavesWorkloads?: boolean;
  /** The line of the health report (extension 6). */
  report?: { check: string; code: string; message: string };
  /** Settings of the extension without which the kind makes no sense; set where they are absent or say otherwise. */
  settings?: Record<string, string>;
  /** Settings that are taken away. */
  without?: readonly string[];
}

/** extension 8: HTTPS by a secret of the cluster. */
const TLS = {
  allowInsecureConnections: "False",
  sslSecret: "azureml-tls",
  sslCname: "ml.example.com",
  "scoringFe.sslSecret": "azureml-tls",
};

/** extension 11 (AML-Kubernetes#158): what is left when nobody says why. */
const NOT_POPULATED =
  "Unable to get the status from the local CRD with the error : {Error : Retry for given duration didn't get any results with err {status not populated}}";

const OWNERSHIP =
  'invalid ownership metadata; label validation error: missing key "app.kubernetes.io/managed-by": must be set to "Helm"; annotation validation error: missing key "meta.helm.sh/release-name": must be set to "{ext}"; annotation validation error: missing key "meta.helm.sh/release-namespace": must be set to "azureml"';

const imported = (object: string) =>
  `rendered manifests contain a resource that already exists. Unable to continue with install: ${object} exists and cannot be imported into the current release: ${OWNERSHIP}`;

/** A check that blocks: the hook fails, Helm undoes everything, the report says which (extension 3, 6). */
const blocks = (
  check: string,
  code: string,
  message: string,
  more: Partial<BreakageEffect> = {},
): BreakageEffect => ({ failsInstall: true, report: { check, code, message }, ...more });

/** A check that only tells (extension 6: codes above E45000 are diagnostic). */
const tells = (check: string, code: string, message: string): BreakageEffect => ({
  failsInstall: false,
  report: { check, code, message },
});

const shows: BreakageEffect = { failsInstall: false };
const showsTls: BreakageEffect = { failsInstall: false, settings: TLS };

/**
 * What each kind comes to. The wordings of E45005 and E45006 are users' (AML-Kubernetes#293, azure-sdk-for-python#33480);
 * those of the other codes, and which check tells them, are a guess. Which of the kinds without a code fail an
 * installation is what the issues of extension 11 say, and a guess where they say nothing.
 */
export const breakageTable: Readonly<Record<BreakageKind, BreakageEffect>> = {
  E40000: blocks("info", "E40000", "Unknown error"),
  E40001: blocks("service", "E40001", "Load balancer is not supported in the cluster", {
    settings: { inferenceRouterServiceType: "LoadBalancer" },
  }),
  E40002: blocks("clusterresource", "E40002", "Insufficient nodes: inference HA needs at least 3 nodes", {
    settings: { inferenceRouterHA: "True" },
  }),
  E40003: blocks("service", "E40003", "Internal load balancer is not supported in the cluster", {
    settings: { inferenceRouterServiceType: "LoadBalancer", internalLoadBalancerProvider: "metallb" },
  }),
  E40004: blocks("inferencev1", "E40004", "Azureml Fe deployment is not found"),
  E40005: blocks("inferencev1", "E40005", "Azureml Fe scale up timed out"),
  E40006: blocks("inferencev1", "E40006", "Failed to update replicas of azureml fe"),
  E40007: blocks("helmchart", "E40007", "Invalid ssl setting: the certificate doesn't fit the cname", {
    settings: TLS,
  }),
  E45001: tells("clusterresource", "E45001", "There are unhealthy resources of the extension"),
  // Diagnostic by its number; that it fails an installation is a guess from what the documents call a conflict.
  E45002: blocks("clusterresource", "E45002", "Prometheus operator conflict"),
  E45003: tells("info", "E45003", "Bad network connectivity"),
  E45004: blocks("inferencev1", "E45004", "Azureml Fe role conflict"),
  E45005: blocks("inferencev1", "E45005", "Azureml Fe deployment confict"),
  E45006: tells("instancetype", "E45006", "Failed to validate or update instancetype"),
  E49999: tells("info", "E49999", "Checker panic"),

  "image-pull": shows,
  "crash-loop": shows,
  "out-of-memory": shows,
  "insufficient-cpu": shows,
  "insufficient-memory": shows,
  "node-selector-unmatched": {
    failsInstall: true,
    inner: NOT_POPULATED,
    settings: { "nodeSelector.purpose": "azureml" },
  },
  "untolerated-taint": shows,
  "windows-node-picked": { failsInstall: true, inner: NOT_POPULATED, leavesWorkloads: true },
  "daemonset-unschedulable": shows,
  "webhook-without-endpoints": {
    failsInstall: true,
    inner:
      'release {ext} failed, and has been uninstalled due to atomic being set: Internal error occurred: failed calling webhook "validate.nginx.ingress.kubernetes.io": failed to call webhook: Post "https://azureml-ingress-nginx-controller-admission.azureml.svc:443/networking/v1/ingresses?timeout=10s": no endpoints available for service "azureml-ingress-nginx-controller-admission"',
  },
  "ownership-conflict": {
    failsInstall: true,
    inner: imported('ClusterRole "azureml-ingress-nginx" in namespace ""'),
  },
  "helm-pending": {
    failsInstall: true,
    inner: "another operation (install/upgrade/rollback) is in progress",
    leavesWorkloads: true,
  },
  "missing-derived-keys": blocks("helmchart", "E40007", "Invalid ssl setting: the certificate is missing", {
    settings: { allowInsecureConnections: "False", sslSecret: "azureml-tls", sslCname: "ml.example.com" },
    without: [
      "cluster_name",
      "clusterId",
      "prometheus.prometheusSpec.externalLabels.cluster_name",
      "cluster_name_friendly",
      "location",
      "jobSchedulerLocation",
      "domain",
      "servicebus.enabled",
      "relayserver.enabled",
      "nginxIngress.enabled",
      "scoringFe.sslSecret",
    ],
  }),
  "load-balancer-pending": {
    failsInstall: false,
    settings: { inferenceRouterServiceType: "LoadBalancer" },
  },
  "workload-missing": shows,
  "router-service-missing": shows,
  "ingress-without-pods": { failsInstall: false, settings: { "nginxIngress.enabled": "true" } },

  "tls-secret-missing": showsTls,
  "tls-secret-expired": showsTls,
  "tls-secret-wrong-name": showsTls,
  "tls-secret-key-mismatch": showsTls,
  "tls-served-other": showsTls,

  "nodes-not-ready": shows,
  "namespace-terminating": {
    failsInstall: true,
    inner:
      'create: failed to create: secrets "sh.helm.release.v1.{ext}.v1" is forbidden: unable to create new content in namespace azureml because it is being terminated',
  },
  "nvidia-plugin-of-others": {
    failsInstall: true,
    onlyIf: { setting: "installNvidiaDevicePlugin", is: true },
    inner: imported('DaemonSet "nvidia-device-plugin-daemonset" in namespace "azureml"'),
  },
  "volcano-of-others": shows,
  "prometheus-operator-of-others": shows,
  "legacy-router": blocks("inferencev1", "E45005", "Azureml Fe deployment confict", {
    onlyIf: { setting: "scoringFe.enableUpgrade", is: false },
  }),
  "openshift-without-scc": { failsInstall: true, inner: NOT_POPULATED },
  "relay-pod-down": shows,
  "compute-namespace-missing": shows,
};

/** A failed installation as the three places show it (arm-contract 3). */
export interface InstallFailure {
  /** In the status monitor. */
  error: ErrorBody;
  /** In the resource. */
  errorInfo: ErrorBody;
  statuses: JsonObject[];
}

/** How an installation or update ends that meets these breakages; undefined when it succeeds. */
export function installFailure(
  broken: readonly Breakage[],
  extension: { name: string; settings: JsonObject; updating?: boolean; time: string },
): InstallFailure | undefined {
  const effect = broken.map(({ kind }) => breakageTable[kind]).find((one) => fails(one, extension.settings));
  if (!effect) return undefined;
  const { name, time, updating = false } = extension;
  const hook = updating
    ? `release ${name} failed, and has been rolled back due to atomic being set: pre-upgrade hooks failed: pod healthcheck failed`
    : `release ${name} failed, and has been uninstalled due to atomic being set: failed pre-install: pod healthcheck failed`;
  const message = wording((effect.inner ?? hook).replaceAll("{ext}", name), updating);
  const code = updating ? "UpgradeFailed" : "InstallationFailed";
  return {
    error: {
      code: "ExtensionOperationFailed",
      message: `The extension operation failed with the following error:  ${message}`,
    },
    errorInfo: { code, message },
    statuses: [{ code, displayStatus: null, level: "Error", message, time }],
  };
}

/** Azure's wrapping of Helm's words, as quoted in terraform-provider-azurerm#24547. */
function wording(inner: string, updating: boolean): string {
  if (inner === NOT_POPULATED)
    return `Error: {${inner}} occurred while doing the operation : {${operation(updating)}} on the config`;
  const what = updating ? "Helm Upgrade Failed" : "Helm installation failed";
  const text = `${what} : Unable to create/update Kubernetes resources for the extension : Recommendation Please check that there are no policies blocking the resource creation/update for the extension : InnerError [${inner}]`;
  return `Error: [ InnerError: [${text}]] occurred while doing the operation : [${updating ? "Update" : "Create"}] on the config, For general troubleshooting visit: https://aka.ms/k8s-extensions-TSG, For more application specific troubleshooting visit: Troubleshooting: https://aka.ms/arcmltsg.`;
}

function operation(updating: boolean): string {
  return updating ? "Updating the extension" : "Installing the extension";
}

function fails({ failsInstall, onlyIf }: BreakageEffect, settings: JsonObject): boolean {
  if (!failsInstall || !onlyIf) return failsInstall;
  const key = Object.keys(settings).find((one) => one.toLowerCase() === onlyIf.setting.toLowerCase());
  return (String(settings[key ?? ""] ?? "").toLowerCase() === "true") === onlyIf.is;
}

/** Whether one of these keeps Helm from cleaning up. */
export function leavesWorkloads(broken: readonly Breakage[]): boolean {
  return broken.some(({ kind }) => breakageTable[kind].leavesWorkloads === true);
}
