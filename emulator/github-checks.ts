import { githubIssues, isAboutIssues } from "./github-issues.ts";
import type { Incoming, Reply } from "./http.ts";
import { json } from "./http.ts";
import { isObject, type Json, type JsonObject, merged, objectAt, textAt } from "./json.ts";
import type { World } from "./world.ts";

/** Check runs of GitHub's REST API (its reference, "Check runs"); the wordings of refusals are partly ours. */

/** A check run as it stands: what was sent, with what GitHub adds. */
export interface CheckRun extends JsonObject {
  id: number;
  name: string;
  head_sha: string;
}

/** Where `GITHUB_API_URL` points. */
const BASE = "/_github/api";
const STATUSES = ["queued", "in_progress", "completed"];
/** `stale` is GitHub's own. */
const CONCLUSIONS = ["action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"];
const ANNOTATION_LEVELS = ["notice", "warning", "failure"];
const ANNOTATIONS_PER_REQUEST = 50;
const LONGEST_TEXT = 65_535;
const LONGEST_ANNOTATION = 64 * 1024;

const FIELDS = [
  "name",
  "head_sha",
  "details_url",
  "external_id",
  "status",
  "started_at",
  "conclusion",
  "completed_at",
  "output",
  "actions",
];

/** Whether a request goes to GitHub's REST API. */
export function isGithubApi(request: Incoming): boolean {
  return request.path.startsWith(`${BASE}/`);
}

export function githubApi(world: World, request: Incoming): Reply {
  if (tokenOf(request) !== world.github.token) return refusal(401, "Bad credentials");
  const path = request.path.slice(BASE.length);
  const [, owner, name, resource = ""] = /^\/repos\/([^/]+)\/([^/]+)\/(.+)$/.exec(path) ?? [];
  if (`${owner}/${name}`.toLowerCase() !== world.github.repository.toLowerCase()) return notFound();
  if (isAboutIssues(resource)) return githubIssues(world, request, resource);
  const [known, id] = /^check-runs(?:\/(\d+))?$/.exec(resource) ?? [];
  if (known === undefined) return notFound();
  const creates = request.method === "POST" && id === undefined;
  const updates = request.method === "PATCH" && id !== undefined;
  if (!creates && !updates) return notFound();
  if (world.knobs.githubChecks !== "write") return refusal(403, "Resource not accessible by integration");
  const body = parsed(request.body);
  if (!body) return refusal(400, "Problems parsing JSON");
  return creates ? create(world, body) : update(world, Number(id), body);
}

/** `Bearer` and `token` alike. */
function tokenOf(request: Incoming): string | undefined {
  return /^(?:Bearer|token)\s+(\S+)$/i.exec(request.headers["authorization"] ?? "")?.[1];
}

function create(world: World, body: JsonObject): Reply {
  const problem = requiredProblem(body) ?? contentProblem(body);
  if (problem) return invalid(problem);
  const id = world.checkRuns.length + 1;
  const { github } = world;
  const run: CheckRun = {
    id,
    name: textAt(body, "name") ?? "",
    head_sha: textAt(body, "head_sha") ?? "",
    node_id: `CR_${id}`,
    url: `https://api.github.emulator.test/repos/${github.repository}/check-runs/${id}`,
    html_url: `https://github.emulator.test/${github.repository}/runs/${id}`,
    status: "queued",
    conclusion: null,
    started_at: new Date(world.clock.now()).toISOString(),
    completed_at: null,
    ...completed(world, body),
  };
  world.checkRuns.push(run);
  return json(201, shown(run));
}

/** Annotations are added to those that are there; everything else replaces. */
function update(world: World, id: number, body: JsonObject): Reply {
  const run = world.checkRuns.find((one) => one.id === id);
  if (!run) return notFound();
  const problem = contentProblem(body);
  if (problem) return invalid(problem);
  const before = annotationsOf(run);
  Object.assign(run, merged(run, completed(world, body)));
  const added = annotationsOf(body);
  if (isObject(run["output"])) run["output"]["annotations"] = [...before, ...added];
  return json(200, shown(run));
}

/** A conclusion completes a run by itself. */
function completed(world: World, body: JsonObject): JsonObject {
  if (body["conclusion"] === undefined) return body;
  return { completed_at: new Date(world.clock.now()).toISOString(), ...body, status: "completed" };
}

function requiredProblem(body: JsonObject): string | undefined {
  const missing = ["name", "head_sha"].filter((key) => !textAt(body, key));
  return missing.length > 0 ? `"${missing.join('", "')}" wasn't supplied.` : undefined;
}

function contentProblem(body: JsonObject): string | undefined {
  const unknown = Object.keys(body).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined) return `"${unknown}" is not a permitted key.`;
  return choiceProblem(body) ?? (body["output"] === undefined ? undefined : outputProblem(body["output"]));
}

function choiceProblem(body: JsonObject): string | undefined {
  const { status, conclusion, completed_at: completedAt, head_sha: sha } = body;
  if (sha !== undefined && !/^[0-9a-f]{40}$/.test(String(sha)))
    return `No commit found for SHA: ${String(sha)}`;
  if (status !== undefined && !STATUSES.includes(String(status)))
    return `${String(status)} is not a member of status.`;
  if (conclusion !== undefined && !CONCLUSIONS.includes(String(conclusion))) {
    return `${String(conclusion)} is not a member of ${JSON.stringify(CONCLUSIONS)}.`;
  }
  const ends = status === "completed" || completedAt !== undefined;
  return ends && conclusion === undefined ? `"conclusion" wasn't supplied.` : undefined;
}

/** Reference: title and summary are required in `output`; summary and text have 65,535 characters at most. */
function outputProblem(output: Json | undefined): string | undefined {
  if (!isObject(output)) return `"output" is not an object.`;
  const missing = ["title", "summary"].find((key) => !textAt(output, key));
  if (missing !== undefined) return `"${missing}" wasn't supplied.`;
  const long = ["summary", "text"].find((key) => (textAt(output, key) ?? "").length > LONGEST_TEXT);
  if (long !== undefined) return `Only ${LONGEST_TEXT} characters are allowed; ${long} is longer.`;
  const annotations = annotationsOf({ output });
  if (annotations.length > ANNOTATIONS_PER_REQUEST) {
    return `No more than ${ANNOTATIONS_PER_REQUEST} annotations are allowed at once.`;
  }
  return annotations.map(annotationProblem).find((problem) => problem !== undefined);
}

function annotationProblem(annotation: Json): string | undefined {
  const missing = ["path", "annotation_level", "message"].find((key) => !textAt(annotation, key));
  if (missing !== undefined) return `"${missing}" wasn't supplied.`;
  const level = textAt(annotation, "annotation_level") ?? "";
  if (!ANNOTATION_LEVELS.includes(level))
    return `${level} is not a member of ${JSON.stringify(ANNOTATION_LEVELS)}.`;
  const lines = ["start_line", "end_line"].map((key) => (isObject(annotation) ? annotation[key] : undefined));
  if (!lines.every((line) => Number.isInteger(line))) return `"start_line", "end_line" wasn't supplied.`;
  const tooLong = (textAt(annotation, "message") ?? "").length > LONGEST_ANNOTATION;
  return tooLong ? "An annotation's message has 64 KB at most." : undefined;
}

function annotationsOf(run: JsonObject): Json[] {
  const annotations = objectAt(run, "output")["annotations"];
  return Array.isArray(annotations) ? annotations : [];
}

/** GitHub tells how many annotations there are, not which. */
function shown(run: CheckRun): JsonObject {
  const output = objectAt(run, "output");
  const { annotations: _annotations, ...rest } = output;
  return {
    ...run,
    output: {
      title: null,
      summary: null,
      text: null,
      ...rest,
      annotations_count: annotationsOf(run).length,
      annotations_url: `${String(run["url"])}/annotations`,
    },
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

function notFound(): Reply {
  return refusal(404, "Not Found");
}

function invalid(problem: string): Reply {
  return refusal(422, `Invalid request.\n\n${problem}`);
}

function refusal(status: number, message: string): Reply {
  const documentation = "https://docs.github.com/rest/checks/runs";
  return json(status, { message, documentation_url: documentation, status: String(status) });
}
