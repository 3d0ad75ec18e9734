import { createHash } from "node:crypto";
import type { Compute } from "./compute.ts";
import type { ActionName } from "./doors.ts";
import { Failure } from "./failure.ts";
import { formatResourceId, parseResourceId, type ResourceId, sameText } from "./resource-id.ts";

/** What a re-attach goes through; each is entered by a write (`design.md` 6). Once it is done, the journal is gone. */
export const phases = ["planned", "detaching", "detached", "attaching", "verifying"] as const;
export type Phase = (typeof phases)[number];

/** What a run must know to finish what another one began: the whole attachment (`design.md` 6). */
export interface Journal {
  readonly version: 1;
  /** Who works on it; whoever resumes writes his own id, so that an old run that wakes up is kept out. */
  readonly run: string;
  /** What began it. */
  readonly action: ActionName;
  readonly workspaceId: string;
  readonly computeName: string;
  readonly clusterId: string;
  readonly computeType: string;
  readonly phase: Phase;
  readonly startedAt: string;
  /** The PUT that attaches, without certificate and key. */
  readonly body: Compute;
  /** Certificate and key, where the cluster has any. The key is a secret. */
  readonly tls?: JournalTls | undefined;
  /** SHA-256 of the server's certificate. */
  readonly fingerprint?: string | undefined;
  /** Where the scoring endpoint listened before. */
  readonly scoringIp?: string | undefined;
  /** When the compute came about that is to be detached: one that came about later is another one. */
  readonly createdOn?: string | undefined;
  /** Certificate and key are those that the cluster had, so that they must be there again afterwards. */
  readonly isKept?: boolean | undefined;
}

/** PEM of both. */
export interface JournalTls {
  readonly certificate: string;
  readonly privateKey: string;
}

/** A journal that is there: what it says, or why that can't be known. */
export type ReadJournal =
  | { readonly is: "readable"; readonly journal: Journal }
  | { readonly is: "newer"; readonly version: number }
  | { readonly is: "unreadable"; readonly why: string };

/** Where the objects of a run lie in the cluster; it is in every cluster, and the legacy router lives there too. */
export const journalNamespace = "default";

/** One run at a time on a cluster, however it was addressed. */
export const leaseName = "azureml-clusters";

/** Computes of several workspaces may have the same name in one cluster, and each has a journal of its own. */
export function journalName(workspace: ResourceId, computeName: string): string {
  const digest = createHash("sha256").update(formatResourceId(workspace).toLowerCase()).digest("hex");
  return `azureml-clusters.journal.${computeName.toLowerCase()}.${digest.slice(0, 8)}`;
}

/** The tag of the workspace that leads to a journal where one knows the compute's name alone. */
export function pointerName(computeName: string): string {
  return `azureml-clusters.journal.${computeName.toLowerCase()}`;
}

/** Names of tags are compared without case (Azure documentation, "tag-resources"). */
export function isPointer(tag: string, computeName: string): boolean {
  return sameText(tag, pointerName(computeName));
}

/** Characters that a tag's value has at most (Azure documentation, "tag-resources"). */
const valueLimit = 256;

/** The cluster's id for that tag, without what it has in common with the workspace; `undefined` where it is too long. */
export function pointerTo(clusterId: string, workspace: ResourceId): string | undefined {
  const subscription = `/subscriptions/${workspace.subscriptionId}`;
  const group = `${subscription}/resourceGroups/${workspace.resourceGroup}`;
  const shared = [`${group}/`, `${subscription}/`].find((prefix) =>
    sameText(clusterId.slice(0, prefix.length), prefix),
  );
  const value = shared ? clusterId.slice(shared.length - 1) : clusterId;
  return value.length > valueLimit ? undefined : value;
}

/** The computes that a run has detached and not attached again, by the tags of their workspace, with their clusters. */
export function interruptedIn(
  tags: Readonly<Record<string, string>> | null | undefined,
  workspace: ResourceId,
): { readonly computeName: string; readonly clusterId?: string }[] {
  const prefix = pointerName("");
  return Object.entries(tags ?? {}).flatMap(([tag, value]) => {
    const computeName = tag.slice(prefix.length);
    if (!computeName || !isPointer(tag, computeName)) return [];
    const clusterId = clusterAt(value, workspace);
    return [{ computeName, ...(clusterId && { clusterId }) }];
  });
}

/** The cluster that the workspace's tag names; `undefined` where there is no tag or it names none. */
export function pointedAt(
  tags: Readonly<Record<string, string>> | null | undefined,
  computeName: string,
  workspace: ResourceId,
): string | undefined {
  return interruptedIn(tags, workspace).find((one) => sameText(one.computeName, computeName))?.clusterId;
}

/** The part of the id that equals the workspace's own is left out of the tag. */
function clusterAt(value: string, workspace: ResourceId): string | undefined {
  const subscription = `/subscriptions/${workspace.subscriptionId}`;
  const group = `${subscription}/resourceGroups/${workspace.resourceGroup}`;
  const id = [value, `${subscription}${value}`, `${group}${value}`].map(parseResourceId).find(Boolean);
  return id && formatResourceId(id);
}

/** The journal as text, without certificate and key, which are kept beside it. */
export function journalText({ tls: _, ...journal }: Journal): string {
  return JSON.stringify(journal);
}

/** Reads a journal's text. What a newer version of this product wrote is left alone. */
export function readJournal(text: string, tls?: JournalTls): ReadJournal {
  let told: Partial<Omit<Journal, "version">> & { version?: unknown };
  try {
    told = JSON.parse(text) as typeof told;
  } catch {
    return { is: "unreadable", why: "it is no JSON" };
  }
  if (typeof told !== "object" || told === null) return { is: "unreadable", why: "it is no JSON object" };
  if (typeof told.version === "number" && told.version > 1) return { is: "newer", version: told.version };
  const missing = (
    ["run", "workspaceId", "computeName", "clusterId", "computeType", "startedAt"] as const
  ).filter((name) => typeof told[name] !== "string");
  if (told.version !== 1) return { is: "unreadable", why: "it has no version" };
  if (missing.length > 0) return { is: "unreadable", why: `it lacks ${missing.join(", ")}` };
  if (!phases.some((phase) => phase === told.phase)) return { is: "unreadable", why: "its phase is unknown" };
  if (typeof told.body?.properties?.computeType !== "string")
    return { is: "unreadable", why: "it lacks body" };
  return { is: "readable", journal: { ...(told as Journal), ...(tls && { tls }) } };
}

/** The failure of a journal that can't be read, for those who need it. */
export function unreadable(read: Exclude<ReadJournal, { is: "readable" }>, where: string): Failure {
  if (read.is === "newer") {
    return new Failure(
      "JournalNewer",
      `The journal of an interrupted run (${where}) was written by a newer version of this product (form ${read.version}); it is left as it is.`,
      { remedy: "Run the newer version to finish it." },
    );
  }
  return new Failure(
    "JournalUnreadable",
    `The journal of an interrupted run (${where}) can't be read: ${read.why}. It is left as it is.`,
    {
      remedy: `Look at it with \`kubectl get secret -n ${journalNamespace} ${where.replace(/^.*\//, "")} -o yaml\` and attach the compute by hand; its keys cert.pem and key.pem hold the certificate. Then \`resume: discard\` throws it away.`,
    },
  );
}
