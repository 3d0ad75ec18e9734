import { apiVersions } from "./api-versions.ts";
import type { Arm } from "./arm.ts";
import { follow } from "./operation.ts";

/**
 * Adds tags to a resource, or changes the values of some, and leaves all others alone: a PATCH of the resource itself
 * would need the right to change it, and PUT would replace them all (resources.json 2024-03-01, `Tags_UpdateAtScope`).
 */
export function mergeTags(
  arm: Arm,
  resourceId: string,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  return patch(arm, resourceId, "Merge", tags);
}

/** Takes tags off a resource. One that has another value by now stays: it is somebody else's. */
export function deleteTags(
  arm: Arm,
  resourceId: string,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  return patch(arm, resourceId, "Delete", tags);
}

async function patch(
  arm: Arm,
  resourceId: string,
  operation: "Merge" | "Delete",
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const accepted = await arm.send({
    method: "PATCH",
    path: `${resourceId}/providers/Microsoft.Resources/tags/default`,
    apiVersion: apiVersions.tags,
    body: { operation, properties: { tags } },
    // Done twice, it is the same.
    repeatable: true,
  });
  if (accepted.status === 202) await follow(arm, accepted, () => undefined);
}
