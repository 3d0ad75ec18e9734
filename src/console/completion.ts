import { Argument, type Command, type Option } from "commander";
import { type InputManual, manual } from "../model/manual.ts";
import { ownDefaults } from "./command-line.ts";
import { bash, fish, pwsh, zsh } from "./shells.ts";

/** An option, as a shell completes it. */
export interface CompletedOption {
  readonly long: string;
  readonly short?: string;
  /** One line. */
  readonly text: string;
  /** What may follow: nothing, some words, a file, or what nobody knows. */
  readonly takes: "nothing" | "file" | "value" | readonly string[];
}

/** A command, as a shell completes it. */
export interface CompletedCommand {
  readonly name: string;
  readonly text: string;
  readonly options: readonly CompletedOption[];
  /** The words that it takes without an option. */
  readonly words: readonly string[];
}

const shells = { bash, zsh, fish, pwsh } as const;

/** The command that writes a script by which a shell completes all others. */
export function completionCommand(program: Command, stdout: { write(text: string): unknown }): Command {
  const names = Object.keys(shells) as (keyof typeof shells)[];
  const made = program.createCommand("completion");
  return made
    .description("Writes the script by which a shell completes commands, options and their words.")
    .addArgument(new Argument("<shell>", "The shell.").choices(names))
    .helpOption("-h, --help", "Show this page.")
    .addHelpText("after", places)
    .action((shell: keyof typeof shells) => {
      stdout.write(shells[shell](completedCommands(program)));
    });
}

const places = `
Where it goes:
  bash  source <(azureml-clusters completion bash)           in ~/.bashrc
  zsh   source <(azureml-clusters completion zsh)            in ~/.zshrc, after compinit
  fish  azureml-clusters completion fish > ~/.config/fish/completions/azureml-clusters.fish
  pwsh  azureml-clusters completion pwsh | Out-String | Invoke-Expression     in $PROFILE
`;

/** Everything that can be completed. */
export function completedCommands(program: Command): CompletedCommand[] {
  return program.commands.map((one) => ({
    name: one.name(),
    text: firstSentence(one.description()),
    words: one.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    options: one.createHelp().visibleOptions(one).flatMap(completedOption),
  }));
}

function completedOption({ long, short, description, flags }: Option): CompletedOption[] {
  if (!long) return [];
  const text = firstSentence(description);
  // What is on by itself is offered by what turns it off.
  if (inputOf(long)?.default === "true" && !(long.slice(2) in ownDefaults)) {
    return [{ long: long.replace("--", "--no-"), text, takes: "nothing" }];
  }
  return [{ long, ...(short && { short }), text, takes: takes(long, flags) }];
}

function takes(long: string, flags: string): CompletedOption["takes"] {
  const value = /\[(.+?)(?:\.\.\.)?\]/.exec(flags)?.[1];
  if (value === undefined) return "nothing";
  if (/^@?file/.test(value)) return "file";
  // The words of an input are known also where they are too many to stand for its value.
  return inputOf(long)?.words ?? (value.includes("|") ? value.split("|") : "value");
}

function inputOf(long: string): InputManual | undefined {
  const inputs = Object.values(manual).flatMap((one) => one.inputs);
  return inputs.find(({ name }) => `--${name}` === long);
}

function firstSentence(text: string): string {
  return (/^.*?[.;:](?=\s|$)/s.exec(text)?.[0] ?? text).replace(/[.;:]$/, "").replaceAll("`", "");
}
