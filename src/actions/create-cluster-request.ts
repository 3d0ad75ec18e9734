import type * as v from "valibot";
import type { Host } from "../host/host.ts";
import type { CreateClusterRequest, CreateComputeRequest } from "../model/create-cluster.ts";
import type { InputName } from "../model/doors.ts";
import { formatResourceId, resourceTypes } from "../model/resource-id.ts";
import { aksNotes, aksSettings, aksTogether, readOwnTls, withTlsVariables } from "./aks-inputs.ts";
import { clusterSchema, computeSchema, createTogether, strangers } from "./create-cluster-entries.ts";
import {
  check,
  commonRequest,
  commonTogether,
  computeEntries,
  fromVariables,
  namedCompute,
  type Problem,
  readInputs,
  type Values,
} from "./inputs.ts";
import { settle } from "./look-anyway.ts";

/** The inputs that say where to look. With one of them wrong, nobody is asked anything. */
const clusterNaming: readonly string[] = ["via", "subscription-id", "cluster-name", "cluster-resource-group"];
const computeNaming: readonly string[] = Object.keys(computeEntries);

type Given = Values<InputName<"create-cluster">>;

/** The request of `create-cluster`. @throws Failure `InvalidInput` with every problem. */
export async function createClusterRequest(host: Host): Promise<CreateClusterRequest | CreateComputeRequest> {
  const given = readInputs(host, "create-cluster");
  if (given["ssl-key-pem"]) host.mask(given["ssl-key-pem"]);
  return given.via === "workspace" ? computeRequest(host, given) : clusterRequest(host, given);
}

/** The request of `via: aks`. @throws Failure `InvalidInput` with every problem. */
export function clusterRequest(host: Host, given: Given): CreateClusterRequest {
  const { values, origins } = fromVariables(host, given, ["subscription-id"]);
  const { problems } = check(clusterSchema, values, origins);
  // Of a way that is mistyped, every input may be meant.
  const known = (given.via ?? "aks") === "aks";
  const others = known ? [...strangers(given, "aks"), ...createTogether(values, "aks")] : [];
  const all = once([...problems, ...commonTogether(values), ...others]);
  const checkedOf = (some: Values<string>) => check(clusterSchema, some).request;
  const { right: request, wrong, bad } = settle(host, values, all, checkedOf, clusterNaming);
  return {
    ...commonRequest(request),
    ...(wrong && { wrong }),
    unknown: bad,
    purpose: request["cluster-purpose"],
    notes: aksNotes(values),
    creation: {
      clusterId: formatResourceId({
        subscriptionId: request["subscription-id"],
        resourceGroup: request["cluster-resource-group"],
        type: resourceTypes.aks,
        name: request["cluster-name"],
      }),
      location: request.location,
      kubernetesVersion: request["kubernetes-version"],
      nodeCount: request["node-count"],
      vmSize: request["vm-size"],
      subnetId: subnetId(request),
      serviceCidr: request["service-cidr"],
      dnsServiceIP: request["dns-service-ip"],
      outboundType: request["outbound-type"],
      privateCluster: request["enable-private-cluster"],
      authorizedRanges: request["api-server-authorized-ip-ranges"],
      tags: request.tags,
    },
  };
}

async function computeRequest(host: Host, given: Given): Promise<CreateComputeRequest> {
  const { values, origins } = fromVariables(host, withTlsVariables(host, given));
  const { problems } = check(computeSchema, values, origins);
  const { own, notes, problems: unreadable } = await readOwnTls(host, values);
  const all = once([
    ...problems,
    ...strangers(given, "workspace"),
    ...commonTogether(values),
    ...createTogether(values, "workspace"),
    ...aksTogether(values),
    ...unreadable,
  ]);
  const checkedOf = (some: Values<string>) => check(computeSchema, some).request;
  const { right: request, wrong, bad } = settle(host, values, all, checkedOf, computeNaming);
  return {
    ...commonRequest(request),
    ...(wrong && { wrong }),
    unknown: bad,
    ...namedCompute(request),
    notes: [...aksNotes(values), ...notes],
    creation: {
      ...aksSettings(request, own),
      agentCount: request["node-count"],
      agentVmSize: request["vm-size"],
      location: request.location,
      network: networkOf(request),
    },
  };
}

type Shared = Pick<
  v.InferOutput<typeof computeSchema>,
  "subscription-id" | "vnet-resource-group" | "vnet-name" | "subnet-name"
>;

/** The subnet, in the subscription of the cluster. */
function subnetId(values: Shared): string | undefined {
  const subnet = values["subnet-name"];
  const name = values["vnet-name"];
  const resourceGroup = values["vnet-resource-group"];
  if (!subnet || !name || !resourceGroup) return undefined;
  const network = formatResourceId({
    subscriptionId: values["subscription-id"],
    resourceGroup,
    type: "Microsoft.Network/virtualNetworks",
    name,
  });
  return `${network}/subnets/${subnet}`;
}

function networkOf(values: v.InferOutput<typeof computeSchema>) {
  const subnet = subnetId(values);
  const serviceCidr = values["service-cidr"];
  const dnsServiceIP = values["dns-service-ip"];
  const dockerBridgeCidr = values["docker-bridge-cidr"];
  if (!subnet || !serviceCidr || !dnsServiceIP || !dockerBridgeCidr) return undefined;
  return { subnetId: subnet, serviceCidr, dnsServiceIP, dockerBridgeCidr };
}

/** A value that is wrong in two ways is told once, with its own fault. */
function once(problems: readonly Problem[]): Problem[] {
  const bare = ({ input }: Problem) => input.replace(/ \(.*/, "");
  return problems.filter(
    (problem, index) => problems.findIndex((other) => bare(other) === bare(problem)) === index,
  );
}
