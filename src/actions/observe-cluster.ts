import { glance, observe } from "../azure/arm.ts";
import type { Azure } from "../azure/connect.ts";
import { Extensions } from "../azure/extensions.ts";
import { Relay } from "../azure/relay.ts";
import { openCluster } from "../kubernetes/access.ts";
import type { ClusterApi } from "../kubernetes/cluster-api.ts";
import { readContents, type Wanted } from "../kubernetes/contents.ts";
import type { Extension, ExtensionVersion } from "../model/azure-resources.ts";
import type { ClusterContents } from "../model/cluster-contents.ts";
import { stateOf } from "../model/compute.ts";
import { type Settings, valueIn } from "../model/extension-settings.ts";
import type { ClusterFacts, ObservedCluster } from "../model/facts.ts";
import { asFailure, Failure } from "../model/failure.ts";
import { newest } from "../model/kubernetes-version.ts";
import { type Observed, present } from "../model/observed.ts";
import { parseRelayPlace, type RelayPlace } from "../model/relay-place.ts";
import type { Target } from "../model/report.ts";
import type { ClusterRequest } from "../model/request.ts";
import { resourceName } from "../model/resource-id.ts";
import type { Sight } from "../reconcile/action.ts";
import { azureMlExtension } from "../rules/extension.ts";
import { observeCluster } from "./observe.ts";

/** The train of extensions where nobody names another (extension.md 1). */
const defaultTrain = "stable";

/** What an action asks of a cluster beside what every one does. */
export interface Asked {
  readonly releaseTrain?: string | undefined;
  /** The secret that `sslSecret` names, where the action itself names one. */
  readonly tlsSecret?: string | undefined;
  /** Known once the compute was read. */
  readonly computeNamespace?: Promise<string | undefined>;
  /** The Relay, where no extension is set to one yet. */
  readonly relay?: RelayPlace | undefined;
  readonly capacity: boolean;
  /** The cluster and the way to its API, where the run has looked at both already. */
  readonly opened?: { readonly cluster: ObservedCluster; readonly api: Observed<ClusterApi> } | undefined;
  /** Those of the cluster, before a re-attach. */
  readonly instanceTypes?: boolean;
}

/**
 * What every action on what runs inside a cluster looks at. Azure is asked everything at once, the way to the
 * cluster's API among it; then the cluster.
 */
export async function observeInside<Request extends ClusterRequest>(
  request: Request,
  azure: Azure,
  asked: Asked,
): Promise<ClusterFacts<Request>> {
  const { arm } = azure;
  const extensions = new Extensions(arm, request.clusterId);
  const cluster = asked.opened
    ? Promise.resolve(asked.opened.cluster)
    : observeCluster(arm, request.clusterId);
  const listed = observe(() => extensions.list());
  const [seenCluster, seenExtensions, offered, api] = await Promise.all([
    cluster,
    listed,
    glance(() => extensions.versions(asked.releaseTrain ?? defaultTrain), arm.signal),
    asked.opened?.api ?? openCluster(request, cluster, azure),
  ]);
  const extension = azureMlExtension(present(seenExtensions) ?? []);
  const settings = extension?.properties.configurationSettings ?? {};
  const place = relayInUse(extension) ?? asked.relay;
  const [versions, relay, inside] = await Promise.all([
    otherTrain(extension, asked, extensions, offered, arm.signal),
    // Its rule is made last: where that is there, the Relay is whole.
    place && glance(() => new Relay(arm, place).getRule(), arm.signal),
    api.is === "present" ? contents(api.value, await wanted(asked, seenCluster, settings), arm.signal) : api,
  ]);
  return {
    request,
    now: Date.now(),
    cluster: seenCluster,
    extensions: seenExtensions,
    versions,
    inside,
    ...(relay && { relay }),
  };
}

/** The Relay that an extension is set to. */
export function relayInUse(extension: Extension | undefined): RelayPlace | undefined {
  const settings = extension?.properties.configurationSettings ?? {};
  return parseRelayPlace(valueIn(settings, "relayserver.hybridConnectionResourceID"));
}

async function wanted(asked: Asked, cluster: ObservedCluster, settings: Settings): Promise<Wanted> {
  return {
    tlsSecret: asked.tlsSecret ?? valueIn(settings, "sslSecret"),
    computeNamespace: await asked.computeNamespace,
    openshift: isOpenShift(cluster),
    capacity: asked.capacity,
    instanceTypes: asked.instanceTypes,
  };
}

/** OpenShift is known by its distribution (extension.md 1c); AKS is never one. */
export function isOpenShift(cluster: ObservedCluster): boolean {
  const arc = cluster.kind === "arc" ? present(cluster.seen) : undefined;
  return /openshift/i.test(arc?.properties.distribution ?? "");
}

async function contents(
  api: ClusterApi,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Observed<ClusterContents>> {
  try {
    const value = await readContents(api, wanted);
    signal.throwIfAborted();
    return { is: "present", value };
  } catch (error) {
    signal.throwIfAborted();
    return { is: "denied", why: asFailure(error) };
  }
}

/** An extension may follow another train than the one whose versions were asked for meanwhile. */
async function otherTrain(
  extension: Extension | undefined,
  asked: Asked,
  extensions: Extensions,
  offered: Observed<readonly ExtensionVersion[]>,
  signal: AbortSignal,
): Promise<Observed<readonly ExtensionVersion[]>> {
  const train = extension?.properties.releaseTrain?.toLowerCase() ?? defaultTrain;
  if (asked.releaseTrain || train === defaultTrain) return offered;
  return glance(() => extensions.versions(train), signal);
}

/** One line for each thing that was seen. */
export function describeInside({
  request,
  cluster,
  extensions,
  versions,
  inside,
}: ClusterFacts<ClusterRequest>): string[] {
  const extension = azureMlExtension(present(extensions) ?? []);
  const name = resourceName(request.clusterId);
  const { extensionVersion, latestVersion } = extensionSight(extension, versions);
  const { seen } = cluster;
  return [
    `${cluster.kind === "aks" ? "AKS" : "Arc"} cluster "${name}": ${seen.is === "present" ? stateOf(seen.value) : seen.is}`,
    extension
      ? `Azure ML extension: "${extension.name}", ${stateOf(extension)}, version ${extensionVersion ?? "unknown"}`
      : "Azure ML extension: none",
    `latest version: ${latestVersion ?? "unknown"}`,
    `inside the cluster: ${howRead(inside)}`,
  ];
}

function howRead(inside: ClusterFacts<ClusterRequest>["inside"]): string {
  if (inside.is === "present") return `read by ${inside.value.way}`;
  return inside.is === "denied"
    ? `not read: ${inside.why.message}`
    : "not read, since no kubeconfig was given";
}

/** The failure of an action that can't do without its cluster. */
export function clusterNotFound(clusterId: string): Failure {
  return new Failure("ClusterNotFound", `There is no cluster ${clusterId}.`, {
    remedy: "Check its resource id or name, `cluster-type` and `subscription-id`.",
  });
}

/** What an action on a cluster is about. */
export function clusterTarget({ clusterId }: Pick<ClusterRequest, "clusterId">): Target {
  return { clusterId };
}

/** How the extension of a cluster stands. */
export function extensionSight(
  extension: Extension | undefined,
  versions: Observed<readonly ExtensionVersion[]>,
): Sight {
  const offered = (present(versions) ?? []).flatMap(({ properties }) => properties.version ?? []);
  const latest = newest(offered);
  if (!extension) return { state: "Absent", latestVersion: latest };
  const { identity, properties } = extension;
  return {
    state: stateOf(extension),
    extensionName: extension.name,
    extensionVersion: properties.currentVersion ?? undefined,
    latestVersion: latest,
    principalId: identity?.principalId ?? properties.aksAssignedIdentity?.principalId ?? undefined,
  };
}
