import { attach as action } from "../actions/attach.ts";
import { run } from "../actions/run.ts";
import { githubHost } from "../host/github.ts";
import { exit } from "../host/process.ts";

/** The GitHub Action `attach`. */
export async function attach(): Promise<void> {
  exit(await run(action, githubHost()));
}
