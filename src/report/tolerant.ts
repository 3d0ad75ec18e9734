import type { Host } from "../host/host.ts";
import { Failure } from "../model/failure.ts";

/** What can't be written, on a full disk say, costs no more than itself: how the run ended is told all the same. */
export async function tolerant<T>(host: Host, what: string, write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write();
  } catch (error) {
    const remedy = error instanceof Failure && error.remedy ? ` ${error.remedy}` : "";
    host.info(
      `${what} could not be written: ${error instanceof Error ? error.message : String(error)}${remedy}`,
    );
    return undefined;
  }
}
