import { detach as action } from "../actions/detach.ts";
import { run } from "../actions/run.ts";
import { githubHost } from "../host/github.ts";
import { exit } from "../host/process.ts";

/** The GitHub Action `detach`. */
export async function detach(): Promise<void> {
  exit(await run(action, githubHost()));
}
