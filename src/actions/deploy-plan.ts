import type { Extension } from "../model/azure-resources.ts";
import { differenceLines, isFinal, stateOf } from "../model/compute.ts";
import {
  changeNeedsRelay,
  disruptions,
  type ExtensionWish,
  extensionDifferences,
  extensionPatch,
} from "../model/extension-change.ts";
import {
  type ClusterTraits,
  extensionBody,
  needsRelay,
  type RelayTraits,
  withDerived,
} from "../model/extension-derived.ts";
import { hidden, type Settings, valueIn } from "../model/extension-settings.ts";
import type { DeployFacts } from "../model/facts.ts";
import { Failure } from "../model/failure.ts";
import { present } from "../model/observed.ts";
import type { Plan, Step } from "../model/plan.ts";
import { withDigest } from "../model/protected-digest.ts";
import { relayNamespaceName } from "../model/relay-name.ts";
import { formatRelayPlace, parseRelayPlace, type RelayPlace } from "../model/relay-place.ts";
import type { DeployRequest } from "../model/request.ts";
import { formatResourceId, parseResourceId, resourceTypes, sameText } from "../model/resource-id.ts";
import { extensionFailure } from "../reconcile/extension-failure.ts";
import { azureMlExtension } from "../rules/extension.ts";
import { explained } from "./explain.ts";
import { clusterNotFound, isOpenShift, relayInUse } from "./observe-cluster.ts";

/** Where the Relay beside the cluster of a request is, if its extension needs one (extension.md 1d). */
export function relayPlace({ clusterId, settings }: DeployRequest): RelayPlace | undefined {
  const cluster = parseResourceId(clusterId);
  if (!cluster || !needsRelay(settings, { kind: kindOf(clusterId) })) return undefined;
  const own = parseRelayPlace(valueIn(settings.plain, "relayserver.hybridConnectionResourceID"));
  if (own) return own;
  const name = relayNamespaceName(cluster);
  const id = formatResourceId({ ...cluster, type: "Microsoft.Relay/namespaces", name });
  return { namespaceId: id, connectionName: cluster.name };
}

/** The Relay that the extension is set to, else the one that it would get. */
export function relayOf({ request, extensions }: DeployFacts): RelayPlace | undefined {
  return relayInUse(azureMlExtension(present(extensions) ?? [])) ?? relayPlace(request);
}

function kindOf(clusterId: string): ClusterTraits["kind"] {
  return parseResourceId(clusterId)?.type === resourceTypes.arc ? "arc" : "aks";
}

/**
 * What the extension is asked to be. @throws Failure `ClusterNotFound` where the cluster can't be read, since its
 * location and its nodes go into the settings.
 */
export function wishOf({ request, cluster, salt }: DeployFacts, relay?: RelayTraits): ExtensionWish {
  return {
    wanted: request.wanted,
    given: request.settings,
    cluster: traitsOf(request, cluster),
    salt,
    ...(relay && { relay }),
  };
}

function traitsOf({ clusterId }: DeployRequest, cluster: DeployFacts["cluster"]): ClusterTraits {
  const { seen } = cluster;
  if (seen.is === "denied") throw seen.why;
  if (seen.is === "absent") throw clusterNotFound(clusterId);
  return {
    kind: cluster.kind,
    id: clusterId,
    name: parseResourceId(clusterId)?.name ?? "",
    location: seen.value.location,
    nodeCount: nodeCount(cluster),
    openshift: isOpenShift(cluster),
  };
}

/** AKS: the sum of its pools; Arc: what the agents count (extension.md 1c). */
function nodeCount(cluster: DeployFacts["cluster"]): number | undefined {
  if (cluster.kind === "arc") return present(cluster.seen)?.properties.totalNodeCount;
  const pools = present(cluster.seen)?.properties.agentPoolProfiles;
  return pools?.reduce((sum, { count = 0 }) => sum + count, 0);
}

/** The body of the PUT that creates the extension. */
export function creation(wish: ExtensionWish) {
  const settings = withDigest(withDerived(wish.given, wish.cluster, wish.relay), wish.given, wish.salt);
  return extensionBody(wish.wanted, settings, wish.cluster);
}

/** A Relay as the settings name it. */
export function relayTraits(place: RelayPlace, connectionString: string): RelayTraits {
  return {
    hybridConnectionId: formatRelayPlace(place),
    hybridConnectionName: place.connectionName,
    connectionString,
  };
}

/** Stands for the Relay's connection string in a plan; it is fetched when it is needed. */
const toBeFetched = "(fetched from the Relay)";

/** Pure. @throws Failure `ExtensionFailed`, `WouldDisrupt` or `ClusterNotFound`. */
export function planDeployment(facts: DeployFacts): Plan {
  const { request, extensions } = facts;
  if (extensions.is === "denied") throw extensions.why;
  if (extensions.is === "absent" && facts.cluster.seen.is === "present") {
    throw new Failure("NoAnswer", "Azure does not tell the extensions of the cluster.", {
      remedy: "Run the step again.",
    });
  }
  const relay = plannedRelay(facts);
  const wish = wishOf(facts, relay);
  const found = azureMlExtension(present(extensions) ?? []);
  if (!found) {
    refuseTakenName(facts);
    return planned([
      ...(isNamespaceGoing(facts) ? [namespaceStep("it is still being removed")] : []),
      ...relaySteps(facts, relay),
      createStep(request.extensionName, wish, "there is none in the cluster"),
    ]);
  }
  const state = stateOf(found);
  const name = `extension "${found.name}"`;
  if (sameText(state, "Deleting")) {
    return planned([
      ...goneSteps(found.name, "it is being deleted"),
      ...relaySteps(facts, relay),
      createStep(found.name, wish, "the one that is there is being deleted"),
    ]);
  }
  const failed = isFinal(state) && !sameText(state, "Succeeded");
  if (failed && request.onFailed === "recreate") return recreate(facts, wish, found, relay);
  const steps = updateSteps(facts, wish, found, relay);
  if (!isFinal(state)) {
    const reason = `it is ${state}, begun by another run or tool`;
    if (!request.wait && steps.length === 0) return planned([], `nothing to write; ${name} is ${state}.`);
    return planned([{ kind: "await-extension", title: `wait for ${name}`, reason }, ...steps]);
  }
  if (failed && steps.length === 0) throw explained(extensionFailure(found), facts);
  return planned(steps, `nothing to do; ${name} is deployed with these settings.`);
}

/** A PUT would overwrite an extension of another type (testbed 8). */
function refuseTakenName({ request, extensions }: DeployFacts): void {
  const taken = (present(extensions) ?? []).find(({ name }) => sameText(name, request.extensionName));
  if (!taken) return;
  throw new Failure(
    "NameTaken",
    `The cluster has an extension "${taken.name}" already, of the type ${taken.properties.extensionType ?? "unknown"}.`,
    { remedy: "Give another `extension-name`." },
  );
}

function plannedRelay(facts: DeployFacts): RelayTraits | undefined {
  const place = relayOf(facts);
  return place && relayTraits(place, toBeFetched);
}

function planned(steps: readonly Step[], nothing = ""): Plan {
  return { steps, summary: steps.length > 0 ? steps.map(({ title }) => title).join(", then ") : nothing };
}

function relaySteps({ relay: seen, request }: DeployFacts, relay: RelayTraits | undefined): Step[] {
  if (!relay || seen?.is !== "absent") return [];
  const own = valueIn(request.settings.plain, "relayserver.hybridConnectionResourceID");
  if (own) {
    throw new Failure("RelayNotFound", `There is no Relay ${own} with a rule azureml_rw.`, {
      remedy:
        "Check `relayserver.hybridConnectionResourceID`, or leave it out to have a Relay made beside the cluster.",
    });
  }
  const { name } = parseResourceId(request.clusterId) ?? {};
  return [
    {
      kind: "create-relay",
      title: `create the Relay of cluster "${name}"`,
      reason: "an Arc cluster's extension is reached through one, and there is none that is whole",
      body: { hybridConnection: relay.hybridConnectionId },
    },
  ];
}

function createStep(name: string, wish: ExtensionWish, reason: string): Step {
  return {
    kind: "create-extension",
    title: `install extension "${name}" in cluster "${wish.cluster.name}"`,
    reason,
    body: shown(creation(wish)),
  };
}

function updateSteps(
  facts: DeployFacts,
  wish: ExtensionWish,
  found: Extension,
  relay: RelayTraits | undefined,
): Step[] {
  const rows = extensionDifferences(wish, found);
  const patch = extensionPatch(wish, found);
  if (!patch) return [];
  refuseDisruption(facts.request, rows, found);
  const needed = changeNeedsRelay(wish, found) ? relaySteps(facts, relay) : [];
  return [
    ...needed,
    {
      kind: "update-extension",
      title: `update extension "${found.name}"`,
      reason: `it differs in ${differenceLines(rows).join("; ")}`,
      body: shown(patch),
    },
  ];
}

/** What the CLI asks a person, a pipeline must be told beforehand (extension.md 3). */
function refuseDisruption(
  request: DeployRequest,
  rows: Parameters<typeof disruptions>[0],
  found: Extension,
): void {
  const { jobs, endpoints } = disruptions(rows, found);
  // Helm has taken a failed installation back: nothing runs (extension.md 3).
  if (isFinal(stateOf(found)) && !found.properties.currentVersion) return;
  if (request.allowDisruption || jobs.length + endpoints.length === 0) return;
  throw new Failure("WouldDisrupt", `The change would disrupt what runs in the cluster.`, {
    details: [
      ...(jobs.length > 0 ? [`running jobs: ${jobs.join(", ")}`] : []),
      ...(endpoints.length > 0 ? [`online endpoints: ${endpoints.join(", ")}`] : []),
    ],
    remedy: "Give `allow-disruption: true` at a time when nothing runs, or leave these settings as they are.",
  });
}

/** A failed extension is made anew. @throws Failure `WouldDisrupt`. */
function recreate(
  facts: DeployFacts,
  wish: ExtensionWish,
  found: Extension,
  relay: RelayTraits | undefined,
): Plan {
  // A failed upgrade is rolled back: what ran before runs still (extension.md 3).
  if (found.properties.currentVersion && !facts.request.allowDisruption) {
    throw new Failure(
      "WouldDisrupt",
      `The extension "${found.name}" is ${stateOf(found)}, and version ${found.properties.currentVersion} still runs.`,
      { remedy: "Give `allow-disruption: true` to delete and create it again all the same." },
    );
  }
  const reason = `it is ${stateOf(found)}, and \`on-failed\` is recreate`;
  return planned([
    { kind: "delete-extension", title: `delete extension "${found.name}"`, reason },
    ...goneSteps(found.name, "a new one can't be installed before"),
    ...relaySteps(facts, relay),
    createStep(found.name, wish, "it was deleted"),
  ]);
}

function goneSteps(name: string, reason: string): Step[] {
  return [
    { kind: "await-gone", title: `wait until extension "${name}" is gone`, reason },
    namespaceStep("the cluster's agents take the extension out some minutes after Azure"),
  ];
}

function namespaceStep(reason: string): Step {
  return { kind: "await-namespace-gone", title: "wait until namespace azureml is gone", reason };
}

/** Of an extension that was deleted before; a new one would fail (extension.md 3). */
function isNamespaceGoing({ inside }: DeployFacts): boolean {
  const contents = present(inside);
  return sameText((contents && present(contents.namespace)?.phase) ?? "", "Terminating");
}

/** A body without the values of its protected settings. */
function shown<Body extends { readonly properties: { readonly configurationProtectedSettings?: Settings } }>(
  body: Body,
): Body {
  const secrets = body.properties.configurationProtectedSettings;
  if (!secrets) return body;
  const names = Object.fromEntries(Object.keys(secrets).map((key) => [key, hidden]));
  return { ...body, properties: { ...body.properties, configurationProtectedSettings: names } };
}
