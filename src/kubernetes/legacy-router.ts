import { observe } from "../azure/arm.ts";
import { Refusal } from "../azure/errors.ts";
import { asFailure } from "../model/failure.ts";
import type { ObjectName } from "../model/kubernetes.ts";
import { type Observed, present } from "../model/observed.ts";
import type { ClusterApi, ClusterWrites } from "./cluster-api.ts";
import { sendDelete } from "./own-object.ts";

/** What the router of a legacy compute is made of, and what goes through it (extension.md 8). */
export interface LegacyRouter {
  /** Which of the eight objects are there. */
  readonly objects: Observed<readonly ObjectName[]>;
  /** Certificate and key of secret `azuremlfessl`, PEM. The key is a secret. */
  readonly tls: Observed<RouterTls>;
  /** The web services that run, as namespace and name. */
  readonly services: Observed<readonly string[]>;
}

/** PEM of both, empty where the secret lacks it. */
export interface RouterTls {
  readonly certificate: string;
  readonly privateKey: string;
}

/** How the router's pods stand. */
export interface RouterPods {
  readonly name: string;
  readonly wanted: number;
  readonly ready: number;
}

/** The namespace of the router; its role and its binding have none. */
const space = "default";
const rbac = "/apis/rbac.authorization.k8s.io/v1";
const core = `/api/v1/namespaces/${space}`;

interface Leftover extends ObjectName {
  readonly path: string;
}

const leftover = (kind: string, path: string): Leftover => ({
  kind,
  namespace: path.startsWith(rbac) ? "" : space,
  name: path.slice(path.lastIndexOf("/") + 1),
  path,
});

/**
 * The eight objects, in the order in which they go: what routes first, what it was made with last (extension.md 8). No
 * other object of the cluster is ever deleted.
 */
export const leftovers: readonly Leftover[] = [
  leftover("Deployment", `/apis/apps/v1/namespaces/${space}/deployments/azureml-fe`),
  leftover("Service", `${core}/services/azureml-fe`),
  leftover("Service", `${core}/services/azureml-fe-int-http`),
  leftover("ServiceAccount", `${core}/serviceaccounts/azureml-fe`),
  leftover("ClusterRoleBinding", `${rbac}/clusterrolebindings/azureml-fe-binding`),
  leftover("ClusterRole", `${rbac}/clusterroles/azureml-fe-role`),
  leftover("ConfigMap", `${core}/configmaps/azuremlfeconfig`),
  leftover("Secret", `${core}/secrets/azuremlfessl`),
];

const tlsPath = `${core}/secrets/azuremlfessl`;

/** One of the eight as it stands, so that just this one is deleted and none that took its place. */
export interface SeenLeftover extends ObjectName {
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  /** Deleted, and held by a finalizer until what it stands for is gone. */
  readonly isGoing: boolean;
}

interface Labelled {
  readonly metadata?: {
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string | null;
    readonly labels?: Readonly<Record<string, string>> | null;
  };
}

/** Reads all of it. The key is asked for only where it does not pass through Resource Manager. */
export async function readLegacyRouter(api: ClusterApi): Promise<LegacyRouter> {
  const [objects, tls, services] = await Promise.all([
    leftoversThere(api),
    api.writes ? readRouterTls(api) : ({ is: "absent" } as const),
    readServices(api),
  ]);
  return { objects, tls, services };
}

/** Which of the eight are there. Those of the extension have the same names, and Helm's mark (extension.md 6). */
export async function leftoversThere(api: ClusterApi): Promise<Observed<SeenLeftover[]>> {
  const seen = await Promise.all(
    leftovers.map(async (object) => ({ object, there: await look(() => api.get<Labelled>(object.path)) })),
  );
  const refused = seen.find(({ there }) => there.is === "denied")?.there;
  if (refused?.is === "denied") return refused;
  return { is: "present", value: seen.flatMap(({ object, there }) => seenLeftover(object, present(there))) };
}

function seenLeftover({ kind, namespace, name }: Leftover, there: Labelled | undefined): SeenLeftover[] {
  const { uid, resourceVersion, deletionTimestamp, labels } = there?.metadata ?? {};
  if (!there || labels?.["app.kubernetes.io/managed-by"] === "Helm") return [];
  return [{ kind, namespace, name, uid, resourceVersion, isGoing: Boolean(deletionTimestamp) }];
}

/** Certificate and key that the router serves. Kubernetes keeps both in base64. */
export function readRouterTls(api: ClusterApi): Promise<Observed<RouterTls>> {
  return look(async () => {
    const { data } = await api.get<{ data?: Readonly<Record<string, string>> | null }>(tlsPath);
    const text = (key: string) => Buffer.from(data?.[key] ?? "", "base64").toString("utf8");
    return { certificate: text("cert.pem"), privateKey: text("key.pem") };
  });
}

interface RawDeployment {
  readonly metadata?: { readonly namespace?: string; readonly name?: string };
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly readyReplicas?: number };
}

/** Web services live in `azureml-<workspace>`, which no workload of the extension does (extension.md 8). */
export function readServices(api: ClusterApi): Promise<Observed<string[]>> {
  return look(async () => {
    const all = await api.list(
      "/apis/apps/v1/deployments",
      ({ metadata = {}, spec = {} }: RawDeployment) => ({
        name: `${metadata.namespace}/${metadata.name}`,
        runs: (spec.replicas ?? 1) > 0,
      }),
    );
    return all.filter(({ name, runs }) => runs && name.startsWith("azureml-")).map(({ name }) => name);
  });
}

/** The router's pods, under the name of then or that of today (extension.md 13, 14); absent where there is none. */
export async function readRouterPods(api: ClusterApi): Promise<Observed<RouterPods>> {
  for (const name of ["azureml-fe", "azureml-fe-v2"]) {
    const path = `/apis/apps/v1/namespaces/${space}/deployments/${name}`;
    const seen = await look(() => api.get<RawDeployment>(path));
    if (seen.is === "absent") continue;
    if (seen.is === "denied") return seen;
    const { spec = {}, status = {} } = seen.value;
    return { is: "present", value: { name, wanted: spec.replicas ?? 1, ready: status.readyReplicas ?? 0 } };
  }
  return { is: "absent" };
}

/**
 * Deletes one of the eight, just as it was seen: another run may have attached meanwhile, and then the name belongs to a
 * router that serves. @returns `false` where it has changed since. One that is gone is gone.
 */
export async function deleteLeftover(
  api: ClusterWrites,
  { kind, name, uid, resourceVersion }: SeenLeftover,
  signal: AbortSignal,
): Promise<boolean> {
  const object = leftovers.find((one) => kind === one.kind && name === one.name);
  if (!object) throw new Error(`${kind} ${name} is none of the router's`);
  const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
  const body = { kind: "DeleteOptions", apiVersion: "v1", preconditions };
  try {
    await sendDelete(api, { path: object.path, body }, signal);
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.status === 409) return false;
    throw error;
  }
}

async function look<T>(read: () => Promise<T>): Promise<Observed<T>> {
  try {
    return await observe(read);
  } catch (error) {
    return { is: "denied", why: asFailure(error) };
  }
}
