import { sameText } from "./resource-id.ts";

/** A compute, or a cluster with the extension, that `discover` found. */
export interface Discovered {
  /** Resource id of the compute, or of the cluster where clusters are looked for. */
  readonly id: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly workspaceName?: string;
  readonly clusterId?: string;
  readonly region: string;
  /** `Kubernetes` or `AKS`; of interrupted work it is not known. */
  readonly computeType?: string;
  /** Of the compute, or of the extension where clusters are looked for; `Interrupted` of interrupted work. */
  readonly state: string;
  readonly extensionVersion?: string;
  /** A run that detached it has not attached it again: its journal is in the cluster. */
  readonly interrupted?: true;
}

/** What `discover` found. */
export interface Discovery {
  readonly count: number;
  /** How many of them are interrupted work. */
  readonly interrupted: number;
  readonly shards: number;
  readonly found: readonly Discovered[];
  /** The value of the output `matrix`. */
  readonly matrix: string;
}

/** Which CI system reads the matrix. */
export type MatrixForm = "github" | "azure-pipelines";

/** Jobs that a matrix may have (GitHub Actions, "usage limits"). */
export const matrixLimit = 256;

/** Interrupted work first, then in the order of the ids: the same things give the same order. */
export function inOrder(found: readonly Discovered[]): Discovered[] {
  const key = ({ interrupted, id }: Discovered) => `${interrupted ? 0 : 1} ${id.toLowerCase()}`;
  return found.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
}

/**
 * Parts of some things, in their order, of `size` at most unless there would be more parts than `most`; no part is larger
 * than another by more than one. What lies together stays together: in the order of ids a part is about few subscriptions,
 * whose throttling it then shares with few other jobs.
 */
export function balanced<T>(items: readonly T[], size: number, most: number): T[][] {
  const count = Math.min(most, Math.ceil(items.length / size));
  return Array.from({ length: count }, (_, index) =>
    items.slice(Math.floor((index * items.length) / count), Math.floor(((index + 1) * items.length) / count)),
  );
}

/** The matrix over the parts, as text: each entry has all that a job needs. */
export function matrixText(parts: readonly (readonly Discovered[])[], form: MatrixForm): string {
  const entries = parts.map((part, index) => ({
    shard: String(index + 1),
    shards: String(parts.length),
    count: String(part.length),
    targets: targetsText(part),
  }));
  // Azure Pipelines names each job of a matrix by a key, and gives its job variables.
  if (form === "azure-pipelines") {
    return JSON.stringify(Object.fromEntries(entries.map((entry) => [`shard_${entry.shard}`, entry])));
  }
  return JSON.stringify({ include: entries });
}

/** Targets as the input of that name takes them. */
export function targetsText(part: readonly Discovered[]): string {
  return JSON.stringify(part.map(targetOf));
}

/** What stands for a target: the id, and for a compute that is detached all that its tag tells. */
function targetOf({ id, name, interrupted, clusterId, ...place }: Discovered): unknown {
  if (!interrupted) return id;
  return {
    "subscription-id": place.subscriptionId,
    "resource-group": place.resourceGroup,
    "workspace-name": place.workspaceName,
    "compute-name": name,
    ...(clusterId && { "cluster-resource-id": clusterId }),
  };
}

/** `true` where a name is one of the patterns, in which `*` stands for anything. Names are compared without case. */
export function isNamed(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const [first = "", ...rest] = pattern.toLowerCase().split("*");
    const text = name.toLowerCase();
    if (rest.length === 0) return text === first;
    if (!text.startsWith(first)) return false;
    let at = first.length;
    for (const [index, part] of rest.entries()) {
      const last = index === rest.length - 1;
      const next = last ? Math.max(at, text.length - part.length) : text.indexOf(part, at);
      if (next < 0 || !text.startsWith(part, next)) return false;
      at = next + part.length;
    }
    return at <= text.length;
  });
}

/** A tag that is asked for: any value where none is given. */
export interface AskedTag {
  readonly name: string;
  readonly value?: string;
}

/** Whether one of the sets of tags has all that are asked for. Names are compared without case, values with it. */
export function hasTags(
  asked: readonly AskedTag[],
  sets: readonly (Readonly<Record<string, string>> | null | undefined)[],
): boolean {
  const all = sets.flatMap((tags) => Object.entries(tags ?? {}));
  return asked.every(({ name, value }) =>
    all.some(([key, held]) => sameText(key, name) && (value === undefined || held === value)),
  );
}
