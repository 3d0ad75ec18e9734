import { Refusal } from "../azure/errors.ts";
import type { ClusterApi, RulesReview } from "./cluster-api.ts";

/** Something that a run has to be allowed in the cluster. */
export interface Right {
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly string[];
  /** The one object that it is about, where it is about one. */
  readonly name?: string;
}

/**
 * The rights that the caller lacks in a namespace, as rules of a role; none where nobody can tell beforehand. Asked
 * before anything is written, so that a run does not stop half-way for want of one.
 */
export async function missingRights(
  api: ClusterApi,
  namespace: string,
  rights: readonly Right[],
): Promise<string[]> {
  const review = await reviewed(api, namespace);
  if (!review || review.incomplete) return [];
  return rights.flatMap((right) => {
    const verbs = right.verbs.filter((verb) => !allows(review, right, verb));
    if (verbs.length === 0) return [];
    const list = (words: readonly string[]) => `[${words.map((word) => `"${word}"`).join(", ")}]`;
    return [
      `{apiGroups: ${list([right.group])}, resources: ${list([right.resource])}, verbs: ${list(verbs)}}`,
    ];
  });
}

async function reviewed(api: ClusterApi, namespace: string): Promise<RulesReview | undefined> {
  try {
    return await api.rules(namespace);
  } catch (error) {
    if (error instanceof Refusal && error.status !== 401) return undefined;
    throw error;
  }
}

function allows({ resourceRules }: RulesReview, { group, resource, name }: Right, verb: string): boolean {
  const holds = (all: readonly string[] | null | undefined, one: string) =>
    (all ?? []).some((each) => each === "*" || each === one);
  return resourceRules.some(
    ({ verbs, apiGroups, resources, resourceNames }) =>
      holds(verbs, verb) &&
      holds(apiGroups, group) &&
      holds(resources, resource) &&
      // What is not there yet has no name that a rule could be restricted to (Kubernetes documentation, "rbac").
      (!resourceNames?.length || (verb !== "create" && name !== undefined && resourceNames.includes(name))),
  );
}
