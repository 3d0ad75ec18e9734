import type { ClusterContents } from "../../../src/model/cluster-contents.ts";
import type { VerifyFacts } from "../../../src/model/facts.ts";
import { there } from "../facts.ts";
import { anyKind, facts, failedWith, type Kind, minute, now, reportOf, workload } from "./facts.ts";

/** A broken cluster, and what the first finding must say and advise. */
export interface Broken {
  readonly title: string;
  readonly facts: VerifyFacts;
  /** The rule that names the cause. */
  readonly id: string;
  /** Words of what was seen. */
  readonly seen: RegExp;
  /** Words of the remedy: a setting, a command or an input. */
  readonly remedy: RegExp;
}

/** An Arc cluster with an extension of today. */
export const arcToday: Kind = { cluster: "arc", generation: "today" };
/** How Helm words an installation that the health check refused (terraform-provider-azurerm#24547). */
export const hook =
  "release azureml failed, and has been uninstalled due to atomic being set: failed pre-install: pod healthcheck failed";
/** How Helm words an update that the health check refused (AML-Kubernetes#293). */
export const upgradeHook =
  "release azureml failed, and has been rolled back due to atomic being set: pre-upgrade hooks failed: pod healthcheck failed";
/** What is left when nobody says why (AML-Kubernetes#158). */
export const notPopulated =
  "Unable to get the status from the local CRD with the error : {Error : Retry for given duration didn't get any results with err {status not populated}}";
/** A failed installation is taken back whole (extension 3). */
export const emptied: Partial<ClusterContents> = {
  workloads: there([]),
  pods: there([]),
  services: there([]),
};

/** An installation that the health check refused, and whose report has that code. */
export const refused = (code: string, message: string, more: Partial<ClusterContents> = {}) =>
  facts(anyKind, {
    extension: failedWith(hook),
    inCluster: { ...emptied, healthReport: reportOf("reports-pre-install", code, message), ...more },
  });
/** A healthy AKS cluster with other contents and settings. */
export const inCluster = (more: Partial<ClusterContents>, set: Record<string, string> = {}) =>
  facts(anyKind, { inCluster: more, set });
/** Someone else's workload. */
export const other = (namespace: string, name: string) => there([workload(name, { namespace })]);
/** Two of the eight objects of the legacy router. */
export const legacy = there([
  { kind: "Deployment", namespace: "default", name: "azureml-fe" },
  { kind: "ClusterRole", namespace: "", name: "azureml-fe-role" },
]);
/** A container whose image does not come. */
export const stuckAt = (message: string) => ({ waiting: { reason: "ImagePullBackOff", message } });
/** A container that ends again and again. */
export const crash = {
  waiting: { reason: "CrashLoopBackOff", message: "back-off 5m0s" },
  restarts: 14,
  last: { reason: "Error", exitCode: 1, message: "panic: no relay", at: now - minute },
};
