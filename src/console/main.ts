import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { Command, CommanderError } from "commander";
import type { UsageProblem } from "../actions/usage.ts";
import { Terminal, wantsPlain } from "../host/terminal.ts";
import { type ActionName, doors } from "../model/doors.ts";
import { exitCodes } from "../model/exit-codes.ts";
import { manual } from "../model/manual.ts";
import { product } from "../model/version.ts";
import { command, formats, type InputOption, inputOptions } from "./command-line.ts";
import { completionCommand } from "./completion.ts";
import type { Core } from "./core.ts";
import { doctorManual, tell } from "./doctor.ts";
import { given, type Sources } from "./given.ts";
import { dress, footer } from "./help.ts";

/** What a process has to do with: the world as it is, or as a test makes it. */
export interface Context {
  /** Loads what talks to Azure, which a page of help has no need of. */
  readonly load: () => Promise<Core>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** The command `azureml-clusters`. @returns the exit code. */
export async function main(argv: readonly string[], context: Context): Promise<number> {
  const { stdout, stderr, environment } = context;
  // A reader that goes away, as `head` does, ends no run.
  for (const stream of [stdout, stderr]) stream.on("error", () => undefined);
  const plain = wantsPlain(environment) || argv.includes("--no-color");
  let code: number = exitCodes.done;
  const program = build(new Terminal(stdout, plain), context, async (run) => {
    code = await run();
  });
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
}

type End = (run: () => Promise<number>) => Promise<void>;

function build(screen: Terminal, context: Context, end: End): Command {
  const program = new Command(product.name)
    .description(
      "Attaches AKS and Azure Arc clusters to Azure Machine Learning workspaces: looks first, shows the plan, does exactly that, and proves it by reading.",
    )
    // Options after a command are the command's own: `deploy-extension` has a `--version`.
    .enablePositionalOptions()
    .version(product.version, "--version", "Show the version.")
    .helpOption("-h, --help", "Show this page.")
    .helpCommand(false)
    .option("--no-color", "Plain lines.");
  for (const name of Object.keys(doors) as ActionName[]) {
    const options = inputOptions(manual[name]);
    program.addCommand(
      prepared(command(name, manual[name].text, options), options, manual[name].example, screen).action(
        (_options, parsed: Command) => end(() => act(name, parsed, options, context)),
      ),
    );
  }
  const looked = inputOptions(doctorManual);
  program.addCommand(
    prepared(command("doctor", doctorManual.text, looked), looked, doctorManual.example, screen).action(
      (_options, parsed: Command) => end(() => examine(parsed, looked, context)),
    ),
  );
  program.addCommand(completionCommand(program, context.stdout));
  program.addHelpText("after", overview(screen));
  for (const one of [program, ...program.commands]) settle(one, screen, context);
  dress(program, [], screen);
  return program;
}

function prepared(
  made: Command,
  options: readonly InputOption[],
  example: Readonly<Record<string, string>>,
  screen: Terminal,
): Command {
  dress(made, options, screen);
  return made.addHelpText("after", footer(made.name(), { example }, screen));
}

/** Where commander writes, and that it never ends the process. */
function settle(one: Command, screen: Terminal, { stdout, stderr }: Context): void {
  one.exitOverride().configureOutput({
    writeOut: (text) => void stdout.write(text),
    writeErr: (text) => void stderr.write(text),
    outputError: (text, write) => write(text.replace(/^error: /, "")),
    getOutHasColors: () => screen.rich,
    getErrHasColors: () => screen.rich,
  });
}

function overview(screen: Terminal): string {
  return `
${screen.paint("bold", "First steps:")}
  az login
  azureml-clusters doctor -g <group> -w <workspace> --cluster-resource-id <id>
  azureml-clusters attach --help
  source <(azureml-clusters completion bash)
`;
}

/** What the options of the console itself say. */
function settings(parsed: Command) {
  const { output = "table", verbose, color, useDeviceCode } = parsed.opts<Record<string, unknown>>();
  const format = [output].flat().join(" ");
  const known = formats.find((one) => one === format);
  return {
    output: known ?? formats[0],
    verbose: verbose === true,
    // Before the command or behind it.
    plain: [color, parsed.parent?.opts()["color"]].includes(false),
    useDeviceCode: useDeviceCode === true,
    problems: known ? [] : [{ text: `--output: takes ${formats.join(", ")}.` }],
  };
}

async function prepare(parsed: Command, options: readonly InputOption[], context: Context) {
  const { environment, stdout, stderr } = context;
  const core = await context.load();
  const { problems: ofConsole, ...chosen } = settings(parsed);
  const { inputs, problems } = await given(parsed, options, sources(context));
  const inputNames = options.map(({ input }) => input.name);
  const report = inputNames.includes("report-path") ? {} : reportPath(parsed);
  const host = core.consoleHost({
    ...chosen,
    ...(report.path !== undefined && { reportPath: report.path }),
    ...{ inputs, inputNames, environment, stdout, stderr },
  });
  return { ...core, host, problems: [...ofConsole, ...(report.problems ?? []), ...problems] };
}

/** Where the report goes, of an action that has no input for that. */
function reportPath(parsed: Command): { path?: string; problems?: UsageProblem[] } {
  const { reportPath } = parsed.opts<Record<string, unknown>>();
  const paths = reportPath === undefined ? [] : [reportPath].flat();
  if (paths.length === 0) return {};
  if (paths.length === 1 && typeof paths[0] === "string") return { path: paths[0] };
  return { problems: [{ text: "--report-path: takes the path of one file." }] };
}

function sources({ environment, stdin }: Context): Sources {
  return {
    environment,
    readFile: (path) => readFile(path, "utf8"),
    readInput: async () => (stdin.isTTY ? undefined : text(stdin)),
  };
}

async function act(
  name: ActionName,
  parsed: Command,
  options: readonly InputOption[],
  context: Context,
): Promise<number> {
  const { host, problems, commands, refuse } = await prepare(parsed, options, context);
  await (problems.length > 0 ? refuse(name, host, problems) : commands[name].run(host));
  return host.exitCode;
}

async function examine(parsed: Command, options: readonly InputOption[], context: Context): Promise<number> {
  const { host, problems, doctor } = await prepare(parsed, options, context);
  return tell(await doctor(host, problems), host);
}
