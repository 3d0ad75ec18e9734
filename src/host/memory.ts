import { Failure } from "../model/failure.ts";
import type { CheckRun, Host, Issue, KeptIssue } from "./host.ts";

/** What a run in memory starts from. */
export interface MemoryOptions {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly state?: Readonly<Record<string, string>>;
  /** Gives the OIDC token for an audience; without it the job has none. */
  readonly idToken?: (audience: string) => Promise<string>;
  /** Takes check runs and gives their URL; without it the host has no such thing. */
  readonly checkRun?: (run: CheckRun) => Promise<string>;
  /** Takes issues; without it the host has no such thing. */
  readonly issue?: (issue: Issue) => Promise<KeptIssue>;
}

/** A host that keeps what a run says, for tests and for embedding: no module has to be mocked. */
export interface MemoryHost extends Host {
  readonly said: {
    readonly log: string[];
    readonly errors: { title: string; message: string }[];
    readonly masks: string[];
    readonly outputs: Record<string, string>;
    readonly summaries: string[];
    readonly reports: string[];
    readonly state: Record<string, string>;
    readonly files: Record<string, string>;
  };
  /** Does what a pipeline does when somebody presses Cancel. */
  cancel(): void;
}

/** A host in memory. */
export function memoryHost(options: MemoryOptions = {}): MemoryHost {
  const said: MemoryHost["said"] = {
    log: [],
    errors: [],
    masks: [],
    outputs: {},
    summaries: [],
    reports: [],
    state: {},
    files: {},
  };
  const controller = new AbortController();
  return {
    said,
    name: "memory",
    environment: options.environment ?? {},
    cancellation: controller.signal,
    cancel: () => controller.abort(new Failure("Cancelled", "Cancelled by the host.")),
    input: (name) => (options.inputs?.[name] ?? "").trim(),
    readFile: async (path) => {
      const content = options.files?.[path];
      if (content === undefined) throw new Error(`no such file: ${path}`);
      return content;
    },
    readJsonFiles: async (path) => {
      const inside = Object.entries(options.files ?? {}).filter(
        ([file]) => file === path || (file.startsWith(`${path}/`) && file.endsWith(".json")),
      );
      if (inside.length === 0) throw new Error(`no such folder: ${path}`);
      return Object.fromEntries(
        inside.map(([file, content]) => [file.slice(path.length + 1) || file, content]),
      );
    },
    info: (line) => void said.log.push(line),
    debug: (line) => void said.log.push(line),
    group: (title, lines) => void said.log.push(title, ...lines),
    error: (title, message) => void said.errors.push({ title, message }),
    mask: (secret) => void said.masks.push(secret),
    clean: (text) => text,
    output: (name, value) => {
      said.outputs[name] = value;
    },
    summary: async (markdown) => void said.summaries.push(markdown),
    writeReport: async (name, json) => {
      said.reports.push(json);
      return `memory:${name}.json`;
    },
    writeFile: async (path, content) => {
      said.files[path] = content;
      return `memory:${path}`;
    },
    writePage: async (path, data, render) => {
      said.files[path] = render(data);
      return `memory:${path}`;
    },
    writeFolder: async (name, files) => {
      for (const [file, content] of Object.entries(files)) said.files[`${name}/${file}`] = content;
      return `memory:${name}`;
    },
    saveState: (name, value) => {
      said.state[name] = value;
    },
    state: (name) => options.state?.[name] ?? "",
    idToken: async (audience) => {
      if (!options.idToken) throw new Failure("NoIdToken", "The host has no OIDC token to give.");
      return options.idToken(audience);
    },
    ...(options.checkRun && { checkRun: options.checkRun }),
    ...(options.issue && { issue: options.issue }),
  };
}
