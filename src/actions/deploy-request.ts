import * as v from "valibot";
import type { Host } from "../host/host.ts";
import type { InputName } from "../model/doors.ts";
import { presentNames } from "../model/extension-legacy.ts";
import { settingNotes, versionNotes } from "../model/extension-notes.ts";
import { settingProblems, versionProblems } from "../model/extension-problems.ts";
import {
  type GivenSettings,
  hidden,
  parseSettingLines,
  parseWorkloads,
  type SettingNote,
  settingOf,
  valueIn,
  withWorkloads,
} from "../model/extension-settings.ts";
import type { DeployRequest } from "../model/request.ts";
import { parseResourceId, resourceTypes } from "../model/resource-id.ts";
import {
  clusterEntries,
  clusterTogether,
  kubeconfigOf,
  namedCluster,
  subscriptionTogether,
} from "./cluster-inputs.ts";
import {
  check,
  commonEntries,
  commonRequest,
  commonTogether,
  flag,
  fromVariables,
  invalidInput,
  matching,
  type Problem,
  readInputs,
  subscriptionId,
  together,
  type Values,
  word,
} from "./inputs.ts";
import { type PemInputs, readPemInputs, tlsVerdicts } from "./tls-inputs.ts";

const schema = v.object({
  ...commonEntries,
  "subscription-id": v.optional(subscriptionId),
  ...clusterEntries,
  kubeconfig: v.optional(v.string()),
  "extension-name": v.optional(
    matching(
      /^[a-z0-9]([-a-z0-9]{0,48}[a-z0-9])?$/,
      "1 to 50 lower-case letters, digits and dashes, starting and ending with a letter or digit",
    ),
    "azureml",
  ),
  workloads: v.optional(
    v.pipe(
      v.string(),
      v.check((text) => parseWorkloads(text) !== undefined, "training, inference, or both"),
      v.transform(parseWorkloads),
    ),
  ),
  config: v.optional(v.string(), ""),
  "config-protected": v.optional(v.string(), ""),
  "ssl-cert-pem": v.optional(v.string()),
  "ssl-key-pem": v.optional(v.string()),
  version: v.optional(v.string()),
  "release-train": v.optional(
    matching(/^[a-zA-Z][-a-zA-Z0-9]*$/, "stable, preview or another release train"),
  ),
  "auto-upgrade": v.optional(v.pipe(v.string(), v.toLowerCase(), word(["true", "false"]))),
  "allow-disruption": flag(false),
  "on-failed": v.optional(word(["fail", "recreate"]), "fail"),
} satisfies Record<InputName<"deploy-extension">, v.GenericSchema>);

type Checked = v.InferOutput<typeof schema>;

/**
 * The request of `deploy-extension`. Files that protected settings name are read here, so that everything is known
 * to be right before anything is sent. @throws Failure `InvalidInput` with every problem.
 */
export async function deployRequest(host: Host): Promise<DeployRequest> {
  const given = readInputs(host, "deploy-extension");
  maskSecrets(host, given);
  const { values, origins } = fromVariables(host, given, ["subscription-id"]);
  const { request, problems } = check(schema, values, origins);
  const shape = [
    ...problems.map(hideSecret),
    ...clusterTogether(values),
    ...subscriptionTogether(values),
    ...deployTogether(values),
  ];
  const settings = await readSettings(host, values);
  const kubeconfig = await kubeconfigOf(host, values);
  const all = [...shape, ...settings.problems, ...kubeconfig.problems];
  if (!request || all.length > 0) throw invalidInput(all, host);
  return {
    ...commonRequest(request),
    clusterId: namedCluster(request),
    kubeconfig: kubeconfig.content,
    extensionName: request["extension-name"],
    settings: settings.settings,
    wanted: wantedVersion(request),
    notes: [...settings.notes, ...versionNotes(wantedVersion(request))],
    allowDisruption: request["allow-disruption"],
    onFailed: request["on-failed"],
  };
}

function wantedVersion(values: Partial<Pick<Checked, "version" | "release-train" | "auto-upgrade">>) {
  const autoUpgrade = values["auto-upgrade"];
  return {
    version: values.version,
    releaseTrain: values["release-train"],
    autoUpgrade: autoUpgrade && autoUpgrade === "true",
  };
}

function deployTogether(values: Values<string>): Problem[] {
  const autoUpgrade = values["auto-upgrade"]?.toLowerCase() === "true" ? true : undefined;
  const version = versionProblems({ version: values["version"], autoUpgrade });
  const both = Boolean(values["ssl-cert-pem"]) === Boolean(values["ssl-key-pem"]);
  const missing = values["ssl-cert-pem"] ? "ssl-key-pem" : "ssl-cert-pem";
  return [
    ...commonTogether(values),
    ...version,
    ...together(both, missing, {}, "`ssl-cert-pem` and `ssl-key-pem` together"),
  ];
}

/** Values that must reach no log, whatever is wrong with them. */
function maskSecrets(host: Host, given: Values<string>): void {
  const { settings } = parseSettingLines("config-protected", given["config-protected"] ?? "");
  const secrets = Object.entries(settings).filter(([key]) => !/PemFile$/.test(key));
  for (const secret of [...secrets.map(([, value]) => value), given["ssl-key-pem"]]) {
    for (const part of [secret, secret && /SharedAccessKey=([^;]+)/.exec(secret)?.[1]]) {
      if (part) host.mask(part);
    }
  }
}

const secretInputs = ["config-protected", "ssl-key-pem", "kubeconfig"];

function hideSecret(problem: Problem): Problem {
  return secretInputs.includes(problem.input) ? { ...problem, given: hidden } : problem;
}

interface ReadSettings {
  readonly settings: GivenSettings;
  readonly notes: readonly SettingNote[];
  readonly problems: readonly Problem[];
}

async function readSettings(host: Host, values: Values<string>): Promise<ReadSettings> {
  const plain = parseSettingLines("config", values["config"] ?? "");
  const secret = parseSettingLines("config-protected", values["config-protected"] ?? "");
  const present = presentNames({ plain: plain.settings, protected: secret.settings });
  const chosen = withWorkloads(present.settings, parseWorkloads(values["workloads"] ?? ""));
  const pem = await readPemPair(host, chosen.settings, values);
  const given = { ...chosen.settings, ...(pem.pair && { tls: pem.pair }) };
  const cluster = { kind: kindOf(values) };
  const tls = pem.pair ? tlsVerdicts(pem.pair, settingOf(given, "sslCname")) : undefined;
  return {
    settings: { ...given, ...(tls?.pair && { tls: tls.pair }) },
    notes: [...renamed(present.warnings), ...settingNotes(given, cluster), ...(tls?.notes ?? [])],
    problems: [
      ...plain.problems,
      ...secret.problems,
      ...present.problems,
      ...chosen.problems,
      ...pem.problems,
      // What a line that can't be read may hold is not called missing.
      ...(plain.problems.length + secret.problems.length > 0 ? [] : settingProblems(given, cluster)),
      ...(tls?.problems ?? []),
    ],
  };
}

function kindOf(values: Values<string>): "aks" | "arc" {
  const type = parseResourceId(values["cluster-resource-id"] ?? "")?.type;
  return type === resourceTypes.arc || values["cluster-type"] === "connectedClusters" ? "arc" : "aks";
}

function renamed(
  warnings: readonly { readonly old: string; readonly now: string; readonly text: string }[],
): SettingNote[] {
  return warnings.map(({ old, now, text }) => ({
    id: "legacy-name",
    severity: "warning",
    seen: text,
    remedy: `Write ${now} in the place of ${old}.`,
  }));
}

/** The PEM pair of the inputs, else of the files that the protected settings name, as the CLI reads them (testbed 8). */
async function readPemPair(
  host: Host,
  { protected: settings }: GivenSettings,
  values: Values<string>,
): Promise<PemInputs> {
  const content = { certificate: values["ssl-cert-pem"], privateKey: values["ssl-key-pem"] };
  const paths = {
    certificate: valueIn(settings, "sslCertPemFile"),
    privateKey: valueIn(settings, "sslKeyPemFile"),
  };
  if ((content.certificate || content.privateKey) && (paths.certificate || paths.privateKey)) {
    const accepted =
      "`ssl-cert-pem` and `ssl-key-pem`, or sslCertPemFile and sslKeyPemFile in `config-protected`, not both";
    return { problems: [{ input: "ssl-cert-pem", given: "both", accepted }] };
  }
  if (content.certificate && content.privateKey) return readPemInputs(host, values);
  if (!paths.certificate || !paths.privateKey) return { problems: [] };
  const [certificate, privateKey] = await Promise.all([
    readPem(host, "sslCertPemFile", paths.certificate),
    readPem(host, "sslKeyPemFile", paths.privateKey),
  ]);
  if (privateKey.text) host.mask(privateKey.text);
  const problems = [...certificate.problems, ...privateKey.problems];
  if (certificate.text === undefined || privateKey.text === undefined) return { problems };
  return { pair: { certificate: certificate.text, privateKey: privateKey.text }, problems };
}

async function readPem(
  host: Host,
  key: string,
  path: string,
): Promise<{ text?: string; problems: Problem[] }> {
  try {
    return { text: await host.readFile(path), problems: [] };
  } catch {
    const accepted = "the path of a file that can be read";
    // The content of a key, given in the place of its path, has no file extension.
    const given = /\.\w{1,5}$/.test(path) ? path : hidden;
    return { problems: [{ input: `config-protected (${key})`, given, accepted }] };
  }
}
