import type { BreakageKind, JsonObject, World } from "../../emulator/index.ts";

/** Adds an AKS cluster, with what is wrong in it, that serves HTTPS under a name of its own. @returns its resource id. */
export function httpsCluster(
  world: World,
  name: string,
  { properties = {}, broken = [] }: { properties?: JsonObject; broken?: readonly BreakageKind[] } = {},
): string {
  const id = world.addManagedCluster({ resourceGroup: "rg1", name, properties });
  const extensionId = world.addExtension(id);
  for (const kind of broken) world.breakCluster(id, kind);
  const settings = {
    allowInsecureConnections: "False",
    sslSecret: "azureml-tls",
    sslCname: `${name}.example.com`,
    "scoringFe.sslSecret": "azureml-tls",
  };
  const extension = world.resource(extensionId)?.body["properties"] as { configurationSettings: JsonObject };
  Object.assign(extension.configurationSettings, settings);
  return id;
}

/** The inputs of a step that looks once at a cluster of `rg1`. */
export const lookingAt = (name: string) => ({ "cluster-name": name, "wait-for": "0s" });
