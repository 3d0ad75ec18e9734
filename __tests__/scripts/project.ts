import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.join(import.meta.dirname, "..", "..");

/** A throw-away project that has a script of this one, and links to what the script needs of node_modules. */
export class Project {
  readonly folder: string;

  constructor(options: { script: string; packages: string[]; copies: string[] }) {
    this.folder = mkdtempSync(path.join(tmpdir(), "project-"));
    for (const name of options.packages) {
      const link = path.join(this.folder, "node_modules", name);
      mkdirSync(path.dirname(link), { recursive: true });
      symlinkSync(path.join(root, "node_modules", name), link, "junction");
    }
    for (const file of [options.script, ...options.copies]) {
      cpSync(path.join(root, file), path.join(this.folder, file), { recursive: true });
    }
  }

  write(file: string, content: string): void {
    mkdirSync(path.dirname(path.join(this.folder, file)), { recursive: true });
    writeFileSync(path.join(this.folder, file), content);
  }

  edit(file: string, from: string, to: string): void {
    const content = this.read(file);
    if (!content.includes(from)) throw new Error(`${file} does not hold ${from}`);
    this.write(file, content.replace(from, to));
  }

  read(file: string): string {
    return readFileSync(path.join(this.folder, file), "utf8");
  }

  /** Runs one of the project's scripts, from a folder that has nothing to do with it. */
  run(script: string, ...args: string[]): { status: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [path.join(this.folder, script), ...args],
      {
        cwd: tmpdir(),
        encoding: "utf8",
      },
    );
    return { status, output: stdout + stderr };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
