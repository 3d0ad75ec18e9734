import { runOnTargets } from "../actions/run.ts";
import { updateComponents } from "../actions/update-components.ts";
import { runTask } from "../host/azure-pipelines.ts";

/** The Azure Pipelines task `AzureMLClustersUpdateComponents`. */
export async function pipelinesUpdateComponents(): Promise<void> {
  await runTask((host) => runOnTargets(updateComponents, host));
}
