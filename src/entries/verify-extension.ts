import { runVerification } from "../actions/run.ts";
import { githubHost } from "../host/github.ts";
import { exit } from "../host/process.ts";

/** The GitHub Action `verify-extension`. */
export async function verifyExtension(): Promise<void> {
  exit(await runVerification(githubHost()));
}
