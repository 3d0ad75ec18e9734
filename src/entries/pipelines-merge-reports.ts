import { runMerging } from "../actions/run.ts";
import { runTask } from "../host/azure-pipelines.ts";

/** The Azure Pipelines task `AzureMLClustersMergeReports`. */
export async function pipelinesMergeReports(): Promise<void> {
  await runTask((host) => runMerging(host));
}
