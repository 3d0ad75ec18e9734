import * as v from "valibot";
import type { Host } from "../host/host.ts";
import { readKubeconfig } from "../kubernetes/kubeconfig.ts";
import { hidden } from "../model/extension-settings.ts";
import { asFailure } from "../model/failure.ts";
import { formatResourceId, parseResourceId, resourceTypes } from "../model/resource-id.ts";
import {
  matching,
  type Problem,
  resourceGroup,
  resourceIdOf,
  together,
  type Values,
  word,
} from "./inputs.ts";

/** The inputs that name a cluster. */
export const clusterEntries = {
  "cluster-resource-id": v.optional(
    resourceIdOf(
      [resourceTypes.aks, resourceTypes.arc],
      "a resource id …/Microsoft.ContainerService/managedClusters/… or …/Microsoft.Kubernetes/connectedClusters/…",
    ),
  ),
  "cluster-name": v.optional(
    matching(
      /^[a-zA-Z0-9]([-_a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/,
      "1 to 63 letters, digits, dashes and underscores, starting and ending with a letter or digit",
    ),
  ),
  "cluster-resource-group": v.optional(resourceGroup),
  "cluster-type": v.optional(word(["managedClusters", "connectedClusters"]), "managedClusters"),
};

/** The cluster is named in one way. */
export function clusterTogether(values: Values<string>): Problem[] {
  const byId = Boolean(values["cluster-resource-id"]);
  const byName = Boolean(values["cluster-name"] && values["cluster-resource-group"]);
  return together(
    byId ? !namesCluster(values) : byName,
    "cluster-resource-id",
    values,
    "either `cluster-resource-id` alone, or `cluster-name` with `cluster-resource-group`",
  );
}

/** A cluster that is given by its name is in the subscription that is given. */
export function subscriptionTogether(values: Values<string>): Problem[] {
  return together(
    !values["cluster-name"] || Boolean(values["subscription-id"]),
    "subscription-id",
    values,
    "the subscription id, a UUID, since `cluster-name` is given",
  );
}

/** The content of the kubeconfig that is given, else of the file that `KUBECONFIG` names, as azure/k8s-set-context leaves it. */
export async function kubeconfigOf(
  host: Host,
  values: Values<string>,
): Promise<{ content?: string; problems: Problem[] }> {
  const content = values["kubeconfig"];
  const path = host.environment["KUBECONFIG"];
  if (content) return usable(content);
  if (!path) return { problems: [] };
  try {
    return { content: await host.readFile(path), problems: [] };
  } catch {
    const accepted = "the path of a file that can be read, in the variable KUBECONFIG";
    return { problems: [{ input: "kubeconfig", given: path, accepted }] };
  }
}

/** Who gives a kubeconfig wants the cluster looked into: one that can't be used is wrong before anything is sent. */
function usable(content: string): { content?: string; problems: Problem[] } {
  try {
    readKubeconfig(content);
    return { content, problems: [] };
  } catch (error) {
    const { message, remedy } = asFailure(error);
    return { problems: [{ input: "kubeconfig", given: hidden, accepted: `${message} ${remedy}` }] };
  }
}

/** Some of the inputs that name a cluster by its name are given. */
export function namesCluster(values: Values<string>): boolean {
  return Boolean(values["cluster-name"] || values["cluster-resource-group"] || values["cluster-type"]);
}

/** The cluster's resource id, from checked values. One that is named without its subscription is in the workspace's (L1, A1). */
export function namedCluster(
  values: v.InferOutput<v.ObjectSchema<typeof clusterEntries, undefined>> & {
    readonly "subscription-id"?: string | undefined;
  },
): string {
  const id = values["cluster-resource-id"];
  const parsed = id === undefined ? undefined : parseResourceId(id);
  return formatResourceId(
    parsed ?? {
      subscriptionId: values["subscription-id"] ?? "",
      resourceGroup: values["cluster-resource-group"] ?? "",
      type: values["cluster-type"] === "connectedClusters" ? resourceTypes.arc : resourceTypes.aks,
      name: values["cluster-name"] ?? "",
    },
  );
}
