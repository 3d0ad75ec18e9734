import { after as action } from "../actions/after.ts";
import { exit, githubHost } from "../host/github.ts";

/** The post step of every action. */
export async function after(): Promise<void> {
  await action(githubHost());
  exit(0);
}
