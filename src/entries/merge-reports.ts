import { runMerging } from "../actions/run.ts";
import { githubHost } from "../host/github.ts";
import { exit } from "../host/process.ts";

/** The GitHub Action `merge-reports`. */
export async function mergeReports(): Promise<void> {
  exit(await runMerging(githubHost()));
}
