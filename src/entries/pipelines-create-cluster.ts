import { createCluster } from "../actions/create-cluster.ts";
import { run } from "../actions/run.ts";
import { runTask } from "../host/azure-pipelines.ts";

/** The Azure Pipelines task `AzureMLClustersCreateCluster`. */
export async function pipelinesCreateCluster(): Promise<void> {
  await runTask((host) => run(createCluster, host));
}
