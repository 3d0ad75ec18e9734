import { aksDifferences } from "../model/aks-differences.ts";
import { type Compute, stateOf } from "../model/compute.ts";
import type { AksAttachFacts } from "../model/facts.ts";
import { compareVersions } from "../model/kubernetes-version.ts";
import { present } from "../model/observed.ts";
import { parseResourceId, sameText } from "../model/resource-id.ts";
import { permits } from "./permissions.ts";
import type { Rule, Verdict } from "./rule.ts";
import { list } from "./wording.ts";

const attachPage = "https://learn.microsoft.com/azure/machine-learning/v1/how-to-create-attach-kubernetes";

/** What a Contributor of a cluster may do with it and a Reader may not (A4, arm-contract 5). */
const contributorAction = "Microsoft.ContainerService/managedClusters/write";

/** When the documents still spoke of 1.16: what was attached before may have begun there (A10: J21). */
const flexVolumeTimes = Date.parse("2021-11-01");

/** Rules of a legacy attachment itself: where its cluster is, what else is attached to it, what became of it since. */
export const aksAttachmentRules: readonly Rule<AksAttachFacts>[] = [
  { id: "aks-subscription", source: "A4", check: otherSubscription },
  { id: "aks-attached-twice", source: "A5", check: attachedTwice },
  { id: "aks-beside-kubernetes", source: "A5, extension.md 8", check: besideKubernetes },
  {
    id: "aks-upgraded-since",
    source: "A10",
    check: ({ compute, cluster }) => {
      const { createdOn } = (present(compute)?.properties ?? {}) as { createdOn?: string };
      const version = present(cluster.seen)?.properties.currentKubernetesVersion;
      if (!createdOn || !version || Date.parse(createdOn) >= flexVolumeTimes) return undefined;
      if (compareVersions(version, "1.17") < 0) return undefined;
      return {
        severity: "warning",
        seen: `The cluster was attached on ${createdOn.slice(0, 10)} and runs Kubernetes ${version} now; up to 1.16 models were mounted by Blobfuse FlexVolume, from 1.17 on by the Blob CSI driver. Which version it had then, Azure does not tell.`,
        remedy: "Update or redeploy the web services that were deployed before the upgrade to 1.17 or later.",
        link: attachPage,
      };
    },
  },
  {
    id: "aks-drift",
    source: "A11",
    check: ({ compute, request }) => {
      const found = present(compute);
      if (!found || aksDifferences(request.attachment, found).length === 0) return undefined;
      return {
        severity: "info",
        seen: "When Azure ML changes the compute, it overwrites what was edited in the cluster's objects by hand, but for request limits, CPU and memory.",
        remedy: "Make other changes through Azure ML, not with kubectl.",
      };
    },
  },
];

function otherSubscription({ request, clusterPermissions }: AksAttachFacts): Verdict | undefined {
  const own = parseResourceId(request.attachment.clusterId)?.subscriptionId ?? "";
  if (sameText(own, request.workspace.subscriptionId)) return undefined;
  const seen = `The cluster is in the subscription ${own}, the workspace in ${request.workspace.subscriptionId}.`;
  const role = "Contributor on the cluster";
  if (clusterPermissions?.is !== "present") {
    return {
      severity: "warning",
      seen: `${seen} Whether the identity that this step signs in with has ${role}, which that needs, can't be read.`,
      remedy: `Give it ${role}, or use a workspace of the cluster's subscription.`,
      link: attachPage,
      unread: true,
    };
  }
  if (!permits(clusterPermissions.value, contributorAction)) {
    return {
      severity: "error",
      seen: `${seen} That needs ${role}, which the identity that this step signs in with does not have.`,
      remedy: `Give it ${role}; a new role takes some minutes to work.`,
      link: attachPage,
    };
  }
  return {
    severity: "warning",
    seen: `${seen} The identity has ${role}; the older documents ask for one subscription all the same.`,
    remedy: "Prefer a workspace of the cluster's subscription if the attach fails.",
    link: attachPage,
  };
}

/** Each new legacy attachment breaks the earlier one of the same cluster. */
function attachedTwice(facts: AksAttachFacts): Verdict | undefined {
  if (facts.computes.is !== "present") {
    return {
      severity: "warning",
      seen: "The computes of the workspace can't be listed, so that a second attachment of the cluster would not be seen.",
      remedy: "Give the identity that this step signs in with `AzureML Compute Operator` on the workspace.",
      unread: true,
    };
  }
  const names = othersOf(facts, "AKS").map((one) => `"${one.name}" (${stateOf(one)})`);
  if (names.length === 0) return undefined;
  return {
    severity: "error",
    seen: `The cluster is attached to this workspace already, as ${list(names)}; a second attachment breaks the first.`,
    remedy: "Use that compute, or detach it first and wait until it is gone.",
    link: attachPage,
  };
}

/** Both routers are called azureml-fe; they live together only when the extension is told so. */
function besideKubernetes(facts: AksAttachFacts): Verdict | undefined {
  const names = othersOf(facts, "Kubernetes").map(({ name }) => `"${name}"`);
  if (names.length === 0) return undefined;
  return {
    severity: "warning",
    seen: `The cluster is also attached as a Kubernetes compute: ${list(names)}. The legacy router and that of the extension get in each other's way.`,
    remedy:
      "Deploy the extension with `config: scoringFe.enableUpgrade=true` and another namespace, or keep to one of the two.",
    link: "https://github.com/Azure/AML-Kubernetes/blob/master/docs/attach-compute-on-aks-v1-cluster.md",
  };
}

function othersOf({ computes, request }: AksAttachFacts, type: "AKS" | "Kubernetes"): Compute[] {
  return (present(computes) ?? []).filter(
    ({ name = "", properties }) =>
      sameText(properties.computeType, type) &&
      sameText(properties.resourceId ?? "", request.attachment.clusterId) &&
      !sameText(name, request.computeName),
  );
}
