/** JSON as it travels, and the few readers of it that the emulator needs. */
export type Json = string | number | boolean | null | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json | undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object at a path of keys, or an empty one: for reading deep into bodies that may lack the way. */
export function objectAt(value: Json | undefined, ...path: string[]): JsonObject {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : {};
}

export function valueAt(value: Json | undefined, ...path: string[]): Json | undefined {
  let at: Json | undefined = value;
  for (const key of path) at = isObject(at) ? at[key] : undefined;
  return at;
}

export function textAt(value: Json | undefined, ...path: string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** Objects are merged key by key, anything else replaces what was there. */
export function merged(base: JsonObject, over: JsonObject | undefined): JsonObject {
  const result: JsonObject = { ...base };
  for (const [key, value] of Object.entries(over ?? {})) {
    const below = result[key];
    result[key] = isObject(below) && isObject(value) ? merged(below, value) : value;
  }
  return result;
}

export function clone<T>(value: T): T {
  return structuredClone(value);
}
