import { observe } from "../azure/arm.ts";
import type { Azure } from "../azure/connect.ts";
import { Refusal } from "../azure/errors.ts";
import { Extensions, getProvider } from "../azure/extensions.ts";
import { getSubscription, getWorkspace, listPermissions } from "../azure/resources.ts";
import { openCluster } from "../kubernetes/access.ts";
import { RunCommandApi } from "../kubernetes/run-command.ts";
import { extensionNamespace } from "../model/cluster-contents.ts";
import { stateOf } from "../model/compute.ts";
import type { Look } from "../model/examination.ts";
import { formatResourceId, parseResourceId, resourceTypes, sameText } from "../model/resource-id.ts";
import { azureMlExtension } from "../rules/extension.ts";
import { permits } from "../rules/permissions.ts";
import type { DoctorRequest } from "./doctor-request.ts";
import { observeCluster } from "./observe.ts";

/** What the doctor looks at, before it has looked. */
export type Subject = Pick<Look, "id" | "subject">;
/** What it saw. */
export type Seen = Omit<Look, "id" | "subject">;

/** Where it notes what it sees. */
export interface Notes {
  note(subject: Subject, seen: Seen): void;
  /** One look; what it throws is what it saw. */
  look<T>(subject: Subject, look: (tell: (seen: Seen) => void) => Promise<T>): Promise<T | undefined>;
}

/** It is well. */
export const good = (seen: string): Seen => ({ result: "good", seen });
/** It was not looked at, or nobody needs it. */
const open = (seen: string, remedy?: string): Seen => ({ result: "open", seen, ...(remedy && { remedy }) });
/** It is broken. */
export const bad = (seen: string, remedy: string, link?: string): Seen => ({
  result: "bad",
  seen,
  remedy,
  ...(link && { link }),
});

/** The subscription of the workspace and that of the cluster, and what is registered there. */
export async function lookAtSubscriptions(
  notes: Notes,
  { subscriptionId, clusterId }: DoctorRequest,
  { arm }: Azure,
): Promise<void> {
  const ofCluster = parseResourceId(clusterId ?? "")?.subscriptionId;
  const ids = [...new Set([subscriptionId, ofCluster].flatMap((id) => id?.toLowerCase() ?? []))];
  const subject = { id: "subscription", subject: "subscription" };
  if (ids.length === 0)
    notes.note(subject, open("Not given.", "Give `subscription-id`, or set AZURE_SUBSCRIPTION_ID."));
  for (const id of ids) {
    const there = await notes.look(subject, async (tell) => {
      const { displayName, state } = await getSubscription(arm, id);
      const text = `"${displayName}", ${state}`;
      tell(
        state === "Enabled"
          ? good(text)
          : bad(text, "Have it enabled again: Azure takes no change in it now."),
      );
      return true;
    });
    if (!there) continue;
    await notes.look({ id: "providers", subject: "resource providers" }, async (tell) => {
      const states = await Promise.all(
        providersFor(clusterId).map(
          async (name) => [name, (await getProvider(arm, id, name)).registrationState] as const,
        ),
      );
      const off = states.filter(([, state]) => !sameText(state ?? "", "Registered")).map(([name]) => name);
      if (off.length === 0) tell(good(`${states.map(([name]) => name).join(", ")}: registered`));
      else
        tell(
          bad(
            `Not registered: ${off.join(", ")}.`,
            `Run ${off.map((name) => `\`az provider register -n ${name} --wait\``).join(", ")}.`,
          ),
        );
    });
  }
}

/** The workspace, and what may be done in it. */
export async function lookAtWorkspace(
  notes: Notes,
  { workspace }: DoctorRequest,
  { arm }: Azure,
): Promise<void> {
  const subject = { id: "workspace", subject: "workspace" };
  if (!workspace) {
    return notes.note(subject, open("Not given.", "Give `workspace-name` and `resource-group`."));
  }
  const id = formatResourceId(workspace);
  const there = await notes.look(subject, async (tell) => {
    const seen = await observe(() => getWorkspace(arm, id));
    if (seen.is === "denied") throw seen.why;
    if (seen.is === "absent") {
      const place = `in the resource group "${workspace.resourceGroup}"`;
      tell(
        bad(
          `There is no workspace "${workspace.name}" ${place}.`,
          "Check its name, resource group and subscription.",
        ),
      );
      return false;
    }
    const { name, location, properties } = seen.value;
    tell(good(`"${name}", ${location}, ${properties.provisioningState ?? "in no known state"}`));
    return true;
  });
  if (there)
    await rights(notes, { id: "workspace-rights", subject: "rights on it" }, arm, id, workspaceActions);
}

/** The cluster, what may be done with it, its API and the extension on it. */
export async function lookAtCluster(notes: Notes, request: DoctorRequest, azure: Azure): Promise<void> {
  const { clusterId, kubeconfig } = request;
  const { arm } = azure;
  const subject = { id: "cluster", subject: "cluster" };
  if (!clusterId) {
    return notes.note(
      subject,
      open("Not given.", "Give `cluster-resource-id`, or `cluster-name` with `cluster-resource-group`."),
    );
  }
  const seen = await notes.look(subject, async (tell) => {
    const cluster = await observeCluster(arm, clusterId);
    if (cluster.seen.is === "denied") throw cluster.seen.why;
    if (cluster.seen.is === "absent") {
      tell(
        bad(`There is no cluster ${clusterId}.`, "Check its name, resource group, type and subscription."),
      );
      return undefined;
    }
    const { properties, location } = cluster.seen.value;
    tell(
      good(
        `${cluster.kind === "aks" ? "AKS" : "Arc"}, ${location}, ${properties.provisioningState ?? "in no known state"}`,
      ),
    );
    return cluster;
  });
  if (!seen) return;
  const actions = seen.kind === "aks" ? [...clusterActions, credentialAction] : clusterActions;
  await rights(notes, { id: "cluster-rights", subject: "rights on it" }, arm, clusterId, actions);
  await notes.look({ id: "kubernetes", subject: "Kubernetes API" }, async (tell) => {
    const api = await openCluster({ ...request, clusterId, kubeconfig }, Promise.resolve(seen), azure);
    if (api.is === "denied") throw api.why;
    if (api.is === "absent") {
      return tell(open("An Arc cluster is judged by Azure alone.", "Give a `kubeconfig` to look inside."));
    }
    if (api.value instanceof RunCommandApi) {
      return tell(
        open(
          "The cluster is private: it is read through run-command, which starts a pod, so it is not tried here.",
        ),
      );
    }
    const { gitVersion } = await api.value.get<{ gitVersion?: string }>("/version");
    const pods = `/api/v1/namespaces/${extensionNamespace}/pods?limit=1`;
    await api.value.get(pods).catch(absentIsFine);
    tell(
      good(
        `${gitVersion ?? "reached"}, by ${api.value.way}; pods of namespace ${extensionNamespace} may be read`,
      ),
    );
  });
  await notes.look({ id: "extension", subject: "extension" }, async (tell) => {
    const extension = azureMlExtension(await new Extensions(arm, clusterId).list());
    if (!extension)
      return tell(open("No Azure ML extension on the cluster.", "Run `azureml-clusters deploy-extension`."));
    const text = `"${extension.name}", version ${extension.properties.currentVersion ?? "unknown"}, ${stateOf(extension)}`;
    tell(
      sameText(stateOf(extension), "Succeeded")
        ? good(text)
        : bad(text, "Run `azureml-clusters verify-extension`, which tells why."),
    );
  });
}

function rights(
  notes: Notes,
  subject: Subject,
  arm: Azure["arm"],
  id: string,
  actions: readonly string[],
): Promise<unknown> {
  return notes.look(subject, async (tell) => {
    const permissions = await listPermissions(arm, id);
    const missing = actions.filter((action) => !permits(permissions, action));
    const names = (some: readonly string[]) => some.map(shortAction).join(", ");
    if (missing.length === 0) return tell(good(names(actions)));
    tell(
      bad(
        `Missing: ${missing.join(", ")}.`,
        "Have a role assigned that holds them; a new role takes some minutes to work.",
        "https://learn.microsoft.com/azure/machine-learning/how-to-assign-roles",
      ),
    );
  });
}

/** What is looked at is not needed where there is none. */
function absentIsFine(error: unknown): void {
  if (!(error instanceof Refusal) || error.status !== 404) throw error;
}

const workspaceActions = [
  "Microsoft.MachineLearningServices/workspaces/read",
  "Microsoft.MachineLearningServices/workspaces/computes/write",
  "Microsoft.MachineLearningServices/workspaces/computes/delete",
];
const clusterActions = ["Microsoft.KubernetesConfiguration/extensions/write"];
const credentialAction = "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action";

function shortAction(action: string): string {
  return action.split("/").slice(1).join("/");
}

/** The providers that a run asks something of (extension.md 9). */
function providersFor(clusterId: string | undefined): string[] {
  const kind = clusterId && parseResourceId(clusterId)?.type;
  return [
    "Microsoft.MachineLearningServices",
    "Microsoft.KubernetesConfiguration",
    ...(kind === resourceTypes.aks ? ["Microsoft.ContainerService"] : []),
    ...(kind === resourceTypes.arc ? ["Microsoft.Kubernetes"] : []),
  ];
}
