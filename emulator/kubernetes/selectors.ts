import { type Json, type JsonObject, objectAt, valueAt } from "../json.ts";
import type { ResourceType } from "./resource-types.ts";
import { badRequest } from "./status.ts";

type Test = (object: JsonObject) => boolean;

/** The test that `labelSelector` and `fieldSelector` make together. */
export function selector(type: ResourceType, query: URLSearchParams): Test {
  const labels = labelTests(query.get("labelSelector") ?? "");
  const fields = fieldTests(type, query.get("fieldSelector") ?? "");
  return (object) => [...labels, ...fields].every((test) => test(object));
}

/** Equality, existence and sets (Kubernetes documentation, "Labels and Selectors"). */
function labelTests(text: string): Test[] {
  return split(text).map((part) => {
    const set = /^([^\s=!,()]+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(part);
    if (set) {
      const values = (set[3] ?? "").split(",").map((one) => one.trim());
      const wanted = set[2] === "in";
      const key = set[1] ?? "";
      return (object) => values.some((value) => value === labelOf(object, key)) === wanted;
    }
    const equality = /^([^\s=!,()]+)\s*(==|=|!=)\s*([^\s=!,()]*)$/.exec(part);
    if (equality) {
      const [, key = "", operator, value] = equality;
      return (object) => (labelOf(object, key) === value) === (operator !== "!=");
    }
    const existence = /^(!?)([^\s=!,()]+)$/.exec(part);
    if (existence) {
      const [, not, key = ""] = existence;
      return (object) => (labelOf(object, key) !== undefined) === (not === "");
    }
    throw badRequest(`unable to parse requirement: found '${part}', expected: a label selector`);
  });
}

function labelOf(object: JsonObject, key: string): Json | undefined {
  return objectAt(object, "metadata", "labels")[key];
}

function split(text: string): string[] {
  const parts = text.match(/(?:[^,(]|\([^)]*\)?)+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

function fieldTests(type: ResourceType, text: string): Test[] {
  const known = ["metadata.name", "metadata.namespace", ...type.selectable];
  return split(text).map((part) => {
    const [, field = "", operator, value] = /^([^=!]+)(==|=|!=)(.*)$/.exec(part) ?? [];
    if (operator === undefined) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`);
    if (!known.includes(field)) {
      const what = `${type.group}/${type.version}, Resource=${type.plural}`;
      throw badRequest(
        `Unable to find "${what}" that match label selector "", field selector "${text}": field label not supported: ${field}`,
      );
    }
    return (object) => (String(valueAt(object, ...field.split(".")) ?? "") === value) === (operator !== "!=");
  });
}
