import { uuid } from "../ids.ts";
import { type JsonObject, objectAt, textAt } from "../json.ts";
import type { ResourceType } from "./resource-types.ts";

export interface Metadata {
  name: string;
  namespace: string;
  resourceVersion: string;
}

/** Name, namespace and version of an object; empty texts where it says none. */
export function metadataOf(object: JsonObject): Metadata {
  return {
    name: textAt(object, "metadata", "name") ?? "",
    namespace: textAt(object, "metadata", "namespace") ?? "",
    resourceVersion: textAt(object, "metadata", "resourceVersion") ?? "",
  };
}

/** An object with other metadata. */
export function withMetadata(object: JsonObject, changes: JsonObject): JsonObject {
  return { ...object, metadata: { ...objectAt(object, "metadata"), ...changes } };
}

/** How objects are found: a kind's own key, then namespace and name. */
export function keyOfObject(type: ResourceType, namespace: string, name: string): string {
  return `${prefixOf(type)}${namespace}/${name}`;
}

function prefixOf({ group, plural }: ResourceType): string {
  return `${group}/${plural}/`;
}

export interface Change {
  version: number;
  type: "ADDED" | "MODIFIED" | "DELETED";
  key: string;
  object: JsonObject;
}

interface Entry {
  object: JsonObject;
  /** What the contents gave, without version: whether they have changed since. */
  given: string | undefined;
}

/**
 * The objects of one cluster. Those that follow from the state of the world come in by `follow`, those that clients
 * write by `write`; what a client wrote or deleted stays so.
 */
export class ObjectStore {
  readonly #entries = new Map<string, Entry>();
  /** Given objects that a client deleted. */
  readonly #deleted = new Set<string>();
  readonly #changes: Change[] = [];
  #version = 100_000;

  get version(): number {
    return this.#version;
  }

  /** The oldest version that a watch can start from. */
  readonly oldest = 100_000;

  get(type: ResourceType, namespace: string, name: string): JsonObject | undefined {
    return this.#entries.get(keyOfObject(type, namespace, name))?.object;
  }

  /** All of a kind in a namespace (undefined: in all), in the order of their keys, as etcd has them. */
  list(type: ResourceType, namespace: string | undefined): JsonObject[] {
    const prefix = namespace === undefined ? prefixOf(type) : `${prefixOf(type)}${namespace}/`;
    return [...this.#entries]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, { object }]) => object);
  }

  /** What happened to a kind since a version. */
  since(type: ResourceType, namespace: string | undefined, version: number): Change[] {
    const prefix = namespace === undefined ? prefixOf(type) : `${prefixOf(type)}${namespace}/`;
    return this.#changes.filter((one) => one.version > version && one.key.startsWith(prefix));
  }

  /** Takes over what follows from the state of the world: only what has changed gets a new version. */
  follow(given: ReadonlyMap<string, JsonObject>): void {
    const gone = [...this.#entries].filter(([key, entry]) => entry.given !== undefined && !given.has(key));
    for (const [key] of gone) {
      this.#remove(key);
      const namespace = /^\/namespaces\/\/(.+)$/.exec(key)?.[1];
      const inside = [...this.#entries.keys()].filter((one) => namespaceOf(one) === namespace);
      for (const one of namespace === undefined ? [] : inside) this.#remove(one);
    }
    for (const key of this.#deleted) if (!given.has(key)) this.#deleted.delete(key);
    for (const [key, object] of given) {
      if (this.#deleted.has(key)) continue;
      const before = this.#entries.get(key);
      const text = JSON.stringify(object);
      if (before?.given === text || (before && before.given === undefined)) continue;
      this.#put(key, object, text);
    }
  }

  /** Stores what a client wrote, and gives it as stored. */
  write(type: ResourceType, object: JsonObject): JsonObject {
    const { namespace, name } = metadataOf(object);
    const key = keyOfObject(type, namespace, name);
    this.#deleted.delete(key);
    return this.#put(key, object, undefined);
  }

  /** Deletes an object and what it owns; with a namespace goes all that is in it. */
  delete(type: ResourceType, namespace: string, name: string): void {
    this.#deleteKey(keyOfObject(type, namespace, name));
    if (type.plural !== "namespaces") return;
    for (const key of this.#entries.keys()) if (namespaceOf(key) === name) this.#deleteKey(key);
  }

  #deleteKey(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    if (entry.given !== undefined) this.#deleted.add(key);
    this.#remove(key);
    const uid = textAt(entry.object, "metadata", "uid");
    for (const [other, { object }] of this.#entries) if (isOwnedBy(object, uid)) this.#deleteKey(other);
  }

  #put(key: string, object: JsonObject, given: string | undefined): JsonObject {
    const before = this.#entries.get(key);
    this.#version += 1;
    const uid = textAt(object, "metadata", "uid") ?? textAt(before?.object, "metadata", "uid") ?? uuid();
    const stored = withMetadata(object, { uid, resourceVersion: String(this.#version) });
    this.#entries.set(key, { object: stored, given });
    this.#changes.push({ version: this.#version, type: before ? "MODIFIED" : "ADDED", key, object: stored });
    return stored;
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#version += 1;
    const object = withMetadata(entry.object, { resourceVersion: String(this.#version) });
    this.#changes.push({ version: this.#version, type: "DELETED", key, object });
  }
}

function namespaceOf(key: string): string {
  return key.split("/")[2] ?? "";
}

function isOwnedBy(object: JsonObject, uid: string | undefined): boolean {
  const owners = objectAt(object, "metadata")["ownerReferences"];
  return uid !== undefined && Array.isArray(owners) && owners.some((one) => textAt(one, "uid") === uid);
}
