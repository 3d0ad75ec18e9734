import * as v from "valibot";
import type { InputName } from "../model/doors.ts";
import { versionNumbers } from "../model/kubernetes-version.ts";
import { acceptedWindow, parseMaintenanceWindow } from "../model/maintenance-window.ts";
import type { UpgradePolicy } from "../model/update-policy.ts";
import { flag, matching, word } from "./inputs.ts";

const version = v.optional(
  v.pipe(
    matching(/^v?\d+(\.\d+){1,3}([-+].*)?$/, "a version of the extension, such as 1.1.84 or 1.1"),
    v.check(
      (text) => versionNumbers(text) !== undefined,
      "a version of the extension, such as 1.1.84 or 1.1",
    ),
  ),
);

const window = v.optional(
  v.pipe(
    v.string(),
    v.check((text) => parseMaintenanceWindow(text) !== undefined, acceptedWindow),
    v.transform(parseMaintenanceWindow),
  ),
);

/** The inputs that say under which conditions components are updated. */
export const policyEntries = {
  "only-if-outdated": flag(true),
  "max-version": version,
  "skip-if-newer-than": version,
  "release-train": v.optional(
    matching(/^[a-zA-Z][a-zA-Z0-9-]{0,31}$/, "the name of a release train, such as stable or preview"),
  ),
  reattach: v.optional(word(["auto", "always", "never"]), "auto"),
  "maintenance-window": window,
  "allow-disruption": flag(false),
} satisfies Partial<Record<InputName<"update-components">, v.GenericSchema>>;

/** The policy, from checked values. */
export function upgradePolicy(
  values: v.InferOutput<v.ObjectSchema<typeof policyEntries, undefined>>,
): UpgradePolicy {
  return {
    onlyIfOutdated: values["only-if-outdated"],
    maxVersion: values["max-version"],
    skipIfNewerThan: values["skip-if-newer-than"],
    releaseTrain: values["release-train"],
    reattach: values.reattach,
    window: values["maintenance-window"],
    allowDisruption: values["allow-disruption"],
  };
}
