import { type EffectiveSettings, effectiveSettings } from "./effective-settings.ts";
import type { Settings } from "./extension-settings.ts";
import type { Resources, Workload } from "./kubernetes.ts";
import { compareVersions, versionNumbers } from "./kubernetes-version.ts";

/** One workload that an installed extension should have. */
export interface ExpectedWorkload {
  readonly kind: Workload["kind"];
  readonly name: string;
  /** Whether a healthy extension may be without it. */
  readonly optional: boolean;
  /** Pods of a deployment or stateful set; a daemon set has one on each node. */
  readonly replicas: number;
  /** What each pod asks for; zero where no source tells. */
  readonly requests: Resources;
}

/** The deployment of the router: `azureml-fe-v2`, of the first generation `azureml-fe` (extension.md 5). */
export const routerWorkloads: readonly string[] = ["azureml-fe-v2", "azureml-fe"];

/** The ingress of the router, deployment and service (extension.md 5a). */
export const ingressName = "azureml-ingress-nginx-controller";

/** The first version of today's list: by 1.1.5 training had moved to Volcano and the router was v2 (extension.md 5b). */
const secondGeneration = "1.1.5";

/** Whether a version has the workloads of 2021; an unknown one has those of today. */
export function isFirstGeneration(version: string | null | undefined): boolean {
  return versionNumbers(version ?? "") !== undefined && compareVersions(version ?? "", secondGeneration) < 0;
}

/**
 * The workloads that an extension of that version, with those settings, has (extension.md 5a, 5b). A version that
 * is unknown, or newer than all that is known, has today's.
 */
export function expectedWorkloads(
  version: string | null | undefined,
  settings: Settings | null | undefined,
  cluster: "aks" | "arc",
  extensionName: string,
): readonly ExpectedWorkload[] {
  const effective = effectiveSettings(settings, cluster);
  return isFirstGeneration(version)
    ? firstGeneration(effective, extensionName)
    : today(effective, extensionName);
}

/**
 * The workload that is meant by an expected one. A long name of an extension is cut by Helm charts, so that a name
 * which carries it is known by its end.
 */
export function findWorkload<Found extends { readonly name: string }>(
  expected: ExpectedWorkload,
  extensionName: string,
  found: readonly Found[],
): Found | undefined {
  const exact = found.find(({ name }) => name === expected.name);
  if (exact || !expected.name.startsWith(`${extensionName}-`)) return exact;
  const ending = expected.name.slice(extensionName.length);
  return found.find(({ name }) => `-${name}`.endsWith(ending));
}

function today(settings: EffectiveSettings, extension: string): ExpectedWorkload[] {
  const { training, inference, volcano } = settings;
  const routers = settings.highlyAvailable ? 3 : 1;
  return [
    deployment("gateway", 50, 256),
    deployment("metrics-controller-manager", 10, 20),
    deployment(`${extension}-kube-state-metrics`, 10, 32),
    ...when(settings.prometheusOperator, deployment(`${extension}-prometheus-operator`, 100, 128)),
    statefulSet("prometheus-prom-prometheus", 100, 512),
    ...when(settings.relay, deployment("relayserver", 0, 0)),
    // A daemon set or a sidecar, depending on whom one asks (extension.md 14).
    optional(daemonSet("fluent-bit", 10, 100)),
    ...when(training, deployment("aml-operator", 20, 124)),
    ...when(training && volcano, deployment("volcano-admission", 10, 64)),
    ...when(training && volcano, deployment("volcano-controllers", 50, 128)),
    ...when(training && volcano, deployment("volcano-scheduler", 50, 128)),
    ...when(inference, deployment("inference-operator-controller-manager", 100, 128)),
    ...when(inference, deployment("amlarc-identity-controller", 200, 200)),
    ...when(inference, deployment("amlarc-identity-proxy", 200, 200)),
    ...when(inference, deployment("azureml-fe-v2", 900, 800, routers)),
    ...when(inference && settings.ingress, deployment(ingressName, 100, 64)),
    ...when(settings.dcgmExporter, daemonSet(`${extension}-dcgm-exporter`, 0, 0)),
    ...when(settings.nvidiaDevicePlugin, daemonSet("nvidia-device-plugin-daemonset", 0, 0)),
  ];
}

/** No source tells what these ask for. */
function firstGeneration(settings: EffectiveSettings, extension: string): ExpectedWorkload[] {
  const { training, inference } = settings;
  return [
    // The Relay was there on AKS too (extension.md 5b).
    deployment("relayserver"),
    deployment("gateway"),
    deployment("cluster-status-reporter"),
    deployment("metrics-controller-manager"),
    deployment(`${extension}-kube-state-metrics`),
    ...when(settings.prometheusOperator, deployment(`${extension}-prometheus-operator`)),
    statefulSet("prometheus-prom-prometheus"),
    optional(daemonSet("fluent-bit")),
    optional(daemonSet("k8s-host-device-plugin-daemonset")),
    ...when(training, deployment("aml-operator")),
    ...when(training, statefulSet("frameworkcontroller")),
    // Node features and blob storage are for labels and mounts; newer versions of this generation came without.
    ...when(training, optional(deployment("nfd-master"))),
    ...when(training, optional(daemonSet("nfd-worker"))),
    ...when(training, optional(deployment("csi-blob-controller"))),
    ...when(training, optional(daemonSet("csi-blob-node"))),
    ...when(inference, deployment("azureml-fe", 0, 0, settings.highlyAvailable ? 3 : 1)),
    ...when(inference, deployment("inference-operator-controller-manager")),
    ...when(inference, deployment("amlarc-identity-controller")),
    ...when(inference, deployment("amlarc-identity-proxy")),
    // Seen at 1.0.88 (AML-Kubernetes#209).
    ...when(inference, optional(deployment(ingressName))),
  ];
}

/** `cpu` in thousandths of a core and `memory` in Mi, as the component table has them. */
function deployment(name: string, cpu = 0, memory = 0, replicas = 1): ExpectedWorkload {
  return {
    kind: "Deployment",
    name,
    optional: false,
    replicas,
    requests: { cpu, memory: memory * 2 ** 20 },
  };
}

function daemonSet(name: string, cpu = 0, memory = 0): ExpectedWorkload {
  return { ...deployment(name, cpu, memory), kind: "DaemonSet" };
}

function statefulSet(name: string, cpu = 0, memory = 0): ExpectedWorkload {
  return { ...deployment(name, cpu, memory), kind: "StatefulSet" };
}

function optional(workload: ExpectedWorkload): ExpectedWorkload {
  return { ...workload, optional: true };
}

function when<Item>(condition: boolean, item: Item): Item[] {
  return condition ? [item] : [];
}
