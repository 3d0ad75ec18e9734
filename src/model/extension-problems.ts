import { hasPemPair, isInternal, type WantedExtension } from "./extension-derived.ts";
import {
  booleanKeys,
  isKnownKey,
  meantKey,
  nodeSelectorPrefix,
  ownKeys,
  secretKeys,
} from "./extension-keys.ts";
import { legacyKeys, presentForm } from "./extension-legacy.ts";
import {
  type GivenSettings,
  hidden,
  inputOf,
  isOn,
  type SettingProblem,
  settingOf,
  valueIn,
} from "./extension-settings.ts";
import { sameText } from "./resource-id.ts";

/** A name in DNS without wildcard; at most 253 letters. */
const dnsName = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
const labelName = /^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/;

/**
 * What is wrong with settings by their present names: what `az k8s-extension` refuses (extension.md 1b), and what
 * Azure would only tell after a quarter of an hour, or never. Keys that are not known are no problem.
 */
export function settingProblems(
  given: GivenSettings,
  cluster: { readonly kind: "aks" | "arc" },
): SettingProblem[] {
  return [
    ...keyProblems(given),
    ...valueProblems(given),
    ...workloadProblems(given),
    ...(isOn(given.plain, "enableInference") ? routerProblems(given) : []),
    ...tlsProblems(given),
    ...besideProblems(given),
    ...migrationProblems(given, cluster),
  ];
}

/** What is wrong with the wishes for a version (extension.md 4). */
export function versionProblems(wanted: WantedExtension): SettingProblem[] {
  const { version, autoUpgrade } = wanted;
  const problems: SettingProblem[] = [];
  if (version !== undefined && !/^\d+\.\d+\.\d+([-+][\w.+-]+)?$/.test(version)) {
    problems.push({ input: "version", given: version, accepted: "a version like 1.1.44" });
  }
  if (version !== undefined && autoUpgrade === true) {
    const accepted = "false, or no `version`: Azure refuses a pinned version that upgrades itself";
    problems.push({ input: "auto-upgrade", given: "true", accepted });
  }
  return problems;
}

/** The problem with a setting; what is secret is not shown. */
function wrong(given: GivenSettings, key: string, accepted: string): SettingProblem {
  const plain = valueIn(given.plain, key);
  const value = plain ?? valueIn(given.protected, key);
  const secret = plain === undefined || secretKeys.has(key);
  return { input: inputOf(given, key), given: value !== undefined && secret ? hidden : value, accepted };
}

function keyProblems(given: GivenSettings): SettingProblem[] {
  const twice = Object.keys(given.plain).filter((key) => Object.hasOwn(given.protected, key));
  const shown = Object.keys(given.plain).filter((key) => secretKeys.has(key));
  const keys = [...Object.keys(given.plain), ...Object.keys(given.protected)];
  const reserved = keys.filter((key) => ownKeys.has(key));
  return [
    ...twice.map((key) => wrong(given, key, "either in `config` or in `config-protected`")),
    ...shown.map((key) =>
      wrong(given, key, "in `config-protected`: everybody who may read the cluster reads `config`"),
    ),
    ...reserved.map((key) => wrong(given, key, "no value: this action keeps it")),
    ...[...new Set(keys)].flatMap((key) => misspelled(given, key)),
  ];
}

function misspelled(given: GivenSettings, key: string): SettingProblem[] {
  if (isKnownKey(key) || ownKeys.has(key)) return [];
  const meant = meantKey(key, legacyKeys);
  if (meant === undefined) return [];
  // The value may be fine; the key is what is wrong.
  return [
    { input: inputOf(given, key), given: key, accepted: `did you mean ${presentForm(meant) ?? meant}?` },
  ];
}

function valueProblems(given: GivenSettings): SettingProblem[] {
  const isGiven = (key: string) => settingOf(given, key) !== undefined;
  const flags = [...booleanKeys].filter(isGiven);
  const selectors = Object.entries(given.plain).filter(([key]) => key.startsWith(nodeSelectorPrefix));
  return [
    ...flags
      .filter((key) => !/^(true|false)$/i.test(settingOf(given, key) ?? ""))
      .map((key) => wrong(given, key, "True, False")),
    ...selectors
      .filter(([key, value]) => !isLabel(key.slice(nodeSelectorPrefix.length), value))
      .map(([key]) => wrong(given, key, "the label of a node, as nodeSelector.<label>=<value>")),
    ...(isGiven("nodeSelector")
      ? [wrong(given, "nodeSelector", "nodeSelector.<label>=<value>, a line for each label")]
      : []),
  ];
}

/** The syntax of Kubernetes; dots in a label may be escaped, as Helm wants them. */
function isLabel(key: string, value: string): boolean {
  const parts = key.replaceAll("\\.", ".").split("/");
  const name = parts.pop() ?? "";
  const [prefix] = parts;
  return (
    parts.length < 2 &&
    (prefix === undefined || dnsName.test(prefix)) &&
    labelName.test(name) &&
    (value === "" || labelName.test(value))
  );
}

function workloadProblems(given: GivenSettings): SettingProblem[] {
  if (isOn(given.plain, "enableTraining") || isOn(given.plain, "enableInference")) return [];
  return [{ input: "workloads", given: undefined, accepted: "training, inference, or both" }];
}

function routerProblems(given: GivenSettings): SettingProblem[] {
  const type = settingOf(given, "inferenceRouterServiceType") ?? "";
  const provider = settingOf(given, "internalLoadBalancerProvider");
  const problems: SettingProblem[] = [];
  if (!/^(NodePort|LoadBalancer|ClusterIP)$/i.test(type)) {
    const accepted = "LoadBalancer, NodePort or ClusterIP, since inference is on";
    problems.push(wrong(given, "inferenceRouterServiceType", accepted));
  }
  if (provider !== undefined && !sameText(provider, "azure")) {
    problems.push(
      wrong(given, "internalLoadBalancerProvider", "azure, or nothing for a public load balancer"),
    );
  }
  if (sameText(type, "NodePort") && isInternal(given.plain)) {
    problems.push(
      wrong(given, "internalLoadBalancerProvider", "nothing, since NodePort has no load balancer"),
    );
  }
  return problems;
}

function tlsProblems(given: GivenSettings): SettingProblem[] {
  const halves = [
    ["sslCertPemFile", "sslKeyPemFile"],
    ["scoringFe.sslCert", "scoringFe.sslKey"],
  ].flatMap(([one = "", other = ""]) => [lonely(given, one, other), lonely(given, other, one)].flat());
  const secret = settingOf(given, "sslSecret");
  const cname = settingOf(given, "sslCname");
  const problems = [...halves];
  if (secret !== undefined && (!dnsName.test(secret) || /[A-Z]/.test(secret))) {
    const accepted = "the name of a secret in namespace azureml, with the keys cert.pem and key.pem";
    problems.push(wrong(given, "sslSecret", accepted));
  }
  if (cname !== undefined && !dnsName.test(cname)) {
    problems.push(
      wrong(given, "sslCname", "a DNS name like ml.example.com, without scheme, port or wildcard"),
    );
  }
  const insecure = isOn(given.plain, "allowInsecureConnections");
  if (hasTls(given) && cname === undefined) {
    problems.push(wrong(given, "sslCname", "the DNS name of the endpoint, since HTTPS is on"));
  }
  if (hasTls(given) && insecure) {
    const accepted = "False, or no TLS material: with True endpoints are served over HTTP";
    problems.push(wrong(given, "allowInsecureConnections", accepted));
  }
  if (isOn(given.plain, "enableInference") && !hasTls(given) && !insecure && halves.length === 0) {
    const accepted =
      "sslCertPemFile and sslKeyPemFile, or sslSecret in `config`, or allowInsecureConnections=True for HTTP, since inference is on";
    problems.push({ input: "config-protected", given: undefined, accepted });
  }
  return problems;
}

function hasTls(given: GivenSettings): boolean {
  return hasPemPair(given) || settingOf(given, "sslSecret") !== undefined;
}

/** The CLI takes half a pair for none, silently (extension.md 1b). */
function lonely(given: GivenSettings, key: string, other: string): SettingProblem[] {
  const half = valueIn(given.protected, key) !== undefined && valueIn(given.protected, other) === undefined;
  if (!half || given.tls) return [];
  return [
    { input: `config-protected (${other})`, given: undefined, accepted: `${other}, which goes with ${key}` },
  ];
}

/** Azure resources beside the extension: a Relay is made for Arc, others are not (extension.md 1d). */
function besideProblems(given: GivenSettings): SettingProblem[] {
  const id = "relayserver.hybridConnectionResourceID";
  const string = "relayServerConnectionString";
  const ownString = [string, "relayserver.relayConnectionString"].some((key) => settingOf(given, key));
  const problems: SettingProblem[] = [];
  if (ownString && !settingOf(given, id)) {
    problems.push(wrong(given, id, `the id of the hybrid connection that ${string} belongs to`));
  }
  const bus = ["serviceBusConnectionString", "servicebus.connectionString"];
  if (isOn(given.plain, "servicebus.enabled") && !bus.some((key) => settingOf(given, key))) {
    const accepted =
      "False, or serviceBusConnectionString in `config-protected`: no Service Bus is made here";
    problems.push(wrong(given, "servicebus.enabled", accepted));
  }
  if (isOn(given.plain, "logAnalyticsWS") && !settingOf(given, "azure_log_analytics.connection_string")) {
    const accepted =
      "False, or azure_log_analytics.enabled=True and azure_log_analytics.customer_id in `config` and azure_log_analytics.connection_string in `config-protected`: no Log Analytics workspace is made here";
    problems.push(wrong(given, "logAnalyticsWS", accepted));
  }
  return problems;
}

/** Installing beside the legacy router works on AKS alone, where that router runs (extension.md 8: coexistence). */
function migrationProblems(
  given: GivenSettings,
  { kind }: { readonly kind: "aks" | "arc" },
): SettingProblem[] {
  const key = "scoringFe.enableUpgrade";
  if (kind === "aks" || !isOn(given.plain, key)) return [];
  return [wrong(given, key, "False on an Arc cluster; the legacy router runs on AKS alone")];
}
