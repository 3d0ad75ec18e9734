import { createPrivateKey, X509Certificate } from "node:crypto";
import type { ExtensionKnobs } from "./extension-knobs.ts";
import type { ExtensionSettings } from "./extension-settings.ts";

/** What the health check finds wrong with TLS; `missing-derived-keys` is the cause behind it that nobody names. */
export type TlsTrouble = "E40007" | "missing-derived-keys";

/** Settings that name a certificate for the CLI alone: the chart reads what the CLI makes of them (extension 1c). */
const FOR_THE_CLI = ["sslSecret", "sslCertPemFile", "sslKeyPemFile"];

/** extension 1c: what the CLI adds on every cluster. */
const DERIVED = [
  "cluster_name",
  "clusterId",
  "prometheus.prometheusSpec.externalLabels.cluster_name",
  "cluster_name_friendly",
  "location",
  "jobSchedulerLocation",
  "domain",
  "servicebus.enabled",
  "relayserver.enabled",
  "nginxIngress.enabled",
];

/** Whether HTTPS will do: E40007 is "key or certificate missing or mismatched, or CNAME not covered" (extension 6). */
export function tlsTrouble(settings: ExtensionSettings, knobs: ExtensionKnobs): TlsTrouble | undefined {
  const routerNamed = settings.text("inferenceRouterServiceType") !== undefined;
  if (!routerNamed && knobs.withoutRouterType === "succeed") return undefined;
  const certificate = settings.secret("scoringFe.sslCert");
  const key = settings.secret("scoringFe.sslKey");
  const fromSecret = settings.text("scoringFe.sslSecret") !== undefined;
  if (certificate === undefined && key === undefined && !fromSecret) return withoutMaterial(settings);
  if (knobs.derivedKeysNeeded === "all" && lacksDerivedKeys(settings)) return "missing-derived-keys";
  const cname = settings.text("sslCname");
  if (cname === undefined) return "E40007";
  // Of a PEM pair and a secret the pair wins (extension 1b). What a secret holds, the cluster alone knows.
  if (certificate === undefined && key === undefined) return undefined;
  return isPairFor(cname, certificate, key) ? undefined : "E40007";
}

/** A caller that did not do what the CLI does. */
export function lacksDerivedKeys(settings: ExtensionSettings): boolean {
  return !DERIVED.every((key) => settings.has(key));
}

function withoutMaterial(settings: ExtensionSettings): TlsTrouble | undefined {
  // terraform-provider-azurerm#24547: `sslSecret` without `scoringFe.sslSecret`.
  if (FOR_THE_CLI.some((key) => settings.has(key))) return "missing-derived-keys";
  return settings.on("allowInsecureConnections") ? undefined : "E40007";
}

/** Both travel as base64 of PEM text (extension 1c). A key with a passphrase is none (extension 8). */
function isPairFor(cname: string, certificate: string | undefined, key: string | undefined): boolean {
  if (certificate === undefined || key === undefined) return false;
  try {
    const first = new X509Certificate(Buffer.from(certificate, "base64"));
    const owner = createPrivateKey(Buffer.from(key, "base64"));
    return first.checkPrivateKey(owner) && first.checkHost(cname) !== undefined;
  } catch {
    return false;
  }
}
