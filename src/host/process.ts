import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { Failure } from "../model/failure.ts";

/** Milliseconds after a signal at which the process ends, whatever still holds it. */
const lastMoment = 4_500;

/**
 * Aborted by SIGINT and SIGTERM; `code` is the exit code of a process that has to be ended then. GitHub and Azure Pipelines both send SIGINT, SIGTERM 7.5 s later, and kill 2.5 s
 * after that (testbed 1; azure-pipelines-agent, ProcessInvoker).
 */
export function cancellation(code = 1): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      controller.abort(new Failure("Cancelled", `Cancelled by ${signal}.`));
      setTimeout(() => process.exit(code), lastMoment).unref();
    });
  }
  return controller.signal;
}

/** Ends the process once what it said has left it, though connections may still be open. */
export function exit(code: number): void {
  process.stdout.write("", () => process.exit(code));
}

/** The JSON files of a folder in the workspace folder and of those in it, or that one file, by their paths in it. */
export async function readJsonFiles(
  workspace: string | undefined,
  path: string,
): Promise<Readonly<Record<string, string>>> {
  const whole = resolve(workspace || ".", path);
  if (!(await stat(whole)).isDirectory()) return { [path]: await readFile(whole, "utf8") };
  const entries = await readdir(whole, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".json"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const contents = files.map(async (file) => [relative(whole, file), await readFile(file, "utf8")] as const);
  return Object.fromEntries(await Promise.all(contents));
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

/** Writes files into a new folder for its owner's eyes, and gives the folder's path. */
export async function writeFolderPrivately(
  parent: string,
  name: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = join(parent, "azureml-clusters", `${harmlessName(name)}-${randomUUID()}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const taken = new Set<string>();
  for (const [file, content] of Object.entries(files)) {
    await writeFile(join(folder, freeName(harmlessName(file), taken)), content, { mode: 0o600, flag: "wx" });
  }
  return folder;
}

/** Writes a file, by default one that others may read, in the workspace folder where its path is relative, and gives its whole path. */
export async function writeWhere(
  workspace: string | undefined,
  path: string,
  content: string,
  mode = 0o644,
): Promise<string> {
  const whole = resolve(workspace || ".", path);
  await mkdir(dirname(whole), { recursive: true });
  await writeFile(whole, content, { mode });
  return whole;
}

/**
 * A name that stays in its folder, that every file system takes (Windows has names of devices, and cuts trailing dots),
 * and that `upload-artifact` takes: it refuses `" : < > | * ?` and line breaks.
 */
function harmlessName(name: string): string {
  const plain = name.replace(/[^\w.-]+/g, "_").replace(/^\.+|\.+$/g, "_");
  const short = plain.length > 120 ? `${plain.slice(0, 80)}_${plain.slice(-39)}` : plain;
  return /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(short) ? `_${short}` : short || "_";
}

/** The name, or one beside it where a file of that name is there, which some file systems tell without case. */
function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free.toLowerCase()); number += 1) free = `${number}-${name}`;
  taken.add(free.toLowerCase());
  return free;
}
