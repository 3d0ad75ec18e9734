import { clone, isObject, type JsonObject, valueAt } from "../json.ts";
import {
  fieldsOf,
  has,
  type Manager,
  managedFields,
  managersOf,
  sameValue,
  spelled,
} from "./managed-fields.ts";
import { withMetadata } from "./objects.ts";
import { KubernetesError } from "./status.ts";

/** Who writes, and when. */
export type Writer = Omit<Manager, "fields">;

/**
 * Server-side apply: the writer owns what it sends and loses what it sends no longer; what others own and see
 * otherwise is a conflict, unless it insists.
 */
export function applied(live: JsonObject, wanted: JsonObject, writer: Writer, force: boolean): JsonObject {
  const fields = fieldsOf(wanted);
  const managers = managersOf(live);
  const mine = managers.find((one) => isSame(one, writer));
  const others = managers.filter((one) => one !== mine);
  const contested = others
    .map((one) => ({ ...one, fields: one.fields.filter((path) => differs(live, wanted, fields, path)) }))
    .filter((one) => one.fields.length > 0);
  if (contested.length > 0 && !force) throw fieldConflict(contested);
  const result = clone(live);
  for (const path of mine?.fields ?? []) {
    if (!has(fields, path) && !others.some((one) => has(one.fields, path))) unset(result, path);
  }
  for (const path of fields) set(result, path, wanted);
  const left = others.map((one) => {
    const lost = contested.find((other) => isSame(other, one))?.fields ?? [];
    return { ...one, fields: one.fields.filter((path) => !has(lost, path)) };
  });
  return withMetadata(result, { managedFields: managedFields([...left, { ...writer, fields }]) });
}

/** A write of the whole object: the writer owns what it changed, and nobody owns what is gone. */
export function updated(live: JsonObject | undefined, wanted: JsonObject, writer: Writer): JsonObject {
  const fields = fieldsOf(wanted);
  const changed = fields.filter((path) => live === undefined || !sameValue(live, wanted, path));
  const others = managersOf(live).map((one) => ({
    ...one,
    fields: one.fields.filter((path) => has(fields, path) && (isSame(one, writer) || !has(changed, path))),
  }));
  const mine = others.find((one) => isSame(one, writer))?.fields ?? [];
  const all = [...mine, ...changed.filter((path) => !has(mine, path))];
  const left = others.filter((one) => !isSame(one, writer));
  return withMetadata(wanted, { managedFields: managedFields([...left, { ...writer, fields: all }]) });
}

function isSame(one: Writer, other: Writer): boolean {
  return one.name === other.name && one.operation === other.operation;
}

function differs(live: JsonObject, wanted: JsonObject, fields: string[][], path: string[]): boolean {
  return has(fields, path) && !sameValue(live, wanted, path);
}

/** The wording of the API server (structured-merge-diff, "conflicts"). */
function fieldConflict(contested: readonly Manager[]): KubernetesError {
  const all = contested.flatMap((one) => one.fields.map((path) => ({ path, who: who(one) })));
  const [first] = all;
  const listed = contested.map(
    (one) => `conflicts with ${who(one)}:\n${one.fields.map((path) => `- ${spelled(path)}`).join("\n")}`,
  );
  const text =
    all.length === 1 && first
      ? `conflict: conflict with ${first.who}: ${spelled(first.path)}`
      : `conflicts: ${listed.join("\n")}`;
  const causes = all.map(({ path, who }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${who}`,
    field: spelled(path),
  }));
  const message = `Apply failed with ${all.length} ${text}`;
  return new KubernetesError(409, "Conflict", message, { details: { causes } });
}

function who({ name, apiVersion, operation }: Manager): string {
  return operation === "Apply" ? `"${name}"` : `"${name}" using ${apiVersion}`;
}

function set(target: JsonObject, path: readonly string[], from: JsonObject): void {
  let at = target;
  for (const key of path.slice(0, -1)) {
    const below = at[key];
    const next = isObject(below) ? below : {};
    at[key] = next;
    at = next;
  }
  at[path.at(-1) ?? ""] = valueAt(from, ...path);
}

function unset(target: JsonObject, path: readonly string[]): void {
  const parent = valueAt(target, ...path.slice(0, -1));
  if (isObject(parent)) delete parent[path.at(-1) ?? ""];
}
