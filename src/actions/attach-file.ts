import * as v from "valibot";
import { parseDocument } from "yaml";
import { oneLine } from "../model/arm-error.ts";
import type { Problem, Values } from "./inputs.ts";

/**
 * The public keys of the YAML that `az ml compute attach --file` takes (peers 1.3: the YAML reference). The
 * reference lists identities as ids; the Azure CLI also reads `- resource_id: …`.
 */
const schema = v.strictObject({
  $schema: v.optional(v.string()),
  type: v.optional(v.pipe(v.string(), v.toLowerCase(), v.literal("kubernetes", "the type is kubernetes"))),
  name: v.optional(v.string()),
  description: v.optional(v.string()),
  resource_id: v.optional(v.string()),
  namespace: v.optional(v.string()),
  identity: v.optional(
    v.strictObject({
      type: v.optional(v.string()),
      user_assigned_identities: v.optional(
        v.array(v.union([v.string(), v.strictObject({ resource_id: v.string() })])),
      ),
    }),
  ),
});

const keys =
  "$schema, type, name, description, resource_id, namespace, identity.type, identity.user_assigned_identities";

/** What the file gives, under the names of the inputs; `description` has no input of its own. */
export type FileValues = Values<
  | "compute-name"
  | "cluster-resource-id"
  | "namespace"
  | "identity-type"
  | "user-assigned-identities"
  | "description"
>;

/** Reads the file's content. Unknown keys and values of another type are problems of the input `file`. */
export function readAttachFile(content: string): { values: FileValues; problems: Problem[] } {
  const parsed = v.safeParse(schema, plain(content));
  if (!parsed.success) return { values: {}, problems: parsed.issues.map((issue) => problem(where(issue))) };
  const { name, resource_id, namespace, identity, description } = parsed.output;
  const identities = identity?.user_assigned_identities?.map((one) =>
    typeof one === "string" ? one : one.resource_id,
  );
  const values = {
    "compute-name": name,
    "cluster-resource-id": resource_id,
    namespace,
    "identity-type": identity?.type,
    "user-assigned-identities": identities?.join("\n"),
    description,
  };
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return { values: Object.fromEntries(given) as FileValues, problems: [] };
}

/** The content as plain values; what is no YAML, or unfolds without end, is the text of its error instead. */
function plain(content: string): unknown {
  const document = parseDocument(content);
  try {
    const value = document.errors[0]?.message ?? document.toJS() ?? {};
    return Array.isArray(value) ? "a list" : value;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function where(issue: v.BaseIssue<unknown>): string {
  if (!issue.path) return typeof issue.input === "string" ? oneLine(issue.input) : "no keys";
  const key = issue.path.map((part) => String(part.key)).join(".");
  return issue.expected === "never" ? `${key}: unknown key` : `${key}: ${oneLine(issue.message)}`;
}

function problem(given: string): Problem {
  return { input: "file", given, accepted: `YAML with the keys ${keys}` };
}
