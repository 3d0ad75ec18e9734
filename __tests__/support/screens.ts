import { type ConsoleHost, type ConsoleOptions, consoleHost } from "../../src/host/console.ts";

/** A stream that keeps what is written to it. */
export class FakeScreen {
  text = "";
  readonly isTTY: boolean;
  readonly columns: number;

  constructor(isTTY: boolean, columns = 80) {
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string): boolean {
    this.text += text;
    return true;
  }

  /** What a person sees of it in the end: a line is taken away by what the console writes for that. */
  get seen(): string[] {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is taken out
    const plain = this.text.replace(/\u001b\[\d+(?:;\d+)*m/g, "");
    return plain.split("\n").map((line) => line.split("\r\u001b[2K").at(-1) ?? "");
  }
}

/** A console host, and the screens that it writes to. */
export function consoleOf(options: Partial<ConsoleOptions> & { tty?: boolean; columns?: number } = {}): {
  host: ConsoleHost;
  stdout: FakeScreen;
  stderr: FakeScreen;
} {
  const { tty = true, columns, ...more } = options;
  const [stdout, stderr] = [new FakeScreen(tty, columns), new FakeScreen(tty, columns)];
  const host = consoleHost({
    inputs: {},
    output: "table",
    verbose: false,
    plain: false,
    useDeviceCode: false,
    environment: {},
    stdout,
    stderr,
    ...more,
  });
  return { host, stdout, stderr };
}
