import { hasPemPair, isInternal, type WantedExtension } from "./extension-derived.ts";
import { isKnownKey, ownKeys } from "./extension-keys.ts";
import { type GivenSettings, isOn, type SettingNote, settingOf, valueIn } from "./extension-settings.ts";
import { sameText } from "./resource-id.ts";

interface NoteRule extends Pick<SettingNote, "id" | "severity" | "remedy"> {
  /** What is seen, where the rule has something to say. */
  readonly seen: (given: GivenSettings, cluster: { readonly kind: "aks" | "arc" }) => string | undefined;
}

/** Said of valid settings. */
const rules: readonly NoteRule[] = [
  {
    id: "router-public-http", // X4: the least safe of all
    severity: "warning",
    seen: ({ plain }) =>
      isOn(plain, "enableInference") &&
      isOn(plain, "allowInsecureConnections") &&
      routerIs(plain, "LoadBalancer") &&
      !isInternal(plain)
        ? "Endpoints are served over HTTP on a public load balancer: keys and data travel readable."
        : undefined,
    remedy: "Give a certificate, or internalLoadBalancerProvider=azure.",
  },
  {
    id: "router-internal-without-load-balancer",
    severity: "warning",
    seen: ({ plain }) =>
      isInternal(plain) && routerIs(plain, "ClusterIP")
        ? "internalLoadBalancerProvider is given, and ClusterIP has no load balancer."
        : undefined,
    remedy: "Leave internalLoadBalancerProvider out, or take inferenceRouterServiceType=LoadBalancer.",
  },
  {
    id: "tls-given-twice", // extension.md 1b: the pair wins
    severity: "warning",
    seen: (given) =>
      hasPemPair(given) && settingOf(given, "sslSecret") !== undefined
        ? "A PEM pair and sslSecret are given. The pair is used."
        : undefined,
    remedy: "Leave one of them out.",
  },
  {
    id: "inference-settings-without-inference",
    severity: "info",
    seen: (given) => {
      const keys = ["inferenceRouterServiceType", "internalLoadBalancerProvider", "sslSecret", "sslCname"];
      const idle = keys.filter((key) => settingOf(given, key) !== undefined);
      return isOn(given.plain, "enableInference") || idle.length === 0
        ? undefined
        : `Inference is off, so that these have no effect: ${idle.join(", ")}.`;
    },
    remedy: "Add the workload inference, or leave them out.",
  },
  {
    id: "arc-without-relay", // extension.md 7: InvalidComputeNoKubernetesConfiguration
    severity: "warning",
    seen: (given, { kind }) =>
      kind === "arc" && sameText(settingOf(given, "relayserver.enabled") ?? "", "false")
        ? "The Relay is switched off. Azure ML reaches an Arc cluster through it alone."
        : undefined,
    remedy: "Leave relayserver.enabled out.",
  },
  {
    id: "setting-unknown", // extension.md 2b: passed through silently
    severity: "info",
    seen: (given) => {
      const keys = [...Object.keys(given.plain), ...Object.keys(given.protected)];
      const unknown = keys.filter((key) => !isKnownKey(key) && !ownKeys.has(key));
      return unknown.length > 0
        ? `These settings are not known here and are passed on: ${unknown.join(", ")}.`
        : undefined;
    },
    remedy: "Check their spelling: Azure ignores settings that nobody reads.",
  },
];

function routerIs(plain: GivenSettings["plain"], type: string): boolean {
  return sameText(valueIn(plain, "inferenceRouterServiceType") ?? "", type);
}

/** What is worth saying about valid settings. */
export function settingNotes(given: GivenSettings, cluster: { readonly kind: "aks" | "arc" }): SettingNote[] {
  return rules.flatMap(({ id, severity, seen, remedy }) => {
    const text = seen(given, cluster);
    return text === undefined ? [] : [{ id, severity, seen: text, remedy }];
  });
}

/** What is worth saying about the wishes for a version: a train counts with auto-upgrade alone (extension.md 4). */
export function versionNotes(wanted: WantedExtension): SettingNote[] {
  const pinned = wanted.version !== undefined || wanted.autoUpgrade === false;
  if (wanted.releaseTrain === undefined || !pinned) return [];
  const seen = `Release train "${wanted.releaseTrain}" is given, and auto-upgrade is off: Azure follows a train only to upgrade.`;
  return [
    { id: "release-train-idle", severity: "info", seen, remedy: "Leave `release-train` or `version` out." },
  ];
}
