import { accessRules } from "./access.ts";
import { clusterGateRules, trustedAccessRule } from "./cluster.ts";
import { computeRules } from "./compute.ts";
import { conflictRules } from "./conflicts.ts";
import {
  extensionCause,
  extensionDerivedSettings,
  extensionPresent,
  extensionSettled,
  extensionState,
  extensionStatuses,
  namespacePresent,
} from "./extension-state.ts";
import { healthReportRule } from "./health-report.ts";
import type { AnyGateRule } from "./inside.ts";
import { nodeRules } from "./nodes.ts";
import { openshiftRule } from "./openshift.ts";
import { podRules } from "./pods.ts";
import { relayRule } from "./relay.ts";
import { routerRules } from "./router.ts";
import { publicHttpRule, tlsSecretRule, tlsServedRule } from "./tls.ts";
import { kubernetesSupported, versionRules } from "./versions.ts";
import { workloadRules } from "./workloads.ts";

/**
 * The rules of the release gate. Their order is that of cause and effect: among findings of one severity the first
 * names the cause.
 */
export const gateRules: readonly AnyGateRule[] = [
  ...clusterGateRules,
  extensionPresent,
  kubernetesSupported,
  namespacePresent,
  extensionSettled,
  extensionCause,
  extensionDerivedSettings,
  ...conflictRules,
  openshiftRule,
  relayRule,
  ...nodeRules,
  tlsSecretRule,
  healthReportRule,
  ...podRules,
  ...workloadRules,
  ...routerRules,
  tlsServedRule,
  extensionState,
  trustedAccessRule,
  ...computeRules,
  extensionStatuses,
  publicHttpRule,
  ...versionRules,
  ...accessRules,
];
