import type { Command, Help, Option } from "commander";
import { broken, columns, worded } from "../host/report-view.ts";
import type { Terminal } from "../host/terminal.ts";
import type { CommandManual, InputManual } from "../model/manual.ts";
import type { InputOption } from "./command-line.ts";
import { variableOf } from "./given.ts";

/** Columns of a page that nobody told how wide it is, and beyond which lines are hard to read. */
const usual = 80;
const widest = 140;
/** Columns from which on an option and its text stand side by side. */
const wide = 110;
const termWidth = 44;
const narrowTerm = 18;

/** Makes a command's page readable: options by group, each with its text below or beside it. */
export function dress(command: Command, options: readonly InputOption[], screen: Terminal): void {
  const width = pageWidth(screen);
  const names = options.map(({ input }) => input.name);
  const byName = new Map(options.map((option) => [option.input.name, option]));
  command.configureHelp({
    helpWidth: width,
    sortOptions: false,
    styleTitle: (title) => screen.paint("bold", title),
    commandUsage: (one) => usage(one),
    subcommandTerm: (one) => one.name(),
    optionTerm: (option) => term(option, byName.get(option.name())?.input),
    optionDescription: (option) => described(option, byName.get(option.name())),
    formatItem: (name, _width, text, helper) => item(name, coded(text, names, screen), width, screen, helper),
    boxWrap: (text, room) => broken(coded(text, names, screen), room).join("\n"),
  });
}

function pageWidth({ width }: Terminal): number {
  return Number.isFinite(width) ? Math.min(width, widest) : usual;
}

function usage(command: Command): string {
  const parent = command.parent ? `${command.parent.name()} ` : "";
  return `${parent}${command.name()} ${command.commands.length > 0 ? "<command> " : ""}[options]`;
}

/** A switch that is on by itself is shown by what turns it off. */
function term(option: Option, input: InputManual | undefined): string {
  const { flags } = option;
  const several = input?.kind === "lines" && !flags.includes("@file");
  if (input?.kind !== "flag") return flags.replace("...]", several ? ">..." : ">").replace("[", "<");
  const long = `--${input.name}`;
  return input.default === "true" && input.name !== "diagnostics"
    ? `--no-${input.name}, ${long} false`
    : long;
}

function described(option: Option, known: InputOption | undefined): string {
  if (!known) return option.description;
  const { text, fallback, input } = known;
  const parts = [text];
  if (input.required) parts.push("Required.");
  if (input.secret) parts.push(`Or the variable ${variableOf(input.name)}.`);
  if (fallback && input.kind !== "flag" && !/\bDefault, /.test(text)) parts.push(`Default, \`${fallback}\`.`);
  return parts.join(" ");
}

function item(name: string, text: string, width: number, screen: Terminal, helper: Help): string {
  const shown = screen.paint("cyan", name);
  const room = width >= wide ? termWidth : narrowTerm;
  if (helper.displayWidth(name) <= room) return columns([[shown, text]], [room], width);
  return `  ${shown}\n${columns([["", text]], [width >= wide ? termWidth : 2], width)}`;
}

/** What stands between backticks stands out; inputs have the names of their options. */
function coded(text: string, names: readonly string[], screen: Terminal): string {
  const named = worded(text, names);
  if (!screen.rich) return named;
  return named
    .replaceAll(/`([^`]+)`/g, (_, code: string) => screen.paint("cyan", code))
    .replaceAll(/(?<![\w-])--[a-z][a-z-]+/g, (option) => screen.paint("cyan", option));
}

/** What follows the options of an action. */
export function footer(name: string, { example }: Pick<CommandManual, "example">, screen: Terminal): string {
  const call = [
    `azureml-clusters ${name}`,
    ...Object.entries(example).map(([input, value]) => typed(input, value)),
  ];
  const section = (title: string, lines: readonly string[]) =>
    [
      screen.paint("bold", title),
      ...lines.map((line) => columns([[coded(line, [], screen)]], [], pageWidth(screen))),
    ].join("\n");
  return `\n${[
    [screen.paint("bold", "Example:"), `  ${call.join(" \\\n    ")}`].join("\n"),
    section("Values:", [
      "`@file` and `-` (standard input) stand for their content, as in the Azure CLI. Secrets are taken in no other way.",
      "Several values, or an option given several times, are several lines. Switches also take true or false.",
    ]),
    section("Exit codes:", [
      "0    done, or nothing to do",
      "1    failed",
      "2    wrong options or inputs; nothing was written",
      "130  cancelled; the same command goes on where this one stopped",
    ]),
  ].join("\n\n")}\n`;
}

/** An input as it is typed; several lines are several values. */
function typed(name: string, value: string): string {
  const values = value.split("\n").map((line) => (/^[\w@%+=:,./-]+$/.test(line) ? line : `"${line}"`));
  return `--${name} ${values.join(" ")}`;
}
