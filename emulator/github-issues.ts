import type { Incoming, Reply } from "./http.ts";
import { json } from "./http.ts";
import { isObject, type Json, type JsonObject, textAt } from "./json.ts";
import type { World } from "./world.ts";

/** Issues of GitHub's REST API (its reference, "Issues"); the wordings of refusals are partly ours. */

/** An issue as it stands, with the comments that were made. */
export interface Issue {
  readonly number: number;
  title: string;
  body: string;
  state: "open" | "closed";
  stateReason: string | null;
  labels: string[];
  readonly comments: string[];
}

const LONGEST_BODY = 65_536;
const LONGEST_TITLE = 256;
const FIELDS = ["title", "body", "state", "state_reason", "labels"];

/** Whether a path under the repository is one of issues. */
export function isAboutIssues(resource: string): boolean {
  return /^issues(?:\/|$)/.test(resource);
}

/** Answers a request for issues; `resource` is the path under the repository. */
export function githubIssues(world: World, request: Incoming, resource: string): Reply {
  if (world.knobs.githubIssues === "off") return refusal(410, "Issues has been disabled in this repository.");
  const [, number, comments] = /^issues(?:\/(\d+)(\/comments)?)?$/.exec(resource) ?? [];
  if (request.method === "GET" && resource === "issues") return list(world, request);
  if (world.knobs.githubIssues !== "write") return refusal(403, "Resource not accessible by integration");
  const body = parsed(request.body);
  if (!body) return refusal(400, "Problems parsing JSON");
  if (request.method === "POST" && resource === "issues") return create(world, body);
  const issue = world.issues.find((one) => String(one.number) === number);
  if (!issue) return refusal(404, "Not Found");
  if (request.method === "POST" && comments) return comment(issue, body);
  if (request.method === "PATCH" && !comments) return update(world, issue, body);
  return refusal(404, "Not Found");
}

/** All labels of the list must be there; the newest first, unless asked otherwise. */
function list(world: World, { url }: Incoming): Reply {
  const query = url.searchParams;
  const state = query.get("state") ?? "open";
  const labels = (query.get("labels") ?? "").split(",").filter(Boolean);
  const size = Number(query.get("per_page") ?? 30);
  const found = world.issues
    .filter((issue) => state === "all" || issue.state === state)
    .filter((issue) => labels.every((label) => issue.labels.includes(label)));
  const ordered = query.get("direction") === "asc" ? found : found.toReversed();
  return json(
    200,
    ordered.slice(0, Math.min(size, 100)).map((issue) => shown(world, issue)),
  );
}

function create(world: World, body: JsonObject): Reply {
  const problem = textAt(body, "title") ? contentProblem(body) : '"title" wasn\'t supplied.';
  if (problem) return invalid(problem);
  const issue: Issue = {
    number: world.issues.length + 1,
    title: textAt(body, "title") ?? "",
    body: textAt(body, "body") ?? "",
    state: "open",
    stateReason: null,
    labels: labelsOf(body),
    comments: [],
  };
  world.issues.push(issue);
  return json(201, shown(world, issue));
}

function update(world: World, issue: Issue, body: JsonObject): Reply {
  const problem = contentProblem(body);
  if (problem) return invalid(problem);
  issue.title = textAt(body, "title") ?? issue.title;
  issue.body = textAt(body, "body") ?? issue.body;
  if (body["labels"] !== undefined) issue.labels = labelsOf(body);
  if (body["state"] === "open" || body["state"] === "closed") {
    issue.state = body["state"];
    issue.stateReason = textAt(body, "state_reason") ?? null;
  }
  return json(200, shown(world, issue));
}

function comment(issue: Issue, body: JsonObject): Reply {
  const text = textAt(body, "body");
  if (!text) return invalid('"body" wasn\'t supplied.');
  if (text.length > LONGEST_BODY) return invalid(`body is too long (maximum is ${LONGEST_BODY} characters)`);
  issue.comments.push(text);
  return json(201, { id: issue.comments.length, body: text });
}

function contentProblem(body: JsonObject): string | undefined {
  const unknown = Object.keys(body).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined) return `"${unknown}" is not a permitted key.`;
  const { state, labels } = body;
  if ((textAt(body, "title") ?? "").length > LONGEST_TITLE) {
    return `title is too long (maximum is ${LONGEST_TITLE} characters)`;
  }
  if ((textAt(body, "body") ?? "").length > LONGEST_BODY) {
    return `body is too long (maximum is ${LONGEST_BODY} characters)`;
  }
  if (state !== undefined && !["open", "closed"].includes(String(state))) {
    return `${String(state)} is not a member of ["open","closed"].`;
  }
  return labels === undefined || Array.isArray(labels) ? undefined : '"labels" is not an array.';
}

function labelsOf({ labels }: JsonObject): string[] {
  return Array.isArray(labels) ? labels.map((label: Json) => String(label)) : [];
}

function shown({ github }: World, issue: Issue): JsonObject {
  const { number, title, body, state, stateReason, labels, comments } = issue;
  return {
    id: number,
    number,
    ...{ title, body, state },
    state_reason: stateReason,
    labels: labels.map((name) => ({ name })),
    comments: comments.length,
    url: `https://api.github.emulator.test/repos/${github.repository}/issues/${number}`,
    html_url: `https://github.emulator.test/${github.repository}/issues/${number}`,
  };
}

function parsed(text: string): JsonObject | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

function invalid(problem: string): Reply {
  return refusal(422, `Validation Failed: ${problem}`);
}

function refusal(status: number, message: string): Reply {
  const documentation = "https://docs.github.com/rest/issues/issues";
  return json(status, { message, documentation_url: documentation, status: String(status) });
}
