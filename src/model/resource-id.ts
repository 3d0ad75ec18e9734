/** A resource id of Azure Resource Manager, taken apart. Ids are compared without case (arm-contract 8). */
export interface ResourceId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** Namespace and types in their canonical case where known, e.g. `Microsoft.ContainerService/managedClusters`. */
  readonly type: string;
  readonly name: string;
}

/** A part of a path: none that would lead elsewhere in a URL (`..`, `?`, `%`). Letters are those of any script. */
const part = String.raw`[-\p{L}\p{N}_.()]*[-\p{L}\p{N}_()]`;
const shape = new RegExp(
  `^/subscriptions/(?<sub>${part})/resourceGroups/(?<group>${part})/providers/(?<type>${part}/${part})/(?<name>${part})$`,
  "iu",
);

/** Takes a top-level resource id apart; `undefined` when the text is none, trailing junk included. */
export function parseResourceId(text: string): ResourceId | undefined {
  const parts = shape.exec(text)?.groups;
  if (!parts) return undefined;
  const { sub = "", group = "", type = "", name = "" } = parts;
  const canonical = Object.values(resourceTypes).find((known) => sameText(known, type)) ?? type;
  return { subscriptionId: sub, resourceGroup: group, type: canonical, name };
}

/** The resource types of this bundle. `managedClusters` in another case is taken for Arc by some tools (extension.md 3). */
export const resourceTypes = {
  aks: "Microsoft.ContainerService/managedClusters",
  arc: "Microsoft.Kubernetes/connectedClusters",
  workspace: "Microsoft.MachineLearningServices/workspaces",
  identity: "Microsoft.ManagedIdentity/userAssignedIdentities",
} as const;

/** The id as text. */
export function formatResourceId(id: ResourceId): string {
  return `/subscriptions/${id.subscriptionId}/resourceGroups/${id.resourceGroup}/providers/${id.type}/${id.name}`;
}

/** Equal but for case: how Azure compares names and ids (arm-contract 8). */
export function sameText(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** The name in a resource id, for a person; a text that is no id stays as it is. */
export function resourceName(id: string): string {
  return parseResourceId(id)?.name ?? id;
}
