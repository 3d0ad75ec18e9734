import { type ClusterFacts, type InstalledExtension, isBroken } from "./facts.ts";
import { type Workload, workload } from "./plan.ts";

/** Namespace that the extension always goes to (extension 1). */
export const EXTENSION_NAMESPACE = "azureml";

/** What the extension's pods tolerate (extension 9). */
const TOLERATED = [
  "ml.azure.com/amlarc",
  "ml.azure.com/amlarc-system",
  "ml.azure.com/amlarc-workload",
  "ml.azure.com/resource-group",
  "ml.azure.com/workspace",
  "ml.azure.com/compute",
];
const EVERYTHING = ["*"];
const GPU = { "kubernetes.io/os": "linux", accelerator: "nvidia" };

/** What the components depend on. */
export interface Choices {
  ext: string;
  training: boolean;
  inference: boolean;
  router: { replicas: number };
  promOp: boolean;
  volcano: boolean;
  ingress: boolean;
  relay: boolean;
  devicePlugin: boolean;
  dcgm: boolean;
  blobDriver: boolean;
  fluentBit: boolean;
}

/** The settings, as the chart understands them (extension 1c, 2a, 2b). */
export function choicesOf(facts: ClusterFacts, { name, settings }: InstalledExtension): Choices {
  const ha = settings.either(["inferenceRouterHA", "inferenceLoadBalancerHA"], true);
  return {
    ext: name,
    training: settings.on("enableTraining"),
    inference: settings.on("enableInference"),
    router: { replicas: ha ? 3 : 1 },
    promOp: settings.on("installPromOp", true),
    volcano: settings.either(["installVolcano", "volcanoScheduler.enable"], true),
    ingress: settings.on("nginxIngress.enabled", facts.onAks),
    relay: settings.on("relayserver.enabled", !facts.onAks),
    devicePlugin: settings.on("installNvidiaDevicePlugin"),
    dcgm: settings.on("installDcgmExporter"),
    blobDriver: settings.on("blobCsiDriverEnabled", true),
    fluentBit: facts.knobs.fluentBit === "daemonset",
  };
}

/** extension 5: what has 1.1.5 and later is of today, what came before is of 2021. */
export function isToday(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  return major > 1 || (major === 1 && (minor > 1 || (minor === 1 && patch >= 5)));
}

/** Name, kind, requests in m and Mi, whether it is there, and what is special about it. */
type Row = [
  name: string,
  kind: Workload["kind"],
  cpu: number,
  memory: number,
  there: (choices: Choices) => boolean,
  more?: (choices: Choices) => Partial<Workload>,
];

const always = () => true;
const router = (choices: Choices): Partial<Workload> => ({
  replicas: choices.router.replicas,
  labels: { azuremlappname: "azureml-fe" },
  spread: choices.router.replicas > 1,
});

/** extension 5a. Where the table has no numbers (relayserver, dcgm, device plugin) they are a guess. */
const TODAY: readonly Row[] = [
  ["gateway", "Deployment", 50, 256, always],
  ["metrics-controller-manager", "Deployment", 10, 20, always, containers("manager", "kube-rbac-proxy")],
  ["{ext}-kube-state-metrics", "Deployment", 10, 32, always],
  ["{ext}-prometheus-operator", "Deployment", 100, 128, ({ promOp }) => promOp],
  [
    "prometheus-prom-prometheus",
    "StatefulSet",
    100,
    512,
    always,
    containers("prometheus", "config-reloader"),
  ],
  ["relayserver", "Deployment", 50, 64, ({ relay }) => relay],
  ["fluent-bit", "DaemonSet", 10, 100, ({ fluentBit }) => fluentBit],
  ["aml-operator", "Deployment", 20, 124, ({ training }) => training],
  ["volcano-admission", "Deployment", 10, 64, volcano],
  ["volcano-controllers", "Deployment", 50, 128, volcano],
  ["volcano-scheduler", "Deployment", 50, 128, volcano],
  ["inference-operator-controller-manager", "Deployment", 100, 128, inference, containers("manager")],
  ["amlarc-identity-controller", "Deployment", 200, 200, inference],
  ["amlarc-identity-proxy", "Deployment", 200, 200, inference],
  ["azureml-fe-v2", "Deployment", 900, 800, inference, router],
  ["azureml-ingress-nginx-controller", "Deployment", 100, 64, ingress, containers("controller")],
  ["{ext}-dcgm-exporter", "DaemonSet", 100, 128, ({ dcgm }) => dcgm, () => ({ nodeSelector: GPU })],
  ["nvidia-device-plugin-daemonset", "DaemonSet", 10, 32, ({ devicePlugin }) => devicePlugin, gpuNodes],
];

/** extension 5b. The requests are a guess. */
const IN_2021: readonly Row[] = [
  ["relayserver", "Deployment", 50, 64, always],
  ["gateway", "Deployment", 50, 256, always],
  ["cluster-status-reporter", "Deployment", 50, 64, always],
  ["metrics-controller-manager", "Deployment", 10, 20, always, containers("manager", "kube-rbac-proxy")],
  ["{ext}-kube-state-metrics", "Deployment", 10, 32, always],
  ["{ext}-prometheus-operator", "Deployment", 100, 128, always],
  ["fluent-bit", "DaemonSet", 10, 100, always],
  ["k8s-host-device-plugin-daemonset", "DaemonSet", 10, 32, always],
  [
    "prometheus-prom-prometheus",
    "StatefulSet",
    100,
    512,
    always,
    containers("prometheus", "config-reloader"),
  ],
  ["aml-operator", "Deployment", 20, 124, ({ training }) => training],
  ["nfd-master", "Deployment", 10, 32, ({ training }) => training],
  ["csi-blob-controller", "Deployment", 30, 60, ({ training, blobDriver }) => training && blobDriver],
  ["nfd-worker", "DaemonSet", 10, 32, ({ training }) => training],
  ["csi-blob-node", "DaemonSet", 30, 60, ({ training, blobDriver }) => training && blobDriver],
  ["frameworkcontroller", "StatefulSet", 50, 128, ({ training }) => training],
  ["azureml-fe", "Deployment", 900, 800, inference, router],
  ["inference-operator-controller-manager", "Deployment", 100, 128, inference, containers("manager")],
  ["amlarc-identity-controller", "Deployment", 200, 200, inference],
  ["amlarc-identity-proxy", "Deployment", 200, 200, inference],
  ["nvidia-device-plugin-daemonset", "DaemonSet", 10, 32, ({ devicePlugin }) => devicePlugin, gpuNodes],
];

function inference(choices: Choices): boolean {
  return choices.inference;
}

function ingress(choices: Choices): boolean {
  return choices.inference && choices.ingress;
}

function volcano(choices: Choices): boolean {
  return choices.training && choices.volcano;
}

function containers(...names: string[]): () => Partial<Workload> {
  return () => ({ containers: names });
}

function gpuNodes(): Partial<Workload> {
  return { nodeSelector: GPU };
}

/** The workloads that the installed version and its settings bring. */
export function componentsOf(facts: ClusterFacts, extension: InstalledExtension): Workload[] {
  const choices = choicesOf(facts, extension);
  const rows = isToday(extension.version) ? TODAY : IN_2021;
  // extension 11 (#137): what goes wrong there is that the chart says nothing of Linux.
  const linux = isBroken(facts, "windows-node-picked") ? {} : { "kubernetes.io/os": "linux" };
  const nodeSelector = { ...linux, ...extension.settings.below("nodeSelector.") };
  return rows
    .filter(([, , , , there]) => there(choices))
    .map(([pattern, kind, cpu, memory, , more]) => {
      const name = pattern.replace("{ext}", choices.ext);
      const special = more?.(choices) ?? {};
      return workload({
        kind,
        namespace: EXTENSION_NAMESPACE,
        name,
        cpu,
        memory,
        tolerates: kind === "DaemonSet" ? EVERYTHING : TOLERATED,
        release: choices.ext,
        createdAt: extension.createdAt,
        serviceAccount: accountOf(name, choices.ext),
        ...special,
        nodeSelector: { ...nodeSelector, ...special.nodeSelector },
        labels: { "app.kubernetes.io/instance": choices.ext, app: name, ...special.labels },
      });
    });
}

/** The service accounts that the documentation of OpenShift names (extension 9); the others use `default`. */
function accountOf(name: string, ext: string): string {
  const own: Record<string, string> = {
    [`${ext}-kube-state-metrics`]: `${ext}-kube-state-metrics`,
    [`${ext}-prometheus-operator`]: "prom-operator",
    "prometheus-prom-prometheus": "prom-prometheus",
    "azureml-fe-v2": "azureml-fe-v2",
    "azureml-ingress-nginx-controller": "azureml-ingress-nginx",
  };
  return own[name] ?? "default";
}

/** Accounts that need the privileged security context on OpenShift (extension 9, X8). */
export function privilegedAccounts(ext: string): string[] {
  return [
    `${ext}-kube-state-metrics`,
    "prom-admission",
    "default",
    "prom-operator",
    "load-amlarc-selinux-policy-sa",
    "azureml-fe-v2",
    "prom-prometheus",
    "azureml-ingress-nginx",
    "azureml-ingress-nginx-admission",
  ];
}
