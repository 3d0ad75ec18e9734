import { type Compute, isFinal, provisioningErrorLines, stateOf } from "../../model/compute.ts";
import type { VerifyFacts } from "../../model/facts.ts";
import { present } from "../../model/observed.ts";
import { sameText } from "../../model/resource-id.ts";
import type { GateRule, Verdict } from "../rule.ts";
import { sentence, short } from "../wording.ts";
import { installed } from "./installed.ts";

const subject = "compute";
const page = "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-kubernetes-compute";

/** What the workspace's record of the cluster says, where one was named. */
export const computeRules: readonly GateRule<VerifyFacts>[] = [
  {
    id: "compute-cluster",
    subject,
    source: "extension.md 7",
    check: (facts) => {
      const compute = named(facts);
      if (!compute) return undefined;
      const { computeType, resourceId } = compute.properties;
      if (!sameText(computeType, "Kubernetes")) {
        return {
          severity: "error",
          seen: `The compute "${nameOf(facts)}" is of type ${computeType}, which does not use the extension.`,
          remedy: "Name a compute of type Kubernetes, or attach this cluster as one with `attach`.",
          link: page,
        };
      }
      if (sameText(resourceId ?? "", facts.request.clusterId)) return undefined;
      return {
        severity: "error",
        seen: `The compute "${nameOf(facts)}" is of another cluster: ${resourceId ?? "(none)"}.`,
        remedy: "Name the cluster that it is of, or detach it and attach this cluster under its name.",
        link: page,
      };
    },
  },
  {
    id: "compute-namespace",
    subject,
    source: "extension.md 7 (AML-Kubernetes#26)",
    check: (facts) => {
      const contents = present(facts.inside);
      const found = contents?.computeNamespace;
      const name = named(facts)?.properties.properties?.namespace ?? "default";
      if (!found || found.is === "denied") return undefined;
      const phase = found.is === "present" ? found.value.phase : "missing";
      if (sameText(phase, "Active")) return undefined;
      return {
        severity: "error",
        seen: `Namespace ${name}, which the compute runs its work in, is ${phase}; jobs wait forever and say nothing.`,
        remedy: `Run \`kubectl create namespace ${name}\`.`,
        link: page,
        object: `Namespace ${name}`,
      };
    },
  },
  {
    id: "compute-present",
    subject,
    source: "extension.md 7",
    check: (facts) => presence(facts),
  },
  {
    id: "compute-succeeded",
    subject,
    source: "extension.md 7",
    check: (facts) => {
      const compute = named(facts);
      return compute && state(compute, nameOf(facts));
    },
  },
  {
    id: "compute-extension-identity",
    subject,
    source: "extension.md 7 (RefreshExtensionIdentityNotSet)",
    check: (facts) => {
      const extension = installed(facts)?.extension;
      const recorded = named(facts)?.properties.properties?.["extensionPrincipalId"];
      const own = extension?.properties.aksAssignedIdentity?.principalId ?? extension?.identity?.principalId;
      if (typeof recorded !== "string" || recorded === "" || !own || sameText(recorded, own))
        return undefined;
      return {
        severity: "warning",
        seen: `The compute "${nameOf(facts)}" was attached when the extension had another identity.`,
        remedy:
          "Detach the compute and attach it again with the same name and namespace, or endpoints break.",
        link: page,
      };
    },
  },
  {
    id: "compute-identity",
    subject,
    source: "L2, L5",
    check: (facts) => {
      const { identity } = named(facts) ?? {};
      const ids = Object.keys(identity?.userAssignedIdentities ?? {});
      if (ids.length > 1) {
        return {
          severity: "warning",
          seen: `The compute has ${ids.length} user-assigned identities; Azure ML uses the first alone: ${ids[0]}.`,
          remedy: "Detach it and attach it again with one, and give role assignments to that one.",
        };
      }
      const isSystem = /SystemAssigned/i.test(identity?.type ?? "");
      if (!isSystem || identity?.principalId) return undefined;
      return {
        severity: "warning",
        seen: "The compute has a system-assigned identity without a principal, so that no role can be given to it.",
        remedy: "Detach the compute and attach it again.",
        link: page,
      };
    },
  },
];

function named(facts: VerifyFacts): Compute | undefined {
  return facts.compute && present(facts.compute);
}

function nameOf({ request }: VerifyFacts): string {
  return request.compute?.computeName ?? "";
}

function presence(facts: VerifyFacts): Verdict | undefined {
  const { compute, request } = facts;
  if (!request.compute || !compute || compute.is === "present") return undefined;
  const { computeName: name, workspace } = request.compute;
  if (compute.is === "denied") {
    return {
      severity: "warning",
      seen: `The compute "${name}" can't be read, so that it was not checked.`,
      remedy: `Give the identity that this step signs in with Reader on the workspace "${workspace.name}".`,
      unread: true,
    };
  }
  return {
    severity: "error",
    seen: `The workspace "${workspace.name}" has no compute "${name}".`,
    remedy: "Run `attach` for this cluster.",
    link: page,
  };
}

/** Error codes of a compute and what to do first (extension.md 7). */
const remedies: readonly (readonly [RegExp, string])[] = [
  [
    /GenericComputeError|ComputeNotFound|InvalidComputeInformation/,
    "Check that the cluster runs; if its extension was changed since, detach the compute and attach it again with the same name and namespace.",
  ],
  [
    /ComputeNotAccessible|role check failed/i,
    "Give the workspace's identity Reader, `Kubernetes Extension Contributor` and `Azure Kubernetes Service Cluster Admin` on the cluster.",
  ],
  [
    /InvalidComputeNoKubernetesConfiguration/,
    "Detach the compute and attach it again: its way into the cluster was not stored.",
  ],
  [
    /GenericClusterError|ClusterNotReachable/,
    "Start the cluster, and let Azure ML reach its API server: authorized IP ranges, private cluster, Trusted Access.",
  ],
  [/ClusterNotFound/, "Check the cluster's resource id, then detach the compute and attach it again."],
  [/ClusterServiceNotFound/, "Bring the ingress `azureml-ingress-nginx-controller` of namespace azureml up."],
  [/ClusterUnauthorized/, "Wait some minutes and run this step again: a token of Trusted Access was old."],
  [
    /RefreshExtensionIdentityNotSet/,
    "Run `deploy-extension` with `on-failed: recreate`: the extension's identity is wrong.",
  ],
];

function state(compute: Compute, name: string): Verdict | undefined {
  const is = stateOf(compute);
  if (!isFinal(is)) {
    return {
      severity: "error",
      seen: `The compute "${name}" is ${is}.`,
      remedy: "Wait until Azure is done with it.",
      link: page,
      pending: true,
    };
  }
  const lines = provisioningErrorLines(compute).map((line) => line.trim());
  if (sameText(is, "Succeeded") && lines.length === 0) return undefined;
  const text = short(lines.join(" "), 1_000);
  return {
    severity: sameText(is, "Succeeded") ? "warning" : "error",
    seen: `The compute "${name}" is ${is}${sameText(is, "Succeeded") ? " and reports errors" : ""}. ${sentence(text || "Azure gives no reason")}`,
    remedy:
      remedies.find(([pattern]) => pattern.test(text))?.[1] ??
      "Mend what its errors and the findings above name, then detach it and attach it again.",
    link: page,
  };
}
