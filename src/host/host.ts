import type { Finding } from "../model/finding.ts";
import type { Report } from "../model/report.ts";

/**
 * The pipeline that a run lives in. Everybody may know this interface; its implementations are known to
 * entries alone. What leaves the process leaves through it, so that `report/redaction.ts` can stand in between.
 */
export interface Host {
  /** Name of the pipeline system, for the user agent and the report. */
  readonly name: string;
  /** Environment variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted with a `Failure` when the pipeline cancels the run (SIGINT or SIGTERM). */
  readonly cancellation: AbortSignal;

  /** The value of an input as it was written, trimmed; empty when it was not given. */
  input(name: string): string;
  /** The content of a file that an input names, in UTF-8. */
  readFile(path: string): Promise<string>;
  /** The JSON files of a folder and of those in it, by their paths in it; or the one file that an input names. */
  readJsonFiles(path: string): Promise<Readonly<Record<string, string>>>;

  /** A line of the log. */
  info(line: string): void;
  /** A line that is shown only when debug logging is on. */
  debug(line: string): void;
  /** Lines that fold away under a title. */
  group(title: string, lines: readonly string[]): void;
  /** The run's one error annotation. */
  error(title: string, message: string): void;
  /** Keeps a value out of everything that leaves the process from now on. */
  mask(secret: string): void;
  /** A text without the secrets that are known, for texts that are cut before they leave. */
  clean(text: string): string;

  /** An output of the step. */
  output(name: string, value: string): void;
  /** The page that the pipeline shows for the run, in GitHub's Markdown. */
  summary(markdown: string): Promise<void>;
  /** Writes the JSON report outside the workspace folder and gives its path. */
  writeReport(name: string, json: string): Promise<string>;
  /** Writes a file that the user named, relative to the workspace folder, and gives its whole path. */
  writeFile(path: string, content: string): Promise<string>;
  /** Writes a page that shows data; what must not leave can be in the data alone, so that the page itself stays as it is. */
  writePage<Data>(path: string, data: Data, render: (data: Data) => string): Promise<string>;
  /** Writes files into a new folder beside the reports, for their owner's eyes, and gives its path. */
  writeFolder(name: string, files: Readonly<Record<string, string>>): Promise<string>;
  /** Keeps a value for the post step of the same action. */
  saveState(name: string, value: string): void;
  /** What the main step kept; empty when it kept nothing. */
  state(name: string): string;

  /** A new OIDC token of the job for that audience. Throws a `Failure` when the job has none to give. */
  idToken(audience: string): Promise<string>;
  /** Shows a verdict at the commit, where the pipeline has such a thing, and gives its URL. Throws a `Failure`. */
  checkRun?(run: CheckRun): Promise<string>;
  /** Keeps one issue of the repository, where the pipeline has such a thing: see `Issue`. Throws a `Failure`. */
  issue?(issue: Issue): Promise<KeptIssue>;

  /** Shows what is waited for, on a line that goes away again, where a person watches; without a wait nothing more. */
  live?(wait?: Wait): void;
  /** Shows what a rule has to say in the host's own way; without it a line of the log does. */
  finding?(finding: Finding): void;
  /** Tells how the run ended in the host's own way; without it the last lines of the log and the error do. */
  conclude?(report: Report): Promise<void>;
  /** There where a person asked to sign in with a device code: tells where the code is to be entered. */
  deviceCode?(message: string): void;
}

/** Something that takes its time. */
export interface Wait {
  readonly what: string;
  /** As Azure last told it; empty where it told nothing yet. */
  readonly state: string;
}

/** A verdict at a commit, which a branch or an environment can require. */
export interface CheckRun {
  /** What it is written with. */
  readonly token: string;
  readonly name: string;
  /** `neutral` lets a branch pass that requires the check, as `success` does. */
  readonly conclusion: "success" | "failure" | "neutral";
  readonly title: string;
  /** In GitHub's Markdown, 65,535 characters at most. */
  readonly summary: string;
  readonly annotations: readonly Annotation[];
}

/** Something that people should look at, for as long as it is so: one issue, which is opened, kept up to date and closed. */
export interface Issue {
  /** What it is written with. */
  readonly token: string;
  /** By the label the next run finds it. */
  readonly label: string;
  /** `false` where there is nothing to look at: an issue that is open is closed. */
  readonly open: boolean;
  readonly title: string;
  /** In GitHub's Markdown, 65,536 characters at most. */
  readonly body: string;
  /** Said where it is closed. */
  readonly farewell: string;
}

/** What became of an issue. */
export interface KeptIssue {
  readonly done: "opened" | "updated" | "unchanged" | "closed" | "none";
  readonly url?: string;
}

/** A line of a check run's list. */
export interface Annotation {
  readonly level: "failure" | "warning" | "notice";
  readonly title: string;
  readonly message: string;
}
