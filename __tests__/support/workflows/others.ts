import { cpSync, existsSync, globSync, mkdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";

/** Where artifacts and caches are kept between jobs and runs. */
export interface Storage {
  readonly artifacts: string;
  readonly caches: string;
}

/** What an action of others is run with. */
export interface Use {
  readonly inputs: Readonly<Record<string, string>>;
  readonly workspace: string;
  readonly storage: Storage;
}

/** An action of others. @returns what is left to do when the job has ended. @throws Error where it fails. */
type Other = (use: Use) => (() => void) | undefined;

/** What the workflows use of GitHub's own actions, as far as files go; pinned by any version. */
export const others: Readonly<Record<string, Other>> = {
  "actions/checkout": () => undefined,
  "actions/upload-artifact": upload,
  "actions/download-artifact": download,
  "actions/cache": cache,
};

/** Files keep their place below what all of them share (README of upload-artifact). */
function upload({ inputs, workspace, storage }: Use): undefined {
  const patterns = (inputs["path"] ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  const found = patterns.flatMap((one) =>
    globSync(one, { cwd: workspace }).map((file) => path.resolve(workspace, file)),
  );
  const named = patterns.map((one) => path.resolve(workspace, one)).filter((file) => existsSync(file));
  const files = [...new Set([...found, ...named])];
  if (files.length === 0) {
    if (inputs["if-no-files-found"] === "error")
      throw new Error("No files were found with the provided path.");
    return undefined;
  }
  const target = path.join(storage.artifacts, inputs["name"] ?? "artifact");
  if (existsSync(target)) throw new Error(`an artifact with this name already exists: ${inputs["name"]}`);
  mkdirSync(target, { recursive: true });
  const base = shared(files);
  for (const file of files) cpSync(file, path.join(target, path.relative(base, file)), { recursive: true });
  return undefined;
}

/** A folder that is uploaded alone is the base itself. */
function shared(files: readonly string[]): string {
  const [first = ""] = files;
  if (files.length === 1) return statSync(first).isDirectory() ? first : path.dirname(first);
  let base = path.dirname(first);
  while (!files.every((file) => file.startsWith(`${base}${path.sep}`))) base = path.dirname(base);
  return base;
}

/** With a pattern each artifact gets a folder of its own, unless they are merged. */
function download({ inputs, workspace, storage }: Use): undefined {
  const to = path.resolve(workspace, inputs["path"] ?? ".");
  if (inputs["name"]) {
    const from = path.join(storage.artifacts, inputs["name"]);
    if (!existsSync(from)) throw new Error(`Artifact not found for name: ${inputs["name"]}`);
    cpSync(from, to, { recursive: true });
    return undefined;
  }
  for (const name of globSync(inputs["pattern"] ?? "*", { cwd: storage.artifacts })) {
    const folder = inputs["merge-multiple"] === "true" ? to : path.join(to, name);
    cpSync(path.join(storage.artifacts, name), folder, { recursive: true });
  }
  return undefined;
}

/** The newest that begins with one of `restore-keys` comes back; what is there at the end is kept under the key. */
function cache({ inputs, workspace, storage }: Use): () => void {
  const folder = path.resolve(workspace, inputs["path"] ?? "");
  const keys = [inputs["key"] ?? "", ...(inputs["restore-keys"] ?? "").split("\n")].filter(Boolean);
  const entries = existsSync(storage.caches) ? globSync("*", { cwd: storage.caches }) : [];
  const age = (name: string) => statSync(path.join(storage.caches, name)).mtimeMs;
  const newestFirst = entries.sort((one, other) => age(other) - age(one));
  const hit = keys.flatMap((key) => newestFirst.filter((name) => name.startsWith(key.trim())))[0];
  if (hit) cpSync(path.join(storage.caches, hit), folder, { recursive: true });
  return () => {
    const place = path.join(storage.caches, inputs["key"] ?? "");
    if (!existsSync(folder) || existsSync(place)) return;
    mkdirSync(storage.caches, { recursive: true });
    rmSync(place, { recursive: true, force: true });
    cpSync(folder, place, { recursive: true });
  };
}
