import { runListing } from "../actions/run.ts";
import { githubHost } from "../host/github.ts";
import { exit } from "../host/process.ts";

/** The GitHub Action `list-versions`. */
export async function listVersions(): Promise<void> {
  exit(await runListing(githubHost()));
}
