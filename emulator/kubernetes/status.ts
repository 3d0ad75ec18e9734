import type { Reply } from "../http.ts";
import type { JsonObject } from "../json.ts";
import { qualifiedName, type ResourceType } from "./resource-types.ts";

/**
 * How an API server says no: a `Status` object (Kubernetes API conventions, "Response Status Kind"). The wordings are
 * those of the API server itself.
 */
export class KubernetesError extends Error {
  readonly status: JsonObject;
  readonly code: number;

  constructor(
    code: number,
    reason: string,
    message: string,
    more: { details?: JsonObject; continue?: string } = {},
  ) {
    super(message);
    this.code = code;
    this.status = {
      kind: "Status",
      apiVersion: "v1",
      metadata: more.continue === undefined ? {} : { continue: more.continue },
      status: "Failure",
      message,
      reason,
      ...(more.details && { details: more.details }),
      code,
    };
  }

  reply(): Reply {
    return { status: this.code, body: this.status };
  }
}

function detailsOf({ group, plural }: ResourceType, name: string): JsonObject {
  return { ...(name && { name }), ...(group && { group }), kind: plural };
}

export function unauthorized(): KubernetesError {
  return new KubernetesError(401, "Unauthorized", "Unauthorized");
}

export function badRequest(message: string): KubernetesError {
  return new KubernetesError(400, "BadRequest", message);
}

export function unknownPath(): KubernetesError {
  return new KubernetesError(404, "NotFound", "the server could not find the requested resource", {
    details: {},
  });
}

export function notFound(type: ResourceType, name: string): KubernetesError {
  return new KubernetesError(404, "NotFound", `${qualifiedName(type)} "${name}" not found`, {
    details: detailsOf(type, name),
  });
}

export function alreadyExists(type: ResourceType, name: string): KubernetesError {
  return new KubernetesError(409, "AlreadyExists", `${qualifiedName(type)} "${name}" already exists`, {
    details: detailsOf(type, name),
  });
}

export function methodNotAllowed(): KubernetesError {
  return new KubernetesError(
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
    {
      details: {},
    },
  );
}

/** A write that stands on an object which has changed meanwhile. */
export function conflict(type: ResourceType, name: string, why: string): KubernetesError {
  const message = `Operation cannot be fulfilled on ${qualifiedName(type)} "${name}": ${why}`;
  return new KubernetesError(409, "Conflict", message, { details: detailsOf(type, name) });
}

export function invalid(type: ResourceType, name: string, field: string, why: string): KubernetesError {
  const kind = type.group === "" ? type.kind : `${type.kind}.${type.group}`;
  const details = {
    ...detailsOf(type, name),
    kind: type.kind,
    causes: [{ reason: "FieldValueInvalid", message: why, field }],
  };
  return new KubernetesError(422, "Invalid", `${kind} "${name}" is invalid: ${field}: ${why}`, { details });
}

export function expired(message: string, next?: string): KubernetesError {
  return new KubernetesError(410, "Expired", message, next === undefined ? {} : { continue: next });
}

/** What somebody may not do. */
export interface Refusal {
  user: string;
  verb: string;
  type: ResourceType;
  /** Empty for a collection. */
  name: string;
  /** Undefined for the whole cluster. */
  namespace: string | undefined;
  subresource?: string | undefined;
}

export function forbidden({ user, verb, type, name, namespace, subresource }: Refusal): KubernetesError {
  const what = `${qualifiedName(type)}${name === "" ? "" : ` "${name}"`}`;
  const resource = subresource ? `${type.plural}/${subresource}` : type.plural;
  const where = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const message = `${what} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${type.group}" ${where}`;
  return new KubernetesError(403, "Forbidden", message, { details: detailsOf(type, name) });
}
