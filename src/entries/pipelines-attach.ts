import { attach } from "../actions/attach.ts";
import { runOnTargets } from "../actions/run.ts";
import { runTask } from "../host/azure-pipelines.ts";

/** The Azure Pipelines task `AzureMLClustersAttach`. */
export async function pipelinesAttach(): Promise<void> {
  await runTask((host) => runOnTargets(attach, host));
}
