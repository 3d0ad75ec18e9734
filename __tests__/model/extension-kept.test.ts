import { describe, expect, test } from "@jest/globals";
import type { Extension } from "../../src/model/azure-resources.ts";
import { disruptions, extensionDifferences } from "../../src/model/extension-change.ts";
import { keptNotes, lostSecrets } from "../../src/model/extension-kept.ts";
import type { GivenSettings, Settings } from "../../src/model/extension-settings.ts";
import { and, deployed, given, http, https, tls, training, wish } from "./extensions.ts";

describe("disruptions (extension.md 3)", () => {
  const both = and(http, {
    enableTraining: "True",
    installNvidiaDevicePlugin: "True",
    "nodeSelector.pool": "a",
  });
  const found = deployed(wish(both));
  const hits = (settings: Settings, of = found) =>
    disruptions(extensionDifferences(wish(and(both, settings)), of), of);

  test.each<[Settings, string[], string[]]>([
    [{ enableTraining: "False" }, ["enableTraining"], []],
    [{ enableInference: "False" }, [], ["enableInference"]],
    [{ installNvidiaDevicePlugin: "False" }, ["installNvidiaDevicePlugin"], ["installNvidiaDevicePlugin"]],
    [{ "nodeSelector.pool": "b" }, ["nodeSelector.pool"], ["nodeSelector.pool"]],
    [{ "nodeSelector.zone": "1" }, ["nodeSelector.zone"], ["nodeSelector.zone"]],
    [{ allowInsecureConnections: "False" }, [], ["allowInsecureConnections"]],
    [{ inferenceRouterServiceType: "ClusterIP" }, [], ["inferenceRouterServiceType"]],
    [{ internalLoadBalancerProvider: "azure" }, [], ["internalLoadBalancerProvider"]],
    [{ sslCname: "a.b" }, [], ["sslCname"]],
    [{ installVolcano: "False", inferenceRouterHA: "False" }, [], []],
    [{}, [], []],
  ])("%j", (settings, jobs, endpoints) => expect(hits(settings)).toEqual({ jobs, endpoints }));

  test("where inference was off, no endpoint runs; where training was off, no job", () => {
    const before = deployed(wish(training));
    const rows = extensionDifferences(wish(and(http, { "nodeSelector.a": "b" })), before);
    expect(disruptions(rows, before)).toEqual({ jobs: ["nodeSelector.a"], endpoints: [] });
    const neither: Extension = { name: "ml", properties: {} };
    expect(disruptions(extensionDifferences(wish(both), neither), neither)).toEqual({
      jobs: [],
      endpoints: [],
    });
  });

  test("writing down what was so by default disrupts nothing", () => {
    const { allowInsecureConnections: _http, ...rest } = http.plain;
    const before = deployed(wish(given({ ...rest, sslSecret: "s", sslCname: "a.b" })));
    const rows = extensionDifferences(wish(given({ ...rest, allowInsecureConnections: "False" })), before);
    expect(rows.map(({ field }) => field)).toEqual(["allowInsecureConnections"]);
    expect(disruptions(rows, before)).toEqual({ jobs: [], endpoints: [] });
  });
});

describe("what a change keeps, and what it loses", () => {
  const kept = (settings: GivenSettings, before: GivenSettings) =>
    keptNotes(wish(settings), deployed(wish(before))).map(({ id }) => id);

  test.each<[string[], GivenSettings, GivenSettings]>([
    [[], http, http],
    [["node-selector-stays"], training, and(training, { "nodeSelector.a": "b" })],
    [[], and(training, { "nodeSelector.a": "c" }), and(training, { "nodeSelector.a": "b" })],
    [["router-stays-internal"], http, and(http, { internalLoadBalancerProvider: "azure" })],
    [["http-stays-allowed"], https, http],
    [["tls-secret-stays"], https, and(https, { sslSecret: "s" })],
  ])("%j", (ids, after, before) => expect(kept(after, before)).toEqual(ids));

  test("node selectors that are not given are told, and are no difference (extension.md 3)", () => {
    const found = deployed(wish(and(training, { "nodeSelector.a": "b" })));
    expect(extensionDifferences(wish(training), found)).toEqual([]);
    expect(keptNotes(wish(training), found)[0]?.seen).toContain("nodeSelector.a");
  });

  test("protected settings that would be deleted are named", () => {
    const secret = { other: "o", relayServerConnectionString: "r" };
    const before = deployed(wish({ ...https, protected: secret }));
    const renewed = { ...https, tls: { ...tls, privateKey: "new\n" } };
    expect(lostSecrets(wish(renewed), before)[0]?.seen).toMatch(/deleted: other\.$/);
    expect(lostSecrets(wish({ ...renewed, protected: { other: "o" } }), before)).toEqual([]);
    expect(lostSecrets(wish({ ...https, protected: secret }), before)).toEqual([]);
  });

  test("so are those that the plain settings need", () => {
    const enabled = { "servicebus.enabled": "True", "azure_log_analytics.enabled": "true" };
    const found = deployed(wish(and(https, enabled)), { configurationProtectedSettings: null });
    const renewed = { ...https, tls: { ...tls, privateKey: "new\n" } };
    const seen = lostSecrets(wish(renewed), found)[0]?.seen;
    expect(seen).toMatch(/serviceBusConnectionString, azure_log_analytics\.connection_string/);
  });
});
