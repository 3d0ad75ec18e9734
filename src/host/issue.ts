import { context, getOctokit } from "@actions/github";
import { oneLine } from "../model/arm-error.ts";
import { Failure } from "../model/failure.ts";
import type { Issue, KeptIssue } from "./host.ts";

/** Stands in the issues that are ours; people may give the label to others. */
const marker = "<!-- azureml-clusters: this issue is kept up to date, and closed when all is well again -->";
/** Milliseconds that a request may take: the verdict stands, and nobody should wait long for its issue. */
const patience = 30_000;

/**
 * Opens an issue, brings the one that is open up to date, or closes it (REST, issues). GitHub tells nobody of a changed
 * text, so it is changed as often as it is wrong. @throws Failure `IssueRefused`.
 */
export async function keepIssue(issue: Issue, cancellation: AbortSignal): Promise<KeptIssue> {
  const { issues } = getOctokit(issue.token).rest;
  const common = () => ({
    ...context.repo,
    request: { signal: AbortSignal.any([cancellation, AbortSignal.timeout(patience)]) },
  });
  const { title } = issue;
  const body = `${issue.body.trimEnd()}\n\n${marker}\n`;
  try {
    const query = { state: "open", labels: issue.label, sort: "created", direction: "asc" } as const;
    const { data } = await issues.listForRepo({ ...common(), ...query, per_page: 100 });
    const own = data.filter((one) => !one.pull_request && one.body?.includes(marker));
    const [first] = own;
    if (!issue.open) {
      for (const { number } of own) {
        await issues.createComment({ ...common(), issue_number: number, body: issue.farewell });
        const closed = { state: "closed", state_reason: "completed" } as const;
        await issues.update({ ...common(), issue_number: number, ...closed });
      }
      return first ? { done: "closed", url: first.html_url } : { done: "none" };
    }
    if (!first) {
      const made = await issues.create({ ...common(), title, body, labels: [issue.label] });
      return { done: "opened", url: made.data.html_url };
    }
    const same = first.title === title && first.body === body;
    if (!same) await issues.update({ ...common(), issue_number: first.number, title, body });
    return { done: same ? "unchanged" : "updated", url: first.html_url };
  } catch (cause) {
    throw refused(cause);
  }
}

const remedies: Readonly<Record<number, string>> = {
  401: "Give `github-token` a token that is valid: `github.token` is one.",
  403: "Add `permissions: issues: write` to the job.",
  404: "Give `github-token` a token of this repository, with `permissions: issues: write`: `github.token` is one.",
  410: "Issues are switched off in this repository: switch them on, or leave `github-token` out.",
};

function refused(cause: unknown): Failure {
  const status = typeof cause === "object" && cause && "status" in cause ? Number(cause.status) : undefined;
  const message = oneLine(cause instanceof Error ? cause.message : String(cause));
  const remedy = status === undefined ? undefined : remedies[status];
  return new Failure("IssueRefused", `GitHub took no issue: ${message}`, {
    cause,
    ...(remedy && { remedy }),
    link: "https://docs.github.com/rest/issues/issues",
  });
}
