import type { ManagedCluster } from "../model/azure-resources.ts";
import type { AksAttachFacts } from "../model/facts.ts";
import { supportOf } from "../model/kubernetes-versions.ts";
import { present } from "../model/observed.ts";
import { sameText } from "../model/resource-id.ts";
import { clusterExists, clusterStateRules } from "./cluster.ts";
import type { Rule, Verdict } from "./rule.ts";
import { count, list } from "./wording.ts";

const attachPage = "https://learn.microsoft.com/azure/machine-learning/v1/how-to-create-attach-kubernetes";

/** What production needs, and what is advised for dev-test (C4: J21, C21). */
const production = { nodes: 3, cores: 12 };
const devTest = { nodes: 1, cores: 2 };

/** What the rule on the version looks at. */
type VersionFacts = Pick<AksAttachFacts, "cluster" | "versions">;

/** Whether the cluster's Kubernetes version can be attached (A7). */
export const aksVersionRule: Rule<VersionFacts> = { id: "aks-version", source: "A7", check: version };

/** How an AKS cluster must be to become a legacy compute. */
export const aksClusterRules: readonly Rule<AksAttachFacts>[] = [
  {
    id: "cluster-exists",
    source: "A1",
    check: ({ cluster, request }) => clusterExists(cluster, request.attachment.clusterId),
  },
  ...clusterStateRules,
  {
    id: "aks-local-accounts",
    source: "peers 1.6",
    check: (facts) =>
      aks(facts)?.properties.disableLocalAccounts
        ? {
            severity: "error",
            seen: "The AKS cluster has local accounts disabled; a legacy compute can't do without them, and Trusted Access does not help it.",
            remedy:
              "Run `az aks update --enable-local-accounts`, or attach the cluster with `compute-type: kubernetes`.",
            link: attachPage,
          }
        : undefined,
  },
  aksVersionRule,
  { id: "aks-authorized-ranges", source: "A8", check: authorizedRanges },
  {
    id: "aks-private-public-fqdn",
    source: "A9",
    check: (facts) => {
      const access = aks(facts)?.properties.apiServerAccessProfile;
      if (!access?.enablePrivateCluster || !access.enablePrivateClusterPublicFQDN) return undefined;
      return {
        severity: "error",
        seen: "The AKS cluster is private and has a public FQDN, which Azure ML does not support.",
        remedy: "Run `az aks update --disable-public-fqdn`.",
        link: attachPage,
      };
    },
  },
  { id: "aks-nodes", source: "C4", check: nodes },
  { id: "aks-cores", source: "C4", check: cores },
  { id: "aks-secondary-pools", source: "C8", check: secondaryPools },
];

function aks({ cluster }: AksAttachFacts): ManagedCluster | undefined {
  return present(cluster.seen);
}

function version({ cluster, versions }: VersionFacts): Verdict | undefined {
  const { currentKubernetesVersion: runs, supportPlan } = present(cluster.seen)?.properties ?? {};
  if (runs === undefined) return undefined;
  if (versions.is !== "present") {
    return {
      severity: "warning",
      seen: `Which Kubernetes versions AKS supports in the cluster's region can't be read, so that ${runs} was not checked.`,
      remedy: "Give the identity that this step signs in with Reader on the cluster's subscription.",
      unread: true,
    };
  }
  const { attachable, supported } = supportOf(runs, supportPlan, versions.value);
  if (attachable === "supported") return undefined;
  if (attachable === "unsupported") {
    return {
      severity: "error",
      seen: `The cluster runs Kubernetes ${runs}, which AKS does not support any more. Supported are ${list(supported, 20)}.`,
      remedy: "Upgrade the cluster with `az aks upgrade`, then attach it.",
      link: attachPage,
    };
  }
  return {
    severity: "warning",
    seen: `The cluster runs Kubernetes ${runs}, a preview version: it comes without a service level agreement.`,
    remedy: "Use a version that is generally available for production.",
    link: attachPage,
  };
}

function authorizedRanges(facts: AksAttachFacts): Verdict | undefined {
  const { apiServerAccessProfile: access, networkProfile } = aks(facts)?.properties ?? {};
  const ranges = access?.authorizedIPRanges ?? [];
  if (ranges.length === 0) return undefined;
  const given = `The API server of the cluster lets ${count(ranges.length, "address range")} in alone`;
  if (!sameText(networkProfile?.loadBalancerSku ?? "standard", "standard")) {
    return {
      severity: "error",
      seen: `${given}; that works only with a Standard load balancer, and the cluster has a ${networkProfile?.loadBalancerSku} one.`,
      remedy: "Take the authorized IP ranges off, or create the cluster anew with a Standard load balancer.",
      link: attachPage,
    };
  }
  return {
    severity: "warning",
    seen: `${given} (${list(ranges)}); the control plane of Azure ML must be among them.`,
    remedy: `Add the ranges of the service tags AzureMachineLearning of ${facts.workspace.location} and of the region that it is paired with.`,
    link: attachPage,
  };
}

interface Pool {
  readonly name: string;
  readonly count: number;
  readonly vmSize: string;
}

/** Pools that run and could carry a web service; the containers of Azure ML are for Linux. */
function pools(facts: AksAttachFacts): Pool[] {
  return (aks(facts)?.properties.agentPoolProfiles ?? [])
    .filter(({ osType = "Linux", powerState }) => {
      return sameText(osType, "Linux") && sameText(powerState?.code ?? "Running", "Running");
    })
    .map(({ name = "", count: nodes = 0, vmSize = "" }) => ({ name, count: nodes, vmSize }));
}

function nodeCount(facts: AksAttachFacts): number {
  return pools(facts).reduce((sum, pool) => sum + pool.count, 0);
}

/** With a purpose that is none, nobody knows what capacity is needed. */
function purposeIsUnknown({ request }: AksAttachFacts): boolean {
  return request.unknown.includes("cluster-purpose");
}

function isDevTest({ request }: AksAttachFacts): boolean {
  return request.attachment.clusterPurpose === "DevTest";
}

function nodes(facts: AksAttachFacts): Verdict | undefined {
  if (!aks(facts)?.properties.agentPoolProfiles || purposeIsUnknown(facts)) return undefined;
  const has = nodeCount(facts);
  const { nodes: least } = isDevTest(facts) ? devTest : production;
  if (has >= least) return undefined;
  const { clusterPurpose } = facts.request.attachment;
  return {
    severity: "error",
    seen: `The cluster has ${count(has, "Linux node")}; the purpose ${clusterPurpose} needs ${least} at least.`,
    remedy: isDevTest(facts)
      ? "Scale a Linux node pool up with `az aks scale`."
      : "Scale the cluster up with `az aks scale`, or give `cluster-purpose: DevTest`.",
    link: attachPage,
  };
}

function cores(facts: AksAttachFacts): Verdict | undefined {
  const all = pools(facts).filter((pool) => pool.count > 0);
  if (all.length === 0 || purposeIsUnknown(facts)) return undefined;
  const sizes = present(facts.cores) ?? {};
  const unknown = all.filter(({ vmSize }) => sizes[vmSize.toLowerCase()] === undefined);
  if (unknown.length > 0) {
    return {
      severity: "warning",
      seen: `How many vCPUs the VM size ${list([...new Set(unknown.map(({ vmSize }) => vmSize))])} has can't be read, so that the cluster's capacity was not checked.`,
      remedy: `See to it that the cluster has ${production.cores} vCPUs for production.`,
      unread: true,
    };
  }
  const has = all.reduce(
    (sum, { count: number, vmSize }) => sum + number * (sizes[vmSize.toLowerCase()] ?? 0),
    0,
  );
  const { cores: least } = isDevTest(facts) ? devTest : production;
  if (has >= least) return undefined;
  const { clusterPurpose } = facts.request.attachment;
  const how = all.map(({ count: number, vmSize }) => `${number} x ${vmSize}`);
  return isDevTest(facts)
    ? {
        severity: "warning",
        seen: `The cluster has ${count(has, "vCPU")} (${list(how)}); for the purpose DevTest ${least} are advised.`,
        remedy: "Add a node, or take a larger VM size.",
        link: attachPage,
      }
    : {
        severity: "error",
        seen: `The cluster has ${count(has, "vCPU")} (${list(how)}); the purpose ${clusterPurpose} needs ${least} at least.`,
        remedy: "Add nodes, or give `cluster-purpose: DevTest`.",
        link: attachPage,
      };
}

/** VM sizes of the N series have a GPU or an FPGA (C8). */
const accelerated = /^Standard_N/i;

function secondaryPools(facts: AksAttachFacts): Verdict | undefined {
  const [, ...others] = pools(facts);
  if (others.length === 0) return undefined;
  const gpu = others.filter(({ vmSize }) => accelerated.test(vmSize));
  const names = others.map(({ name, vmSize }) => `${name} (${vmSize})`);
  return {
    severity: "warning",
    seen: `Models are not deployed to secondary node pools, and the cluster has: ${list(names)}.${gpu.length > 0 ? " A GPU or FPGA there stays unused." : ""}`,
    remedy: "Create the cluster with the VM size that the models need in its first pool.",
    link: attachPage,
  };
}
