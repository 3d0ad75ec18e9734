import { detach } from "../actions/detach.ts";
import { run } from "../actions/run.ts";
import { runTask } from "../host/azure-pipelines.ts";

/** The Azure Pipelines task `AzureMLClustersDetach`. */
export async function pipelinesDetach(): Promise<void> {
  await runTask((host) => run(detach, host));
}
