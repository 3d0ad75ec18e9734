import { isPlainKey, secretKeys } from "./extension-keys.ts";
import {
  type GivenSettings,
  hidden,
  inputOf,
  type SettingProblem,
  type Settings,
  valueIn,
} from "./extension-settings.ts";
import { sameText } from "./resource-id.ts";

/** A name that was replaced, for the log. */
export interface Renamed {
  readonly old: string;
  readonly now: string;
  readonly text: string;
}

interface Legacy {
  /** What to write today. */
  readonly now: string;
  /** The settings that a value stands for; `undefined` where the value is none. */
  readonly meaning: (value: string) => Settings | undefined;
}

const flag = (meant: Settings) => (value: string) => {
  if (sameText(value, "true")) return meant;
  return sameText(value, "false") ? {} : undefined;
};
const rename = (now: string): Legacy => ({ now, meaning: (value) => ({ [now]: value }) });

/** Names of earlier versions (extension.md 2b; `volcanoScheduler.enable`: 2a), which the source documents use (X3). */
const legacy: ReadonlyMap<string, Legacy> = new Map([
  [
    "privateEndpointNodeport",
    {
      now: "inferenceRouterServiceType=NodePort",
      meaning: flag({ inferenceRouterServiceType: "NodePort" }),
    },
  ],
  [
    "privateEndpointILB",
    {
      now: "inferenceRouterServiceType=LoadBalancer and internalLoadBalancerProvider=azure",
      meaning: flag({ inferenceRouterServiceType: "LoadBalancer", internalLoadBalancerProvider: "azure" }),
    },
  ],
  ["inferenceLoadBalancerHA", rename("inferenceRouterHA")],
  ["volcanoScheduler.enable", rename("installVolcano")],
  ["RelayConnectionString", rename("relayserver.relayConnectionString")],
]);

/** The names of earlier versions. */
export const legacyKeys: readonly string[] = [...legacy.keys()];

/** What to write today for a name of an earlier version. */
export function presentForm(key: string): string | undefined {
  return legacy.get(key)?.now;
}

type Side = "plain" | "protected";

/**
 * Settings by their present names (X3, extension.md 2b). Each legacy name gives a warning; the same thing
 * given by an old and a new name is a problem. Settings that are no secrets are moved out of the protected
 * ones, since those can't be read back, so that a difference in them would never be seen.
 */
export function presentNames(given: GivenSettings): {
  settings: GivenSettings;
  warnings: Renamed[];
  problems: SettingProblem[];
} {
  const sides = {
    plain: new Map(Object.entries(given.plain)),
    protected: new Map(Object.entries(given.protected)),
  };
  const warnings: Renamed[] = [];
  const problems: SettingProblem[] = [];
  const givenBy = new Map<string, string>();
  for (const [old, { now, meaning }] of legacy) {
    for (const side of ["plain", "protected"] as const) {
      const value = sides[side].get(old);
      if (value === undefined) continue;
      sides[side].delete(old);
      warnings.push({ old, now, text: `\`${old}\` is an old name. Write ${now}.` });
      problems.push(...replace(given, sides, side, old, meaning(value), givenBy));
    }
  }
  warnings.push(...movedToPlain(sides), ...detected(given));
  const settings = { plain: Object.fromEntries(sides.plain), protected: Object.fromEntries(sides.protected) };
  return { settings: { ...given, ...settings }, warnings, problems };
}

/** Puts what a legacy setting stands for in its place. */
function replace(
  given: GivenSettings,
  sides: Record<Side, Map<string, string>>,
  side: Side,
  old: string,
  meant: Settings | undefined,
  givenBy: Map<string, string>,
): SettingProblem[] {
  const input = inputOf(given, old);
  const isSecret = side === "protected" || Object.keys(meant ?? {}).some((key) => secretKeys.has(key));
  const shown = isSecret ? hidden : valueIn(given.plain, old);
  if (!meant) return [{ input, given: shown, accepted: "True, False" }];
  const twice = Object.keys(meant).find((key) => sides.plain.has(key) || sides.protected.has(key));
  if (twice) {
    const accepted = `only one of \`${old}\` and \`${givenBy.get(twice) ?? twice}\`, which say the same thing twice`;
    return [{ input, given: shown, accepted }];
  }
  for (const [key, value] of Object.entries(meant)) {
    sides[side].set(key, value);
    givenBy.set(key, old);
  }
  return [];
}

function movedToPlain(sides: Record<Side, Map<string, string>>): Renamed[] {
  const moved = [...sides.protected].filter(([key]) => isPlainKey(key) && !sides.plain.has(key));
  return moved.map(([key, value]) => {
    sides.protected.delete(key);
    sides.plain.set(key, value);
    const text = `\`${key}\` is no secret. Write it in \`config\`, where Azure lets it be compared.`;
    return { old: `config-protected (${key})`, now: `config (${key})`, text };
  });
}

/** OpenShift had to be told once; today it is seen (extension.md 2b). */
function detected(given: GivenSettings): Renamed[] {
  const key = "openshift";
  if (valueIn(given.plain, key) === undefined && valueIn(given.protected, key) === undefined) return [];
  return [{ old: key, now: "(nothing)", text: "`openshift` need not be given: OpenShift is recognised." }];
}
