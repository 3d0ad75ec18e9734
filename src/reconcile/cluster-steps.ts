import type { Arm } from "../azure/arm.ts";
import { ManagedClusters } from "../azure/managed-clusters.ts";
import type { Answer } from "../azure/wire.ts";
import type { ManagedCluster } from "../model/azure-resources.ts";
import { stateOf } from "../model/compute.ts";
import { Failure } from "../model/failure.ts";
import type { ManagedClusterBody } from "../model/managed-cluster.ts";
import { resourceName, sameText } from "../model/resource-id.ts";
import { clusterFailure } from "./cluster-failure.ts";
import { ResourceSteps, type Watcher } from "./resource-steps.ts";

/** The steps that bring an AKS cluster about. None takes one away. */
export class ClusterSteps extends ResourceSteps<ManagedCluster> {
  readonly #clusters: ManagedClusters;
  readonly #id: string;

  constructor(arm: Arm, id: string, watcher: Watcher) {
    const name = resourceName(id);
    const clusters = new ManagedClusters(arm);
    super(
      arm,
      {
        noun: `cluster "${name}"`,
        get: () => clusters.get(id),
        failed: (cluster, reasons) => clusterFailure(name, cluster, reasons),
        notRemoved: (_, details) =>
          new Failure(
            "ClusterNotRemoved",
            `The AKS cluster "${name}" was being deleted and is still there.`,
            {
              details,
              remedy:
                "See to it that it is deleted, or give another `cluster-name`, then run the step again.",
            },
          ),
      },
      watcher,
    );
    this.#clusters = clusters;
    this.#id = id;
  }

  /** Sends the PUT and waits until it is accepted. */
  create(body: ManagedClusterBody): Promise<Answer | undefined> {
    return this.settle(
      () => this.#clusters.put(this.#id, body),
      (seen) => seen.is === "present" && !sameText(stateOf(seen.value), "Deleting"),
      "Creating",
    );
  }
}
