import type { ManagedCluster, ResourceGroup } from "../model/azure-resources.ts";
import { Failure } from "../model/failure.ts";
import type { ManagedClusterBody } from "../model/managed-cluster.ts";
import { apiVersions } from "./api-versions.ts";
import type { Arm } from "./arm.ts";
import { getManagedCluster } from "./resources.ts";
import type { Answer } from "./wire.ts";

/** AKS clusters (arm-contract 2). There is no DELETE here: a cluster is never deleted. */
export class ManagedClusters {
  readonly #arm: Arm;

  constructor(arm: Arm) {
    this.#arm = arm;
  }

  /** @throws Refusal with status 404 where there is none. */
  get(id: string): Promise<ManagedCluster> {
    return getManagedCluster(this.#arm, id);
  }

  /** Creates a cluster; Azure would change one that is there. */
  put(id: string, body: ManagedClusterBody): Promise<Answer> {
    return this.#arm.send({ method: "PUT", path: id, apiVersion: apiVersions.managedClusters, body });
  }
}

/** A resource group, for its region. @throws Refusal with status 404 where there is none. */
export async function getResourceGroup(arm: Arm, id: string): Promise<ResourceGroup> {
  const { body } = await arm.send({ method: "GET", path: id, apiVersion: apiVersions.providers });
  const { location } = (body ?? {}) as Partial<ResourceGroup>;
  if (typeof location === "string") return { location };
  throw new Failure("NoAnswer", "A resource group has no `location`.");
}
