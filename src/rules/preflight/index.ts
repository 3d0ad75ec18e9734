import type { DeployFacts } from "../../model/facts.ts";
import type { Rule } from "../rule.ts";
import { accessRules } from "./access.ts";
import { capacityRules } from "./capacity.ts";
import { clusterPreflightRules } from "./cluster.ts";
import { conflictRules } from "./conflicts.ts";
import { namespaceRules } from "./namespace.ts";
import { nodeRules } from "./nodes.ts";
import { openshiftRule } from "./openshift.ts";
import { tlsSecretRule } from "./tls.ts";
import { versionRules } from "./versions.ts";

/** What must be right before the extension is deployed; what settings alone decide is judged with them. */
export const preflightRules: readonly Rule<DeployFacts>[] = [
  ...clusterPreflightRules,
  ...namespaceRules,
  ...versionRules,
  ...conflictRules,
  openshiftRule,
  ...nodeRules,
  ...capacityRules,
  tlsSecretRule,
  ...accessRules,
];
