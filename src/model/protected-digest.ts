import { scryptSync } from "node:crypto";
import type { Extension } from "./azure-resources.ts";
import { userSecrets } from "./extension-derived.ts";
import { digestKey } from "./extension-keys.ts";
import type { GivenSettings } from "./extension-settings.ts";

const bytes = 32;
const shape = /^(?<salt>[\w-]{16,})\.(?<hash>[\w-]{43})$/;

/**
 * Azure never returns protected settings (testbed 7), so that equal ones can't be seen. This digest of those
 * that the user gave is kept beside the plain settings. Slow and salted, it does not help to guess them.
 * Strings that are fetched from Azure are not part of it: they are read anew whenever they are needed.
 * @param salt at least 12 random bytes, as base64url
 */
export function protectedDigest(given: GivenSettings, salt: string): string {
  const bySalt = known.get(given) ?? new Map<string, string>();
  known.set(given, bySalt);
  const digest = bySalt.get(salt) ?? computed(given, salt);
  bySalt.set(salt, digest);
  return digest;
}

/** A digest is slow by design; the same is asked for several times in a run. */
const known = new WeakMap<GivenSettings, Map<string, string>>();

function computed(given: GivenSettings, salt: string): string {
  const secrets = Object.entries(userSecrets(given)).sort(([one], [other]) => (one < other ? -1 : 1));
  return `${salt}.${scryptSync(JSON.stringify(secrets), salt, bytes).toString("base64url")}`;
}

/** The user gave protected settings. */
export function hasSecrets(given: GivenSettings): boolean {
  return Object.keys(userSecrets(given)).length > 0;
}

/** The settings with the digest of the protected ones, where the user gave any. */
export function withDigest(settings: GivenSettings, given: GivenSettings, salt: string): GivenSettings {
  if (!hasSecrets(given)) return settings;
  return { ...settings, plain: { ...settings.plain, [digestKey]: protectedDigest(given, salt) } };
}

/** Whether an extension has the protected settings that are given; `unknown` when another tool made it. */
export function sameProtected(found: Extension, given: GivenSettings): "same" | "different" | "unknown" {
  const kept = found.properties.configurationSettings?.[digestKey] ?? "";
  const salt = shape.exec(kept)?.groups?.["salt"];
  if (salt === undefined) return "unknown";
  return protectedDigest(given, salt) === kept ? "same" : "different";
}
