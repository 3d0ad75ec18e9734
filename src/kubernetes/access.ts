import { clusterUserKubeconfig } from "../azure/clusters.ts";
import type { Azure } from "../azure/connect.ts";
import type { ManagedCluster } from "../model/azure-resources.ts";
import type { ObservedCluster } from "../model/facts.ts";
import { asFailure, Failure } from "../model/failure.ts";
import { type Observed, present } from "../model/observed.ts";
import type { ClusterRequest } from "../model/request.ts";
import { parseResourceId, resourceTypes } from "../model/resource-id.ts";
import { type ClusterApi, DirectApi } from "./cluster-api.ts";
import { aksServer, readKubeconfig } from "./kubeconfig.ts";
import { RunCommandApi } from "./run-command.ts";

/**
 * The way to a cluster's API (`design.md` 4, `kubeconfig`): the kubeconfig that was given; else of an AKS cluster its
 * user credentials, or run-command where it is private; an Arc cluster without a kubeconfig has none. What went wrong
 * on the way is an answer too: Azure alone can be judged without it.
 */
export async function openCluster(
  request: ClusterRequest,
  cluster: Promise<ObservedCluster>,
  azure: Azure,
): Promise<Observed<ClusterApi>> {
  try {
    if (request.kubeconfig) return there(directApi("the kubeconfig given", request.kubeconfig, azure));
    if (parseResourceId(request.clusterId)?.type !== resourceTypes.aks) return { is: "absent" };
    // Asked for before it is known whether it is needed: that saves a round trip.
    const credentials = clusterUserKubeconfig(azure.arm, request.clusterId).catch(asFailure);
    const aks = await managedCluster(cluster);
    if (aks?.properties.apiServerAccessProfile?.enablePrivateCluster) return privateApi(aks, azure);
    const kubeconfig = await credentials;
    if (kubeconfig instanceof Failure) throw kubeconfig;
    return there(directApi("AKS user credentials", kubeconfig, azure));
  } catch (error) {
    azure.arm.signal.throwIfAborted();
    return { is: "denied", why: asFailure(error) };
  }
}

function there(api: ClusterApi): Observed<ClusterApi> {
  return { is: "present", value: api };
}

async function managedCluster(cluster: Promise<ObservedCluster>): Promise<ManagedCluster | undefined> {
  const seen = await cluster;
  return seen.kind === "aks" ? present(seen.seen) : undefined;
}

function privateApi(aks: ManagedCluster, { arm, tokens }: Azure): Observed<ClusterApi> {
  const withEntra = aks.properties.aadProfile?.managed === true;
  const token = async () => (withEntra ? tokens(`${aksServer}/.default`).token() : undefined);
  if (!aks.properties.apiServerAccessProfile?.disableRunCommand) {
    return there(new RunCommandApi(arm, aks.id, token));
  }
  throw new Failure("ClusterPrivate", "The AKS cluster is private and has run-command disabled.", {
    remedy: "Give a `kubeconfig` on a runner that reaches the cluster.",
  });
}

function directApi(way: string, kubeconfig: string, azure: Azure): ClusterApi {
  const access = readKubeconfig(kubeconfig);
  for (const secret of access.secrets) azure.mask(secret);
  const { entraServer } = access;
  const token = async () =>
    entraServer ? await azure.tokens(`${entraServer}/.default`).token() : access.token;
  return new DirectApi(way, azure.wire, access, token);
}
