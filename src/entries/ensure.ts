import { ensure as action } from "../actions/ensure.ts";
import { published } from "../actions/run.ts";
import { githubHost } from "../host/github.ts";
import { exit } from "../host/process.ts";

/** The root action. */
export async function ensure(): Promise<void> {
  exit(await published(githubHost(), action));
}
