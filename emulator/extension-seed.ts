import { type JsonObject, textAt } from "./json.ts";
import { relayKeys, seedRelay } from "./relay-seed.ts";
import type { World } from "./world.ts";

const AZURE_ML = "microsoft.azureml.kubernetes";

/**
 * What an extension of an Arc cluster has that has been there from the start: what the CLI derives (extension 1c), with
 * the Relay beside it, which is made here where there is none (1d). AKS clusters have theirs from `extensionBody`.
 */
export function arcExtension(world: World, clusterId: string, type = AZURE_ML): JsonObject {
  const cluster = world.store.get(clusterId);
  if (!cluster || type.toLowerCase() !== AZURE_ML || !/connectedClusters$/i.test(cluster.type)) return {};
  const location = (textAt(cluster.body, "location") ?? world.location).toLowerCase();
  const connectionId = seedRelay(world, cluster);
  const { primaryConnectionString } = relayKeys(world, `${connectionId}/authorizationRules/azureml_rw`);
  return {
    configurationSettings: {
      allowInsecureConnections: "True",
      inferenceRouterServiceType: "LoadBalancer",
      cluster_name_friendly: cluster.name,
      "prometheus.prometheusSpec.externalLabels.cluster_name": cluster.id,
      location,
      jobSchedulerLocation: location,
      domain: `${location}.cloudapp.azure.com`,
      "servicebus.enabled": "false",
      "nginxIngress.enabled": "false",
      "relayserver.enabled": "true",
      "relayserver.hybridConnectionResourceID": connectionId,
      "relayserver.hybridConnectionName": cluster.name,
    },
    // testbed 8: the same string twice.
    configurationProtectedSettings: {
      relayServerConnectionString: primaryConnectionString,
      "relayserver.relayConnectionString": primaryConnectionString,
    },
  };
}
