import { runOnTargets } from "../actions/run.ts";
import { updateComponents as action } from "../actions/update-components.ts";
import { githubHost } from "../host/github.ts";
import { exit } from "../host/process.ts";

/** The GitHub Action `update-components`. */
export async function updateComponents(): Promise<void> {
  exit(await runOnTargets(action, githubHost()));
}
