import { attach as action } from "../actions/attach.ts";
import { runOnTargets } from "../actions/run.ts";
import { githubHost } from "../host/github.ts";
import { exit } from "../host/process.ts";

/** The GitHub Action `attach`. */
export async function attach(): Promise<void> {
  exit(await runOnTargets(action, githubHost()));
}
