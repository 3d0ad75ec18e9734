import { providerError } from "../errors.ts";
import { json, type Reply } from "../http.ts";
import { isObject, type JsonObject, objectAt, textAt } from "../json.ts";
import type { StoredResource } from "../store.ts";
import type { Call } from "./call.ts";
import { pathOf, require } from "./reading.ts";

/** Azure documentation, "tag-resources", limitations. */
const LIMITS = { count: 50, name: 512, value: 256 } as const;
const FORBIDDEN = /[<>%&\\?/]/;

/** GET of the tags of a resource (resources.json 2024-03-01, `Tags_GetAtScope`). */
export function getTags(call: Call): Reply {
  return shown(scopeOf(call));
}

/**
 * PATCH of the tags of a resource (`Tags_UpdateAtScope`): `Merge`, `Replace`, or `Delete` "based on given names or
 * name/value pairs", so that a tag with another value stays. The file allows 202 as well; 200 is a guess.
 */
export function patchTags(call: Call): Reply {
  const resource = scopeOf(call);
  const operation = textAt(call.body, "operation") ?? "";
  const change = CHANGES[operation];
  if (!change) {
    throw providerError(400, "InvalidRequestContent", `The tags operation '${operation}' is not valid.`);
  }
  const tags = change(tagsOf(resource), givenTags(call));
  const count = Object.keys(tags).length;
  if (count > LIMITS.count) {
    throw providerError(
      400,
      "TooManyTags",
      `The resource would have ${count} tags; at most ${LIMITS.count} are allowed.`,
    );
  }
  resource.body = { ...resource.body, tags };
  return shown(resource);
}

type Tags = Record<string, string>;

const CHANGES: Record<string, (before: Tags, given: Tags) => Tags> = {
  Replace: (_before, given) => given,
  Merge: (before, given) =>
    Object.entries(given).reduce(
      (tags, [name, value]) => ({ ...without(tags, name), [name]: value }),
      before,
    ),
  Delete: (before, given) =>
    Object.entries(given).reduce((tags, [name, value]) => {
      const held = Object.entries(tags).find(([one]) => same(one, name))?.[1];
      return value === "" || held === value ? without(tags, name) : tags;
    }, before),
};

/** "tag-resources": names of tags are compared without case, values with it. */
function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function without(tags: Tags, name: string): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([one]) => !same(one, name)));
}

function scopeOf(call: Call): StoredResource {
  return require(call, pathOf(call).replace(/\/providers\/Microsoft\.Resources\/tags\/default$/i, ""));
}

function tagsOf({ body }: StoredResource): Tags {
  const entries = Object.entries(objectAt(body, "tags"));
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

/** What is refused is documented, the codes are guesses. */
function givenTags({ body }: Call): Tags {
  const given = isObject(body["properties"]) ? body["properties"]["tags"] : undefined;
  if (!isObject(given)) {
    throw providerError(400, "InvalidRequestContent", "The request content has no properties.tags.");
  }
  for (const [name, value] of Object.entries(given)) checkTag(name, value);
  return given as Tags;
}

function checkTag(name: string, value: unknown): void {
  if (typeof value !== "string") {
    throw providerError(400, "InvalidRequestContent", `The value of the tag '${name}' is no text.`);
  }
  if (name === "" || name.length > LIMITS.name || FORBIDDEN.test(name)) {
    throw providerError(400, "InvalidTagNameCharacters", `The tag name '${name}' is not valid.`);
  }
  if (value.length > LIMITS.value) {
    throw providerError(
      400,
      "InvalidTagValueLength",
      `Tag value too large. The value of '${name}' exceeded the maximum length of ${LIMITS.value} characters.`,
    );
  }
}

function shown(resource: StoredResource): Reply {
  const body: JsonObject = {
    id: `${resource.id}/providers/Microsoft.Resources/tags/default`,
    name: "default",
    type: "Microsoft.Resources/tags",
    properties: { tags: tagsOf(resource) },
  };
  return json(200, body);
}
