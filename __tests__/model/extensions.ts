import type { Extension } from "../../src/model/azure-resources.ts";
import type { ExtensionPatch, ExtensionWish } from "../../src/model/extension-change.ts";
import { type ClusterTraits, extensionBody, withDerived } from "../../src/model/extension-derived.ts";
import type { GivenSettings, Settings } from "../../src/model/extension-settings.ts";
import { withDigest } from "../../src/model/protected-digest.ts";

export const group = "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg1";
export const aks: ClusterTraits = {
  kind: "aks",
  id: `${group}/providers/Microsoft.ContainerService/managedClusters/aks1`,
  name: "aks1",
  location: "westeurope",
  nodeCount: 3,
  openshift: false,
};
export const arc: ClusterTraits = {
  ...aks,
  kind: "arc",
  id: `${group}/providers/Microsoft.Kubernetes/connectedClusters/arc1`,
  name: "arc1",
};
export const relay = {
  hybridConnectionId: `${group}/providers/Microsoft.Relay/namespaces/r/hybridConnections/arc1`,
  hybridConnectionName: "arc1",
  connectionString: "Endpoint=sb://r/",
};
export const tls = { certificate: "certificate\n", privateKey: "key\n" };
export const digestKey = "azureml-clusters.protected";
export const given = (plain: Settings, secret: Settings = {}): GivenSettings => ({
  plain,
  protected: secret,
});
export const training = given({ enableTraining: "True", enableInference: "False" });
export const http = given({
  enableTraining: "True",
  enableInference: "True",
  inferenceRouterServiceType: "LoadBalancer",
  allowInsecureConnections: "True",
});
export const https: GivenSettings = {
  ...given({
    enableTraining: "False",
    enableInference: "True",
    inferenceRouterServiceType: "LoadBalancer",
    sslCname: "ml.example.com",
  }),
  tls,
};
export const and = (settings: GivenSettings, plain: Settings): GivenSettings => ({
  ...settings,
  plain: { ...settings.plain, ...plain },
});

export function wish(settings: GivenSettings, more: Partial<ExtensionWish> = {}): ExtensionWish {
  const cluster = more.cluster ?? aks;
  return {
    wanted: {},
    given: settings,
    cluster,
    ...(cluster.kind === "arc" && { relay }),
    salt: "c2FsdHNhbHRzYWx0",
    ...more,
  };
}

/** What Azure has after the PUT for a wish; it tells no protected values (testbed 7). */
export function deployed(wanted: ExtensionWish, more: Partial<Extension["properties"]> = {}): Extension {
  const settings = withDigest(
    withDerived(wanted.given, wanted.cluster, wanted.relay),
    wanted.given,
    wanted.salt,
  );
  const { properties } = extensionBody(wanted.wanted, settings, wanted.cluster);
  const { configurationProtectedSettings: secret, scope: _scope, ...told } = properties;
  const blank = Object.fromEntries(Object.keys(secret).map((key) => [key, ""]));
  return { name: "azureml", properties: { ...told, configurationProtectedSettings: blank, ...more } };
}

/** What Azure has after a PATCH: plain settings are merged, protected ones replaced (extension.md 3). */
export function patched({ name, properties }: Extension, patch: ExtensionPatch): Extension {
  const { configurationSettings, configurationProtectedSettings: secret, ...rest } = patch.properties;
  const blank = secret && Object.fromEntries(Object.keys(secret).map((key) => [key, ""]));
  const merged = { ...properties.configurationSettings, ...configurationSettings };
  return {
    name,
    properties: {
      ...properties,
      ...rest,
      configurationSettings: merged,
      ...(blank && { configurationProtectedSettings: blank }),
    },
  };
}
