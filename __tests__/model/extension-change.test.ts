import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Extension } from "../../src/model/azure-resources.ts";
import {
  type ExtensionPatch,
  type ExtensionWish,
  extensionDifferences,
  extensionPatch,
} from "../../src/model/extension-change.ts";
import { withDerived } from "../../src/model/extension-derived.ts";
import type { GivenSettings, Settings } from "../../src/model/extension-settings.ts";
import { protectedDigest } from "../../src/model/protected-digest.ts";
import {
  aks,
  and,
  arc,
  deployed,
  digestKey,
  given,
  http,
  https,
  patched,
  relay,
  tls,
  training,
  wish,
} from "./extensions.ts";

const plainOf = (patch: ExtensionPatch | undefined) => patch?.properties.configurationSettings;
const fields = (wanted: ExtensionWish, found: Extension) =>
  extensionDifferences(wanted, found).map(({ field }) => field);

describe("the same again", () => {
  test.each([
    ["training", training],
    ["HTTP", http],
    ["HTTPS", https],
    ["a secret", and(https, { sslSecret: "s" })],
    ["NodePort", and(http, { inferenceRouterServiceType: "NodePort" })],
    ["an internal load balancer", and(http, { internalLoadBalancerProvider: "azure" })],
    ["protected settings", given(training.plain, { serviceBusConnectionString: "s" })],
  ])("%s: no difference, no PATCH", (_, settings) => {
    for (const cluster of [aks, arc, { ...aks, nodeCount: 1 }, { ...arc, openshift: true }]) {
      const wanted = wish(settings, { cluster });
      expect(extensionDifferences(wanted, deployed(wanted))).toEqual([]);
      expect(extensionPatch(wanted, deployed(wanted))).toBeUndefined();
    }
  });

  test("booleans, router types and locations are compared without case", () => {
    const found = deployed(wish(and(http, { location: "WestEurope" })));
    const other = given({
      enableTraining: "true",
      enableInference: "TRUE",
      inferenceRouterServiceType: "loadbalancer",
      allowInsecureConnections: "true",
      location: "westeurope",
    });
    expect(extensionDifferences(wish(other), found)).toEqual([]);
    expect(
      fields(wish(and(http, { sslCname: "A.b" })), deployed(wish(and(http, { sslCname: "a.b" })))),
    ).toEqual(["sslCname"]);
  });

  test("a cluster that shrank or grew changes nothing (extension.md 1c: not derived on update)", () => {
    const small = wish(http, { cluster: { ...aks, nodeCount: 1 } });
    expect(extensionDifferences(small, deployed(wish(http)))).toEqual([]);
    expect(extensionDifferences(wish(http), deployed(small))).toEqual([]);
  });

  test("a new Relay and a renamed cluster change no derived setting", () => {
    const found = deployed(wish(training, { cluster: arc }));
    const other = {
      cluster: { ...arc, name: "arc2", location: "northeurope" },
      relay: { ...relay, hybridConnectionId: "/other" },
    };
    expect(extensionDifferences(wish(training, other), found)).toEqual([]);
  });
});

describe("the PATCH is what the CLI sends for the same change (testbed 8)", () => {
  test("04: inference is added, over HTTP by NodePort", () => {
    const wanted = wish(and(http, { inferenceRouterServiceType: "NodePort" }));
    // The CLI also sends an empty map of protected settings; here they are left as they are.
    expect(extensionPatch(wanted, deployed(wish(training)))).toEqual({
      properties: {
        configurationSettings: {
          enableInference: "True",
          allowInsecureConnections: "True",
          inferenceRouterServiceType: "NodePort",
          "scoringFe.serviceType.nodePort": "True",
        },
      },
    });
  });

  test("05: TLS is switched on, without the local paths and with the digest", () => {
    const found = deployed(wish(http));
    const wanted = wish({
      ...and(http, { allowInsecureConnections: "False", sslCname: "ml.example.com" }),
      protected: { sslCertPemFile: "cert.pem", sslKeyPemFile: "key.pem" },
      tls,
    });
    expect(extensionPatch(wanted, found)).toEqual({
      properties: {
        configurationSettings: {
          allowInsecureConnections: "False",
          sslCname: "ml.example.com",
          [digestKey]: protectedDigest(wanted.given, wanted.salt),
        },
        configurationProtectedSettings: {
          "scoringFe.sslCert": btoa("certificate\n"),
          "scoringFe.sslKey": btoa("key\n"),
        },
      },
    });
  });

  test("06: a version is pinned", () => {
    const wanted = wish(training, { wanted: { version: "1.1.44" } });
    expect(extensionPatch(wanted, deployed(wish(training)))).toEqual({
      properties: { autoUpgradeMinorVersion: false, version: "1.1.44" },
    });
  });
});

describe("plain settings", () => {
  test("settings that are not wished for stay", () => {
    const found = deployed(wish(and(training, { installVolcano: "False", "gateway.replicas": "2" })));
    expect(extensionDifferences(wish(training), found)).toEqual([]);
  });

  test("each difference is told with both sides", () => {
    const found = deployed(wish(and(http, { installPromOp: "True" })));
    const wanted = and(http, { installPromOp: "False", "nodeSelector.pool": "ml" });
    expect(extensionDifferences(wish(wanted), found)).toEqual([
      { field: "installPromOp", wanted: "False", found: "True" },
      { field: "nodeSelector.pool", wanted: "ml", found: "(none)" },
    ]);
  });

  test("derived settings that another tool left out are added (terraform-provider-azurerm#24547)", () => {
    const bare = { enableInference: "true", inferenceRouterServiceType: "NodePort", location: "elsewhere" };
    const found: Extension = { name: "ml", properties: { configurationSettings: bare } };
    const patch = extensionPatch(wish(given({ enableInference: "True" })), found);
    expect(plainOf(patch)).toEqual({
      enableTraining: "False",
      cluster_name: aks.id,
      clusterId: aks.id,
      "prometheus.prometheusSpec.externalLabels.cluster_name": aks.id,
      cluster_name_friendly: "aks1",
      domain: "westeurope.cloudapp.azure.com",
      jobSchedulerLocation: "westeurope",
      "servicebus.enabled": "false",
      "relayserver.enabled": "false",
      "nginxIngress.enabled": "true",
      "scoringFe.serviceType.nodePort": "True",
    });
  });

  test("a name that an extension has under another one is copied from there, not made anew", () => {
    const found: Extension = { name: "ml", properties: { configurationSettings: { cluster_name: "/OWN" } } };
    expect(plainOf(extensionPatch(wish(training), found))?.["clusterId"]).toBe("/OWN");
  });

  test("an extension without any settings gets all", () => {
    for (const configurationSettings of [null, undefined]) {
      const found = {
        name: "ml",
        properties: configurationSettings === null ? { configurationSettings } : {},
      };
      const settings = plainOf(extensionPatch(wish(training), found));
      expect(settings).toEqual(withDerived(training, aks).plain);
    }
  });

  test("another secret takes its derived name along", () => {
    const { tls: _tls, ...secretless } = https;
    const found = deployed(wish(and(secretless, { sslSecret: "old" })));
    expect(plainOf(extensionPatch(wish(and(secretless, { sslSecret: "new" })), found))).toEqual({
      sslSecret: "new",
      "scoringFe.sslSecret": "new",
    });
  });
});

describe("the router's flags follow its type (extension.md 3)", () => {
  const nodePort = "scoringFe.serviceType.nodePort";
  const internalFlag = "scoringFe.serviceType.internalLoadBalancer";
  const byNodePort = and(http, { inferenceRouterServiceType: "NodePort" });
  const byClusterIp = and(http, { inferenceRouterServiceType: "ClusterIP" });
  const internal = and(http, { internalLoadBalancerProvider: "azure" });

  test.each<[string, GivenSettings, GivenSettings, Settings | undefined]>([
    [
      "NodePort to public",
      byNodePort,
      http,
      { inferenceRouterServiceType: "LoadBalancer", [nodePort]: "False" },
    ],
    ["public to NodePort", http, byNodePort, { inferenceRouterServiceType: "NodePort", [nodePort]: "True" }],
    [
      "internal to NodePort",
      internal,
      byNodePort,
      { inferenceRouterServiceType: "NodePort", [nodePort]: "True", [internalFlag]: "False" },
    ],
    [
      "internal to ClusterIP",
      internal,
      byClusterIp,
      { inferenceRouterServiceType: "ClusterIP", [internalFlag]: "False" },
    ],
    ["public to internal", http, internal, { internalLoadBalancerProvider: "azure", [internalFlag]: "True" }],
    ["internal, with the provider left out", internal, http, undefined],
  ])("%s", (_, before, after, expected) => {
    const found = deployed(wish(before));
    const patch = extensionPatch(wish(after), found);
    expect(plainOf(patch)).toEqual(expected);
    if (patch) expect(extensionDifferences(wish(after), patched(found, patch))).toEqual([]);
  });
});

describe("versions", () => {
  const changed = (wanted: ExtensionWish["wanted"], properties: Partial<Extension["properties"]>) =>
    extensionPatch(wish(training, { wanted }), deployed(wish(training), properties))?.properties;

  test.each<[string, ExtensionWish["wanted"], Partial<Extension["properties"]>, object | undefined]>([
    ["nothing wished", {}, { version: "1.0.0", autoUpgradeMinorVersion: false }, undefined],
    [
      "the pinned version (azure-cli-extensions#5910)",
      { version: "1.1.44" },
      { version: "1.1.44", autoUpgradeMinorVersion: false },
      undefined,
    ],
    [
      "the running version, auto-upgrade off",
      { version: "1.1.44" },
      { version: null, currentVersion: "1.1.44", autoUpgradeMinorVersion: false },
      undefined,
    ],
    [
      "the running version, auto-upgrade on",
      { version: "1.1.44" },
      { currentVersion: "1.1.44" },
      { version: "1.1.44", autoUpgradeMinorVersion: false },
    ],
    [
      "the known version, auto-upgrade on",
      { version: "1.1.44" },
      { version: "1.1.44", autoUpgradeMinorVersion: true },
      { autoUpgradeMinorVersion: false },
    ],
    [
      "another version",
      { version: "1.1.45" },
      { version: "1.1.44", autoUpgradeMinorVersion: false },
      { version: "1.1.45", autoUpgradeMinorVersion: false },
    ],
    ["auto-upgrade on, again", { autoUpgrade: true }, {}, undefined],
    [
      "auto-upgrade on, after a pin",
      { autoUpgrade: true },
      { version: "1.1.44", autoUpgradeMinorVersion: false },
      { autoUpgradeMinorVersion: true },
    ],
    ["auto-upgrade off", { autoUpgrade: false }, { version: "1.1.44" }, { autoUpgradeMinorVersion: false }],
    ["the same train", { releaseTrain: "stable" }, { releaseTrain: "Stable" }, undefined],
    ["the default train", { releaseTrain: "stable" }, { releaseTrain: null }, undefined],
    ["another train", { releaseTrain: "preview" }, { releaseTrain: "Stable" }, { releaseTrain: "preview" }],
  ])("%s", (_, wanted, properties, expected) => expect(changed(wanted, properties)).toEqual(expected));

  test("are told with both sides", () => {
    const wanted = { version: "1.1.45", releaseTrain: "preview" };
    const found = deployed(wish(training), { version: "1.1.44", autoUpgradeMinorVersion: true });
    expect(extensionDifferences(wish(training, { wanted }), found)).toEqual([
      { field: "version", wanted: "1.1.45", found: "1.1.44" },
      { field: "releaseTrain", wanted: "preview", found: "stable" },
      { field: "autoUpgradeMinorVersion", wanted: "false", found: "true" },
    ]);
  });
});

describe("properties", () => {
  const flag = fc.constantFrom("True", "False", "true", "false");
  const word = fc.stringMatching(/^[a-z]{1,6}$/);
  const plain = fc
    .record(
      {
        enableTraining: flag,
        enableInference: flag,
        allowInsecureConnections: flag,
        inferenceRouterHA: flag,
        isAKSMigration: flag,
        inferenceRouterServiceType: fc.constantFrom("NodePort", "nodeport", "LoadBalancer", "ClusterIP"),
        internalLoadBalancerProvider: fc.constantFrom("azure", "Azure", "none"),
        sslSecret: word,
        sslCname: word,
        cluster_name: word,
        "relayserver.enabled": flag,
        "nodeSelector.pool": word,
        constructor: word,
      },
      { requiredKeys: [] },
    )
    .map((settings) => settings as Settings);
  // Protected ones are rare: their digest is slow, which is what it is for.
  const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
  const secrets = rarely(fc.dictionary(word, word, { maxKeys: 2 }));
  const pair = rarely(fc.record({ certificate: word, privateKey: word }));
  const settings = fc
    .tuple(plain, secrets, pair)
    .map(([plain, secret, tls]): GivenSettings => ({ plain, protected: secret ?? {}, ...(tls && { tls }) }));
  const wanted = fc.record(
    {
      version: fc.constantFrom("1.1.44", "1.1.45"),
      autoUpgrade: fc.constant(false),
      releaseTrain: fc.constantFrom("stable", "Preview"),
    },
    { requiredKeys: [] },
  );
  const wishes = fc
    .record({
      given: settings,
      wanted,
      cluster: fc.constantFrom(aks, arc, { ...arc, openshift: true, nodeCount: 1 }),
    })
    .map(({ given, ...more }) => wish(given, { ...more, relay }));

  test("after its PATCH an extension is what was wished, whatever it was before", () => {
    fc.assert(
      fc.property(wishes, wishes, fc.boolean(), (before, after, bare) => {
        const found = bare
          ? { name: "ml", properties: { configurationSettings: before.given.plain } }
          : deployed({ ...before, cluster: after.cluster });
        const patch = extensionPatch(after, found);
        const now = patch ? patched(found, patch) : found;
        expect(extensionDifferences(after, now)).toEqual([]);
        expect(extensionPatch(after, now)).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  test("a PATCH never names what is there already, and never half of the protected settings", () => {
    fc.assert(
      fc.property(wishes, wishes, (before, after) => {
        const found = deployed({ ...before, cluster: after.cluster });
        const patch = extensionPatch(after, found);
        const there = Object.entries(found.properties.configurationSettings ?? {});
        const again = there.filter(([key, value]) => plainOf(patch)?.[key] === value);
        expect(again).toEqual([]);
        const secret = patch?.properties.configurationProtectedSettings;
        if (!secret) return;
        expect(secret).toMatchObject(after.given.protected);
        expect("scoringFe.sslCert" in secret).toBe(after.given.tls !== undefined);
      }),
      { numRuns: 60 },
    );
  });
});
