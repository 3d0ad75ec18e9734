import { after } from "../actions/after.ts";
import { runTask } from "../host/azure-pipelines.ts";

/** What every task does at the end of the job. */
export async function pipelinesAfter(): Promise<void> {
  await runTask(async (host) => {
    await after(host);
    return 0;
  });
}
