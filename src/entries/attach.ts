import { attach as action } from "../actions/attach.ts";
import { run } from "../actions/run.ts";
import { exit, githubHost } from "../host/github.ts";

/** The GitHub Action `attach`. */
export async function attach(): Promise<void> {
  exit(await run(action, githubHost()));
}
