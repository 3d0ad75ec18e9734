import { keyOf } from "../ids.ts";

/** A subnet as far as AKS looks at it. */
export interface Subnet {
  id: string;
  addressPrefix: string;
  /** Outbound type userDefinedRouting wants one (AKS documentation, "egress-udr"). */
  routeTable: boolean;
}

/** Who has a leaf domain label in a region, and the whole name that was made of it (T1). */
export interface LeafLabel {
  name: string;
  clusterId: string;
}

/** What stands around clusters and is no resource here: networks, DNS labels, the ranges of Azure ML. */
export class Landscape {
  readonly #subnets = new Map<string, Subnet>();
  readonly #labels = new Map<string, LeafLabel>();
  readonly #moves = new Map<string, number>();
  /** A8: where Azure ML's control plane comes from, by region. Ranges of the documentation (RFC 5737), not real ones. */
  readonly controlPlane = new Map<string, string[]>();

  addSubnet(id: string, addressPrefix: string, routeTable = false): string {
    this.#subnets.set(keyOf(id), { id, addressPrefix, routeTable });
    return id;
  }

  subnet(id: string): Subnet | undefined {
    return this.#subnets.get(keyOf(id));
  }

  /** All subnets of the network that a subnet's id names. */
  subnetsBeside(subnetId: string): Subnet[] {
    const network = `${keyOf(subnetId).split("/subnets/")[0]}/subnets/`;
    return [...this.#subnets.entries()].filter(([key]) => key.startsWith(network)).map(([, one]) => one);
  }

  /** How often the scoring endpoint of a cluster has got another address. */
  moves(clusterId: string): number {
    return this.#moves.get(keyOf(clusterId)) ?? 0;
  }

  /** The scoring endpoint of a cluster gets another address. */
  move(clusterId: string): void {
    this.#moves.set(keyOf(clusterId), this.moves(clusterId) + 1);
  }

  label(label: string, location: string): LeafLabel | undefined {
    return this.#labels.get(`${label}@${location}`.toLowerCase());
  }

  takeLabel(label: string, location: string, holder: LeafLabel): void {
    this.#labels.set(`${label}@${location}`.toLowerCase(), holder);
  }

  freeLabel(label: string, location: string): void {
    this.#labels.delete(`${label}@${location}`.toLowerCase());
  }

  /** The ranges of a region and its pair. A region that is not told of has one that all share. */
  controlPlaneRanges(location: string): string[] {
    return this.controlPlane.get(location.toLowerCase()) ?? ["198.51.100.0/24", "203.0.113.0/24"];
  }
}
