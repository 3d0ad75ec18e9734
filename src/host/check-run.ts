import { context, getOctokit } from "@actions/github";
import { oneLine } from "../model/arm-error.ts";
import { Failure } from "../model/failure.ts";
import type { Annotation, CheckRun } from "./host.ts";

/** Annotations that GitHub takes in one request; those of later requests are added to them (REST, checks/runs). */
const page = 50;
/** Milliseconds that a request may take: the verdict stands, and nobody should wait long for its picture. */
const patience = 30_000;

/**
 * Writes a check run at the commit that the run is about. GitHub shows it among the commit's checks, where a branch or
 * an environment can require it. @throws Failure `CheckRunRefused`.
 */
export async function writeCheckRun(run: CheckRun, cancellation: AbortSignal): Promise<string> {
  const { name, conclusion, title, summary } = run;
  const annotations = run.annotations.map(onTheWorkflow);
  const output = { title, summary };
  let refusal = "GitHub took no check run";
  try {
    const { checks } = getOctokit(run.token).rest;
    const request = () => ({ signal: AbortSignal.any([cancellation, AbortSignal.timeout(patience)]) });
    const { data } = await checks.create({
      ...context.repo,
      name,
      head_sha: headOf(context),
      conclusion,
      output: { ...output, annotations: annotations.slice(0, page) },
      request: request(),
    });
    refusal = "GitHub took the check run, but not all of its annotations";
    for (let from = page; from < annotations.length; from += page) {
      const more = { ...output, annotations: annotations.slice(from, from + page) };
      await checks.update({ ...context.repo, check_run_id: data.id, output: more, request: request() });
    }
    return data.html_url ?? data.url;
  } catch (cause) {
    throw refused(refusal, cause);
  }
}

/** The commit that people look at: of a pull request its own head, for which GitHub checks out a merge (`GITHUB_SHA`). */
export function headOf({ payload, sha }: Pick<typeof context, "payload" | "sha">): string {
  const head: unknown = payload.pull_request?.["head"]?.sha;
  return typeof head === "string" ? head : sha;
}

/** An annotation must name a file; what a cluster lacks stands in none, so it is the workflow that asked. */
function onTheWorkflow({ level, title, message }: Annotation) {
  return {
    path: workflowFile(process.env["GITHUB_WORKFLOW_REF"] ?? "", process.env["GITHUB_REPOSITORY"] ?? ""),
    start_line: 1,
    end_line: 1,
    annotation_level: level,
    title,
    message,
  };
}

/** The path in `owner/name/.github/workflows/ci.yml@refs/heads/main`; a workflow of another repository has none here. */
export function workflowFile(reference: string, repository: string): string {
  const [file = ""] = reference.split("@");
  const own = `${repository}/`;
  return file.toLowerCase().startsWith(own.toLowerCase()) ? file.slice(own.length) : ".github";
}

const remedies: Readonly<Record<number, string>> = {
  401: "Give `github-token` a token that is valid: `github.token` is one.",
  403: "Add `permissions: checks: write` to the job. For a pull request from a fork GitHub gives no job that permission.",
  404: "Give `github-token` a token of this repository, with `permissions: checks: write`: `github.token` is one.",
};

function refused(what: string, cause: unknown): Failure {
  const status = typeof cause === "object" && cause && "status" in cause ? Number(cause.status) : undefined;
  const message = oneLine(cause instanceof Error ? cause.message : String(cause));
  const remedy = status === undefined ? undefined : remedies[status];
  return new Failure("CheckRunRefused", `${what}: ${message}`, {
    cause,
    ...(remedy && { remedy }),
    link: "https://docs.github.com/rest/checks/runs",
  });
}
