import {
  type Authority,
  type CertificateWish,
  makeAuthority,
  makeCertificate,
  type PemPair,
  sharedInProcess,
} from "../certificates.ts";
import { keyOf } from "../ids.ts";
import { isObject, objectAt, textAt, valueAt } from "../json.ts";
import type { StoredResource } from "../store.ts";
import type { World } from "../world.ts";
import { KubernetesCluster } from "./cluster.ts";
import { followWorld } from "./contents.ts";
import { startOfDay, tlsWishes } from "./tls.ts";

const MANAGED = "Microsoft.ContainerService/managedClusters";
const CONNECTED = "Microsoft.Kubernetes/connectedClusters";
/** Certificates of clusters and of the router outlive every test, whatever the clock is advanced by. */
const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

/** What a URL leads to: a cluster's API, a host without address, or one that lets nothing through. */
export type Reached =
  | { kind: "cluster"; clusterId: string; path: string }
  | { kind: "unresolved" }
  | { kind: "blocked"; how: "reset" | "hang" };

/** The Kubernetes side of all clusters: where each is reached, who vouches for it, what is in it. */
export class Clusters {
  readonly #world: World;
  readonly #clusters = new Map<string, KubernetesCluster>();
  readonly #byNumber = new Map<number, KubernetesCluster>();
  readonly #certificates = new Map<string, PemPair>();
  #authority: Authority | undefined;
  #prepared: Promise<void> = Promise.resolve();
  #all: { version: number; resources: StoredResource[] } = { version: -1, resources: [] };
  /** Where all of them are served, when they are: `https://127.0.0.1:<port>`. */
  origin: string | undefined;
  /** Where scoring requests are served, when they are. */
  router: { address: string; http: number; https: number } = { address: "", http: 80, https: 443 };
  /** When the clusters were made, as far as anybody can tell. */
  readonly since: number;

  constructor(world: World) {
    this.#world = world;
    this.since = world.clock.now();
  }

  /** The cluster of a resource id. It need not exist. */
  of(clusterId: string): KubernetesCluster {
    const key = keyOf(clusterId);
    const known = this.#clusters.get(key);
    if (known) return known;
    const cluster = new KubernetesCluster(clusterId, this.#clusters.size + 1);
    this.#clusters.set(key, cluster);
    this.#byNumber.set(cluster.number, cluster);
    this.#keep(cluster.token);
    return cluster;
  }

  /** The cluster as it stands now: its objects follow the world. */
  current(clusterId: string): KubernetesCluster {
    const cluster = this.of(clusterId);
    followWorld(this.#world, cluster);
    return cluster;
  }

  /** The certificate of the authority that vouches for every API server here, in PEM. */
  get authority(): string {
    return this.#issuer().certificate;
  }

  /**
   * Makes what takes a promise to make: it must be there before a request is answered. One at a time, or twice. `ids`:
   * of these clusters alone, for in a fleet nobody asks all of them at once.
   */
  prepare(ids?: readonly string[]): Promise<void> {
    this.#prepared = this.#prepared.then(() => this.#make(ids ?? this.all().map(({ id }) => id)));
    return this.#prepared;
  }

  async #make(ids: readonly string[]): Promise<void> {
    this.#authority ??= await clusterAuthority(this.#inYears(20));
    const authority = this.#authority;
    for (const id of ids) {
      const cluster = this.of(id);
      if (cluster.certificate) continue;
      const subject = "CN=masterclient,O=system:masters";
      const wish = { names: [], subject, usage: "client" as const, notAfter: this.#inYears(2), authority };
      cluster.certificate = await sharedCertificate(`cluster ${cluster.number}`, wish);
      this.#keep(cluster.certificate.privateKey);
    }
    for (const { name, wish } of tlsWishes(this.#world, ids)) {
      if (this.#certificates.has(name)) continue;
      const pair = await sharedCertificate(name, { ...wish, authority });
      this.#certificates.set(name, pair);
      this.#keep(pair.privateKey);
    }
  }

  /** A certificate that `prepare` has made. */
  certificate(name: string): PemPair | undefined {
    return this.#certificates.get(name);
  }

  /** A certificate and key for the listener of the API servers. */
  async serverCertificate(): Promise<PemPair> {
    await this.prepare([]);
    return sharedCertificate("server", { names: ["127.0.0.1", "localhost"], authority: this.#issuer() });
  }

  all(): StoredResource[] {
    const { store } = this.#world;
    if (this.#all.version !== store.version) {
      const resources = [...store.list(MANAGED, ""), ...store.list(CONNECTED, "")];
      this.#all = { version: store.version, resources };
    }
    return this.#all.resources;
  }

  /**
   * The clusters that a request may have to do with: the one that is asked or named; any of them, where something else
   * is written.
   */
  concerned(method: string, url: URL): readonly string[] | undefined {
    const asked = this.#asked(url);
    if (asked) return [asked];
    const named =
      /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.(ContainerService\/managedClusters|Kubernetes\/connectedClusters)\/[^/]+/i.exec(
        url.pathname,
      )?.[0];
    const resource = named && this.#world.store.get(named);
    if (resource) return [resource.id];
    return method === "GET" || method === "HEAD" ? [] : undefined;
  }

  #asked(url: URL): string | undefined {
    const numbered = url.origin === this.origin ? /^\/clusters\/(\d+)\//.exec(url.pathname) : null;
    if (numbered) return this.#byNumber.get(Number(numbered[1]))?.id;
    return this.all().find((one) => hostsOf(one).includes(url.hostname))?.id;
  }

  /** The server that a kubeconfig names. `fqdn` asks for the public name of a private cluster. */
  serverOf(clusterId: string, fqdn?: string): string {
    const resource = this.#require(clusterId);
    const host = hostOf(resource, fqdn);
    const reachable = resolves(resource, host);
    if (this.origin !== undefined && reachable)
      return `${this.origin}/clusters/${this.of(resource.id).number}`;
    return `https://${this.origin === undefined ? host : unresolvable(host)}:443`;
  }

  /** Where a URL leads; undefined when it is no cluster's. */
  at(url: URL): Reached | undefined {
    const numbered = url.origin === this.origin ? /^\/clusters\/(\d+)(\/.*)$/.exec(url.pathname) : null;
    if (numbered) {
      const cluster = this.#byNumber.get(Number(numbered[1]));
      const resource = cluster && this.#world.resource(cluster.id);
      return resource ? this.#reach(resource, hostOf(resource), numbered[2] ?? "/") : { kind: "unresolved" };
    }
    if (url.origin === this.origin) return { kind: "unresolved" };
    const resource = this.all().find((one) => hostsOf(one).includes(url.hostname));
    return resource && this.#reach(resource, url.hostname, url.pathname);
  }

  #reach(resource: StoredResource, host: string, path: string): Reached {
    if (!resolves(resource, host)) return { kind: "unresolved" };
    const blocked = this.#blocked(resource, host);
    return blocked ? { kind: "blocked", how: blocked } : { kind: "cluster", clusterId: resource.id, path };
  }

  /** arm-contract 2: authorized ranges, and the public name of a private cluster, which leads to a private address. */
  #blocked(resource: StoredResource, host: string): "reset" | "hang" | undefined {
    const access = objectAt(resource.body, "properties", "apiServerAccessProfile");
    const { apiServerFromOutside } = this.#world.knobs;
    if (access["enablePrivateCluster"] === true && host === publicHost(resource)) return "hang";
    const ranges = access["authorizedIPRanges"];
    const limited = Array.isArray(ranges) && ranges.length > 0;
    return limited && apiServerFromOutside !== "allow" ? apiServerFromOutside : undefined;
  }

  #require(clusterId: string): StoredResource {
    const resource = this.#world.resource(clusterId);
    if (!resource) throw new Error(`there is no cluster ${clusterId}`);
    return resource;
  }

  #issuer(): Authority {
    if (!this.#authority) throw new Error("the clusters have not been prepared");
    return this.#authority;
  }

  /** At midnight, so that what is made on the same day is the same. */
  #inYears(years: number): Date {
    return new Date(startOfDay(this.#world.clock.now()) + years * YEAR_MS);
  }

  #keep(secret: string): void {
    this.#world.secrets.add(secret);
    this.#world.secrets.add(Buffer.from(secret).toString("base64"));
  }
}

function clusterAuthority(notAfter: Date): Promise<Authority> {
  const name = "azureml-clusters emulator cluster CA";
  return sharedInProcess(`${name} ${notAfter.toISOString()}`, () => makeAuthority(name, notAfter));
}

/** For one holder in each world: the same one in all of them. */
function sharedCertificate(holder: string, wish: CertificateWish): Promise<PemPair> {
  const { authority, ...rest } = wish;
  const name = JSON.stringify([holder, rest, authority?.certificate]);
  return sharedInProcess(name, () => makeCertificate(wish));
}

function isPrivate(resource: StoredResource): boolean {
  return valueAt(resource.body, "properties", "apiServerAccessProfile", "enablePrivateCluster") === true;
}

function publicHost(resource: StoredResource): string {
  if (resource.type === CONNECTED) return `${resource.name}.arc.emulator.test`.toLowerCase();
  return textAt(resource.body, "properties", "fqdn") ?? `${resource.name}-dns.hcp.emulator.test`;
}

/** arm-contract 2: `privateFQDN`. The ending is one that nobody can ever resolve (RFC 6761). */
function privateHost(resource: StoredResource): string {
  const location = textAt(resource.body, "location") ?? "";
  return (
    textAt(resource.body, "properties", "privateFQDN") ??
    `${resource.name}-dns.privatelink.${location}.azmk8s.invalid`
  );
}

function hostsOf(resource: StoredResource): string[] {
  return isPrivate(resource) ? [publicHost(resource), privateHost(resource)] : [publicHost(resource)];
}

/** Source of the Azure CLI: `server-fqdn=public` asks for the public name. */
function hostOf(resource: StoredResource, fqdn?: string): string {
  return isPrivate(resource) && fqdn !== "public" ? privateHost(resource) : publicHost(resource);
}

/** A stopped cluster has no address; a private name has none outside the cluster's network. */
function resolves(resource: StoredResource, host: string): boolean {
  const power = objectAt(resource.body, "properties")["powerState"];
  const stopped = isObject(power) && power["code"] === "Stopped";
  return !stopped && !(isPrivate(resource) && host === privateHost(resource));
}

function unresolvable(host: string): string {
  return host.endsWith(".invalid") ? host : `${host}.azmk8s.invalid`;
}
