import { createPrivateKey, X509Certificate } from "node:crypto";
import { observe } from "../azure/arm.ts";
import { Refusal } from "../azure/errors.ts";
import { type ClusterContents, extensionNamespace, type TlsSecret } from "../model/cluster-contents.ts";
import { asFailure, type Failure } from "../model/failure.ts";
import type { ObjectName, Resources, Workload } from "../model/kubernetes.ts";
import type { Observed } from "../model/observed.ts";
import type { ClusterApi, RulesReview } from "./cluster-api.ts";
import {
  event,
  instanceType,
  namespace,
  node,
  pod,
  type RawEvent,
  type RawInstanceType,
  type RawNamespace,
  type RawNode,
  type RawPod,
  type RawService,
  service,
  sum,
  workload,
} from "./objects.ts";

/** What is read of a cluster beside what always is. */
export interface Wanted {
  /** The secret that `sslSecret` names. */
  readonly tlsSecret?: string | undefined;
  readonly computeNamespace?: string | undefined;
  readonly openshift: boolean;
  readonly instanceTypes?: boolean | undefined;
  /** What the pods of all nodes ask for, before an installation. */
  readonly capacity: boolean;
}

/**
 * Reads what the rules look at: first what the caller may do, then everything at the same time. What may not be read
 * is told part by part; a cluster that does not answer at all is a failure.
 */
export async function readContents(api: ClusterApi, wanted: Wanted): Promise<ClusterContents> {
  const reader = new Reader(api, await ownRules(api));
  const [required, optional] = await Promise.all([always(reader), asked(reader, wanted)]);
  const silent = Object.values(required).every(({ is }) => is === "denied") ? required.nodes : undefined;
  if (silent?.is === "denied" && !(silent.why instanceof Refusal)) throw silent.why;
  return { way: api.way, ...required, ...optional };
}

/** Where the review itself is refused, the reads will tell. */
async function ownRules(api: ClusterApi): Promise<RulesReview | undefined> {
  try {
    return await api.rules(extensionNamespace);
  } catch (error) {
    if (error instanceof Refusal && error.status !== 401) return undefined;
    throw error;
  }
}

async function always(reader: Reader): Promise<Omit<ClusterContents, "way">> {
  const inNamespace = (group: string, resource: string) =>
    `${group}/namespaces/${extensionNamespace}/${resource}`;
  const [
    nodes,
    own,
    deployments,
    daemonSets,
    statefulSets,
    pods,
    events,
    services,
    report,
    others,
    legacyRouter,
  ] = await Promise.all([
    reader.list("/api/v1/nodes", (raw: RawNode) => node(raw)),
    reader.get(`/api/v1/namespaces/${extensionNamespace}`, (raw: RawNamespace) => namespace(raw)),
    reader.list(inNamespace(apps, "deployments"), workload("Deployment")),
    reader.list(inNamespace(apps, "daemonsets"), workload("DaemonSet")),
    reader.list(inNamespace(apps, "statefulsets"), workload("StatefulSet")),
    reader.list(inNamespace("/api/v1", "pods"), (raw: RawPod) => pod(raw)),
    reader.list(inNamespace("/api/v1", "events"), (raw: RawEvent) => event(raw)),
    reader.list(inNamespace("/api/v1", "services"), (raw: RawService) => service(raw)),
    healthReport(reader),
    otherWorkloads(reader),
    legacyRouterObjects(reader),
  ]);
  return {
    nodes,
    namespace: own,
    workloads: together(deployments, daemonSets, statefulSets),
    pods,
    events,
    services,
    healthReport: report,
    others,
    legacyRouter,
  };
}

const apps = "/apis/apps/v1";

/** The report of the health check, under the name of today or, before 1.0.75, of then (AMLK docs/troubleshooting.md). */
async function healthReport(reader: Reader): Promise<ClusterContents["healthReport"]> {
  const [today, before] = await Promise.all(
    ["arcml-healthcheck", "amlarc-healthcheck"].map((name) =>
      reader.get(
        `/api/v1/namespaces/${extensionNamespace}/configmaps/${name}`,
        (raw: { data?: Record<string, string> | null }) => raw.data ?? {},
      ),
    ),
  );
  return (today?.is === "absent" ? before : today) ?? { is: "absent" };
}

async function asked(reader: Reader, wanted: Wanted): Promise<Partial<ClusterContents>> {
  const { tlsSecret: secret, computeNamespace: name } = wanted;
  const [used, tlsSecret, computeNamespace, privileged, instanceTypes] = await Promise.all([
    wanted.capacity ? usedResources(reader) : undefined,
    secret
      ? reader.get(`/api/v1/namespaces/${extensionNamespace}/secrets/${secret}`, readTlsSecret)
      : undefined,
    name ? reader.get(`/api/v1/namespaces/${name}`, (raw: RawNamespace) => namespace(raw)) : undefined,
    wanted.openshift ? privilegedAccounts(reader) : undefined,
    // Of the cluster, not of a namespace (extension.md 5a).
    wanted.instanceTypes
      ? reader.list("/apis/amlarc.azureml.com/v1alpha1/instancetypes", (raw: RawInstanceType) =>
          instanceType(raw),
        )
      : undefined,
  ]);
  return {
    ...(used && { used }),
    ...(tlsSecret && { tlsSecret }),
    ...(computeNamespace && { computeNamespace }),
    ...(privileged && { privileged }),
    ...(instanceTypes && { instanceTypes }),
  };
}

/** Reads objects, unless the caller is known not to be allowed to; a path that can't be read is an answer. */
class Reader {
  readonly #api: ClusterApi;
  readonly #review: RulesReview | undefined;

  constructor(api: ClusterApi, review: RulesReview | undefined) {
    this.#api = api;
    this.#review = review;
  }

  get<Raw, T>(path: string, small: (raw: Raw) => T): Promise<Observed<T>> {
    return this.#look("get", path, async () => small(await this.#api.get<Raw>(path)));
  }

  list<Raw, T>(path: string, small: (raw: Raw) => T): Promise<Observed<T[]>> {
    return this.#look("list", path, () => this.#api.list(path, small));
  }

  async #look<T>(verb: string, path: string, read: () => Promise<T>): Promise<Observed<T>> {
    const missing = this.#review && missingRule(this.#review, verb, path);
    if (missing) return { is: "denied", why: missing };
    try {
      return await observe(read);
    } catch (error) {
      return { is: "denied", why: asFailure(error) };
    }
  }
}

/** The failure that names the rule which a role in the cluster lacks; `undefined` where it may be there. */
function missingRule(review: RulesReview, verb: string, path: string): Failure | undefined {
  const parts =
    /^\/(?:api|apis\/(?<group>[^/]+))\/[^/]+\/(?:namespaces\/(?<space>[^/]+)\/)?(?<resource>[^/?]+)/;
  const { group = "", resource = "", space } = parts.exec(path)?.groups ?? {};
  const holds = (all: readonly string[] | null | undefined, one: string) =>
    (all ?? []).some((each) => each === "*" || each === one);
  const allowed = review.resourceRules.some(
    ({ verbs, apiGroups, resources, resourceNames }) =>
      holds(verbs, verb) &&
      holds(apiGroups, group) &&
      holds(resources, resource) &&
      (!resourceNames?.length || verb === "get"),
  );
  // The review speaks of one namespace; what some authorizer keeps to itself, the read will tell.
  if (allowed || review.incomplete || (space && space !== extensionNamespace)) return undefined;
  return new Refusal(
    403,
    "KubernetesForbidden",
    `The identity may not ${verb} ${resource}${space ? ` in namespace ${space}` : ""}.`,
    {
      remedy: `Give it a role with the rule {apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"]}.`,
    },
  );
}

function together(...parts: readonly Observed<Workload[]>[]): Observed<Workload[]> {
  const refused = parts.find(({ is }) => is === "denied");
  if (refused) return refused;
  return { is: "present", value: parts.flatMap((part) => (part.is === "present" ? part.value : [])) };
}

/** Workloads anywhere else whose names speak of what the extension may bring as well (X6, extension.md 2a). */
async function otherWorkloads(reader: Reader): Promise<Observed<Workload[]>> {
  const all = await Promise.all([
    reader.list(`${apps}/deployments`, workload("Deployment")),
    reader.list(`${apps}/daemonsets`, workload("DaemonSet")),
  ]);
  const found = together(...all);
  if (found.is !== "present") return found;
  const others = found.value.filter(
    (each) => each.namespace !== extensionNamespace && /nvidia|volcano|prometheus/.test(each.name),
  );
  return { is: "present", value: others };
}

/** The eight objects of the legacy router, all in namespace `default` or of the cluster (extension.md 8). */
const legacyRouter: readonly (ObjectName & { readonly path: string })[] = [
  ["ServiceAccount", "/api/v1", "serviceaccounts", "azureml-fe"],
  ["Deployment", apps, "deployments", "azureml-fe"],
  ["Service", "/api/v1", "services", "azureml-fe"],
  ["Service", "/api/v1", "services", "azureml-fe-int-http"],
  ["ClusterRole", "/apis/rbac.authorization.k8s.io/v1", "clusterroles", "azureml-fe-role"],
  ["ClusterRoleBinding", "/apis/rbac.authorization.k8s.io/v1", "clusterrolebindings", "azureml-fe-binding"],
  ["Secret", "/api/v1", "secrets", "azuremlfessl"],
  ["ConfigMap", "/api/v1", "configmaps", "azuremlfeconfig"],
].map(([kind = "", group = "", resource = "", name = ""]) => {
  const space = kind.startsWith("Cluster") ? "" : "default";
  return {
    kind,
    namespace: space,
    name,
    path: `${group}/${space && "namespaces/default/"}${resource}/${name}`,
  };
});

/** Which of the eight are there. An object that may not be read is left out, unless none may be read. */
async function legacyRouterObjects(reader: Reader): Promise<Observed<ObjectName[]>> {
  const seen = await Promise.all(
    legacyRouter.map(async ({ path, ...object }) => ({
      object,
      ours: await reader.get(path, isOfExtension),
    })),
  );
  const refused = seen.find(({ ours }) => ours.is === "denied")?.ours;
  if (refused?.is === "denied" && seen.every(({ ours }) => ours.is === "denied")) return refused;
  const legacy = seen.filter(({ ours }) => ours.is === "present" && !ours.value);
  return { is: "present", value: legacy.map(({ object }) => object) };
}

/** The extension has objects of the same names; Helm marks what it made, the legacy router was not made by it (extension.md 6). */
function isOfExtension({
  metadata,
}: {
  metadata?: { labels?: Readonly<Record<string, string>> | null };
}): boolean {
  return metadata?.labels?.["app.kubernetes.io/managed-by"] === "Helm";
}

/** What the pods of each node ask for; ended pods ask for nothing any more. */
async function usedResources(reader: Reader): Promise<Observed<ReadonlyMap<string, Resources>>> {
  const pods = await reader.list("/api/v1/pods", (raw: RawPod) => {
    const { node: on, requests, phase } = pod(raw);
    return { on, requests, ended: phase === "Succeeded" || phase === "Failed" };
  });
  if (pods.is !== "present") return pods;
  const used = new Map<string, Resources>();
  for (const { on, requests, ended } of pods.value) {
    if (on && !ended) used.set(on, sum([used.get(on) ?? { cpu: 0, memory: 0 }, requests]));
  }
  return { is: "present", value: used };
}

/** Only what is looked at leaves: the certificate, and whether the key is its own. Never the key. */
function readTlsSecret({ data }: { data?: Readonly<Record<string, string>> | null }): TlsSecret {
  const certificate = Buffer.from(data?.["cert.pem"] ?? "", "base64").toString("utf8");
  const key = Buffer.from(data?.["key.pem"] ?? "", "base64").toString("utf8");
  return { certificate, key: key ? matching(certificate, key) : "missing" };
}

function matching(certificate: string, key: string): TlsSecret["key"] {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key)) ? "matches" : "differs";
  } catch {
    return "differs";
  }
}

/**
 * The service accounts that may use the privileged security context: named in it, or bound to its cluster role, as
 * `oc adm policy add-scc-to-user` does today (X8, extension.md 9).
 */
async function privilegedAccounts(reader: Reader): Promise<Observed<string[]>> {
  const role = "system:openshift:scc:privileged";
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  const [constraints, ...bindings] = await Promise.all([
    reader.get(
      "/apis/security.openshift.io/v1/securitycontextconstraints/privileged",
      (raw: { users?: readonly string[] | null; groups?: readonly string[] | null }) => [
        ...(raw.users ?? []),
        ...(raw.groups ?? []),
      ],
    ),
    reader.get(`${rbac}/clusterrolebindings/${role}`, subjects),
    reader.get(`${rbac}/namespaces/${extensionNamespace}/rolebindings/${role}`, subjects),
    reader.get(`${rbac}/namespaces/azure-arc/rolebindings/${role}`, subjects),
  ]);
  if (constraints.is !== "present") return constraints;
  const bound = bindings.flatMap((binding) => (binding.is === "present" ? binding.value : []));
  return { is: "present", value: [...new Set([...constraints.value, ...bound])] };
}

function subjects(raw: {
  subjects?: readonly { kind?: string; namespace?: string; name?: string }[] | null;
}): string[] {
  return (raw.subjects ?? []).map(({ kind, namespace: space, name }) =>
    kind === "ServiceAccount" ? `system:serviceaccount:${space}:${name}` : (name ?? ""),
  );
}
