import { runListing } from "../actions/run.ts";
import { runTask } from "../host/azure-pipelines.ts";

/** The Azure Pipelines task `AzureMLClustersListVersions`. */
export async function pipelinesListVersions(): Promise<void> {
  await runTask((host) => runListing(host));
}
