import { generateKeyPairSync } from "node:crypto";
import { World } from "../../emulator/index.ts";
import { API, type Said, type Talk, talk } from "./talk.ts";

/** What the tests of the legacy AKS path say to the emulator. */
export interface LegacyTalk extends Talk {
  cluster(name: string): string;
  compute(name: string): string;
  subnet(name: string, addressPrefix: string, routeTable?: boolean): string;
  putCluster(name: string, body: unknown): Promise<Said>;
  getCluster(name: string): Promise<Said>;
  putCompute(name: string, body: unknown): Promise<Said>;
  getCompute(name: string): Promise<Said>;
  /** Writes a compute, waits until nothing goes on any more, and reads it. */
  settled(name: string, body: unknown): Promise<Said>;
  detach(name: string): Promise<void>;
}

export function legacyTalk(world = World.simple()): LegacyTalk {
  const one = talk(world);
  const { arm, ids } = one;
  const cluster = (name: string) =>
    `${ids.group}/providers/Microsoft.ContainerService/managedClusters/${name}`;
  const compute = (name: string) => `${ids.workspace}/computes/${name}`;
  const putCompute = (name: string, body: unknown) => arm("PUT", compute(name), { api: API.ml, body });
  const getCompute = (name: string) => arm("GET", compute(name), { api: API.ml });
  return {
    ...one,
    cluster,
    compute,
    subnet: (name, addressPrefix, routeTable) =>
      world.addSubnet(
        `${ids.group}/providers/Microsoft.Network/virtualNetworks/vnet1/subnets/${name}`,
        addressPrefix,
        routeTable,
      ),
    putCluster: (name, body) => arm("PUT", cluster(name), { api: API.aks, body }),
    getCluster: (name) => arm("GET", cluster(name), { api: API.aks }),
    putCompute,
    getCompute,
    async settled(name, body) {
      const said = await putCompute(name, body);
      if (said.status !== 201) throw new Error(`PUT of ${name} was answered ${said.status}: ${said.text}`);
      later(world);
      return getCompute(name);
    },
    async detach(name) {
      await arm("DELETE", `${compute(name)}?underlyingResourceAction=Detach`, { api: API.ml });
      later(world);
    },
  };
}

export const later = (world: World, seconds = 120) => world.clock.advance(seconds * 1000);

export function propertiesOf(said: Said): Record<string, unknown> {
  return (said.body as { properties: Record<string, unknown> }).properties;
}

/** `properties.properties` of a compute. */
export function innerOf(said: Said): Record<string, unknown> {
  return propertiesOf(said)["properties"] as Record<string, unknown>;
}

export function errorOf(said: Said): { code: string; message: string; target?: string } {
  return (said.body as { error: { code: string; message: string } }).error;
}

/** All that a failed compute tells, as text. */
export function failureOf(said: Said): string {
  return propertiesOf(said)["provisioningState"] === "Failed"
    ? JSON.stringify(propertiesOf(said)["provisioningErrors"])
    : `is ${String(propertiesOf(said)["provisioningState"])}`;
}

/** The body of a cluster that AKS takes. */
export function clusterRequest(over: Record<string, unknown> = {}, pool: Record<string, unknown> = {}) {
  return {
    location: "eastus",
    identity: { type: "SystemAssigned" },
    properties: {
      dnsPrefix: "made",
      agentPoolProfiles: [
        { name: "nodepool1", mode: "System", count: 3, vmSize: "Standard_D4s_v3", ...pool },
      ],
      ...over,
    },
  };
}

/** The body of a legacy attach; without a cluster, of a legacy create. */
export function aksCompute(resourceId?: string, inner: Record<string, unknown> = {}) {
  return {
    location: "eastus",
    properties: { computeType: "AKS", ...(resourceId && { resourceId }), properties: inner },
  };
}

/** A key in PEM that belongs to nothing. */
export function strangeKey(): string {
  return String(
    generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }),
  );
}
