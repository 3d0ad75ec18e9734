import { after as action } from "../actions/after.ts";
import { githubHost } from "../host/github.ts";
import { exit } from "../host/process.ts";

/** The post step of every action. */
export async function after(): Promise<void> {
  await action(githubHost());
  exit(0);
}
