import { randomBytes } from "node:crypto";
import { type AksComputeSeed, addAksCompute } from "./arm/aks-computes-seed.ts";
import { Landscape } from "./arm/managed-clusters-landscape.ts";
import { TYPES } from "./arm/reading.ts";
import type { Breakage, BreakageKind } from "./breakages.ts";
import { Clock } from "./clock.ts";
import type { Exchange } from "./exchanges.ts";
import { arcExtension } from "./extension-seed.ts";
import type { Fault } from "./faults.ts";
import { addFleet, type FleetMember, type FleetSeed } from "./fleet.ts";
import type { CheckRun } from "./github-checks.ts";
import type { Issue } from "./github-issues.ts";
import { type PipelineJob, pipelineJob } from "./identity/azure-devops.ts";
import { type Application, Directory, type FederatedCredential } from "./identity/directory.ts";
import { keyOf, uuidFrom } from "./ids.ts";
import { isObject, type JsonObject, merged, textAt } from "./json.ts";
import { defaultKnobs, type Knobs } from "./knobs.ts";
import { breakExtension } from "./kubernetes/break-extension.ts";
import type { Denial, KubernetesCluster } from "./kubernetes/cluster.ts";
import { Clusters } from "./kubernetes/clusters.ts";
import { type KubeconfigWish, kubeconfigOf } from "./kubernetes/kubeconfig.ts";
import { OperationBook } from "./operations.ts";
import type { RelayKeys } from "./relay-seed.ts";
import {
  connectedClusterBody,
  type ExtensionSeed,
  extensionBody,
  managedClusterBody,
  workspaceBody,
} from "./seeds.ts";
import { ResourceStore, type StoredResource } from "./store.ts";

export interface WorldOptions {
  tenantId?: string;
  subscriptionId?: string;
  location?: string;
}

/** Where a seeded resource stands; the rest of it is an ARM body, merged over a healthy one. */
export interface ResourceSeed {
  resourceGroup: string;
  name: string;
  subscriptionId?: string;
  location?: string;
  tags?: JsonObject;
  identity?: JsonObject;
  sku?: JsonObject;
  properties?: JsonObject;
}

export interface ComputeSeed {
  name: string;
  location?: string;
  tags?: JsonObject;
  identity?: JsonObject;
  /** `resourceId`, `computeType` (default Kubernetes), `properties`, `provisioningState` (default Succeeded) ... */
  properties?: JsonObject;
}

/** The GitHub workflow run whose OIDC tokens the emulator hands out. */
export interface GithubRun {
  issuer: string;
  subject: string;
  /** What `ACTIONS_ID_TOKEN_REQUEST_TOKEN` holds. */
  requestToken: string;
  /** `owner/name` */
  repository: string;
  /** What `GITHUB_TOKEN` holds. */
  token: string;
}

const CONTRIBUTOR_NOT_ACTIONS = [
  "Microsoft.Authorization/*/Delete",
  "Microsoft.Authorization/*/Write",
  "Microsoft.Authorization/elevateAccess/Action",
];

/** Everything that is the case in the emulated Azure: resources, principals, knobs, faults, and what was said. */
export class World {
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly location: string;
  readonly clock = new Clock();
  readonly knobs: Knobs = defaultKnobs();
  readonly faults: Fault[] = [];
  /** What a fault of kind `kill` does: whoever drives a client in a process of its own ends it here, at once. */
  killClient: () => void = () => undefined;
  /** Every secret ever handed out or planted; none may show up in a log, an output or a report. */
  readonly secrets = new Set<string>();
  readonly exchanges: Exchange[] = [];
  /** What a well-behaved client never does; tests assert that it is empty. */
  readonly violations: string[] = [];
  readonly store = new ResourceStore();
  readonly directory = new Directory(this.clock, this.secrets);
  readonly operations = new OperationBook(this.clock);
  readonly subscriptions = new Map<string, { subscriptionId: string; displayName: string; state: string }>();
  readonly resourceGroups = new Map<
    string,
    { id: string; name: string; location: string; tags: JsonObject }
  >();
  /** The subscriptions below each management group, by its lower-cased name. */
  readonly managementGroups = new Map<string, string[]>();
  /** What of its quota of Resource Graph an application has used, by client id. */
  readonly graphQuotas = new Map<string, { endsAt: number; used: number }>();
  /** Resource providers that are not `Registered`, by lower-cased namespace. */
  readonly providerStates = new Map<string, string>();
  /** What is wrong inside the clusters, by lower-cased cluster id. */
  readonly breakages = new Map<string, Breakage[]>();
  /** Until when namespace `azureml` is `Terminating` after its extension is gone, by lower-cased cluster id. */
  readonly namespaceGoneAt = new Map<string, number>();
  /** The keys of the Relay's authorization rules, by lower-cased id of the rule. */
  readonly relayKeys = new Map<string, RelayKeys>();
  /** What the last installation of the extension broke, by lower-cased cluster id; the next one mends it. */
  readonly brokenByInstall = new Map<string, Breakage>();
  /** Networks and names around AKS clusters. */
  readonly landscape = new Landscape();
  /** The API servers of the clusters and what is in them. */
  readonly clusters = new Clusters(this);
  /** The check runs that were written. */
  readonly checkRuns: CheckRun[] = [];
  /** The clusters of a fleet, in their order. */
  readonly fleet: FleetMember[] = [];
  /** The issues of the repository. */
  readonly issues: Issue[] = [];
  readonly github: GithubRun;
  readonly pipelineJob: PipelineJob;
  /** The application that seeds and defaults use. */
  readonly application: { clientId: string; secret: string };
  /** The App Service form of managed identity: what `IDENTITY_HEADER` holds, and who it is. */
  readonly managedIdentity: { clientId: string; header: string };

  constructor(options: WorldOptions = {}) {
    this.tenantId = options.tenantId ?? "11111111-1111-4111-8111-111111111111";
    this.subscriptionId = options.subscriptionId ?? "22222222-2222-4222-8222-222222222222";
    this.location = options.location ?? "eastus";
    this.application = {
      clientId: "33333333-3333-4333-8333-333333333333",
      secret: this.#newSecret("client"),
    };
    this.managedIdentity = {
      clientId: "44444444-4444-4444-8444-444444444444",
      header: this.#newSecret("msi"),
    };
    this.github = {
      issuer: "https://token.actions.githubusercontent.com",
      subject: "repo:contoso/models:ref:refs/heads/main",
      requestToken: this.#newSecret("github"),
      repository: "contoso/models",
      token: this.#newSecret("github-token"),
    };
    this.pipelineJob = pipelineJob(this.#newSecret("devops"));
  }

  /** One subscription, workspace `ws1` in `rg1`, a healthy AKS `aks1` and a healthy Arc `arc1`, both with the extension. */
  static simple(options: WorldOptions = {}): World {
    const world = new World(options);
    world.addSubscription();
    world.addResourceGroup("rg1");
    world.addWorkspace({ resourceGroup: "rg1", name: "ws1" });
    world.addExtension(world.addManagedCluster({ resourceGroup: "rg1", name: "aks1" }));
    world.addExtension(world.addConnectedCluster({ resourceGroup: "rg1", name: "arc1" }));
    world.addDefaultApplications();
    return world;
  }

  /** As `simple`, with AKS `aks2` that is attached as `legacy` (type AKS) and has a certificate of Microsoft's. */
  static legacy(options: WorldOptions = {}): World {
    const world = World.simple(options);
    const resourceId = world.addManagedCluster({ resourceGroup: "rg1", name: "aks2" });
    const workspace = `${world.addResourceGroup("rg1")}/providers/Microsoft.MachineLearningServices/workspaces/ws1`;
    const sslConfiguration = { status: "Auto", leafDomainLabel: "contoso", overwriteExistingDomain: false };
    world.addAksCompute(workspace, { name: "legacy", resourceId, sslConfiguration });
    return world;
  }

  /** Many clusters in many subscriptions; see `fleet.ts`. Their ids are in `world.fleet`. */
  static fleet(seed: FleetSeed = {}, options: WorldOptions = {}): World {
    const world = new World(options);
    world.fleet.push(...addFleet(world, seed));
    world.addDefaultApplications();
    return world;
  }

  /** The application of `world.application`, with its secret and federated credentials, and the managed identity. */
  addDefaultApplications(): void {
    const { clientId, secret } = this.application;
    const audience = "api://AzureADTokenExchange";
    const issuers = [this.github, this.pipelineJob];
    const federated = issuers.map(({ issuer, subject }) => ({ issuer, subject, audience }));
    this.addApplication({ clientId, secret, federated });
    this.addApplication({ clientId: this.managedIdentity.clientId });
  }

  /** An application with a Contributor's rights everywhere, until `revoke` and `grant` say otherwise. */
  addApplication(seed: {
    clientId: string;
    secret?: string;
    federated?: FederatedCredential[];
  }): Application {
    const application = this.directory.add(seed.clientId);
    if (seed.secret !== undefined) {
      application.secrets.add(seed.secret);
      this.secrets.add(seed.secret);
    }
    application.federated.push(...(seed.federated ?? []));
    application.grants.push({ actions: ["*"], notActions: CONTRIBUTOR_NOT_ACTIONS, scope: "/" });
    return application;
  }

  /** Adds a role to an application. `revoke` first to leave the Contributor's behind. */
  grant(clientId: string, actions: string[], notActions: string[] = [], scope = "/"): void {
    this.#application(clientId).grants.push({ actions, notActions, scope });
  }

  /** Takes all roles away. */
  revoke(clientId: string): void {
    this.#application(clientId).grants.length = 0;
  }

  addSubscription(seed: { subscriptionId?: string; displayName?: string; state?: string } = {}): string {
    const subscriptionId = seed.subscriptionId ?? this.subscriptionId;
    this.subscriptions.set(keyOf(subscriptionId), {
      subscriptionId,
      displayName: seed.displayName ?? "Emulated subscription",
      state: seed.state ?? "Enabled",
    });
    return `/subscriptions/${subscriptionId}`;
  }

  /** A management group with those subscriptions below it, at whatever depth. */
  addManagementGroup(name: string, subscriptionIds: readonly string[]): void {
    this.managementGroups.set(keyOf(name), [...subscriptionIds]);
  }

  addResourceGroup(
    name: string,
    seed: { subscriptionId?: string; location?: string; tags?: JsonObject } = {},
  ): string {
    const id = `/subscriptions/${seed.subscriptionId ?? this.subscriptionId}/resourceGroups/${name}`;
    this.resourceGroups.set(keyOf(id), {
      id,
      name,
      location: seed.location ?? this.location,
      tags: seed.tags ?? {},
    });
    return id;
  }

  addWorkspace(seed: ResourceSeed): string {
    return this.#seed("Microsoft.MachineLearningServices/workspaces", seed, (id, location) =>
      workspaceBody(id, seed.name, location, this.tenantId),
    );
  }

  addManagedCluster(seed: ResourceSeed): string {
    return this.#seed("Microsoft.ContainerService/managedClusters", seed, (id, location) =>
      managedClusterBody(id, seed.name, location, this.tenantId),
    );
  }

  addConnectedCluster(seed: ResourceSeed): string {
    return this.#seed("Microsoft.Kubernetes/connectedClusters", seed, (id, location) =>
      connectedClusterBody(id, location, this.tenantId, this.clock.zulu()),
    );
  }

  addExtension(clusterId: string, seed: ExtensionSeed = {}): string {
    const id = `${clusterId}/providers/Microsoft.KubernetesConfiguration/extensions/${seed.name ?? "azureml"}`;
    const location = textAt(this.store.get(clusterId)?.body, "location") ?? this.location;
    const body = extensionBody(clusterId, seed, this.tenantId, this.clock.stamp(), location);
    const whole = merged(body, { properties: arcExtension(this, clusterId, seed.extensionType) });
    this.store.put(
      id,
      "Microsoft.KubernetesConfiguration/extensions",
      merged(whole, seed.properties ? { properties: seed.properties } : {}),
    );
    return id;
  }

  /** A Trusted Access binding; by default the one that Azure ML needs (peers 1.6), for the given workspace. */
  addTrustedAccessRoleBinding(
    clusterId: string,
    seed: {
      name?: string;
      sourceResourceId: string;
      roles?: string[];
      provisioningState?: string;
      /** By default now. */
      createdAt?: string;
    },
  ): string {
    const id = `${clusterId}/trustedAccessRoleBindings/${seed.name ?? "azureml"}`;
    // managedClusters.json, `TrustedAccessRoleBinding`: a proxy resource with `systemData`.
    const createdAt = seed.createdAt ?? this.clock.zulu();
    this.store.put(id, "Microsoft.ContainerService/managedClusters/trustedAccessRoleBindings", {
      systemData: { createdAt, lastModifiedAt: createdAt },
      properties: {
        provisioningState: seed.provisioningState ?? "Succeeded",
        sourceResourceId: seed.sourceResourceId,
        roles: seed.roles ?? ["Microsoft.MachineLearningServices/workspaces/mlworkload"],
      },
    });
    return id;
  }

  /** A compute that is attached already. Connection strings in its properties become secrets of this world. */
  addCompute(workspaceId: string, seed: ComputeSeed): string {
    const now = this.clock.stamp();
    const id = `${workspaceId}/computes/${seed.name}`;
    const properties = merged(
      {
        computeType: "Kubernetes",
        provisioningState: "Succeeded",
        createdOn: now,
        modifiedOn: now,
        isAttachedCompute: true,
        disableLocalAuth: false,
        provisioningErrors: null,
        properties: {},
      },
      seed.properties,
    );
    const inner = properties["properties"];
    this.plantConnectionStrings(isObject(inner) ? inner : {});
    const body: JsonObject = { location: seed.location ?? this.location, tags: seed.tags ?? {}, properties };
    if (seed.identity) body["identity"] = seed.identity;
    this.store.put(id, "Microsoft.MachineLearningServices/workspaces/computes", body);
    return id;
  }

  /** A legacy compute (type AKS) that is attached already. */
  addAksCompute(workspaceId: string, seed: AksComputeSeed): string {
    return addAksCompute(this, workspaceId, seed);
  }

  /** A job of a workspace (machineLearningServices.json, `JobBase`): by default a command that runs. */
  addJob(workspaceId: string, name: string, properties: JsonObject): string {
    const usual = { jobType: "Command", displayName: name, status: "Running" };
    const body = { properties: { ...usual, ...properties } };
    return this.store.put(`${workspaceId}/jobs/${name}`, TYPES.job, body).id;
  }

  /** An online endpoint on a compute, with its deployments and their states; by default all is well. */
  addOnlineEndpoint(
    workspaceId: string,
    name: string,
    seed: { compute?: string; provisioningState?: string; deployments?: Record<string, string> },
  ): string {
    const { location } = this;
    const id = `${workspaceId}/onlineEndpoints/${name}`;
    const { compute = null, provisioningState = "Succeeded", deployments = {} } = seed;
    const properties = { authMode: "Key", compute, provisioningState, traffic: {} };
    this.store.put(id, TYPES.onlineEndpoint, { location, properties });
    for (const [deployment, state] of Object.entries(deployments)) {
      const body = { location, properties: { endpointComputeType: "Kubernetes", provisioningState: state } };
      this.store.put(`${id}/deployments/${deployment}`, TYPES.onlineDeployment, body);
    }
    return id;
  }

  /** A subnet, as far as AKS looks at it: `.../virtualNetworks/{vnet}/subnets/{subnet}` and its range. */
  addSubnet(id: string, addressPrefix: string, routeTable = false): string {
    return this.landscape.addSubnet(id, addressPrefix, routeTable);
  }

  /** Breaks something inside a cluster, and its extension with it where it is of a kind that fails an installation. */
  breakCluster(clusterId: string, kind: BreakageKind, more: Omit<Breakage, "kind"> = {}): void {
    this.breakages.set(keyOf(clusterId), [...this.brokenIn(clusterId), { kind, ...more }]);
    breakExtension(this, clusterId, kind);
  }

  /**
   * The Kubernetes side of a cluster: its objects as they stand, its knobs. Who reads TLS secrets here, and not through
   * the API, awaits `clusters.prepare()` first.
   */
  kubernetes(clusterId: string): KubernetesCluster {
    return this.clusters.current(clusterId);
  }

  /** Has a cluster's access control refuse something. */
  kubernetesDeny(clusterId: string, denial: Denial): void {
    this.clusters.of(clusterId).denials.push(denial);
  }

  /** A kubeconfig for a cluster, in YAML: for Arc clusters there is no other way in. */
  kubeconfigOf(clusterId: string, wish: KubeconfigWish): Promise<string> {
    return kubeconfigOf(this, clusterId, wish);
  }

  /** What is wrong inside a cluster. */
  brokenIn(clusterId: string): readonly Breakage[] {
    return this.breakages.get(keyOf(clusterId)) ?? [];
  }

  /** The resource as it stands now, after every operation that has ended by the clock. */
  resource(id: string): StoredResource | undefined {
    this.operations.settle();
    return this.store.get(id);
  }

  /** arm-contract 1.6: relay and service bus strings are credentials. */
  plantConnectionStrings(properties: JsonObject): void {
    for (const key of ["relayConnectionString", "serviceBusConnectionString"]) {
      const value = properties[key];
      if (typeof value === "string" && value !== "") this.secrets.add(value);
    }
  }

  #seed(type: string, seed: ResourceSeed, healthy: (id: string, location: string) => JsonObject): string {
    const subscriptionId = seed.subscriptionId ?? this.subscriptionId;
    const group = `/subscriptions/${subscriptionId}/resourceGroups/${seed.resourceGroup}`;
    if (!this.resourceGroups.has(keyOf(group))) this.addResourceGroup(seed.resourceGroup, { subscriptionId });
    const id = `${group}/providers/${type}/${seed.name}`;
    const { resourceGroup: _group, name: _name, subscriptionId: _subscription, location, ...body } = seed;
    const where = location ?? this.location;
    this.store.put(id, type, merged(healthy(id, where), { ...body, location: where }));
    return id;
  }

  #application(clientId: string): Application {
    const application = this.directory.get(clientId);
    if (!application) throw new Error(`no application ${clientId}`);
    return application;
  }

  #newSecret(what: string): string {
    const secret = `emulated-${what}-${randomBytes(24).toString("base64url")}`;
    this.secrets.add(secret);
    return secret;
  }
}

/** A user-assigned identity's ids, the same each time for the same resource id. */
export function identityIds(resourceId: string): { principalId: string; clientId: string } {
  const key = keyOf(resourceId);
  return { principalId: uuidFrom(`${key} principal`), clientId: uuidFrom(`${key} client`) };
}
