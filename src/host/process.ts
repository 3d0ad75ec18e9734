import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../model/failure.ts";

/** Milliseconds after a signal at which the process ends, whatever still holds it. */
const lastMoment = 4_500;

/**
 * Aborted by SIGINT and SIGTERM. GitHub and Azure Pipelines both send SIGINT, SIGTERM 7.5 s later, and kill 2.5 s
 * after that (testbed 1; azure-pipelines-agent, ProcessInvoker).
 */
export function cancellation(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      controller.abort(new Failure("Cancelled", `Cancelled by ${signal}.`));
      setTimeout(() => process.exit(1), lastMoment).unref();
    });
  }
  return controller.signal;
}

/** Ends the process once what it said has left it, though connections may still be open. */
export function exit(code: number): void {
  process.stdout.write("", () => process.exit(code));
}

/** Writes a file for its owner's eyes, under a name that can't be guessed, and gives its path. */
export async function writePrivately(
  parent: string,
  name: string,
  extension: string,
  content: string,
): Promise<string> {
  const folder = join(parent, "azureml-clusters");
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}-${randomUUID()}${extension}`);
  await writeFile(path, content, { mode: 0o600 });
  return path;
}
