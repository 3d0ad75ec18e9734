import type { commands, doctor, refuse } from "../actions/commands.ts";
import type { consoleHost } from "../host/console.ts";

/** What a command runs with. */
export interface Core {
  readonly commands: typeof commands;
  readonly refuse: typeof refuse;
  readonly doctor: typeof doctor;
  readonly consoleHost: typeof consoleHost;
}

/**
 * Loads it. It lives in the bundle of the actions, so that both have the same classes; as a part of its own, so that no
 * action pays for it.
 */
export async function core(): Promise<Core> {
  const [{ commands, refuse, doctor }, { consoleHost }] = await Promise.all([
    import("../actions/commands.ts"),
    import("../host/console.ts"),
  ]);
  return { commands, refuse, doctor, consoleHost };
}
