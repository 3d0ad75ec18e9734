import { keyOf, parseResourceId } from "./ids.ts";
import type { JsonObject } from "./json.ts";

/** A resource as it stands: the ARM body without `id`, `name` and `type`. */
export interface StoredResource {
  id: string;
  /** `Microsoft.X/type[/child]` in canonical case. */
  type: string;
  name: string;
  subscriptionId: string;
  resourceGroup: string;
  body: JsonObject;
  /** Reads before this moment do not find it (replication lag, testbed 9). */
  visibleFrom: number;
}

/** All resources, found by id without regard to case (arm-contract 8). */
export class ResourceStore {
  readonly #byKey = new Map<string, StoredResource>();
  /** The same by type, so that a fleet's lists are not looked for among everything. */
  readonly #byType = new Map<string, Map<string, StoredResource>>();
  #version = 0;
  /** Lists that were asked for since the last change. */
  readonly #lists = new Map<string, readonly StoredResource[]>();

  /** Grows with every resource that comes, is replaced or goes. */
  get version(): number {
    return this.#version;
  }

  put(id: string, type: string, body: JsonObject, visibleFrom = 0): StoredResource {
    const parts = parseResourceId(id);
    if (!parts) throw new Error(`not a resource id: ${id}`);
    const resource = {
      id,
      type,
      name: parts.name,
      subscriptionId: parts.subscriptionId,
      resourceGroup: parts.resourceGroup,
      body,
      visibleFrom,
    };
    const key = keyOf(id);
    this.#forget(key);
    this.#byKey.set(key, resource);
    const ofType = this.#byType.get(type.toLowerCase()) ?? new Map<string, StoredResource>();
    this.#byType.set(type.toLowerCase(), ofType.set(key, resource));
    return resource;
  }

  get(id: string): StoredResource | undefined {
    return this.#byKey.get(keyOf(id));
  }

  /** Removes a resource and everything below it. */
  delete(id: string): boolean {
    const key = keyOf(id);
    const existed = this.#byKey.has(key);
    for (const other of [...this.#byKey.keys()]) {
      if (other === key || other.startsWith(`${key}/`)) this.#forget(other);
    }
    return existed;
  }

  /** Resources of one type below an id, in the order of their names. */
  list(type: string, below: string): readonly StoredResource[] {
    const prefix = `${keyOf(below)}/`;
    const asked = `${type} ${prefix}`;
    const known = this.#lists.get(asked);
    if (known) return known;
    const list = [...(this.#byType.get(type.toLowerCase()) ?? [])]
      .filter(([key]) => key.startsWith(prefix))
      .map(([, resource]) => resource)
      .sort((a, b) => a.name.localeCompare(b.name));
    this.#lists.set(asked, list);
    return list;
  }

  #forget(key: string): void {
    this.#version += 1;
    this.#lists.clear();
    const type = this.#byKey.get(key)?.type.toLowerCase();
    this.#byKey.delete(key);
    if (type !== undefined) this.#byType.get(type)?.delete(key);
  }
}
