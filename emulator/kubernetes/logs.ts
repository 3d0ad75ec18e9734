import type { Reply } from "../http.ts";
import { isObject, type Json, type JsonObject, textAt, valueAt } from "../json.ts";
import type { ApiCall } from "./api.ts";
import { numberOf } from "./reading.ts";
import { badRequest, notFound } from "./status.ts";

/** `GET pods/{name}/log`: what a container said. */
export function podLog(call: ApiCall): Reply {
  const { cluster, namespace = "", name, query } = call;
  const pod = cluster.objects.get(call.type, namespace, name);
  if (!pod) throw notFound(call.type, name);
  const container = containerOf(pod, name, query.get("container") ?? "");
  const previous = query.get("previous") === "true";
  checkState(pod, name, container, previous);
  const text = cut(linesOf(call, pod, container), query);
  return { status: 200, text, headers: { "content-type": "text/plain" } };
}

function containerOf(pod: JsonObject, name: string, asked: string): string {
  const names = listAt(pod, "spec", "containers").map((one) => textAt(one, "name") ?? "");
  if (asked === "" && names.length > 1) {
    throw badRequest(
      `a container name must be specified for pod ${name}, choose one of: [${names.join(" ")}]`,
    );
  }
  const chosen = asked || names[0] || "";
  if (!names.includes(chosen)) throw badRequest(`container ${chosen} is not valid for pod ${name}`);
  return chosen;
}

function checkState(pod: JsonObject, name: string, container: string, previous: boolean): void {
  const status = listAt(pod, "status", "containerStatuses").find((one) => textAt(one, "name") === container);
  const last = valueAt(status, "lastState", "terminated");
  if (previous && !isObject(last)) {
    throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  }
  const waiting = textAt(status, "state", "waiting", "reason");
  if (!previous && !isObject(last) && (waiting !== undefined || !status)) {
    const why = waiting === "ImagePullBackOff" ? "trying and failing to pull image" : waiting;
    throw badRequest(
      `container "${container}" in pod "${name}" is waiting to start: ${why ?? "no container status"}`,
    );
  }
}

function linesOf(call: ApiCall, pod: JsonObject, container: string): string[] {
  const { world, cluster, namespace = "", name } = call;
  const started = textAt(pod, "metadata", "creationTimestamp") ?? "";
  const routine = Array.from({ length: 60 }, (_, index) => `${started} INFO ${container}: step ${index + 1}`);
  const leaked = cluster.knobs.leakyLogs
    ? [...world.secrets].map((secret) => `${started} DEBUG configuration: "${secret}"`)
    : [];
  return [...routine, ...leaked, ...(cluster.logs.get(`${namespace}/${name}`) ?? [])];
}

/** `tailLines` picks from the end, `limitBytes` then cuts what comes after. */
function cut(lines: string[], query: URLSearchParams): string {
  const tail = query.has("tailLines") ? numberOf(query, "tailLines") : lines.length;
  const text = tail === 0 ? "" : `${lines.slice(-tail).join("\n")}\n`;
  const limit = numberOf(query, "limitBytes");
  return limit > 0 ? Buffer.from(text).subarray(0, limit).toString("utf8") : text;
}

function listAt(value: JsonObject, ...path: string[]): Json[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}
