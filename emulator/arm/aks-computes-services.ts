import type { ErrorBody } from "../errors.ts";
import { uuidFrom } from "../ids.ts";
import { type Json, type JsonObject, textAt } from "../json.ts";
import type { StoredResource } from "../store.ts";
import type { World } from "../world.ts";
import { addressIn, rangeOf } from "./managed-clusters-addresses.ts";
import { subnetIdsOf } from "./managed-clusters-networks.ts";

/**
 * The scoring endpoint (T3, B3). Name and form: AML-Kubernetes, "attach-compute-on-aks-v1-cluster", with the field names
 * of the contract. The addresses are of the documentation's range (RFC 5737), the private ones of the subnet.
 */
export function systemServices(world: World, inner: JsonObject, cluster: StoredResource): Json {
  const internal = textAt(inner, "loadBalancerType") === "InternalLoadBalancer";
  const address = internal ? privateAddress(world, inner, cluster) : publicAddress(world, cluster.id);
  return [{ systemServiceType: "ScoringFrontEnd", publicIpAddress: address, version: "1.2.3" }];
}

function publicAddress(world: World, clusterId: string): string {
  const number = Number.parseInt(uuidFrom(`${clusterId} ip`).slice(0, 4), 16);
  return `192.0.2.${((number + world.landscape.moves(clusterId)) % 250) + 2}`;
}

/** B3; knob privateScoringIp. A cluster without a network of its own has AKS's: 10.224.0.0/16. */
function privateAddress(world: World, inner: JsonObject, cluster: StoredResource): string | null {
  if (world.knobs.privateScoringIp === "null") return null;
  const subnet = subnetOf(world, inner, cluster);
  const range = rangeOf(subnet?.addressPrefix ?? "10.224.0.0/16");
  return range ? addressIn(range, 100) : null;
}

function subnetOf(world: World, inner: JsonObject, cluster: StoredResource) {
  const [own] = subnetIdsOf(cluster.body);
  if (own === undefined) return undefined;
  const name = textAt(inner, "loadBalancerSubnet");
  return world.landscape.subnet(name ? own.replace(/\/[^/]+$/, `/${name}`) : own);
}

/** B2: the subnet is one of the cluster's network. Guess: another one makes the update fail late. */
export function subnetError(world: World, inner: JsonObject, cluster: StoredResource): ErrorBody | undefined {
  const name = textAt(inner, "loadBalancerSubnet");
  const internal = textAt(inner, "loadBalancerType") === "InternalLoadBalancer";
  const [own] = subnetIdsOf(cluster.body);
  if (!internal || !name || own === undefined || subnetOf(world, inner, cluster)) return undefined;
  return {
    code: "BadArgument",
    message: `The subnet '${name}' was not found in the virtual network of cluster '${cluster.name}'.`,
  };
}
