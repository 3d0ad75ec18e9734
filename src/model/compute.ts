import { type ArmErrorBody, errorLines } from "./arm-error.ts";
import { sameText } from "./resource-id.ts";

/** A compute of a workspace as it travels (arm-contract 1.3, 1.4). Fields that we do not name are kept as they come. */
export interface Compute {
  readonly id?: string;
  readonly name?: string;
  readonly location?: string;
  readonly tags?: Readonly<Record<string, string>> | null;
  readonly identity?: ComputeIdentity | null;
  readonly properties: {
    readonly computeType: string;
    readonly resourceId?: string | null;
    readonly description?: string | null;
    readonly provisioningState?: string;
    /** Each element wraps its own `error` (arm-contract 1.4). */
    readonly provisioningErrors?: readonly { readonly error?: ArmErrorBody }[] | null;
    readonly isAttachedCompute?: boolean;
    readonly createdOn?: string;
    readonly properties?: { readonly namespace?: string | null; readonly [setting: string]: unknown } | null;
  };
}

/** The managed identity of a compute (arm-contract 1.3). */
export interface ComputeIdentity {
  readonly type: string;
  readonly principalId?: string;
  readonly userAssignedIdentities?: Readonly<Record<string, { readonly principalId?: string }>> | null;
}

/** Identity types in the Azure CLI's words, with the API's word for each (peers 1.2). */
export const identityTypes = {
  none: "None",
  system_assigned: "SystemAssigned",
  user_assigned: "UserAssigned",
} as const;

/** An attachment as its user declares it: what `attach` brings about. */
export interface Attachment {
  readonly clusterId: string;
  readonly namespace: string;
  readonly identityType: keyof typeof identityTypes;
  /** Resource ids, in the order given. Azure uses the first alone (L2). */
  readonly userAssignedIdentities: readonly string[];
  /** Compared only when given. */
  readonly description?: string | undefined;
  /** Put on a new compute, and never compared: a compute that is there keeps its own. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** The body of the PUT that creates an attachment (peers 1.2): what `az ml compute attach` sends. */
export function attachBody(wanted: Attachment, location: string): Compute {
  // An id that is given twice, in whatever case, is one.
  const ids = new Map(wanted.userAssignedIdentities.map((id) => [id.toLowerCase(), id])).values();
  const identities = Object.fromEntries([...ids].map((id) => [id, {}]));
  return {
    location,
    ...(wanted.tags && { tags: wanted.tags }),
    ...(wanted.identityType !== "none" && {
      identity: {
        type: identityTypes[wanted.identityType],
        ...(wanted.identityType === "user_assigned" && { userAssignedIdentities: identities }),
      },
    }),
    properties: {
      computeType: "Kubernetes",
      resourceId: wanted.clusterId,
      ...(wanted.description !== undefined && { description: wanted.description }),
      properties: { namespace: wanted.namespace },
    },
  };
}

/** One field in which what is there is not what was asked for. */
export interface Difference {
  readonly field: string;
  readonly wanted: string;
  readonly found: string;
}

/**
 * The fields in which a compute differs from the wanted attachment; empty when they are equal. Ids are
 * compared without case, settings by field (design: "Azure behaviours that shape the code").
 */
export function differences(wanted: Attachment, found: Compute): Difference[] {
  const { properties } = found;
  const rows: Difference[] = [
    { field: "computeType", wanted: "Kubernetes", found: properties.computeType },
    { field: "resourceId", wanted: wanted.clusterId, found: properties.resourceId ?? "(none)" },
    { field: "namespace", wanted: wanted.namespace, found: properties.properties?.namespace ?? "default" },
    { field: "identity", wanted: wantedIdentity(wanted), found: foundIdentity(found.identity) },
  ];
  if (wanted.description !== undefined) {
    rows.push({ field: "description", wanted: wanted.description, found: properties.description ?? "" });
  }
  const exact = new Set(["computeType", "namespace", "description"]);
  return rows.filter((row) =>
    exact.has(row.field) ? row.wanted !== row.found : !sameText(row.wanted, row.found),
  );
}

/** One line for each difference, for logs and errors. */
export function differenceLines(rows: readonly Difference[]): string[] {
  return rows.map((row) => `${row.field}: wanted "${row.wanted}", found "${row.found}"`);
}

function wantedIdentity(wanted: Attachment): string {
  return identityText(identityTypes[wanted.identityType], wanted.userAssignedIdentities);
}

function foundIdentity(identity: ComputeIdentity | null | undefined): string {
  return identityText(identity?.type ?? "None", Object.keys(identity?.userAssignedIdentities ?? {}));
}

function identityText(type: string, ids: readonly string[]): string {
  const sorted = [...new Set(ids.map((id) => id.toLowerCase()))].sort();
  return sorted.length === 0 ? type : `${type} ${sorted.join(" ")}`;
}

/** The principal that role assignments need: the system identity's, else that of the first user-assigned one (L5). */
export function principalId(compute: Compute): string | undefined {
  const assigned = Object.values(compute.identity?.userAssignedIdentities ?? {});
  return compute.identity?.principalId ?? assigned[0]?.principalId;
}

/** All provisioning errors of a compute with everything nested in them. */
export function provisioningErrorLines(compute: Compute): string[] {
  return (compute.properties.provisioningErrors ?? []).flatMap((entry) => errorLines(entry.error ?? {}));
}

/** The state as Azure gives it; absent means Succeeded (arm-contract 8). */
export function stateOf(resource: { readonly properties: { readonly provisioningState?: string } }): string {
  return resource.properties.provisioningState ?? "Succeeded";
}

/** Succeeded, Failed and Canceled are final; every other word means that Azure is still at work (arm-contract 8). */
export function isFinal(state: string): boolean {
  return /^(succeeded|failed|cancell?ed)$/i.test(state);
}
