import { type ClusterContents, extensionNamespace } from "../model/cluster-contents.ts";
import type { EffectiveSettings } from "../model/effective-settings.ts";
import { present } from "../model/observed.ts";
import { removeLegacyRouter } from "./health-codes.ts";
import type { Verdict } from "./rule.ts";
import { list } from "./wording.ts";

/** A component that the extension brings and that others may have brought before. */
export interface Component {
  readonly id: string;
  readonly source: string;
  /** What it is, for a person. */
  readonly name: string;
  /** Names of workloads that are one. */
  readonly pattern: RegExp;
  readonly isWanted: (settings: EffectiveSettings) => boolean;
  readonly remedy: string;
}

/** Components of which a cluster takes one (X6, extension.md 2a, 6). */
export const components: readonly Component[] = [
  {
    id: "nvidia-plugin-of-others",
    source: "X6",
    name: "NVIDIA device plugin",
    pattern: /nvidia.*device-?plugin|device-?plugin.*nvidia/i,
    isWanted: ({ nvidiaDevicePlugin }) => nvidiaDevicePlugin,
    remedy: "Give `config: installNvidiaDevicePlugin=False`, so that the present plugin is used.",
  },
  {
    id: "volcano-of-others",
    source: "extension.md 2a, 11",
    name: "Volcano scheduler",
    pattern: /volcano/i,
    isWanted: ({ training, volcano }) => training && volcano,
    remedy:
      "Give `config: installVolcano=false`, so that the present scheduler is used, and give it the configuration that the linked page asks for.",
  },
  {
    id: "prometheus-operator-of-others",
    source: "extension.md 2a, 6 (E45002)",
    name: "Prometheus operator",
    pattern: /prom(?:etheus)?\b.*operator/i,
    isWanted: ({ prometheusOperator }) => prometheusOperator,
    remedy: "Give `config: installPromOp=false`, so that the present operator is used.",
  },
];

const page = "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-kubernetes-extension";

/** Someone else's component where the extension is set to bring its own. */
export function clash(
  component: Component,
  contents: ClusterContents | undefined,
  settings: EffectiveSettings,
  severity: "error" | "warning",
): Verdict | undefined {
  if (!contents || !component.isWanted(settings)) return undefined;
  const others = (present(contents.others) ?? []).filter(
    ({ namespace, name }) => namespace !== extensionNamespace && component.pattern.test(name),
  );
  const [first] = others;
  if (!first) return undefined;
  const names = others.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
  return {
    severity,
    seen: `The cluster has a ${component.name} already (${list(names, 3)}), and the settings ask for another one.`,
    remedy: component.remedy,
    link: `${page}#open-source-components-integration`,
    object: names[0] ?? "",
  };
}

/** Objects of the legacy router, which the extension installs beside only when told to (extension.md 8). */
export function legacyRouterLeft(
  contents: ClusterContents | undefined,
  settings: EffectiveSettings,
  severity: "error" | "warning",
): Verdict | undefined {
  const left = (contents && present(contents.legacyRouter)) ?? [];
  if (left.length === 0 || !settings.inference || settings.besideLegacyRouter) return undefined;
  const names = left.map(({ kind, namespace, name }) => `${kind} ${namespace ? `${namespace}/` : ""}${name}`);
  return {
    severity,
    seen: `The legacy router of Azure ML (AksCompute) is in the cluster: ${list(names, 8)}.`,
    remedy: removeLegacyRouter,
    link: "https://learn.microsoft.com/azure/machine-learning/v1/how-to-create-attach-kubernetes#delete-azureml-fe-related-resources",
    object: names[0] ?? "",
  };
}
