import { ensure } from "../actions/ensure.ts";
import { published } from "../actions/run.ts";
import { runTask } from "../host/azure-pipelines.ts";

/** The Azure Pipelines task `AzureMLClustersEnsure`. */
export async function pipelinesEnsure(): Promise<void> {
  await runTask((host) => published(host, ensure));
}
