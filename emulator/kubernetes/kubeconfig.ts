import { stringify } from "yaml";
import type { JsonObject } from "../json.ts";
import type { World } from "../world.ts";
import { AKS_SERVER_APPLICATION } from "./sign-in.ts";

/** The public client that the Azure CLI writes into kubeconfigs for kubelogin (source of the Azure CLI). */
const AKS_CLIENT_APPLICATION = "80faf920-1908-4b52-b5ef-a8e7bedfc67a";

/** How the user of a kubeconfig signs in. `both`: by certificate and token, as AKS gives it for local accounts. */
export interface KubeconfigWish {
  user: "certificate" | "token" | "both" | "kubelogin" | "exec-other";
  /** `public`: the public name of a private cluster. */
  fqdn?: string;
}

/** A kubeconfig that leads to a cluster, in the form in which AKS gives it. */
export async function kubeconfigOf(world: World, clusterId: string, wish: KubeconfigWish): Promise<string> {
  await world.clusters.prepare();
  return kubeconfigText(world, clusterId, wish);
}

/** The same once the clusters are prepared. What it holds in secrets becomes known as such, in each form. */
export function kubeconfigText(world: World, clusterId: string, wish: KubeconfigWish): string {
  const name = clusterId.split("/").at(-1) ?? "cluster";
  const user = `clusterUser_${clusterId.split("/")[4] ?? ""}_${name}`;
  const server = world.clusters.serverOf(clusterId, wish.fqdn);
  const text = stringify({
    apiVersion: "v1",
    kind: "Config",
    preferences: {},
    clusters: [{ name, cluster: { "certificate-authority-data": base64(world.clusters.authority), server } }],
    contexts: [{ name, context: { cluster: name, user } }],
    "current-context": name,
    users: [{ name: user, user: signIn(world, clusterId, wish.user) }],
  });
  if (wish.user === "certificate" || wish.user === "token" || wish.user === "both") {
    world.secrets.add(text);
    world.secrets.add(base64(text));
  }
  return text;
}

function signIn(world: World, clusterId: string, user: KubeconfigWish["user"]): JsonObject {
  const { token, certificate } = world.clusters.of(clusterId);
  if (!certificate) throw new Error(`there is no cluster ${clusterId}`);
  const byCertificate = {
    "client-certificate-data": base64(certificate.certificate),
    "client-key-data": base64(certificate.privateKey),
  };
  if (user === "certificate") return byCertificate;
  if (user === "token") return { token };
  if (user === "both") return { ...byCertificate, token };
  return { exec: user === "kubelogin" ? kubelogin(world) : otherExec() };
}

/** As `az aks get-credentials` leaves it for clusters with Entra integration. */
function kubelogin(world: World): JsonObject {
  return {
    apiVersion: "client.authentication.k8s.io/v1beta1",
    command: "kubelogin",
    args: [
      ...["get-token", "--environment", "AzurePublicCloud"],
      ...["--server-id", AKS_SERVER_APPLICATION],
      ...["--client-id", AKS_CLIENT_APPLICATION],
      ...["--tenant-id", world.tenantId],
      ...["--login", "devicecode"],
    ],
    env: null,
    installHint: "\nkubelogin is not installed which is required to connect to AAD enabled cluster.\n",
    provideClusterInfo: false,
  };
}

/** A helper that nobody here runs. */
function otherExec(): JsonObject {
  return {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "aws-iam-authenticator",
    args: ["token", "-i", "prod"],
    interactiveMode: "IfAvailable",
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
