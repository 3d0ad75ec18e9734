import { isDeepStrictEqual } from "node:util";
import { aksProperties, type SslConfiguration, writableIdentity } from "./aks-compute.ts";
import type { Compute, Difference } from "./compute.ts";
import type { JournalTls } from "./journal.ts";
import { sameText } from "./resource-id.ts";

/** What the service fills in, beside settings (arm-contract 1.3, 1.4). */
const readOnlyEnvelope = ["id", "name", "type", "systemData"];
const readOnlyProperties = [
  "provisioningState",
  "provisioningErrors",
  "isAttachedCompute",
  "createdOn",
  "modifiedOn",
];
/**
 * The same among the settings of each type: of a legacy compute what describes its cluster, which an attach does not
 * send (peers 2.2); of a Kubernetes compute what the attach brings and secrets that come back empty (arm-contract 1.6).
 */
const madeByAttach = [
  "systemServices",
  "clusterFqdn",
  "agentCount",
  "agentVmSize",
  "aksNetworkingConfiguration",
  "extensionPrincipalId",
  "extensionInstanceReleaseTrain",
  "relayConnectionString",
  "serviceBusConnectionString",
];

/** The PUT that attaches a compute again as it is: everything that came, but for what the service fills in. */
export function putBackBody(found: Compute): Compute {
  const envelope = without(found, [...readOnlyEnvelope, "properties", "identity"]);
  const properties = without(found.properties, [...readOnlyProperties, "properties", "computeLocation"]);
  const settings = without(found.properties.properties ?? {}, madeByAttach);
  return {
    ...envelope,
    ...(found.identity && { identity: writableIdentity(found.identity) }),
    properties: { ...properties, computeType: found.properties.computeType, properties: settings },
  };
}

/**
 * The PUT that attaches a compute with other settings: what was asked for, and what that leaves open as it is. TLS and
 * identity are taken as asked for, since there leaving one out means to have none.
 */
export function replacementBody(found: Compute, wanted: Compute): Compute {
  if (!sameText(found.properties.computeType, wanted.properties.computeType)) return wanted;
  const { identity: _, ...kept } = putBackBody(found);
  const { sslConfiguration: __, ...settings } = aksProperties(kept);
  return {
    ...kept,
    ...wanted,
    properties: {
      ...kept.properties,
      ...wanted.properties,
      properties: { ...settings, ...wanted.properties.properties },
    },
  };
}

/** The body without certificate and key, and these by themselves: the key is kept apart from what may be shown. */
export function splitTls(body: Compute): { readonly body: Compute; readonly tls?: JournalTls } {
  const settings = aksProperties(body);
  const ssl = settings.sslConfiguration;
  if (!ssl) return { body };
  const { cert, key, ...sslConfiguration } = ssl;
  const bare = withSettings(body, { ...settings, sslConfiguration });
  return cert && key ? { body: bare, tls: { certificate: cert, privateKey: key } } : { body: bare };
}

/** The whole body again: a certificate of one's own goes with its key, Microsoft's is issued anew (peers 2.2). */
export function joinTls(body: Compute, tls: JournalTls | undefined): Compute {
  const settings = aksProperties(body);
  if (!tls || !hasOwnTls(settings.sslConfiguration)) return body;
  const sslConfiguration = { ...settings.sslConfiguration, cert: tls.certificate, key: tls.privateKey };
  return withSettings(body, { ...settings, sslConfiguration });
}

/** TLS with a certificate of one's own. */
export function hasOwnTls(ssl: SslConfiguration | null | undefined): boolean {
  return sameText(ssl?.status ?? "", "Enabled");
}

/** TLS with a certificate that Microsoft issues for a label (T1). */
export function hasMicrosoftTls(ssl: SslConfiguration | null | undefined): boolean {
  return sameText(ssl?.status ?? "", "Auto");
}

/** A body with a certificate of one's own, in the place of whatever TLS it had. */
export function withOwnTls(body: Compute, cname: string): Compute {
  return withSettings(body, { ...aksProperties(body), sslConfiguration: { status: "Enabled", cname } });
}

function withSettings(body: Compute, settings: object): Compute {
  return { ...body, properties: { ...body.properties, properties: { ...settings } } };
}

/** What Azure never shows, or makes itself. */
const unseen = ["sslConfiguration.cert", "sslConfiguration.key", "sslConfiguration.overwriteExistingDomain"];

/**
 * The settings of a body that a compute does not have; empty when it has them all. What only the service fills in is
 * not compared, nor is what the body leaves open.
 */
export function missingSettings(body: Compute, found: Compute): Difference[] {
  const { properties: settings = {}, ...properties } = body.properties;
  const outer = Object.entries({ ...properties, identity: identityText(body) });
  const seen = { ...found.properties, identity: identityText(found) };
  return [
    ...outer.flatMap(([name, value]) => row(name, value, (seen as Readonly<Record<string, unknown>>)[name])),
    ...Object.entries(withTls(body, settings)).flatMap(([name, value]) =>
      settingRows(name, value, found, body),
    ),
  ];
}

/** A legacy compute without TLS is one where it is off (arm-contract 1.5). */
function withTls({ properties }: Compute, settings: object | null): object {
  const isLegacy = sameText(properties.computeType, "AKS");
  return { ...(isLegacy && { sslConfiguration: { status: "Disabled" } }), ...settings };
}

function identityText({ identity }: Compute): string {
  return [identity?.type ?? "None", ...Object.keys(identity?.userAssignedIdentities ?? {}).sort()].join(" ");
}

function settingRows(name: string, value: unknown, found: Compute, body: Compute): Difference[] {
  const seen = found.properties.properties?.[name];
  if (name !== "sslConfiguration") return row(name, value, seen);
  const ssl = (value ?? {}) as SslConfiguration;
  const shown = (seen ?? {}) as Readonly<Record<string, unknown>>;
  const isAuto = hasMicrosoftTls(aksProperties(body).sslConfiguration);
  return Object.entries({ status: "Disabled", ...ssl }).flatMap(([key, one]) =>
    // The name of Microsoft's certificate is a result, which is looked at by itself.
    isAuto && key === "cname"
      ? []
      : row(`${name}.${key}`, one, shown[key] ?? (key === "status" ? "Disabled" : undefined)),
  );
}

/** What a person has chosen. Whatever else a newer version of the service shows may well be another one each time. */
const chosen =
  /^(computeType|resourceId|identity|description|disableLocalAuth|namespace|defaultInstanceType|instanceTypes|clusterPurpose|loadBalancerType|loadBalancerSubnet|sslConfiguration\..+)$/;

function row(field: string, wanted: unknown, found: unknown): Difference[] {
  if (!chosen.test(field)) return [];
  if (wanted === undefined || wanted === null || unseen.includes(field)) return [];
  if (isDeepStrictEqual(settled(wanted), settled(found))) return [];
  return [{ field, wanted: text(wanted), found: text(found ?? "(none)") }];
}

/** Names and ids are compared without case, and what is null is not there (arm-contract 8, 1.6). */
function settled(value: unknown): unknown {
  if (typeof value === "string") return value.toLowerCase();
  if (Array.isArray(value)) return value.map(settled);
  if (typeof value !== "object" || value === null) return value ?? undefined;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) =>
      one === null || one === undefined ? [] : [[key, settled(one)]],
    ),
  );
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function without<T extends object>(whole: T, names: readonly string[]): T {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => !names.includes(name))) as T;
}
