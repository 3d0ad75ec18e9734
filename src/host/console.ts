import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { exitCodes } from "../model/exit-codes.ts";
import { Failure } from "../model/failure.ts";
import type { Report } from "../model/report.ts";
import type { Host, Wait } from "./host.ts";
import { cancellation, readJsonFiles, writeFolderPrivately, writeWhere } from "./process.ts";
import { broken, findingView, type Look, reportView, worded } from "./report-view.ts";
import { harmless, harmlessAll, harmlessData, type Screen, Terminal, wantsPlain } from "./terminal.ts";

/** How the end of a run is told: to a person, or to a program. */
export type OutputFormat = "table" | "json" | "yaml";

/** What a person asked the console for, beside the inputs of the action. */
export interface ConsoleOptions {
  readonly inputs: Readonly<Record<string, string>>;
  /** Names of inputs, which texts hold between backticks. */
  readonly inputNames?: readonly string[];
  readonly output: OutputFormat;
  readonly verbose: boolean;
  /** Plain lines on a terminal too. */
  readonly plain: boolean;
  readonly useDeviceCode: boolean;
  /** Where the JSON report goes, for an action that has no input for that. */
  readonly reportPath?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: Screen;
  readonly stderr: Screen;
}

/** A terminal, or a script, as the host of a run. */
export interface ConsoleHost extends Host {
  /** The exit code of the process, once the run has ended. */
  readonly exitCode: number;
  /** How texts look here. */
  readonly look: Look;
  /** Tells a result: the text to a person, the data to a program. */
  result(text: string, data: unknown): Promise<void>;
}

/**
 * A terminal or a script as the host of a run. Standard output is the program's where a program reads it; what a person
 * reads goes beside it then. Listens to SIGINT and SIGTERM from the moment it is made.
 */
export function consoleHost(options: ConsoleOptions): ConsoleHost {
  const { environment, output, stdout, stderr, inputNames = [] } = options;
  const plain = options.plain || wantsPlain(environment);
  const human = new Terminal(output === "table" ? stdout : stderr, plain);
  const look: Look = {
    get width() {
      return human.width;
    },
    paint: (style, text) => human.paint(style, text),
    worded: (text) => worded(harmless(text), inputNames),
  };
  const told = new Set<string>();
  let exitCode: number = exitCodes.done;
  const result = async (text: string, data: unknown) => {
    human.live();
    if (output === "table") return human.write(text);
    const json = `${JSON.stringify(data, undefined, 2)}\n`;
    stdout.write(harmlessData(output === "json" ? json : await yaml(data)));
  };
  return {
    ...leavesNothing(options),
    name: "console",
    environment,
    cancellation: interruptible(human),
    look,
    result,
    get exitCode() {
      return exitCode;
    },
    input: (name) => (options.inputs[name] ?? "").trim(),
    readFile: (path) => readFile(path, "utf8"),
    readJsonFiles: (path) => readJsonFiles(undefined, path),
    info: (line) => human.write(lines(harmless(line), look)),
    debug: (line) => {
      if (options.verbose) human.write(look.paint("dim", harmless(line)));
    },
    group: (title, group) => {
      human.write(look.paint("bold", harmless(title)));
      for (const line of group) human.write(lines(`  ${harmless(line)}`, look));
    },
    finding: (finding) => {
      told.add(JSON.stringify(finding));
      human.write(findingView(harmlessAll(finding), look));
    },
    error: (title, message) => human.write(look.paint("red", look.worded(`${title}: ${message}`))),
    idToken,
    live: (wait) => human.live(wait && oneLineOf(wait)),
    conclude: async (report) => {
      exitCode = codeOf(report);
      const untold = report.findings.filter((finding) => !told.has(JSON.stringify(finding)));
      await result(reportView(harmlessAll(report), harmlessAll(untold), look), report);
    },
    ...(options.useDeviceCode && {
      deviceCode: (message: string) => {
        human.live();
        stderr.write(`${harmless(message)}\n`);
      },
    }),
  };
}

/** The live line is one line, whatever it shows. */
function oneLineOf({ what, state }: Wait): Wait {
  const shown = (text: string) => harmless(text).replace(/\s+/g, " ");
  return { what: shown(what), state: shown(state) };
}

/** A workstation's temporary folder is nobody's to tidy up: a file is written where one is asked for, and nowhere else. */
function leavesNothing({ reportPath }: ConsoleOptions) {
  return {
    mask: () => undefined,
    clean: (text: string) => text,
    output: () => undefined,
    summary: async () => undefined,
    writeReport: async (_name: string, json: string) =>
      reportPath ? writeWhere(undefined, reportPath, json, 0o600) : "",
    writeFile: (path: string, content: string) => writeWhere(undefined, path, content),
    writePage: <Data>(path: string, data: Data, render: (data: Data) => string) =>
      writeWhere(undefined, path, render(data)),
    writeFolder: (name: string, files: Readonly<Record<string, string>>) =>
      writeFolderPrivately(resolve("."), name, files),
    saveState: () => undefined,
    state: () => "",
  } satisfies Partial<Host>;
}

function codeOf({ verdict, error }: Report): number {
  if (verdict === "cancelled") return exitCodes.cancelled;
  if (error?.code === "InvalidInput") return exitCodes.usage;
  return error ? exitCodes.failed : exitCodes.done;
}

/** Ctrl+C ends the run in good order; pressed again, it ends the process. */
function interruptible(human: Terminal): AbortSignal {
  const signal = cancellation(exitCodes.cancelled);
  const stopping = () => {
    human.live();
    human.write("Stopping. Ctrl+C once more ends this at once.");
    process.once("SIGINT", () => process.exit(exitCodes.cancelled));
  };
  signal.addEventListener("abort", stopping, { once: true });
  return signal;
}

/** A line of the log; in a terminal it is broken between words, and what follows stands under its beginning. */
function lines(text: string, { width }: Look): string {
  const indent = /^ */.exec(text)?.[0] ?? "";
  return broken(text.slice(indent.length), width - indent.length)
    .map((line) => indent + line)
    .join("\n");
}

async function yaml(data: unknown): Promise<string> {
  // Only who asks for YAML waits for it to load.
  const { stringify } = await import("yaml");
  // Without what JSON leaves out as well.
  return stringify(JSON.parse(JSON.stringify(data)), { lineWidth: 0 });
}

async function idToken(): Promise<never> {
  throw new Failure("NoIdToken", "A terminal has no OIDC token of a job to sign in with.", {
    remedy:
      "Leave `client-id` out and run `az login` before, give `--use-device-code`, or set AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET.",
  });
}
