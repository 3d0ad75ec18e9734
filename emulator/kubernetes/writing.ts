import { json, type Reply } from "../http.ts";
import { isObject, type JsonObject, objectAt, textAt, valueAt } from "../json.ts";
import type { ApiCall } from "./api.ts";
import { applied, updated, type Writer } from "./apply.ts";
import { hasBalancer, startCleanup } from "./balancers.ts";
import { readBody } from "./body.ts";
import { managersOf } from "./managed-fields.ts";
import { metadataOf, withMetadata } from "./objects.ts";
import { apiVersionOf, typeOfKind } from "./resource-types.ts";
import {
  alreadyExists,
  badRequest,
  conflict,
  invalid,
  KubernetesError,
  methodNotAllowed,
  notFound,
} from "./status.ts";

/** What the API server stores of a secret (Kubernetes documentation, "Secrets": 1 MiB). */
const DATA_LIMIT = 1_048_576;
const APPLY_TYPES = ["application/apply-patch+yaml"];
const MODIFIED =
  "the object has been modified; please apply your changes to the latest version and try again";

/** POST on a collection. */
export function createObject(call: ApiCall): Reply {
  const body = completed(call, readBody(call.request));
  const { name } = metadataOf(body);
  if (name === "")
    throw invalid(call.type, "", "metadata.name", "Required value: name or generateName is required");
  if (call.cluster.objects.get(call.type, call.namespace ?? "", name)) throw alreadyExists(call.type, name);
  requireNamespace(call);
  return json(201, stored(call, updated(undefined, born(call, body), writer(call, "Update"))));
}

/** PUT: the whole object, refused when it stands on an old version. */
export function replaceObject(call: ApiCall): Reply {
  const body = completed(call, readBody(call.request));
  const live = call.cluster.objects.get(call.type, call.namespace ?? "", call.name);
  const { resourceVersion } = metadataOf(body);
  if (!live) {
    // Leases are the one kind here that a PUT may create (leaseStrategy.AllowCreateOnUpdate).
    if (call.type.plural !== "leases") throw notFound(call.type, call.name);
    requireNamespace(call);
    return json(201, stored(call, updated(undefined, born(call, body), writer(call, "Update"))));
  }
  if (resourceVersion === "" && call.type.plural === "leases") {
    throw invalid(
      call.type,
      call.name,
      "metadata.resourceVersion",
      "Invalid value: 0x0: must be specified for an update",
    );
  }
  checkVersion(call, live, resourceVersion);
  const { uid, creationTimestamp, managedFields } = objectAt(live, "metadata");
  const kept = withMetadata(body, { uid, creationTimestamp, ...(managedFields && { managedFields }) });
  return json(200, stored(call, updated(live, kept, writer(call, "Update"))));
}

/** PATCH: server-side apply only; it creates what is not there. */
export function patchObject(call: ApiCall): Reply {
  const manager = call.query.get("fieldManager");
  const body = completed(call, readBody(call.request, APPLY_TYPES));
  if (!manager) {
    throw new KubernetesError(
      422,
      "Invalid",
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  }
  if (valueAt(body, "metadata", "managedFields") !== undefined) {
    throw badRequest("metadata.managedFields must be nil");
  }
  const live = call.cluster.objects.get(call.type, call.namespace ?? "", call.name);
  if (!live) requireNamespace(call);
  else checkVersion(call, live, metadataOf(body).resourceVersion);
  const force = call.query.get("force") === "true";
  const result = applied(
    live ?? born(call, { ...body, metadata: objectAt(body, "metadata") }),
    body,
    writer(call, "Apply"),
    force,
  );
  // Applying the same again changes nothing, so the object keeps its version.
  if (live && sameButTimes(live, result)) return json(200, live);
  return json(live ? 200 : 201, stored(call, result));
}

/** DELETE, with preconditions on what is deleted. */
export function deleteObject(call: ApiCall): Reply {
  const { cluster, type, name, namespace = "" } = call;
  const live = cluster.objects.get(type, namespace, name);
  if (!live) throw notFound(type, name);
  const options = call.request.body === "" ? {} : readBody(call.request);
  const { resourceVersion, uid } = objectAt(options, "preconditions");
  const actual = objectAt(live, "metadata");
  if (uid !== undefined && uid !== actual["uid"]) {
    throw conflict(type, name, `${precondition("UID", uid, actual["uid"])}`);
  }
  if (resourceVersion !== undefined && resourceVersion !== actual["resourceVersion"]) {
    throw conflict(type, name, precondition("ResourceVersion", resourceVersion, actual["resourceVersion"]));
  }
  if (!type.verbs.includes("create") && !isLegacyRouter(call)) throw methodNotAllowed();
  if (hasBalancer(live)) return json(200, isDryRun(call) ? live : startCleanup(call, live));
  if (!isDryRun(call)) cluster.objects.delete(type, namespace, name);
  const details = { name, ...(type.group && { group: type.group }), kind: type.plural, uid: actual["uid"] };
  return json(200, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details });
}

function precondition(what: string, wanted: unknown, actual: unknown): string {
  return `the ${what} in the precondition (${String(wanted)}) does not match the ${what} in record (${String(actual)}). The object might have been deleted and then recreated or modified`;
}

/** Of the kinds that nobody writes, only the eight objects of the legacy router are deleted (extension 8). */
function isLegacyRouter({ type, namespace, name }: ApiCall): boolean {
  if (type.namespaced && namespace !== "default") return false;
  return ["azureml-fe", "azureml-fe-int-http", "azureml-fe-role", "azureml-fe-binding"].includes(name);
}

/** The body with kind and names filled in, refused when it speaks of something else than the URL. */
function completed(call: ApiCall, body: JsonObject): JsonObject {
  const { type, namespace } = call;
  const given = `${textAt(body, "apiVersion") ?? apiVersionOf(type)} ${textAt(body, "kind") ?? type.kind}`;
  if (given !== `${apiVersionOf(type)} ${type.kind}`) {
    throw badRequest(
      `${type.kind} in version "${type.version}" cannot be handled as a ${given.split(" ")[1]}`,
    );
  }
  const own = metadataOf(body);
  if (call.name !== "" && own.name !== "" && own.name !== call.name) {
    throw badRequest(
      `the name of the object (${own.name}) does not match the name on the URL (${call.name})`,
    );
  }
  if (own.namespace !== "" && own.namespace !== (namespace ?? "")) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  const name = own.name || call.name;
  checkName(call, name);
  const where = namespace === undefined ? {} : { namespace };
  const whole = {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    ...withMetadata(body, { name, ...where }),
  };
  return type.plural === "secrets" ? secret(call, name, whole) : whole;
}

function checkName(call: ApiCall, name: string): void {
  if (name === "" || /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name)) return;
  const rule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  throw invalid(call.type, name, "metadata.name", `Invalid value: "${name}": ${rule}`);
}

/** `stringData` goes into `data`; `data` must be base64 and not too long. */
function secret(call: ApiCall, name: string, object: JsonObject): JsonObject {
  const { stringData, data, ...rest } = object;
  const given = isObject(data) ? data : {};
  const encoded = Object.entries(isObject(stringData) ? stringData : {}).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString("base64"),
  ]);
  const all: JsonObject = { ...given, ...Object.fromEntries(encoded) };
  const values = Object.values(all).map(String);
  if (
    values.some((value) => !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value))
  ) {
    throw badRequest(
      'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0',
    );
  }
  const size = values.reduce((sum, value) => sum + Buffer.byteLength(value, "base64"), 0);
  if (size > DATA_LIMIT)
    throw invalid(call.type, name, "data", `Too long: may not be more than ${DATA_LIMIT} bytes`);
  for (const value of values) if (value !== "") call.world.secrets.add(value);
  return values.length > 0 ? { ...rest, data: all } : rest;
}

/** What the server adds to a new object. */
function born(call: ApiCall, body: JsonObject): JsonObject {
  const { resourceVersion: _version, uid: _uid, ...metadata } = objectAt(body, "metadata");
  const object = { ...body, metadata: { ...metadata, creationTimestamp: stamp(call) } };
  if (call.type.plural === "secrets") return { type: "Opaque", ...object };
  if (call.type.plural === "namespaces") {
    return { ...object, spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } };
  }
  return object;
}

function requireNamespace({ cluster, type, namespace }: ApiCall): void {
  if (namespace === undefined) return;
  const found = cluster.get("Namespace", "", namespace);
  if (!found) throw notFound(typeOfKind("Namespace"), namespace);
  if (textAt(found, "status", "phase") !== "Terminating") return;
  const message = `${type.plural} is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`;
  throw new KubernetesError(403, "Forbidden", message, {
    details: {
      kind: type.plural,
      causes: [{ reason: "NamespaceTerminating", message, field: "metadata.namespace" }],
    },
  });
}

function checkVersion({ type, name }: ApiCall, live: JsonObject, given: string): void {
  if (given !== "" && given !== metadataOf(live).resourceVersion) throw conflict(type, name, MODIFIED);
}

function stored(call: ApiCall, object: JsonObject): JsonObject {
  return isDryRun(call) ? object : call.cluster.objects.write(call.type, object);
}

function isDryRun({ query }: ApiCall): boolean {
  return query.get("dryRun") === "All";
}

function writer(call: ApiCall, operation: Writer["operation"]): Writer {
  const agent = call.request.headers["user-agent"]?.split(/[/ ]/)[0];
  const name = call.query.get("fieldManager") ?? agent ?? "unknown";
  return { name, operation, apiVersion: apiVersionOf(call.type), time: stamp(call) };
}

function stamp({ world }: ApiCall): string {
  return new Date(world.clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
}

function sameButTimes(one: JsonObject, other: JsonObject): boolean {
  const shown = (object: JsonObject) =>
    JSON.stringify([
      withMetadata(object, { managedFields: null }),
      managersOf(object).map(({ time: _time, ...rest }) => rest),
    ]);
  return shown(one) === shown(other);
}
