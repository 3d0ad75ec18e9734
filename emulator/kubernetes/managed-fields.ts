import { isObject, type Json, type JsonObject, textAt, valueAt } from "../json.ts";

/** Who set which field: what server-side apply stands on (Kubernetes documentation, "Server-Side Apply"). */
export interface Manager {
  name: string;
  operation: "Apply" | "Update";
  apiVersion: string;
  time: string;
  fields: string[][];
}

/** Fields that belong to nobody. */
const UNMANAGED =
  /^(apiVersion|kind|metadata\n(name|namespace|uid|resourceVersion|creationTimestamp|generation|managedFields))(\n|$)/;

/** The paths of everything that an object sets. Lists count as one value (here none of them has merge keys). */
export function fieldsOf(object: JsonObject): string[][] {
  return leaves(object, []).filter((path) => !UNMANAGED.test(path.join("\n")));
}

function leaves(value: Json | undefined, path: string[]): string[][] {
  if (!isObject(value) || (Object.keys(value).length === 0 && path.length > 0)) return [path];
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .flatMap(([key, member]) => leaves(member, [...path, key]));
}

function sameField(one: readonly string[], other: readonly string[]): boolean {
  return one.join("\n") === other.join("\n");
}

export function has(fields: readonly string[][], path: readonly string[]): boolean {
  return fields.some((one) => sameField(one, path));
}

export function sameValue(one: JsonObject, other: JsonObject, path: readonly string[]): boolean {
  return JSON.stringify(valueAt(one, ...path)) === JSON.stringify(valueAt(other, ...path));
}

/** `.data.key`, as conflicts name a field. */
export function spelled(path: readonly string[]): string {
  return path.map((part) => `.${part}`).join("");
}

/** The managers of an object, from its metadata. */
export function managersOf(object: JsonObject | undefined): Manager[] {
  const listed = valueAt(object, "metadata", "managedFields");
  return (Array.isArray(listed) ? listed : []).map((one) => ({
    name: textAt(one, "manager") ?? "",
    operation: textAt(one, "operation") === "Apply" ? "Apply" : "Update",
    apiVersion: textAt(one, "apiVersion") ?? "",
    time: textAt(one, "time") ?? "",
    fields: fromTree(valueAt(one, "fieldsV1")),
  }));
}

/** The same for the metadata of an object; those who own nothing are left out. */
export function managedFields(managers: readonly Manager[]): Json[] {
  return managers
    .filter(({ fields }) => fields.length > 0)
    .map(({ name, operation, apiVersion, time, fields }) => ({
      manager: name,
      operation,
      apiVersion,
      time,
      fieldsType: "FieldsV1",
      fieldsV1: toTree(fields),
    }));
}

function toTree(fields: readonly string[][]): JsonObject {
  const tree: JsonObject = {};
  for (const path of fields) {
    let at = tree;
    for (const key of path) {
      const below = at[`f:${key}`];
      const next = isObject(below) ? below : {};
      at[`f:${key}`] = next;
      at = next;
    }
  }
  return tree;
}

function fromTree(tree: Json | undefined, path: string[] = []): string[][] {
  if (!isObject(tree)) return [];
  const below = Object.entries(tree).filter(([key]) => key.startsWith("f:"));
  if (below.length === 0) return path.length > 0 ? [path] : [];
  return below.flatMap(([key, member]) => fromTree(member, [...path, key.slice(2)]));
}
