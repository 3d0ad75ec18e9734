import { createCluster as action } from "../actions/create-cluster.ts";
import { run } from "../actions/run.ts";
import { githubHost } from "../host/github.ts";
import { exit } from "../host/process.ts";

/** The GitHub Action `create-cluster`. */
export async function createCluster(): Promise<void> {
  exit(await run(action, githubHost()));
}
