import type { Extension } from "./azure-resources.ts";
import { type ExtensionWish, sendsProtected } from "./extension-change.ts";
import { hasPemPair, isInternal, userSecrets } from "./extension-derived.ts";
import { nodeSelectorPrefix, pathKeys } from "./extension-keys.ts";
import { isOn, type SettingNote, type Settings, settingOf, valueIn } from "./extension-settings.ts";
import { sameText } from "./resource-id.ts";

/** Settings that a change leaves as they are, where that may surprise (extension.md 3: a PATCH merges plain settings). */
export function keptNotes({ given }: ExtensionWish, found: Extension): SettingNote[] {
  const before = found.properties.configurationSettings ?? {};
  const untold = (key: string) =>
    valueIn(before, key) !== undefined && valueIn(given.plain, key) === undefined;
  const selectors = Object.keys(before).filter((key) => key.startsWith(nodeSelectorPrefix) && untold(key));
  const notes: SettingNote[] = [];
  if (selectors.length > 0) {
    const seen = `These node selectors stay, since an update can't remove them: ${selectors.join(", ")}.`;
    const remedy = "To be rid of them, delete the extension and deploy it again.";
    notes.push({ id: "node-selector-stays", severity: "info", seen, remedy });
  }
  const balanced = sameText(valueIn(given.plain, "inferenceRouterServiceType") ?? "", "LoadBalancer");
  if (balanced && isInternal(before) && untold("internalLoadBalancerProvider")) {
    const seen =
      "The load balancer is internal and stays so, since internalLoadBalancerProvider is not given.";
    const remedy =
      "Give internalLoadBalancerProvider=azure. For a public one, delete the extension and deploy it again.";
    notes.push({ id: "router-stays-internal", severity: "warning", seen, remedy });
  }
  const https = hasPemPair(given) || settingOf(given, "sslSecret") !== undefined;
  if (https && isOn(before, "allowInsecureConnections") && untold("allowInsecureConnections")) {
    const seen = "HTTP was allowed before and stays allowed, although TLS material is given.";
    const remedy = "Give allowInsecureConnections=False.";
    notes.push({ id: "http-stays-allowed", severity: "warning", seen, remedy });
  }
  if (hasPemPair(given) && untold("sslSecret")) {
    const seen = "The extension also keeps the setting sslSecret. The PEM pair is used.";
    const remedy = "To be rid of it, delete the extension and deploy it again.";
    notes.push({ id: "tls-secret-stays", severity: "info", seen, remedy });
  }
  return notes;
}

/** Protected settings by the setting that says they are needed, and what loses without them. */
const needed = [
  {
    enabled: "servicebus.enabled",
    keys: ["serviceBusConnectionString", "servicebus.connectionString"],
  },
  { enabled: "azure_log_analytics.enabled", keys: ["azure_log_analytics.connection_string"] },
];

/** Names under which what is fetched travels: never lost. */
const fetched = new Set(["relayServerConnectionString", "relayserver.relayConnectionString"]);

/**
 * Protected settings that a change would delete, since they are replaced whole (extension.md 3): those whose
 * names Azure tells, and those that the plain settings need.
 */
export function lostSecrets(wish: ExtensionWish, found: Extension): SettingNote[] {
  if (!sendsProtected(wish, found)) return [];
  const sent = userSecrets(wish.given);
  const before = found.properties.configurationSettings ?? {};
  const named = Object.keys(found.properties.configurationProtectedSettings ?? {});
  const missing = needed.filter(
    ({ enabled, keys }) => isOn(before, enabled) && !keys.some((key) => has(sent, key)),
  );
  const lost = new Set([
    ...named.filter((key) => !has(sent, key) && !fetched.has(key) && !pathKeys.has(key)),
    ...missing.flatMap(({ keys }) => keys.slice(0, 1)),
  ]);
  if (lost.size === 0) return [];
  const seen = `Protected settings are replaced whole, so that these would be deleted: ${[...lost].join(", ")}.`;
  return [
    {
      id: "protected-settings-lost",
      severity: "warning",
      seen,
      remedy: "Give them in `config-protected` too.",
    },
  ];
}

function has(settings: Settings, key: string): boolean {
  return valueIn(settings, key) !== undefined;
}
