/** What the GitHub Actions runner makes of the lines that a step prints: workflow commands, annotations, masks. */

export interface Annotation {
  level: "error" | "warning" | "notice";
  message: string;
  title?: string;
}

interface Command {
  name: string;
  properties: Record<string, string>;
  data: string;
}

type Handler = (command: Command, line: string) => void;

/** `::name key=value,key=value::data`: at the start of a line. `%` comes last, so that `%250A` stays `%0A`. */
const DATA_ESCAPES = { "%0D": "\r", "%0A": "\n", "%25": "%" };
const PROPERTY_ESCAPES = { "%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%" };
/** `##[name key=value;key=value]data`, the older form: anywhere in a line. */
const BRACKET_ESCAPES = { "%3B": ";", "%0D": "\r", "%0A": "\n", "%5D": "]", "%25": "%" };

/** The annotations that the runner keeps of each level, and the length of their messages. */
const ANNOTATION_LIMIT = 10;
const MESSAGE_LIMIT = 4096;

const PREFIX = { error: "Error: ", warning: "Warning: ", notice: "Notice: " };

/** Reads a step's lines as the runner does, and keeps what a person would see. */
export class StepLog {
  readonly annotations: Annotation[] = [];
  readonly lines: string[] = [];
  /** A command that the runner refuses fails the step, whatever its exit code. */
  failed = false;
  readonly #masks = new Masks();
  readonly #debug: boolean;
  readonly #onLine: (line: string) => void;
  #resumeToken: string | undefined;
  /** The commands that the runner knows; any other line is only text. */
  readonly #handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
    ["error", ({ data, properties }) => this.annotate("error", data, properties["title"])],
    ["warning", ({ data, properties }) => this.annotate("warning", data, properties["title"])],
    ["notice", ({ data, properties }) => this.annotate("notice", data, properties["title"])],
    ["debug", ({ data }) => this.#debug && this.#print(`##[debug]${data}`)],
    ["group", ({ data }) => this.#print(`##[group]${data}`)],
    ["endgroup", () => this.#print("##[endgroup]")],
    ["add-mask", ({ data }) => this.#addMask(data)],
    ["stop-commands", ({ data }, line) => this.#stopCommands(data, line)],
    ["set-env", ({ name }, line) => this.#refuse(line, `The \`${name}\` command is disabled.`)],
    ["add-path", ({ name }, line) => this.#refuse(line, `The \`${name}\` command is disabled.`)],
    ["set-output", ({ name }) => this.annotate("warning", `The \`${name}\` command is deprecated.`)],
    ["save-state", ({ name }) => this.annotate("warning", `The \`${name}\` command is deprecated.`)],
    ["echo", () => {}],
    ["add-matcher", () => {}],
    ["remove-matcher", () => {}],
  ]);

  constructor(options: { debug: boolean; onLine: (line: string) => void }) {
    this.#debug = options.debug;
    this.#onLine = options.onLine;
  }

  get masks(): string[] {
    return [...this.#masks.values];
  }

  mask(text: string): string {
    return this.#masks.apply(text);
  }

  receive(line: string): void {
    const command = parseCommand(line, (name) => this.#handlers.has(name) || name === this.#resumeToken);
    if (command === undefined) {
      this.#print(line);
    } else if (this.#resumeToken === undefined) {
      this.#handlers.get(command.name)?.(command, line);
    } else {
      if (command.name === this.#resumeToken) this.#resumeToken = undefined;
      this.#print(line);
    }
  }

  annotate(level: Annotation["level"], text: string, title?: string): void {
    const message = this.mask(text).slice(0, MESSAGE_LIMIT);
    if (this.annotations.filter((annotation) => annotation.level === level).length < ANNOTATION_LIMIT) {
      this.annotations.push({ level, message, ...(title === undefined ? {} : { title: this.mask(title) }) });
    }
    this.#print(`${PREFIX[level]}${message}`);
  }

  fail(what: string, reason: string): void {
    this.failed = true;
    this.annotate("error", what);
    this.annotate("error", reason);
  }

  #addMask(value: string): void {
    if (value.trim() === "") {
      this.annotate("warning", "Can't add secret mask for empty string in ##[add-mask] command.");
    } else {
      this.#masks.add(value);
    }
  }

  #stopCommands(token: string, line: string): void {
    const name = token.toLowerCase();
    if (token === "" || name === "pause-logging" || this.#handlers.has(name)) {
      this.#refuse(
        line,
        "You cannot use a endToken that is empty, 'pause-logging' or another workflow command.",
      );
      return;
    }
    this.#resumeToken = name;
    if (token.length > 6) this.#masks.add(token);
    this.#print(line);
  }

  #refuse(line: string, reason: string): void {
    this.fail(`Unable to process command '${line}' successfully.`, reason);
  }

  #print(text: string): void {
    for (const line of this.mask(text).split(/\r?\n/)) {
      this.lines.push(line);
      this.#onLine(line);
    }
  }
}

function parseCommand(line: string, isKnown: (name: string) => boolean): Command | undefined {
  const colons = /^\s*::(?<info>.*?)::(?<data>.*)$/su.exec(line)?.groups;
  const brackets = /##\[(?<info>.*?)\](?<data>.*)$/su.exec(line)?.groups;
  const readings = [
    colons && readCommand(colons, ",", PROPERTY_ESCAPES, DATA_ESCAPES),
    brackets && readCommand(brackets, ";", BRACKET_ESCAPES, BRACKET_ESCAPES),
  ];
  return readings.find((command) => command !== undefined && isKnown(command.name));
}

function readCommand(
  groups: Record<string, string>,
  separator: string,
  propertyEscapes: Record<string, string>,
  dataEscapes: Record<string, string>,
): Command {
  const { info = "", data = "" } = groups;
  const space = info.indexOf(" ");
  const name = (space < 0 ? info : info.slice(0, space)).toLowerCase();
  const properties: Record<string, string> = {};
  for (const property of space < 0 ? [] : info.slice(space).trim().split(separator)) {
    const equals = property.indexOf("=");
    const value = property.slice(equals + 1);
    if (equals > 0 && value !== "") properties[property.slice(0, equals)] = decode(value, propertyEscapes);
  }
  return { name, properties, data: decode(data, dataEscapes) };
}

function decode(text: string, escapes: Record<string, string>): string {
  return Object.entries(escapes).reduce((result, [code, char]) => result.replaceAll(code, char), text);
}

/** The values that a step masked. Of the encoded forms that the runner also hides these are the plain ones. */
class Masks {
  readonly values = new Set<string>();
  readonly #forms = new Set<string>();

  add(value: string): void {
    this.values.add(value);
    const lines = value.split(/[\r\n]+/).map((line) => line.trim());
    for (const secret of [value, ...lines].filter((text) => text !== "")) {
      this.#forms.add(secret);
      this.#forms.add(JSON.stringify(secret).slice(1, -1));
      this.#forms.add(encodeURIComponent(secret));
      this.#forms.add(Buffer.from(secret).toString("base64"));
    }
  }

  /** Overlapping and adjoining finds become one `***`, so that none leaves its rest behind. */
  apply(text: string): string {
    const found = [...this.#forms]
      .flatMap((form) => occurrences(text, form))
      .sort((a, b) => a.start - b.start);
    let masked = "";
    let end = 0;
    for (const range of found) {
      if (range.start > end || masked === "") masked += `${text.slice(end, range.start)}***`;
      end = Math.max(end, range.end);
    }
    return masked + text.slice(end);
  }
}

function occurrences(text: string, form: string): { start: number; end: number }[] {
  const ranges = [];
  for (let start = text.indexOf(form); start >= 0; start = text.indexOf(form, start + 1)) {
    ranges.push({ start, end: start + form.length });
  }
  return ranges;
}
