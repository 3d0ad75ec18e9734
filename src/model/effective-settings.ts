import { nodeSelectorPrefix } from "./extension-keys.ts";
import { type Settings, valueIn } from "./extension-settings.ts";
import { sameText } from "./resource-id.ts";

/** How the router is reached from outside. */
export type RouterService = "LoadBalancer" | "NodePort" | "ClusterIP";

/** What the settings of an extension come to, legacy names and defaults included (extension.md 1c, 2a, 2b). */
export interface EffectiveSettings {
  readonly training: boolean;
  readonly inference: boolean;
  /** `undefined` where nothing says it; before the setting was required that meant a public load balancer. */
  readonly routerService: RouterService | undefined;
  readonly internalLoadBalancer: boolean;
  readonly highlyAvailable: boolean;
  /** What the router speaks; `undefined` where the settings, of which certificates are hidden, don't tell. */
  readonly scheme: "https" | "http" | undefined;
  readonly sslSecret: string | undefined;
  readonly sslCname: string | undefined;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly prometheusOperator: boolean;
  readonly volcano: boolean;
  readonly nvidiaDevicePlugin: boolean;
  readonly dcgmExporter: boolean;
  readonly relay: boolean;
  readonly ingress: boolean;
  readonly openshift: boolean;
  /** `scoringFe.enableUpgrade`: installs beside the legacy router (extension.md 8). */
  readonly besideLegacyRouter: boolean;
}

/** Reads what an extension of a cluster of that kind is set to. */
export function effectiveSettings(
  settings: Settings | null | undefined,
  cluster: "aks" | "arc",
): EffectiveSettings {
  const wire = settings ?? {};
  const service = routerService(wire);
  return {
    training: flag(wire, "enableTraining") ?? false,
    inference: flag(wire, "enableInference") ?? false,
    routerService: service,
    internalLoadBalancer:
      sameText(text(wire, "internalLoadBalancerProvider") ?? "", "azure") ||
      (flag(wire, "privateEndpointILB") ?? false),
    highlyAvailable: highlyAvailable(wire),
    scheme: scheme(wire),
    sslSecret: text(wire, "sslSecret") ?? text(wire, "scoringFe.sslSecret"),
    sslCname: text(wire, "sslCname"),
    nodeSelector: nodeSelector(wire),
    prometheusOperator: flag(wire, "installPromOp") ?? true,
    volcano: flag(wire, "installVolcano") ?? flag(wire, "volcanoScheduler.enable") ?? true,
    nvidiaDevicePlugin: flag(wire, "installNvidiaDevicePlugin") ?? false,
    dcgmExporter: flag(wire, "installDcgmExporter") ?? false,
    relay: flag(wire, "relayserver.enabled") ?? cluster === "arc",
    ingress: flag(wire, "nginxIngress.enabled") ?? cluster === "aks",
    openshift: flag(wire, "openshift") ?? false,
    besideLegacyRouter: flag(wire, "scoringFe.enableUpgrade") ?? flag(wire, "isAKSMigration") ?? false,
  };
}

/** Compared as text, case-insensitive (extension.md 1b); whatever is neither word counts as not given. */
function flag(wire: Settings, key: string): boolean | undefined {
  const value = text(wire, key) ?? "";
  if (sameText(value, "true")) return true;
  return sameText(value, "false") ? false : undefined;
}

function text(wire: Settings, key: string): string | undefined {
  const value = String(valueIn(wire, key) ?? "").trim();
  return value === "" ? undefined : value;
}

function routerService(wire: Settings): RouterService | undefined {
  const named = text(wire, "inferenceRouterServiceType") ?? "";
  const known = (["LoadBalancer", "NodePort", "ClusterIP"] as const).find((type) => sameText(type, named));
  if (known) return known;
  if (flag(wire, "privateEndpointNodeport")) return "NodePort";
  return flag(wire, "privateEndpointILB") ? "LoadBalancer" : undefined;
}

function highlyAvailable(wire: Settings): boolean {
  return flag(wire, "inferenceRouterHA") ?? flag(wire, "inferenceLoadBalancerHA") ?? true;
}

/** `sslCname` is required wherever there is TLS, so that it tells of a certificate that stays hidden (extension.md 1b). */
function scheme(wire: Settings): "https" | "http" | undefined {
  if (["sslCname", "sslSecret", "scoringFe.sslSecret"].some((key) => text(wire, key))) return "https";
  return flag(wire, "allowInsecureConnections") ? "http" : undefined;
}

/** Dots of a label may be escaped, as Helm wants them. */
function nodeSelector(wire: Settings): Record<string, string> {
  const labels = Object.entries(wire).filter(([key]) => key.startsWith(nodeSelectorPrefix));
  return Object.fromEntries(
    labels.map(([key, value]) => [key.slice(nodeSelectorPrefix.length).replaceAll("\\", ""), String(value)]),
  );
}
