import { deployExtension as action } from "../actions/deploy-extension.ts";
import { run } from "../actions/run.ts";
import { githubHost } from "../host/github.ts";
import { exit } from "../host/process.ts";

/** The GitHub Action `deploy-extension`. */
export async function deployExtension(): Promise<void> {
  exit(await run(action, githubHost()));
}
