import { parse } from "yaml";
import type { Incoming } from "../http.ts";
import { isObject, type JsonObject } from "../json.ts";
import { badRequest, KubernetesError } from "./status.ts";

/** The object in a request's body: JSON, or YAML where the content type says so. */
export function readBody(request: Incoming, accepted: readonly string[] = ["application/json"]): JsonObject {
  const type = (request.headers["content-type"] ?? "application/json").split(";")[0]?.trim() ?? "";
  if (!accepted.includes(type)) {
    const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`;
    throw new KubernetesError(415, "UnsupportedMediaType", message);
  }
  try {
    const body: unknown = type.endsWith("yaml") ? parse(request.body) : JSON.parse(request.body);
    if (isObject(body)) return body;
  } catch {
    // falls through to the refusal below
  }
  throw badRequest("the object provided is unrecognized (must be of type Object)");
}
