import { pathKeys } from "./extension-keys.ts";
import { type GivenSettings, isOn, type Settings, settingOf, valueIn } from "./extension-settings.ts";
import { formatResourceId, parseResourceId, sameText } from "./resource-id.ts";

/** What settings are derived from a cluster. */
export interface ClusterTraits {
  readonly kind: "aks" | "arc";
  readonly id: string;
  readonly name: string;
  readonly location: string;
  /** Nodes of all pools; `undefined` when Azure does not tell. */
  readonly nodeCount: number | undefined;
  readonly openshift: boolean;
}

/** The Relay beside a cluster (extension.md 1d). Its connection string may be unknown, as in a dry run. */
export interface RelayTraits {
  readonly hybridConnectionId: string;
  readonly hybridConnectionName: string;
  readonly connectionString?: string | undefined;
}

/** Version wishes; what is not given is left to Azure on create and as it is on update. */
export interface WantedExtension {
  readonly version?: string | undefined;
  readonly releaseTrain?: string | undefined;
  readonly autoUpgrade?: boolean | undefined;
}

/** The body of the PUT that creates an extension (arm-contract 3). */
export interface ExtensionBody {
  readonly identity?: { readonly type: "SystemAssigned" };
  readonly properties: {
    readonly extensionType: string;
    readonly autoUpgradeMinorVersion?: boolean;
    readonly releaseTrain: string;
    readonly version?: string;
    readonly scope: { readonly cluster: { readonly releaseNamespace: string } };
    readonly configurationSettings: Settings;
    readonly configurationProtectedSettings: Settings;
  };
}

/** Derived on create only: the number of nodes changes with the day, an update must not follow it (extension.md 1c). */
export const createOnlyKeys: ReadonlySet<string> = new Set(["clusterPurpose", "inferenceRouterHA"]);

/**
 * The settings with everything that the CLI derives (extension.md 1c, testbed 8), so that a plain PUT is the
 * same as `az k8s-extension create`. The local paths, which the CLI leaks, are left out; their contents must have
 * been read into `tls`.
 */
export function withDerived(
  given: GivenSettings,
  cluster: ClusterTraits,
  relay?: RelayTraits,
): GivenSettings {
  const wanted = { ...defaults(given.plain, cluster), ...given.plain };
  const plain = {
    ...copies(wanted, {
      cluster_name: ["clusterId", "prometheus.prometheusSpec.externalLabels.cluster_name"],
    }),
    ...(relay && needsRelay(given, cluster) && relaySettings(relay)),
    ...wanted,
    ...followers(given),
    // Recognised, it is set whatever was given, as by the CLI.
    ...(cluster.openshift && { openshift: "true" }),
  };
  return { plain, protected: derivedProtected(given, cluster, relay) };
}

function defaults(plain: Settings, cluster: ClusterTraits): Settings {
  const location = cluster.location.toLowerCase();
  const small = cluster.nodeCount !== undefined && cluster.nodeCount < 3;
  return {
    enableTraining: "False",
    enableInference: "False",
    cluster_name: canonicalId(cluster.id),
    cluster_name_friendly: cluster.name,
    // The CLI ignores a `domain` that is given, by a misspelling; here it counts, for clouds with other domains.
    domain: `${location}.cloudapp.azure.com`,
    location,
    jobSchedulerLocation: location,
    "servicebus.enabled": "false",
    "relayserver.enabled": relayDefault(cluster),
    "nginxIngress.enabled": cluster.kind === "aks" ? "true" : "false",
    ...(small && { clusterPurpose: "DevTest", inferenceRouterHA: "false" }),
    ...(isOn(plain, "isAKSMigration") && { "scoringFe.namespace": "default" }),
  };
}

/** Another case of `managedClusters` is another type to some (extension.md 3). */
function canonicalId(id: string): string {
  const parsed = parseResourceId(id);
  return parsed ? formatResourceId(parsed) : id;
}

function relayDefault(cluster: Pick<ClusterTraits, "kind">): string {
  return cluster.kind === "arc" ? "true" : "false";
}

/** Each setting under its further names, where there is one. */
function copies(settings: Settings, names: Readonly<Record<string, readonly string[]>>): Settings {
  const rows = Object.entries(names).flatMap(([key, others]) => {
    const value = valueIn(settings, key);
    return value === undefined ? [] : others.map((other) => [other, value] as const);
  });
  return Object.fromEntries(rows);
}

function relaySettings(relay: RelayTraits): Settings {
  return {
    "relayserver.hybridConnectionResourceID": relay.hybridConnectionId,
    "relayserver.hybridConnectionName": relay.hybridConnectionName,
  };
}

/** Settings that follow another one for good: they change with it, on update too (extension.md 1c, 3). */
export function followers(given: GivenSettings): Settings {
  const { plain } = given;
  if (!isOn(plain, "enableInference")) return {};
  const secret = valueIn(plain, "sslSecret");
  return {
    ...(sameText(valueIn(plain, "inferenceRouterServiceType") ?? "", "NodePort")
      ? { "scoringFe.serviceType.nodePort": "True" }
      : isInternal(plain) && { "scoringFe.serviceType.internalLoadBalancer": "True" }),
    // Of a PEM pair and a secret the pair wins (extension.md 1b).
    ...(secret && !hasPemPair(given) && { "scoringFe.sslSecret": secret }),
  };
}

/** The router is asked to be behind an internal load balancer. */
export function isInternal(plain: Settings): boolean {
  return sameText(valueIn(plain, "internalLoadBalancerProvider") ?? "", "azure");
}

/** A certificate with its key is given, as contents or as it travels. */
export function hasPemPair(given: GivenSettings): boolean {
  return (
    given.tls !== undefined ||
    (has(given, "sslCertPemFile") && has(given, "sslKeyPemFile")) ||
    hasEncodedPair(given)
  );
}

function hasEncodedPair(given: GivenSettings): boolean {
  return has(given, "scoringFe.sslCert") && has(given, "scoringFe.sslKey");
}

function has(given: GivenSettings, key: string): boolean {
  return valueIn(given.protected, key) !== undefined;
}

function derivedProtected(given: GivenSettings, cluster: ClusterTraits, relay?: RelayTraits): Settings {
  const own = userSecrets(given);
  const fetched = relay?.connectionString !== undefined && needsRelay(given, cluster);
  const settings = { ...own, ...(fetched && { relayServerConnectionString: relay.connectionString }) };
  return {
    ...copies(settings, {
      relayServerConnectionString: ["relayserver.relayConnectionString"],
      serviceBusConnectionString: ["servicebus.connectionString"],
    }),
    ...settings,
  };
}

/** The protected settings that the user gave, as they travel: PEM as base64, no paths. */
export function userSecrets(given: GivenSettings): Settings {
  const own = Object.fromEntries(Object.entries(given.protected).filter(([key]) => !pathKeys.has(key)));
  const { tls } = given;
  if (!tls) {
    // To go on would deploy an endpoint without the certificate that was asked for.
    if ([...pathKeys].some((key) => has(given, key))) throw new Error("The PEM files were not read.");
    return own;
  }
  return {
    ...own,
    "scoringFe.sslCert": Buffer.from(tls.certificate).toString("base64"),
    "scoringFe.sslKey": Buffer.from(tls.privateKey).toString("base64"),
  };
}

/** A Relay is wanted: the default on Arc (extension.md 1c). */
function wantsRelay(given: GivenSettings, cluster: Pick<ClusterTraits, "kind">): boolean {
  return !sameText(settingOf(given, "relayserver.enabled") ?? relayDefault(cluster), "false");
}

/**
 * A Relay is wanted and the user gave no connection string, so that it is fetched (extension.md 1d): from the one
 * beside the cluster, or from the user's own where a setting names it.
 */
export function needsRelay(given: GivenSettings, cluster: Pick<ClusterTraits, "kind">): boolean {
  const own = has(given, "relayServerConnectionString") || has(given, "relayserver.relayConnectionString");
  return wantsRelay(given, cluster) && !own;
}

/**
 * The body of the PUT: what `az k8s-extension create` sends (testbed 8). The identity goes with Arc alone; the
 * model of the API has no location, so that the CLI's never travels. A pinned version switches auto-upgrade
 * off, since the service refuses both (extension.md 4).
 */
export function extensionBody(
  wanted: WantedExtension,
  settings: GivenSettings,
  cluster: Pick<ClusterTraits, "kind">,
): ExtensionBody {
  const autoUpgrade = wanted.version === undefined ? wanted.autoUpgrade : false;
  return {
    ...(cluster.kind === "arc" && { identity: { type: "SystemAssigned" } }),
    properties: {
      extensionType: "microsoft.azureml.kubernetes",
      ...(autoUpgrade !== undefined && { autoUpgradeMinorVersion: autoUpgrade }),
      releaseTrain: wanted.releaseTrain ?? "stable",
      ...(wanted.version !== undefined && { version: wanted.version }),
      scope: { cluster: { releaseNamespace: "azureml" } },
      configurationSettings: settings.plain,
      configurationProtectedSettings: settings.protected,
    },
  };
}
