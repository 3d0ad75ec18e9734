import { getUpgradeProfile, listOfferedVersions } from "../azure/aks-offer.ts";
import { type Arm, glance, observe } from "../azure/arm.ts";
import type { Azure, Connection } from "../azure/connect.ts";
import { Refusal } from "../azure/errors.ts";
import { Extensions } from "../azure/extensions.ts";
import { getConnectedCluster, getManagedCluster } from "../azure/resources.ts";
import type { Host } from "../host/host.ts";
import type { OfferedVersion } from "../model/azure-resources.ts";
import type { ObservedCluster, VersionsFacts } from "../model/facts.ts";
import { Failure } from "../model/failure.ts";
import { type MinorVersion, minorVersions, type Versions } from "../model/kubernetes-versions.ts";
import { present } from "../model/observed.ts";
import { regionName } from "../model/region.ts";
import type { Report } from "../model/report.ts";
import { parseResourceId, resourceTypes } from "../model/resource-id.ts";
import type { Opening } from "../reconcile/action.ts";
import type { Draft } from "../reconcile/draft.ts";
import { session, showFindings } from "../reconcile/reconcile.ts";
import { versionLines } from "../report/versions-summary.ts";
import { azureMlExtension } from "../rules/extension.ts";
import { judge } from "../rules/rule.ts";
import { clusterVersion, extensionVersions, versionRules } from "../rules/version-list.ts";
import {
  type ClusterVersionsRequest,
  type RegionRequest,
  type VersionsRequest,
  versionsRequest,
} from "./list-versions-request.ts";
import { clusterNotFound, clusterTarget, extensionSight } from "./observe-cluster.ts";

const opening: Opening<VersionsRequest> = {
  name: "list-versions",
  subject: "extension",
  request: versionsRequest,
  target: (request) =>
    "location" in request ? { subscriptionId: request.subscriptionId } : clusterTarget(request),
};

/** Lists versions of Kubernetes and of the extension (V1, V2, A7). Writes nothing. */
export function listVersions(host: Host, client?: Connection["client"]): Promise<Report> {
  return session(opening, host, client, async (request, azure, draft) => {
    const versions =
      "location" in request ? await ofRegion(request, azure) : await ofCluster(request, azure, draft);
    draft.versions = versions;
    draft.verdict = "done";
    for (const line of versionLines(versions)) host.info(line);
    showFindings(host, draft.findings);
  });
}

async function ofRegion({ subscriptionId, location }: RegionRequest, { arm }: Azure): Promise<Versions> {
  try {
    return { location, ...offer(await listOfferedVersions(arm, subscriptionId, location)) };
  } catch (error) {
    throw error instanceof Refusal ? explained(error, location) : error;
  }
}

/** ARM refuses a region that it does not know, or where AKS is not, with status 400. */
function explained(refusal: Refusal, location: string): Failure {
  const { code, message, status, remedy } = refusal;
  const otherwise = remedy ? ` If it is right: ${remedy}` : "";
  if (status === 400) {
    return new Failure(code, message, {
      ...refusal,
      remedy: `Check \`location\`: AKS is not known in "${location}". \`az account list-locations\` prints the names of regions.${otherwise}`,
    });
  }
  return status === 403 ? readable(refusal, "the subscription") : refusal;
}

/** A refused read, with the role that would let it pass. */
function readable(refusal: Failure, scope: string): Failure {
  const remedy = `Give the identity that this step signs in with Reader on ${scope}; a new role takes some minutes to work.`;
  return new Failure(refusal.code, refusal.message, { ...refusal, remedy });
}

/** The versions of a region, for the report. */
function offer(offered: readonly OfferedVersion[]): Pick<Versions, "kubernetes" | "defaultVersion"> {
  const kubernetes: readonly MinorVersion[] = minorVersions(offered);
  const usual = kubernetes.find(({ isDefault }) => isDefault);
  return { kubernetes, ...(usual && { defaultVersion: usual.version }) };
}

async function ofCluster(request: ClusterVersionsRequest, azure: Azure, draft: Draft): Promise<Versions> {
  const facts = await observeVersions(request, azure.arm);
  const { extensions, location } = facts;
  const { state, extensionVersion, latestVersion } = extensionSight(
    azureMlExtension(present(extensions) ?? []),
    facts.extensionVersions,
  );
  // An extension that may not be read is not absent.
  draft.see({ state: present(extensions) ? state : "Unknown", extensionVersion, latestVersion });
  draft.findings = judge(versionRules, facts);
  const offered = present(facts.versions);
  return {
    location,
    ...(offered && offer(offered)),
    cluster: clusterVersion(facts),
    extension: extensionVersions(facts),
  };
}

/** @throws Failure `ClusterNotFound`, or Azure's refusal to let the cluster be read. */
async function observeVersions(
  { clusterId, releaseTrain }: ClusterVersionsRequest,
  arm: Arm,
): Promise<VersionsFacts> {
  const cluster = await readCluster(arm, clusterId);
  const { seen } = cluster;
  if (seen.is === "denied") throw readable(seen.why, "the cluster");
  if (seen.is === "absent") throw clusterNotFound(clusterId);
  const location = regionName(seen.value.location);
  const subscriptionId = parseResourceId(clusterId)?.subscriptionId ?? "";
  const own = new Extensions(arm, clusterId);
  const isAks = cluster.kind === "aks";
  const [versions, upgrades, extensions] = await Promise.all([
    isAks ? glance(() => listOfferedVersions(arm, subscriptionId, location), arm.signal) : unasked,
    isAks ? glance(() => getUpgradeProfile(arm, clusterId), arm.signal) : unasked,
    glance(() => own.list(), arm.signal),
  ]);
  const installed = azureMlExtension(present(extensions) ?? []);
  const train = releaseTrain ?? (installed?.properties.releaseTrain?.toLowerCase() || "stable");
  const offered = await glance(() => own.versions(train), arm.signal);
  return {
    cluster,
    location,
    versions,
    upgrades,
    extensions,
    releaseTrain: train,
    extensionVersions: offered,
  };
}

const unasked = { is: "absent" } as const;

/** The cluster alone: how Azure ML gets into it is of no interest here. */
async function readCluster(arm: Arm, id: string): Promise<ObservedCluster> {
  return parseResourceId(id)?.type === resourceTypes.arc
    ? { kind: "arc", seen: await observe(() => getConnectedCluster(arm, id)) }
    : { kind: "aks", seen: await observe(() => getManagedCluster(arm, id)) };
}
