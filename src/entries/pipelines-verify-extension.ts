import { runVerification } from "../actions/run.ts";
import { runTask } from "../host/azure-pipelines.ts";

/** The Azure Pipelines task `AzureMLClustersVerifyExtension`. */
export async function pipelinesVerifyExtension(): Promise<void> {
  await runTask((host) => runVerification(host));
}
