import { runDiscovery } from "../actions/run.ts";
import { githubHost } from "../host/github.ts";
import { exit } from "../host/process.ts";

/** The GitHub Action `discover`. */
export async function discover(): Promise<void> {
  exit(await runDiscovery(githubHost()));
}
