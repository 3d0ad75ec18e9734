import * as v from "valibot";
import type { Host } from "../host/host.ts";
import { type AskedTag, type MatrixForm, matrixLimit } from "../model/discovery.ts";
import type { InputName } from "../model/doors.ts";
import { versionNumbers } from "../model/kubernetes-version.ts";
import { regionName } from "../model/region.ts";
import type { SessionRequest } from "../model/request.ts";
import {
  check,
  commonTogether,
  invalidInput,
  matching,
  type Problem,
  readInputs,
  sessionEntries,
  sessionRequest,
  together,
  type Values,
  word,
} from "./inputs.ts";

/** What `discover` is asked. Lists that are empty mean any. */
export interface DiscoverRequest extends SessionRequest {
  readonly find: "computes" | "clusters";
  readonly subscriptionIds: readonly string[];
  readonly managementGroup?: string | undefined;
  readonly computeTypes: readonly string[];
  readonly tags: readonly AskedTag[];
  readonly regions: readonly string[];
  readonly workspaces: readonly string[];
  /** As `isListed` takes it. */
  readonly extensionVersion?: string | undefined;
  readonly states: readonly string[];
  readonly shardSize: number;
  readonly maxShards: number;
  readonly matrixFor: MatrixForm;
}

/** Values, one a line or separated by commas, each as the schema has it. */
const listOf = <Item extends v.GenericSchema<string, unknown>>(item: Item) =>
  v.pipe(
    v.optional(v.string(), ""),
    v.transform((text) => text.split(/[\n,]/).map((one) => one.trim())),
    v.transform((texts) => texts.filter((one) => one !== "")),
    v.array(item),
  );

const whole = (most: number) =>
  v.pipe(
    matching(/^\d{1,6}$/, `a whole number from 1 to ${most}`),
    v.transform(Number),
    v.minValue(1, `a whole number from 1 to ${most}`),
    v.maxValue(most, `a whole number from 1 to ${most}`),
  );

const versions = "a version such as 1.1.84, a bound such as <1.1.84, or a range such as 1.1.80..1.1.84";

function isVersionBound(text: string): boolean {
  const bounds = text.replace(/^[<>]=?/, "").split("..");
  return bounds.length <= 2 && bounds.every((bound) => /^\d+(\.\d+)*$/.test(bound) && versionNumbers(bound));
}

const schema = v.object({
  ...sessionEntries,
  "subscription-ids": listOf(v.pipe(v.string(), v.uuid("ids of subscriptions, each a UUID"))),
  "management-group": v.optional(
    // Resource Manager, "management groups": ids.
    matching(/^[-\w.()]{1,90}$/, "the name (id) of a management group, no display name"),
  ),
  find: v.optional(word(["computes", "clusters"]), "computes"),
  "compute-types": listOf(word(["kubernetes", "aks"])),
  tags: v.pipe(
    v.optional(v.string(), ""),
    v.transform((text) => text.split("\n").map((line) => line.trim())),
    v.transform((lines) => lines.filter((line) => line !== "")),
    v.array(matching(/^[^=]+(=.*)?$/, "tags, each `name=value` or `name`, one a line")),
    v.transform((lines) => lines.map(tagOf)),
  ),
  regions: listOf(
    v.pipe(
      matching(/^[a-zA-Z][a-zA-Z0-9 ]{2,59}$/, "names of regions, such as westeurope"),
      v.transform(regionName),
    ),
  ),
  workspaces: listOf(matching(/^[-\w*]{1,64}$/, "names of workspaces, in which `*` stands for anything")),
  "extension-version": v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text.replace(/\s/g, "")),
      v.check(isVersionBound, versions),
    ),
  ),
  states: listOf(matching(/^[a-zA-Z]{3,40}$/, "states, such as Succeeded or Failed")),
  "shard-size": v.optional(whole(100_000), "50"),
  "max-shards": v.optional(whole(matrixLimit), String(matrixLimit)),
  "matrix-for": v.optional(word(["github", "azure-pipelines"]), "github"),
} satisfies Record<InputName<"discover">, v.GenericSchema>);

function tagOf(line: string): AskedTag {
  const [, name = "", value] = /^([^=]+?)\s*(?:=\s*(.*))?$/.exec(line) ?? [];
  return { name, ...(value !== undefined && { value }) };
}

/** The request of `discover`. @throws Failure `InvalidInput` with every problem. */
export async function discoverRequest(host: Host): Promise<DiscoverRequest> {
  const values = readInputs(host, "discover");
  const { request, problems } = check(schema, values);
  const all = [...problems, ...discoverTogether(values)];
  if (!request || all.length > 0) throw invalidInput(all, host);
  const types = request["compute-types"];
  return {
    ...sessionRequest(request),
    find: request.find,
    subscriptionIds: [...new Set(request["subscription-ids"].map((id) => id.toLowerCase()))],
    managementGroup: request["management-group"],
    computeTypes: types.length > 0 ? types : ["kubernetes"],
    tags: request.tags,
    regions: request.regions,
    workspaces: request.workspaces,
    extensionVersion: request["extension-version"],
    states: request.states,
    shardSize: request["shard-size"],
    maxShards: request["max-shards"],
    matrixFor: request["matrix-for"],
  };
}

/** One scope, and nothing that means nothing for what is looked for. */
function discoverTogether(values: Values<string>): Problem[] {
  const clusters = values["find"] === "clusters";
  return [
    ...commonTogether(values),
    ...together(
      !values["management-group"] || !values["subscription-ids"],
      "subscription-ids",
      values,
      "nothing where `management-group` is given",
    ),
    ...["compute-types", "workspaces"].flatMap((name) =>
      together(!clusters || !values[name], name, values, "nothing where `find` is clusters"),
    ),
  ];
}
