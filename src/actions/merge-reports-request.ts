import * as v from "valibot";
import type { Host } from "../host/host.ts";
import type { InputName } from "../model/doors.ts";
import type { FailOn } from "../model/request.ts";
import { check, invalidInput, matching, readInputs, word } from "./inputs.ts";

/** What `merge-reports` is asked. */
export interface MergeRequest {
  readonly reports: string;
  readonly expected?: number | undefined;
  readonly history?: string | undefined;
  readonly pagePath: string;
  readonly failOn: FailOn;
  readonly issue?: { readonly token: string; readonly title: string; readonly label: string };
}

const folder = "the path of a folder or a file";

const schema = v.object({
  reports: v.string(folder),
  expected: v.optional(
    v.pipe(
      matching(/^\d{1,6}$/, "a whole number, 0 or more"),
      v.transform((text) => Number(text)),
    ),
  ),
  history: v.optional(v.string()),
  "page-path": v.optional(v.string(), "fleet.html"),
  "fail-on": v.optional(word(["error", "warning", "never"]), "error"),
  "github-token": v.optional(v.string()),
  "issue-title": v.optional(
    v.pipe(v.string(), v.maxLength(256, "256 characters at most")),
    "Kubernetes clusters of Azure ML need attention",
  ),
  // REST, issues: a comma ends a label in the list that is searched.
  "issue-label": v.optional(matching(/^[^,]{1,50}$/, "1 to 50 characters, no comma"), "azureml-clusters"),
} satisfies Record<InputName<"merge-reports">, v.GenericSchema<string | undefined, unknown>>);

/** The request of `merge-reports`. @throws Failure `InvalidInput` with every problem. */
export async function mergeRequest(host: Host): Promise<MergeRequest> {
  const { request, problems } = check(schema, readInputs(host, "merge-reports"));
  if (!request) throw invalidInput(problems, host);
  const token = request["github-token"];
  if (token) host.mask(token);
  return {
    reports: request.reports,
    expected: request.expected,
    history: request.history,
    pagePath: request["page-path"],
    failOn: request["fail-on"],
    ...(token && { issue: { token, title: request["issue-title"], label: request["issue-label"] } }),
  };
}
