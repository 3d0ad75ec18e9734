import { deployExtension } from "../actions/deploy-extension.ts";
import { run } from "../actions/run.ts";
import { runTask } from "../host/azure-pipelines.ts";

/** The Azure Pipelines task `AzureMLClustersDeployExtension`. */
export async function pipelinesDeployExtension(): Promise<void> {
  await runTask((host) => run(deployExtension, host));
}
