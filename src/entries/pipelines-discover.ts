import { runDiscovery } from "../actions/run.ts";
import { runTask } from "../host/azure-pipelines.ts";

/** The Azure Pipelines task `AzureMLClustersDiscover`. */
export async function pipelinesDiscover(): Promise<void> {
  await runTask((host) => runDiscovery(host));
}
