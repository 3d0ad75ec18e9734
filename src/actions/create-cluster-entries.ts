import * as v from "valibot";
import { isAddress, isCidr, parseRange } from "../model/cidr.ts";
import { outboundTypes } from "../model/managed-cluster.ts";
import { regionName } from "../model/region.ts";
import { aksEntries, aksInputNames } from "./aks-inputs.ts";
import { clusterEntries } from "./cluster-inputs.ts";
import {
  commonEntries,
  computeEntries,
  flag,
  matching,
  type Problem,
  resourceGroup,
  subscriptionId,
  together,
  type Values,
  word,
} from "./inputs.ts";
import { secretPemInputs } from "./tls-inputs.ts";

const range = (accepted: string) => v.optional(v.pipe(v.string(), v.check(isCidr, accepted)));
const ranges = "IPv4 addresses and ranges like 203.0.113.0/24, one a line or separated by commas";
const tagLines = "`name=value`, one a line, each name once, of 50 tags at most";

/** The inputs that both ways have (C2). */
const sharedEntries = {
  ...commonEntries,
  via: v.optional(word(["aks", "workspace"]), "aks"),
  "cluster-purpose": aksEntries["cluster-purpose"],
  location: v.optional(
    v.pipe(
      matching(/^[a-zA-Z]([a-zA-Z0-9 ]{1,48}[a-zA-Z0-9])$/, "a region of Azure, like westeurope"),
      v.transform(regionName),
    ),
  ),
  "node-count": v.optional(
    v.pipe(matching(/^([1-9]\d{0,2}|1000)$/, "a number from 1 to 1000"), v.transform(Number)),
  ),
  "vm-size": v.optional(
    matching(/^[a-zA-Z][a-zA-Z0-9_-]{2,79}$/, "the name of a VM size, like Standard_D4s_v5"),
  ),
  "vnet-resource-group": v.optional(resourceGroup),
  "vnet-name": v.optional(
    matching(
      /^[a-zA-Z0-9]([-\w.]{0,62}\w)$/,
      "the name of a virtual network: 2 to 64 letters, digits, dashes, dots and underscores",
    ),
  ),
  "subnet-name": aksEntries["load-balancer-subnet"],
  "service-cidr": range("an IPv4 range, like 10.0.0.0/16"),
  "dns-service-ip": v.optional(
    v.pipe(v.string(), v.check(isAddress, "an IPv4 address of `service-cidr`, like 10.0.0.10")),
  ),
};

/** The inputs of `via: aks`. */
export const clusterSchema = v.object({
  ...sharedEntries,
  "subscription-id": subscriptionId,
  "cluster-name": v.nonOptional(
    clusterEntries["cluster-name"],
    "1 to 63 letters, digits, dashes and underscores, starting and ending with a letter or digit",
  ),
  "cluster-resource-group": resourceGroup,
  "kubernetes-version": v.optional(
    matching(/^\d{1,2}\.\d{1,3}(\.\d{1,3})?$/, "a version of Kubernetes, like 1.33 or 1.33.4"),
  ),
  "outbound-type": v.optional(word(outboundTypes)),
  "enable-private-cluster": v.optional(flag(false)),
  "api-server-authorized-ip-ranges": v.optional(
    v.pipe(
      v.string(),
      v.transform(listOf),
      v.check((given) => given.length > 0 && given.every((one) => parseRange(one) !== undefined), ranges),
    ),
  ),
  tags: v.optional(v.pipe(v.string(), v.check(areTags, tagLines), v.transform(tagsOf)), ""),
});

/** The inputs of `via: workspace`. */
export const computeSchema = v.object({
  ...sharedEntries,
  ...computeEntries,
  ...aksEntries,
  "docker-bridge-cidr": range("an address and its IPv4 network, like 172.17.0.1/16"),
});

/** What belongs to one way alone, and what to do instead. */
const onlyAks: Readonly<Record<string, string>> = {
  "cluster-name": "Azure makes a name of `compute-name`",
  "cluster-resource-group": "the cluster comes into `resource-group`, the workspace's",
  "kubernetes-version": "the region's default version is used (C5)",
  "outbound-type": "its traffic leaves through a public load balancer (C5)",
  "enable-private-cluster": "a private cluster is created by `via: aks`, then attached (C5, A9)",
  "api-server-authorized-ip-ranges": "they need the Standard load balancer of `via: aks` (C5, A8)",
  tags: "the workspace takes none",
};
const onlyWorkspace: Readonly<Record<string, string>> = {
  "resource-group": "it is that of a workspace, which a cluster gets by `attach`",
  "workspace-name": "a cluster gets its workspace by `attach`",
  "compute-name": "a cluster gets its compute by `attach`",
  "docker-bridge-cidr": "AKS has no such setting any more",
  ...Object.fromEntries(
    aksInputNames
      .filter((name) => name !== "cluster-purpose")
      .map((name) => [name, "it is a setting of the compute: give it to `attach` with `compute-type: aks`"]),
  ),
};

/** Inputs that say nothing for this way: to pass over them would hide a mistake. */
export function strangers(values: Values<string>, via: "aks" | "workspace"): Problem[] {
  return Object.entries(via === "aks" ? onlyWorkspace : onlyAks)
    .filter(([name]) => values[name])
    .map(([input, why]) => ({
      input,
      given: secretPemInputs.includes(input) ? "(hidden)" : values[input],
      accepted: `no value, since \`via\` is ${via}: ${why}`,
    }));
}

const network = ["vnet-resource-group", "vnet-name", "subnet-name"] as const;
const addresses = ["service-cidr", "dns-service-ip"] as const;

/** What must hold between the inputs (C2, peers 2.3): settings of the network are given all or none. */
export function createTogether(values: Values<string>, via: "aks" | "workspace"): Problem[] {
  if (via === "workspace") {
    const all = [...network, ...addresses, "docker-bridge-cidr"];
    return allOrNone(values, all, "all six settings of the network together, or none of them");
  }
  return [
    ...allOrNone(values, network, "`vnet-resource-group`, `vnet-name` and `subnet-name` together, or none"),
    ...allOrNone(values, addresses, "`service-cidr` and `dns-service-ip` together, or none"),
    ...together(
      values["outbound-type"] !== "userDefinedRouting" || network.some((name) => values[name]),
      "outbound-type",
      values,
      "userDefinedRouting only with `vnet-resource-group`, `vnet-name` and `subnet-name`: the subnet has the route table",
    ),
  ];
}

function allOrNone(values: Values<string>, names: readonly string[], accepted: string): Problem[] {
  if (names.every((name) => !values[name])) return [];
  return names.filter((name) => !values[name]).map((input) => ({ input, given: undefined, accepted }));
}

function listOf(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** Tags: AKS takes 50, with names of 512 and values of 256 characters (Resource Manager, "tag-resources"). */
function areTags(text: string): boolean {
  const names = lines(text).map((line) => line.split("=")[0]?.trim().toLowerCase() ?? "");
  const isTag = (line: string) => /^[^<>%&\\?/=]{1,512}=.{0,256}$/.test(line);
  return lines(text).every(isTag) && names.length <= 50 && new Set(names).size === names.length;
}

function tagsOf(text: string): Record<string, string> {
  const pairs = lines(text).map((line): [string, string] => {
    const at = line.indexOf("=");
    return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  });
  return Object.fromEntries(pairs);
}
