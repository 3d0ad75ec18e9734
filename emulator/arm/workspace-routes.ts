import { listBelow, TYPES } from "./reading.ts";
import type { Route } from "./routes.ts";
import { getTags, patchTags } from "./tags.ts";

/** What stands in a workspace beside its computes: its tags, its jobs, its online endpoints. */

const RG = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}";
const W = `${RG}/providers/Microsoft.MachineLearningServices/workspaces/{workspace}`;
const TAGS = `${W}/providers/Microsoft.Resources/tags/default`;

const list = (path: string, type: string, query: readonly string[]): Route => ({
  method: "GET",
  path: `${W}/${path}`,
  versions: "machineLearning",
  action: `${type}/read`,
  query: ["$skip", ...query],
  handler: listBelow(type),
});

/** machineLearningServices.json 2024-04-01 for the lists, resources.json 2024-03-01 for the tags. */
export const WORKSPACE_ROUTES: readonly Route[] = [
  list("jobs", TYPES.job, ["jobType", "tag", "listViewType", "properties"]),
  list("onlineEndpoints", TYPES.onlineEndpoint, [
    ...["name", "count", "computeType", "tags", "properties", "orderBy"],
  ]),
  list("onlineEndpoints/{endpoint}/deployments", TYPES.onlineDeployment, ["$orderBy", "$top"]),
  {
    method: "GET",
    path: TAGS,
    versions: "resources",
    action: "Microsoft.Resources/tags/read",
    query: [],
    handler: getTags,
  },
  {
    method: "PATCH",
    path: TAGS,
    versions: "resources",
    action: "Microsoft.Resources/tags/write",
    query: [],
    body: "required",
    handler: patchTags,
  },
];
