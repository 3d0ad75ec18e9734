import { X509Certificate } from "node:crypto";
import { bearerOf, type Incoming } from "../http.ts";
import { isObject, objectAt } from "../json.ts";
import type { World } from "../world.ts";
import type { KubernetesCluster, User } from "./cluster.ts";
import { unauthorized } from "./status.ts";

/** The application that Entra tokens for AKS are issued for (source of kubelogin and of the Azure CLI). */
export const AKS_SERVER_APPLICATION = "6dae42f8-4368-4678-94ff-3960e28e3630";

const MASTERS = ["system:masters", "system:authenticated"];

/**
 * Who is calling an API server: by client certificate, by the local account's token, or by an Entra token. AKS has
 * anonymous requests switched off, so nobody gets in without.
 */
export function signIn(world: World, cluster: KubernetesCluster, request: Incoming): User {
  watchTokens(world, request);
  const user =
    byCertificate(world, cluster, request) ??
    byLocalToken(world, cluster, request) ??
    entraUser(world, cluster.id, bearerOf(request));
  if (!user) throw unauthorized();
  return user;
}

/** A token that Entra gave for somebody else has no business at an API server: whoever runs that could use it. */
function watchTokens(world: World, request: Incoming): void {
  const issued = world.directory.tokens.get(bearerOf(request) ?? "");
  if (!issued || issued.audience === AKS_SERVER_APPLICATION) return;
  world.violations.push(`A token for ${issued.audience} was sent to ${request.url.origin}`);
}

function byCertificate(world: World, cluster: KubernetesCluster, request: Incoming): User | undefined {
  if (request.clientCertificate === undefined || !localAccounts(world, cluster)) return undefined;
  const { certificate, isTrusted } = judged(world, request.clientCertificate);
  const now = world.clock.now();
  const inTime = Date.parse(certificate.validFrom) <= now && now < Date.parse(certificate.validTo);
  if (!inTime || !isTrusted) return undefined;
  const part = (name: string) => new RegExp(`^${name}=(.+)$`, "m").exec(certificate.subject)?.[1];
  return { name: part("CN") ?? "", groups: [part("O") ?? "", "system:authenticated"] };
}

interface Judged {
  certificate: X509Certificate;
  /** Signed by the authority of the clusters. */
  isTrusted: boolean;
}

/** Client certificates that were judged, by their PEM: each comes with every request. */
const judgements = new WeakMap<World, Map<string, Judged>>();

function judged(world: World, pem: string): Judged {
  const known = judgements.get(world) ?? new Map<string, Judged>();
  judgements.set(world, known);
  const before = known.get(pem);
  if (before) return before;
  const certificate = new X509Certificate(pem);
  const authority = new X509Certificate(world.clusters.authority);
  const result = { certificate, isTrusted: certificate.verify(authority.publicKey) };
  known.set(pem, result);
  return result;
}

function byLocalToken(world: World, cluster: KubernetesCluster, request: Incoming): User | undefined {
  if (bearerOf(request) !== cluster.token || !localAccounts(world, cluster)) return undefined;
  return { name: "masterclient", groups: MASTERS };
}

/** The user of a service principal is its object id (AKS documentation, "AKS-managed Microsoft Entra integration"). */
export function entraUser(world: World, clusterId: string, token: string | undefined): User | undefined {
  const issued = world.directory.tokens.get(token ?? "");
  const application = issued && world.directory.get(issued.clientId);
  if (!application || !takesEntra(world, clusterId)) return undefined;
  const fits = issued.audience === AKS_SERVER_APPLICATION && issued.tenantId === world.tenantId;
  if (!fits || issued.expiresAt <= world.clock.now()) return undefined;
  return { name: application.objectId, groups: ["system:authenticated"] };
}

function localAccounts(world: World, cluster: KubernetesCluster): boolean {
  const properties = objectAt(world.resource(cluster.id)?.body, "properties");
  return properties["disableLocalAccounts"] !== true;
}

/** arm-contract 2: `aadProfile`. An Arc cluster takes Entra tokens by Azure RBAC; it is always on here. */
export function takesEntra(world: World, clusterId: string): boolean {
  if (/connectedClusters/i.test(clusterId)) return true;
  const profile = objectAt(world.resource(clusterId)?.body, "properties")["aadProfile"];
  return isObject(profile) && profile["managed"] === true;
}
