import { detach as action } from "../actions/detach.ts";
import { run } from "../actions/run.ts";
import { exit, githubHost } from "../host/github.ts";

/** The GitHub Action `detach`. */
export async function detach(): Promise<void> {
  exit(await run(action, githubHost()));
}
