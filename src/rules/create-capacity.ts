import type { NewCluster, NewClusterFacts, VmSize } from "../model/create-cluster.ts";
import { present } from "../model/observed.ts";
import { sameText } from "../model/resource-id.ts";
import type { Rule, Verdict } from "./rule.ts";
import { count, list } from "./wording.ts";

const createPage = "https://learn.microsoft.com/azure/machine-learning/v1/how-to-create-attach-kubernetes";

/** What production needs, and what is advised for dev-test (C4: J20, J21). */
const production = { nodes: 3, cores: 12 };
const devTest = { cores: 2 };

/** Rules of the machines of a new cluster. */
export const createCapacityRules: readonly Rule<NewClusterFacts>[] = [
  {
    id: "create-inputs",
    source: "C3, T4",
    check: ({ notes }) => notes.map(({ severity, seen, remedy }) => ({ severity, seen, remedy })),
  },
  { id: "create-nodes", source: "C4", check: ({ wanted }) => wanted && nodes(wanted) },
  { id: "create-cores", source: "C4", check: (facts) => facts.wanted && cores(facts.wanted, facts) },
  { id: "create-vm-size", source: "C8", check: (facts) => facts.wanted && offeredSize(facts.wanted, facts) },
  { id: "create-gpu", source: "C8", check: (facts) => facts.wanted && gpu(facts.wanted, facts) },
];

function nodes({ purpose, nodeCount }: NewCluster): Verdict | undefined {
  if (!purpose || nodeCount === undefined) return undefined;
  if (purpose === "DevTest" || nodeCount >= production.nodes) return undefined;
  return {
    severity: "error",
    seen: `${count(nodeCount, "node")} ${nodeCount === 1 ? "was" : "were"} asked for; the purpose ${purpose} needs ${production.nodes} at least.`,
    remedy: `Give \`node-count: ${production.nodes}\` or more, or \`cluster-purpose: DevTest\`.`,
    link: createPage,
  };
}

function sizeOf({ vmSize }: NewCluster, { sizes }: NewClusterFacts): VmSize | undefined {
  return present(sizes)?.find(({ name }) => sameText(name, vmSize ?? ""));
}

function cores(wanted: NewCluster, facts: NewClusterFacts): Verdict | undefined {
  const size = sizeOf(wanted, facts);
  const { purpose, nodeCount, vmSize } = wanted;
  if (!size || size.cores === 0 || !purpose || nodeCount === undefined) return undefined;
  const has = nodeCount * size.cores;
  const how = `${nodeCount} x ${vmSize} have ${count(has, "vCPU")}`;
  if (purpose !== "DevTest" && has < production.cores) {
    // More nodes of a size that is too small for any would not help.
    const more = isTooSmall(size, wanted)
      ? ""
      : `\`node-count: ${Math.ceil(production.cores / size.cores)}\` or `;
    return {
      severity: "error",
      seen: `${how}; the purpose ${purpose} needs ${production.cores} at least.`,
      remedy: `Give ${more}a larger \`vm-size\`, which can't be changed later; or \`cluster-purpose: DevTest\`.`,
      link: createPage,
    };
  }
  if (has >= devTest.cores) return undefined;
  return {
    severity: "warning",
    seen: `${how}; for the purpose ${purpose} ${devTest.cores} are advised.`,
    remedy: "Give a larger `vm-size`, which can't be changed later.",
    link: createPage,
  };
}

/** System pools take no size below two vCPUs (AKS documentation, "use-system-pools"). */
const systemCores = 2;

/** Too small for the first pool of a cluster. What AKS takes from a workspace, nobody outside knows. */
function isTooSmall({ cores: has }: VmSize, { way }: NewCluster): boolean {
  return way === "aks" && has > 0 && has < systemCores;
}

function offeredSize(wanted: NewCluster, facts: NewClusterFacts): Verdict | undefined {
  const { vmSize, location } = wanted;
  if (!vmSize || !location) return undefined;
  if (facts.sizes.is !== "present") {
    return {
      severity: "warning",
      seen: `The VM sizes of ${location} can't be read, so that ${vmSize} and its vCPUs were not checked.`,
      remedy: "Give the identity that this step signs in with Reader on the subscription.",
      unread: true,
    };
  }
  const size = sizeOf(wanted, facts);
  if (!size) return sizeRefusal(`The VM size ${vmSize} is not offered in ${location}.`, wanted, facts);
  if (size.restriction) {
    const seen = `This subscription may not use the VM size ${vmSize} in ${location} (${size.restriction}).`;
    return sizeRefusal(seen, wanted, facts);
  }
  if (!isTooSmall(size, wanted)) return undefined;
  const seen = `The VM size ${vmSize} has ${count(size.cores, "vCPU")}; the first pool of a cluster needs ${systemCores} on each node.`;
  return sizeRefusal(seen, wanted, facts);
}

function sizeRefusal(seen: string, wanted: NewCluster, facts: NewClusterFacts): Verdict {
  const like = sizesLike(wanted, facts);
  const size = sizeOf(wanted, facts);
  const elsewhere = size && isTooSmall(size, wanted) ? "" : ", or another `location`";
  return {
    severity: "error",
    seen,
    remedy:
      like.length > 0
        ? `Give another \`vm-size\`, like ${list(like)}${elsewhere}.`
        : `Give another \`vm-size\`${elsewhere}: \`az vm list-skus --location\` lists them.`,
    link: createPage,
  };
}

/** Sizes that would do: those of the same family, as far as names tell, else those for general purposes. */
function sizesLike(
  { vmSize = "", nodeCount = 1, purpose }: NewCluster,
  { sizes }: NewClusterFacts,
): readonly string[] {
  const least = purpose === "DevTest" ? devTest.cores : production.cores;
  const able = (present(sizes) ?? [])
    .filter((size) => !size.restriction && size.cores >= systemCores && size.cores * nodeCount >= least)
    .map(({ name }) => name);
  const family = /^Standard_[A-Z]/i.exec(vmSize)?.[0] ?? "Standard_D";
  const of = (start: string) => able.filter((name) => name.toLowerCase().startsWith(start.toLowerCase()));
  return [of(family), of("Standard_D")].find((names) => names.length > 0) ?? [];
}

function gpu(wanted: NewCluster, facts: NewClusterFacts): Verdict | undefined {
  const { nodeCount, vmSize } = wanted;
  if (!sizeOf(wanted, facts)?.gpus || nodeCount === undefined) return undefined;
  return {
    severity: "info",
    seen: `${nodeCount === 1 ? "The one node gets" : `All ${nodeCount} nodes get`} the VM size ${vmSize} with its GPU: models are deployed to the first pool alone, and its size can't be changed later.`,
    remedy: "Don't add a second pool for GPUs: nothing is deployed there.",
    link: createPage,
  };
}
