import { isObject, type Json, type JsonObject } from "../json.ts";

/** What a body may hold, as the official files say it: enough of a schema to refuse what Azure's files refuse. */
export type Shape =
  | { kind: "text"; oneOf?: readonly string[]; pattern?: RegExp }
  | { kind: "boolean" }
  | { kind: "integer"; minimum?: number }
  | { kind: "list"; item: Shape }
  | { kind: "map"; value: Shape }
  | { kind: "object"; properties: Record<string, Shape>; required?: readonly string[] }
  /** Sent by the service only: refused in a request. */
  | { kind: "readOnly" }
  /** Anything goes. */
  | { kind: "any" };

export const text: Shape = { kind: "text" };
export const boolean: Shape = { kind: "boolean" };
export const readOnly: Shape = { kind: "readOnly" };
export const anything: Shape = { kind: "any" };
export const oneOf = (...values: string[]): Shape => ({ kind: "text", oneOf: values });
export const map = (value: Shape): Shape => ({ kind: "map", value });
export const object = (properties: Record<string, Shape>, required: string[] = []): Shape => ({
  kind: "object",
  properties,
  required,
});

/**
 * Every problem of a value, each naming its path. `null` passes for whatever is optional: the official samples rely on
 * it and the referee accepts it (arm-contract 1.6, tools/README).
 */
export function problems(shape: Shape, value: Json, path = ""): string[] {
  if (shape.kind === "readOnly") return [`'${path}' is read-only`];
  if (value === null || shape.kind === "any") return [];
  if (shape.kind === "object") return objectProblems(shape, value, path);
  if (shape.kind === "map") return mapProblems(shape.value, value, path);
  if (shape.kind === "list") return listProblems(shape.item, value, path);
  return scalarProblems(shape, value, path);
}

function objectProblems(shape: Extract<Shape, { kind: "object" }>, value: Json, path: string): string[] {
  if (!isObject(value)) return [`'${path}' must be an object`];
  const found = entries(value).flatMap(([key, member]) => {
    const inner = shape.properties[key];
    return inner
      ? problems(inner, member, join(path, key))
      : [`'${join(path, key)}' is not a known property`];
  });
  const missing = (shape.required ?? [])
    .filter((key) => value[key] === undefined || value[key] === null)
    .map((key) => `'${join(path, key)}' is required`);
  return [...found, ...missing];
}

function mapProblems(inner: Shape, value: Json, path: string): string[] {
  if (!isObject(value)) return [`'${path}' must be an object`];
  return entries(value).flatMap(([key, member]) => problems(inner, member, join(path, key)));
}

function listProblems(item: Shape, value: Json, path: string): string[] {
  if (!Array.isArray(value)) return [`'${path}' must be an array`];
  return value.flatMap((member, index) => problems(item, member, `${path}[${index}]`));
}

function scalarProblems(shape: Shape, value: Json, path: string): string[] {
  if (shape.kind === "boolean") return typeof value === "boolean" ? [] : [`'${path}' must be a boolean`];
  if (shape.kind === "integer") {
    const fits = Number.isInteger(value) && Number(value) >= (shape.minimum ?? Number.NEGATIVE_INFINITY);
    return fits
      ? []
      : [`'${path}' must be a whole number${shape.minimum === undefined ? "" : ` from ${shape.minimum}`}`];
  }
  if (shape.kind !== "text") return [];
  if (typeof value !== "string") return [`'${path}' must be a string`];
  if (shape.oneOf && !shape.oneOf.includes(value))
    return [`'${path}' must be one of ${shape.oneOf.join(", ")}`];
  if (shape.pattern && !shape.pattern.test(value))
    return [`'${path}' does not match ${shape.pattern.source}`];
  return [];
}

function entries(value: JsonObject): [string, Json][] {
  return Object.entries(value).filter((entry): entry is [string, Json] => entry[1] !== undefined);
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
