import type { BreakageKind } from "../breakages.ts";
import { errorJson } from "../errors.ts";
import { type JsonObject, objectAt } from "../json.ts";
import type { World } from "../world.ts";
import { breakageTable, installFailure } from "./breakage-table.ts";
import { extensionResource } from "./facts.ts";

/**
 * Gives a seeded extension what a breakage needs and does to it: settings without which the kind makes no sense, and a
 * failed installation where the kind fails one.
 */
export function breakExtension(world: World, clusterId: string, kind: BreakageKind): void {
  const extension = extensionResource(world, clusterId);
  if (!extension) return;
  const effect = breakageTable[kind];
  const before = objectAt(extension.body, "properties");
  const settings = { ...objectAt(before, "configurationSettings"), ...effect.settings };
  for (const key of effect.without ?? []) delete settings[key];
  const failure = installFailure([{ kind }], { name: extension.name, settings, time: world.clock.stamp() });
  const failed: JsonObject = failure
    ? {
        provisioningState: "Failed",
        currentVersion: effect.leavesWorkloads ? (before["currentVersion"] ?? null) : null,
        errorInfo: errorJson(failure.errorInfo),
        statuses: failure.statuses,
      }
    : {};
  extension.body = {
    ...extension.body,
    properties: { ...before, configurationSettings: settings, ...failed },
  };
}
