import type { ClusterContents } from "../model/cluster-contents.ts";
import { present } from "../model/observed.ts";
import { isFirstGeneration } from "../model/workloads.ts";
import type { Verdict } from "./rule.ts";
import { count } from "./wording.ts";

/** Service accounts of namespace `azureml` in every version (extension.md 9, X8). */
const always = [
  "prom-admission",
  "default",
  "prom-operator",
  "load-amlarc-selinux-policy-sa",
  "prom-prometheus",
];
/** Those of today, and those of 2021, which the source document lists. */
const today = ["azureml-fe-v2", "azureml-ingress-nginx", "azureml-ingress-nginx-admission"];
const before = ["azureml-fe", "cluster-status-reporter", "csi-blob-node-sa", "csi-blob-controller-sa"];

/** Who must have the security context constraint `privileged` on OpenShift (extension.md 9, X8). */
export function privilegedSubjects(
  extensionName: string,
  version: string | undefined,
  computeNamespace: string | undefined,
): readonly string[] {
  const accounts = [
    `${extensionName}-kube-state-metrics`,
    ...always,
    ...(isFirstGeneration(version) ? before : today),
  ];
  return [
    "system:serviceaccount:azure-arc:azure-arc-kube-aad-proxy-sa",
    ...accounts.map((account) => `system:serviceaccount:azureml:${account}`),
    // That of namespace `default` needs none (learn: reference-kubernetes).
    ...(computeNamespace && computeNamespace !== "default"
      ? [`system:serviceaccount:${computeNamespace}:default`]
      : []),
  ];
}

/** X8: exactly those who lack it, with the commands. */
export function ungranted(
  contents: ClusterContents | undefined,
  subjects: readonly string[],
  severity: "error" | "warning",
): Verdict | undefined {
  const granted = contents?.privileged && present(contents.privileged);
  if (!granted) return undefined;
  const missing = subjects.filter((subject) => !isGranted(subject, granted));
  if (missing.length === 0) return undefined;
  const commands = missing.map((subject) => `oc adm policy add-scc-to-user privileged ${subject}`);
  return {
    severity,
    seen: `${count(missing.length, "service account")} of the extension may not use the security context constraint \`privileged\`: ${missing.join(", ")}.`,
    remedy: `Run: \`${commands.join(" && ")}\`.`,
    link: "https://learn.microsoft.com/azure/machine-learning/reference-kubernetes#privileged-setup-for-aro-and-ocp",
    object: "SecurityContextConstraints privileged",
  };
}

/** By its own name, or as one of the group of its namespace's accounts. */
function isGranted(subject: string, granted: readonly string[]): boolean {
  const [, , namespace = "", account = ""] = subject.split(":");
  const names = [
    subject,
    `${namespace}:${account}`,
    `${namespace}/${account}`,
    `system:serviceaccounts:${namespace}`,
    "system:serviceaccounts",
  ];
  return granted.some((one) => names.includes(one));
}
