import { Command, Option } from "commander";
import type { CommandManual, InputManual } from "../model/manual.ts";

/** Letters for options, those of the Azure CLI. */
const letters: Readonly<Record<string, string>> = {
  "resource-group": "g",
  "workspace-name": "w",
  file: "f",
};

/** Titles of groups in the order in which they are shown; those of the tasks stand between. */
const groups: Readonly<Record<string, readonly string[]>> = {
  Workspace: ["subscription-id", "resource-group", "workspace-name", "compute-name"],
  Run: ["dry-run", "preflight", "timeout", "wait", "wait-for"],
  "Signing in": ["client-id", "tenant-id", "azure-environment"],
};

/** Inputs that mean nothing in a terminal. They are taken, so that a script may pass them, and not shown. */
const hidden = ["github-token", "check-name"];

/** What an input means here, where its own words are about a job. */
const ownWords: Readonly<Record<string, string>> = {
  "client-id": "Application (client) id for `--use-device-code`. Default, that of the Azure CLI.",
  "tenant-id": "Microsoft Entra tenant to sign in to. Default, that of the session of the Azure CLI.",
  diagnostics:
    "Collect descriptions, events and logs of what is wrong into a new folder in `./azureml-clusters`.",
};

/** What an input is where nobody gives it, where that is not the action's own default: nothing is left unasked for. */
export const ownDefaults: Readonly<Record<string, string>> = { diagnostics: "false" };

/** An input as the option of a command. */
export interface InputOption {
  readonly input: InputManual;
  readonly flags: string;
  readonly group: string;
  readonly text: string;
  readonly fallback: string | undefined;
  readonly hidden: boolean;
}

/** The inputs of a command as options, in the order in which they are shown. */
export function inputOptions({ inputs }: Pick<CommandManual, "inputs">): InputOption[] {
  const all = inputs.map((input): InputOption => {
    const { name, text } = input;
    return {
      input,
      flags: `${letters[name] ? `-${letters[name]}, ` : ""}--${name} [${placeholder(input)}...]`,
      group: groupOf(input),
      text: ownWords[name] ?? text,
      fallback: ownDefaults[name] ?? input.default,
      hidden: hidden.includes(name),
    };
  });
  const order = ["Workspace", "Cluster", "", undefined, "More", "Run", "Signing in"];
  const titles = [...new Set(all.map(({ group }) => group))];
  const place = (title: string) => (order.includes(title) ? order.indexOf(title) : order.indexOf(undefined));
  titles.sort((one, other) => place(one) - place(other));
  return titles.flatMap((title) => all.filter(({ group }) => group === title));
}

function groupOf({ name, group }: InputManual): string {
  const own = Object.keys(groups).find((title) => groups[title]?.includes(name));
  return own ?? (group === "Advanced" ? "More" : (group ?? ""));
}

/** What stands for the value. */
function placeholder({ name, kind, secret, words }: InputManual): string {
  if (kind === "flag") return "true|false";
  if (secret || /-pem$/.test(name)) return "@file|-";
  if (words && words.join("|").length <= 40) return words.join("|");
  if (/-path$|^file$/.test(name)) return "file";
  if (/^timeout$|-for$/.test(name)) return "duration";
  return /-id$/.test(name)
    ? "id"
    : /-(name|group)$/.test(name)
      ? "name"
      : kind === "lines"
        ? "line"
        : "value";
}

/**
 * A command that takes those inputs. Every option takes any number of values, none too: what is missing or too much is
 * told together with everything else that is wrong, where the parser would stop at the first.
 */
export function command(name: string, text: string, options: readonly InputOption[]): Command {
  const made = new Command(name).description(text).allowUnknownOption().allowExcessArguments();
  for (const { input, flags, group, text, hidden } of options) {
    const option = new Option(flags, text).helpGroup(group ? `${group}:` : "Settings:").hideHelp(hidden);
    made.addOption(option);
    if (input.kind === "flag") made.addOption(new Option(`--no-${input.name}`).hideHelp());
  }
  const own = options.some(({ input }) => input.name === "report-path");
  for (const option of globalOptions(own)) made.addOption(option.helpGroup("Console:"));
  return made.addHelpOption(new Option("-h, --help", "Show this page.").helpGroup("Console:"));
}

/** The words of `--output`. */
export const formats = ["table", "json", "yaml"] as const;

function globalOptions(hasReportPath: boolean): Option[] {
  return [
    new Option(
      "-o, --output [table|json|yaml...]",
      "How the result is told. `json` and `yaml` give the whole report on standard output and nothing else there. Default, `table`.",
    ),
    ...(hasReportPath
      ? []
      : [new Option("--report-path [file...]", "Write the JSON report to a file that only you can read.")]),
    new Option(
      "--use-device-code",
      "Sign in with a code that you enter in a browser, on this device or another.",
    ),
    new Option("--verbose", "Show every request too."),
    new Option("--no-color", "Plain lines: no colours, no live line. So do NO_COLOR, CI and TERM=dumb."),
  ];
}
