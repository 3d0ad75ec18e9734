import {
  type BreakageKind,
  type ComputeSeed,
  type JsonObject,
  makeCertificate,
  type World,
} from "../../emulator/index.ts";
import type { GateVerdict } from "../../src/model/gate.ts";

/** Changes a world before its cluster is verified. @returns inputs of the step that come with the change. */
export type Arrange = (
  world: World,
) => undefined | Record<string, string> | Promise<undefined | Record<string, string>>;

/** A cluster in which something is wrong, and what the release gate has to say of it first. */
export interface BrokenCluster {
  readonly title: string;
  /** Where it is known from. */
  readonly source: string;
  readonly verdict: Exclude<GateVerdict, "pass">;
  /** Why it is a warning and no failure. */
  readonly because?: string;
  readonly arrange: readonly Arrange[];
  /** Id of the rule that finds it. */
  readonly rule: string;
  /** What the first finding says of the cause. */
  readonly cause: RegExp;
  /** What it says of the remedy. */
  readonly remedy: RegExp;
}

/** Which cluster of `World.simple()` is verified. */
export type Which = "aks" | "arc";

/** HTTPS by a secret of the cluster (extension.md 8), without which a public router is worth a warning (X4). */
export const tls = {
  allowInsecureConnections: "False",
  sslSecret: "azureml-tls",
  sslCname: "ml.example.com",
  "scoringFe.sslSecret": "azureml-tls",
};

/** Resource id of a cluster of `World.simple()`. */
export function clusterOf(world: World, which: Which): string {
  const type = which === "aks" ? "ContainerService/managedClusters" : "Kubernetes/connectedClusters";
  return `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.${type}/${which}1`;
}

/** Resource id of the Azure ML extension of a cluster. */
export function extensionOf(world: World, which: Which): string {
  return `${clusterOf(world, which)}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`;
}

/** The AKS cluster over HTTPS, which is healthy as it is. */
export const aks: readonly Arrange[] = [verifying("aks"), settings(tls)];

/** The Arc cluster over HTTPS, read by a kubeconfig. */
export const arc: readonly Arrange[] = [verifying("arc"), settings(tls, "arc"), kubeconfig("arc", "token")];

/** The step is about that cluster. */
export function verifying(which: Which): Arrange {
  return (world) => ({ "cluster-resource-id": clusterOf(world, which) });
}

/** The step gets a kubeconfig. */
export function kubeconfig(which: Which, user: "token" | "certificate" | "kubelogin"): Arrange {
  return async (world) => ({ kubeconfig: await world.kubeconfigOf(clusterOf(world, which), { user }) });
}

/** Settings of the extension, added to those that it has. */
export function settings(more: Readonly<Record<string, string>>, which: Which = "aks"): Arrange {
  return (world) => {
    const { configurationSettings } = propertiesOf(world, extensionOf(world, which));
    Object.assign(configurationSettings as JsonObject, more);
    return undefined;
  };
}

/** HTTPS by a PEM pair in the protected settings, as the CLI sends it (extension.md 1c). */
export async function pemPair(world: World): Promise<undefined> {
  const pair = await makeCertificate({ names: [tls.sslCname] });
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const properties = propertiesOf(world, extensionOf(world, "aks"));
  const { allowInsecureConnections, sslCname } = tls;
  Object.assign(properties["configurationSettings"] as JsonObject, { allowInsecureConnections, sslCname });
  properties["configurationProtectedSettings"] = {
    "scoringFe.sslCert": base64(pair.certificate),
    "scoringFe.sslKey": base64(pair.privateKey),
  };
}

/** Properties of the extension. */
export function extension(properties: JsonObject, which: Which = "aks"): Arrange {
  return (world) => {
    Object.assign(propertiesOf(world, extensionOf(world, which)), properties);
    return undefined;
  };
}

/** Properties of the cluster. */
export function cluster(properties: JsonObject, which: Which = "aks"): Arrange {
  return (world) => {
    Object.assign(propertiesOf(world, clusterOf(world, which)), properties);
    return undefined;
  };
}

/** Breaks something in the cluster. */
export function broken(kind: BreakageKind, which: Which = "aks"): Arrange {
  return (world) => {
    world.breakCluster(clusterOf(world, which), kind);
    return undefined;
  };
}

/** A row of the catalogue: a breakage of the AKS cluster. */
export function aksWith(
  kind: BreakageKind,
  row: Pick<BrokenCluster, "title" | "source" | "rule" | "cause" | "remedy">,
): BrokenCluster {
  return { verdict: "fail", ...row, arrange: [...aks, broken(kind)] };
}

/** An installation that failed with these words, and was taken back as Helm does (extension.md 3). */
export function failedWith(message: string): Arrange {
  const errorInfo = { code: "InstallationFailed", message };
  return extension({ provisioningState: "Failed", currentVersion: null, errorInfo });
}

/** The step is about the compute `gpu` too, which is attached so. */
export function compute(properties: ComputeSeed["properties"] = {}, which: Which = "aks"): Arrange {
  return (world) => {
    const workspaceId = `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.MachineLearningServices/workspaces/ws1`;
    const resourceId = clusterOf(world, which);
    world.addCompute(workspaceId, { name: "gpu", properties: { resourceId, ...properties } });
    return namingCompute(world);
  };
}

/** Inputs that name the compute `gpu`. */
export function namingCompute(world: World): Record<string, string> {
  return {
    "subscription-id": world.subscriptionId,
    "resource-group": "rg1",
    "workspace-name": "ws1",
    "compute-name": "gpu",
  };
}

/** An object inside the cluster, as somebody changed it by hand. */
export function changed(
  kind: string,
  name: string,
  change: (object: JsonObject) => void,
  which: Which = "aks",
): Arrange {
  return async (world) => {
    await world.clusters.prepare();
    const kubernetes = world.kubernetes(clusterOf(world, which));
    const object = structuredClone(kubernetes.get(kind, "azureml", name));
    if (!object) throw new Error(`the cluster has no ${kind} ${name}`);
    change(object);
    kubernetes.put({ ...object, kind });
    return undefined;
  };
}

/** The properties of a resource, to be changed in place. */
export function propertiesOf(world: World, id: string): JsonObject {
  const resource = world.resource(id);
  if (!resource) throw new Error(`the world has no ${id}`);
  return resource.body["properties"] as JsonObject;
}
