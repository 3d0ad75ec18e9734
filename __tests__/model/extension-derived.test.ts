import { describe, expect, test } from "@jest/globals";
import {
  type ClusterTraits,
  extensionBody,
  needsRelay,
  type RelayTraits,
  type WantedExtension,
  withDerived,
} from "../../src/model/extension-derived.ts";
import { presentNames } from "../../src/model/extension-legacy.ts";
import { type GivenSettings, type Settings, withWorkloads } from "../../src/model/extension-settings.ts";
import { relayNamespaceName } from "../../src/model/relay-name.ts";
import { parseResourceId } from "../../src/model/resource-id.ts";

const group = "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg1";
const id = `${group}/providers/Microsoft.ContainerService/managedClusters/aks1`;
const aks: ClusterTraits = {
  kind: "aks",
  id,
  name: "aks1",
  location: "westeurope",
  nodeCount: 3,
  openshift: false,
};
const arcId = `${group}/providers/Microsoft.Kubernetes/connectedClusters/arc1`;
const arc: ClusterTraits = { ...aks, kind: "arc", id: arcId, name: "arc1" };
const relay: RelayTraits = {
  hybridConnectionId: `${group}/providers/Microsoft.Relay/namespaces/r/hybridConnections/arc1`,
  hybridConnectionName: "arc1",
  connectionString: "Endpoint=sb://r/",
};
const tls = { certificate: "certificate\n", privateKey: "key\n" };
const given = (plain: Settings, secret: Settings = {}): GivenSettings => ({ plain, protected: secret });
const derived = (plain: Settings, cluster = aks) => withDerived(given(plain), cluster).plain;

/** What the CLI adds to the settings of every AKS cluster (testbed 8, recorded). */
const always = {
  cluster_name: id,
  domain: "westeurope.cloudapp.azure.com",
  location: "westeurope",
  jobSchedulerLocation: "westeurope",
  cluster_name_friendly: "aks1",
  "servicebus.enabled": "false",
  "relayserver.enabled": "false",
  "nginxIngress.enabled": "true",
  clusterId: id,
  "prometheus.prometheusSpec.externalLabels.cluster_name": id,
};

/** A body as `az k8s-extension create` sent it for this AKS cluster (testbed 8, recorded). */
function recorded(settings: Settings, secret: Settings = {}, more: object = {}) {
  return {
    properties: {
      extensionType: "microsoft.azureml.kubernetes",
      releaseTrain: "stable",
      scope: { cluster: { releaseNamespace: "azureml" } },
      ...more,
      configurationSettings: { ...settings, ...always },
      configurationProtectedSettings: secret,
    },
  };
}

function body(settings: GivenSettings, wanted: WantedExtension = {}, cluster = aks) {
  return extensionBody(wanted, withDerived(settings, cluster), cluster);
}

describe("X1, X2: the body equals that of the CLI for the same inputs (testbed 8)", () => {
  test("01, 11: training", () => {
    expect(body(given({ enableTraining: "True" }))).toEqual(
      recorded({ enableTraining: "True", enableInference: "False" }),
    );
    const { settings } = withWorkloads(given({}), ["training"]);
    expect(body(settings)).toEqual(recorded({ enableTraining: "True", enableInference: "False" }));
  });

  test("10: HTTPS with files, but for their local paths", () => {
    const plain = {
      enableTraining: "False",
      enableInference: "True",
      inferenceRouterServiceType: "LoadBalancer",
      sslCname: "ml.example.com",
      allowInsecureConnections: "False",
    };
    const settings = { ...given(plain, { sslCertPemFile: "cert.pem", sslKeyPemFile: "key.pem" }), tls };
    const secret = { "scoringFe.sslCert": btoa("certificate\n"), "scoringFe.sslKey": btoa("key\n") };
    expect(body(settings)).toEqual(recorded(plain, secret));
  });

  test("13: both over HTTP, but for the old name, which is replaced", () => {
    const plain = {
      enableTraining: "True",
      enableInference: "True",
      inferenceRouterServiceType: "ClusterIP",
      allowInsecureConnections: "True",
    };
    const { settings } = presentNames(given({ ...plain, inferenceLoadBalancerHA: "False" }));
    expect(body(settings)).toEqual(recorded({ ...plain, inferenceRouterHA: "False" }));
  });

  test("14: HTTPS with a secret", () => {
    const plain = {
      enableInference: "True",
      inferenceRouterServiceType: "LoadBalancer",
      sslSecret: "mysec",
      sslCname: "ml.example.com",
    };
    expect(body(given(plain))).toEqual(
      recorded({ ...plain, "scoringFe.sslSecret": "mysec", enableTraining: "False" }),
    );
  });

  test("18: a version of a train", () => {
    const wanted = { version: "1.1.44", releaseTrain: "staging", autoUpgrade: false };
    const more = { autoUpgradeMinorVersion: false, releaseTrain: "staging", version: "1.1.44" };
    expect(body(given({ enableTraining: "True" }), wanted)).toEqual(
      recorded({ enableTraining: "True", enableInference: "False" }, {}, more),
    );
  });

  test("a pinned version switches auto-upgrade off, which the service wants said (extension.md 4)", () => {
    const { properties } = body(given({}), { version: "1.1.44" });
    expect(properties.autoUpgradeMinorVersion).toBe(false);
    expect(body(given({}), { autoUpgrade: true }).properties.autoUpgradeMinorVersion).toBe(true);
  });

  test("Arc: an identity, and the Relay's string twice", () => {
    const settings = withDerived(given({ enableTraining: "True" }), arc, relay);
    expect(extensionBody({}, settings, arc)).toEqual({
      identity: { type: "SystemAssigned" },
      properties: {
        extensionType: "microsoft.azureml.kubernetes",
        releaseTrain: "stable",
        scope: { cluster: { releaseNamespace: "azureml" } },
        configurationSettings: {
          ...always,
          enableTraining: "True",
          enableInference: "False",
          cluster_name: arcId,
          clusterId: arcId,
          "prometheus.prometheusSpec.externalLabels.cluster_name": arcId,
          cluster_name_friendly: "arc1",
          "relayserver.enabled": "true",
          "nginxIngress.enabled": "false",
          "relayserver.hybridConnectionResourceID": relay.hybridConnectionId,
          "relayserver.hybridConnectionName": "arc1",
        },
        configurationProtectedSettings: {
          relayServerConnectionString: "Endpoint=sb://r/",
          "relayserver.relayConnectionString": "Endpoint=sb://r/",
        },
      },
    });
  });
});

describe("withDerived: the rows of extension.md 1c", () => {
  test.each(Object.keys(always).filter((key) => key !== "domain"))("%s is the user's where given", (key) => {
    expect(derived({ [key]: "own" })[key]).toBe("own");
  });

  test("a domain that is given counts, which the CLI means too", () => {
    expect(derived({ domain: "own.example" })["domain"]).toBe("own.example");
  });

  test("an own cluster_name is copied to its other names", () => {
    expect(derived({ cluster_name: "own" })).toMatchObject({
      clusterId: "own",
      "prometheus.prometheusSpec.externalLabels.cluster_name": "own",
      cluster_name_friendly: "aks1",
    });
  });

  test("the location is in lower case, the id in its canonical one (extension.md 3)", () => {
    const odd = { ...aks, location: "WestEurope", id: id.replace("managedClusters", "managedclusters") };
    expect(derived({}, odd)).toEqual(derived({}));
  });

  test.each([
    [0, true],
    [2, true],
    [3, false],
    [undefined, false],
  ])("%p nodes are few: %p", (nodeCount, few) => {
    const plain = derived({}, { ...aks, nodeCount });
    expect(plain["clusterPurpose"]).toBe(few ? "DevTest" : undefined);
    expect(plain["inferenceRouterHA"]).toBe(few ? "false" : undefined);
    const own = derived({ clusterPurpose: "FastProd", inferenceRouterHA: "True" }, { ...aks, nodeCount });
    expect(own).toMatchObject({ clusterPurpose: "FastProd", inferenceRouterHA: "True" });
  });

  test("OpenShift is recognised, whatever was given", () => {
    expect(derived({ openshift: "False" }, { ...arc, openshift: true })["openshift"]).toBe("true");
    expect(derived({}, arc)["openshift"]).toBeUndefined();
  });

  const nodePort = "scoringFe.serviceType.nodePort";
  const internal = "scoringFe.serviceType.internalLoadBalancer";

  test.each<[Settings, Settings]>([
    [{ inferenceRouterServiceType: "nodeport" }, { [nodePort]: "True" }],
    [
      { inferenceRouterServiceType: "LoadBalancer", internalLoadBalancerProvider: "Azure" },
      { [internal]: "True" },
    ],
    [{ inferenceRouterServiceType: "LoadBalancer" }, {}],
    [{ inferenceRouterServiceType: "ClusterIP" }, {}],
  ])("the router's flags of %j", (router, flags) => {
    const plain = derived({ enableInference: "true", ...router });
    const found = Object.entries(plain).filter(([key]) => key.startsWith("scoringFe."));
    expect(Object.fromEntries(found)).toEqual(flags);
    expect(Object.keys(derived(router)).filter((key) => key.startsWith("scoringFe."))).toEqual([]);
  });

  test("of a PEM pair and a secret the pair wins (1b)", () => {
    const settings = { ...given({ enableInference: "True", sslSecret: "s" }), tls };
    const { plain, protected: secret } = withDerived(settings, aks);
    expect(plain["scoringFe.sslSecret"]).toBeUndefined();
    expect(Object.keys(secret).sort()).toEqual(["scoringFe.sslCert", "scoringFe.sslKey"]);
  });

  test("the older migration", () => {
    expect(derived({ enableInference: "True", isAKSMigration: "true" })["scoringFe.namespace"]).toBe(
      "default",
    );
    expect(derived({ enableInference: "True" })["scoringFe.namespace"]).toBeUndefined();
  });

  test("an own Service Bus has its string twice", () => {
    const { protected: secret } = withDerived(given({}, { serviceBusConnectionString: "s" }), aks);
    expect(secret).toEqual({ serviceBusConnectionString: "s", "servicebus.connectionString": "s" });
  });

  test("an own Relay has its string twice, and nothing of another one", () => {
    const own = given(
      { "relayserver.hybridConnectionResourceID": "/own" },
      { relayServerConnectionString: "own" },
    );
    const { plain, protected: secret } = withDerived(own, arc, relay);
    expect(secret).toEqual({
      relayServerConnectionString: "own",
      "relayserver.relayConnectionString": "own",
    });
    expect(plain["relayserver.hybridConnectionResourceID"]).toBe("/own");
    expect(plain["relayserver.hybridConnectionName"]).toBeUndefined();
  });

  test("a Relay whose string is unknown gives its names", () => {
    const { connectionString: _unknown, ...nameless } = relay;
    const { plain, protected: secret } = withDerived(given({}), arc, nameless);
    expect(secret).toEqual({});
    expect(plain["relayserver.hybridConnectionName"]).toBe("arc1");
  });

  test("nothing of a Relay on AKS", () => {
    expect(withDerived(given({}), aks, relay)).toEqual(withDerived(given({}), aks));
  });

  test("paths whose files were not read stop it: the endpoint would have no certificate", () => {
    expect(() => withDerived(given({}, { sslCertPemFile: "c" }), aks)).toThrow("were not read");
  });

  test("it is done when it is done", () => {
    const settings = { ...given({ enableInference: "True", inferenceRouterServiceType: "NodePort" }), tls };
    for (const cluster of [aks, arc, { ...arc, nodeCount: 1, openshift: true }]) {
      const once = withDerived(settings, cluster, relay);
      expect(withDerived(once, cluster, relay)).toEqual(once);
    }
  });
});

describe("needsRelay (extension.md 1d)", () => {
  test.each<[boolean, ClusterTraits["kind"], GivenSettings]>([
    [false, "aks", given({})],
    [true, "arc", given({})],
    [true, "aks", given({ "relayserver.enabled": "True" })],
    [false, "arc", given({ "relayserver.enabled": "False" })],
    [false, "arc", given({}, { relayServerConnectionString: "own" })],
    [false, "arc", given({}, { "relayserver.relayConnectionString": "own" })],
  ])("%p on %s", (needed, kind, settings) => expect(needsRelay(settings, { kind })).toBe(needed));
});

describe("relayNamespaceName (extension.md 1d)", () => {
  const name = (cluster: string, resourceGroup: string) => {
    const parsed = parseResourceId(arcId);
    return parsed && relayNamespaceName({ ...parsed, name: cluster, resourceGroup });
  };

  test("is what the CLI asked for (testbed 8): the parts without dashes", () => {
    expect(name("arc1", "rg1")).toBe("arc122222222222222222222222222222222rg1relay");
  });

  test("50 letters are left as they are, more end with a checksum of the whole", () => {
    expect(name("a-rc1", "group-of.6x")).toBe("arc122222222222222222222222222222222groupof6xrelay");
    // md5 of "arc1-22222222-2222-2222-2222-222222222222-group-of.6xy-relay", as md5sum gives it.
    expect(name("arc1", "group-of.6xy")).toBe("arc122222222222222222222222222222222groupof6bff81c");
  });
});
