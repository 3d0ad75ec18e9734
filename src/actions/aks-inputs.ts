import * as v from "valibot";
import type { Host } from "../host/host.ts";
import {
  type AksSettings,
  type AksTls,
  type ClusterPurpose,
  clusterPurposes,
  loadBalancerTypes,
  type OwnCertificate,
} from "../model/aks-compute.ts";
import type { SettingNote } from "../model/extension-settings.ts";
import { flag, matching, type Problem, together, type Values, word } from "./inputs.ts";
import { readPemInputs, tlsVerdicts } from "./tls-inputs.ts";

const hostName =
  /^(?=.{1,253}$)([a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z][-a-zA-Z0-9]{0,61}[a-zA-Z0-9]$/;

/** The inputs of a legacy AKS compute: those that attach and create have in common. */
export const aksEntries = {
  "cluster-purpose": v.optional(
    v.pipe(v.string(), v.transform(purposeOf), v.picklist(clusterPurposes, clusterPurposes.join(", "))),
    "FastProd",
  ),
  "load-balancer-type": v.optional(word(loadBalancerTypes)),
  "load-balancer-subnet": v.optional(
    matching(
      /^[a-zA-Z0-9]([-\w.]{0,78}\w)?$/,
      "the name of a subnet: 1 to 80 letters, digits, dashes, dots and underscores",
    ),
  ),
  "ssl-cert-pem": v.optional(v.string()),
  "ssl-key-pem": v.optional(v.string()),
  "ssl-cname": v.optional(matching(hostName, "a host name like scoring.contoso.com, without a wildcard")),
  // Six characters of the service follow it in the same label, which has 63 at most (T1, RFC 1035).
  "ssl-leaf-domain-label": v.optional(
    matching(
      /^[a-zA-Z]([-a-zA-Z0-9]{0,55}[a-zA-Z0-9])?$/,
      "1 to 57 letters, digits and dashes, starting with a letter, ending with a letter or digit",
    ),
  ),
  "ssl-overwrite-existing-domain": flag(false),
};

/** Names of those inputs, for actions in which they mean nothing. */
export const aksInputNames = Object.keys(aksEntries) as readonly (keyof typeof aksEntries)[];

type Checked = v.InferOutput<v.ObjectSchema<typeof aksEntries, undefined>>;

/** Spellings of the portal and the SDKs: `DEV_TEST`, `dev-test`, `Production` (J21: the samples). */
function purposeOf(text: string): string {
  const letters = text.toLowerCase().replaceAll(/[-_ ]/g, "");
  const meant: ClusterPurpose | undefined = letters === "production" ? "FastProd" : undefined;
  return meant ?? clusterPurposes.find((purpose) => purpose.toLowerCase() === letters) ?? text;
}

/** What must hold between those inputs (T2, T1, peers 2.3). */
export function aksTogether(values: Values<string>): Problem[] {
  const own = ["ssl-cert-pem", "ssl-key-pem", "ssl-cname"] as const;
  const givenOwn = own.filter((name) => values[name]);
  const missing = givenOwn.length > 0 ? own.filter((name) => !values[name]) : [];
  const label = values["ssl-leaf-domain-label"];
  const overwrite = values["ssl-overwrite-existing-domain"]?.toLowerCase() === "true";
  return [
    ...missing.map((input) => ({
      input,
      given: undefined,
      accepted: "`ssl-cert-pem`, `ssl-key-pem` and `ssl-cname` together, or none of them",
    })),
    ...together(
      !label || givenOwn.length === 0,
      "ssl-leaf-domain-label",
      values,
      "either Microsoft's certificate by `ssl-leaf-domain-label`, or one's own by `ssl-cert-pem`, `ssl-key-pem` and `ssl-cname`",
    ),
    ...together(
      !overwrite || Boolean(label),
      "ssl-overwrite-existing-domain",
      values,
      "true only with `ssl-leaf-domain-label`",
    ),
    ...together(
      !values["load-balancer-subnet"] || values["load-balancer-type"] !== "PublicIp",
      "load-balancer-subnet",
      values,
      "no value with a public load balancer",
    ),
    ...together(
      !values["load-balancer-subnet"] || Boolean(values["load-balancer-type"]),
      "load-balancer-type",
      values,
      "InternalLoadBalancer, since `load-balancer-subnet` is given",
    ),
  ];
}

/** One's own certificate, understood before anything is sent (T4). */
export interface ReadTls {
  readonly own?: OwnCertificate | undefined;
  readonly notes: readonly SettingNote[];
  readonly problems: readonly Problem[];
}

/** Reads the inputs of one's own certificate, and the files that they name. */
export async function readOwnTls(host: Host, values: Values<string>): Promise<ReadTls> {
  const pem = await readPemInputs(host, values);
  if (!pem.pair) return { notes: [], problems: pem.problems };
  const given = values["ssl-cname"];
  // A name that is none is a problem of its own.
  const cname = given && hostName.test(given) ? given : undefined;
  const { pair, notes, problems } = tlsVerdicts(pem.pair, cname);
  const own: OwnCertificate | undefined = pair && cname ? { way: "own", cname, ...pair } : undefined;
  return { own, notes, problems: [...pem.problems, ...problems] };
}

/**
 * Variables that hold the certificate and its key. They count only where `ssl-cname` says that TLS is wanted, so that
 * what a job has in its environment never turns TLS on by itself.
 */
const variables = {
  "ssl-cert-pem": "AZUREML_SSL_CERT_PEM",
  "ssl-key-pem": "AZUREML_SSL_KEY_PEM",
} as const;

/** The values with what those variables stand in for. */
export function withTlsVariables(host: Host, values: Values<string>): Values<string> {
  if (!values["ssl-cname"]) return values;
  const held = Object.entries(variables).flatMap(([name, variable]) => {
    const value = host.environment[variable];
    return value && !values[name] ? [[name, value] as const] : [];
  });
  return { ...values, ...Object.fromEntries(held) };
}

/** The settings, from checked values and the certificate that was read. */
export function aksSettings(values: Checked, own: OwnCertificate | undefined): AksSettings {
  const leafDomainLabel = values["ssl-leaf-domain-label"];
  const overwriteExistingDomain = values["ssl-overwrite-existing-domain"];
  const tls: AksTls | undefined =
    own ?? (leafDomainLabel ? { way: "microsoft", leafDomainLabel, overwriteExistingDomain } : undefined);
  return {
    clusterPurpose: values["cluster-purpose"],
    loadBalancer: { type: values["load-balancer-type"], subnet: values["load-balancer-subnet"] },
    ...(tls && { tls }),
  };
}

/** What is worth saying about values that are valid. */
export function aksNotes(values: Values<string>): SettingNote[] {
  const given = values["cluster-purpose"];
  const meant = given === undefined ? undefined : purposeOf(given);
  if (meant === undefined || meant === given) return [];
  const seen = `\`cluster-purpose\` is "${given}", which the API calls ${meant}.`;
  return [{ id: "aks-purpose-spelling", severity: "warning", seen, remedy: `Write ${meant}.` }];
}
