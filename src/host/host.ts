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
  /** Keeps a value for the post step of the same action. */
  saveState(name: string, value: string): void;
  /** What the main step kept; empty when it kept nothing. */
  state(name: string): string;

  /** A new OIDC token of the job for that audience. Throws a `Failure` when the job has none to give. */
  idToken(audience: string): Promise<string>;
}
