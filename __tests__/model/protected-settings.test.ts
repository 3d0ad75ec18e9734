import { describe, expect, test } from "@jest/globals";
import type { Extension } from "../../src/model/azure-resources.ts";
import {
  changeNeedsRelay,
  type ExtensionPatch,
  type ExtensionWish,
  extensionDifferences,
  extensionPatch,
} from "../../src/model/extension-change.ts";
import { withDerived } from "../../src/model/extension-derived.ts";
import { lostSecrets } from "../../src/model/extension-kept.ts";
import type { GivenSettings } from "../../src/model/extension-settings.ts";
import { protectedDigest, sameProtected, withDigest } from "../../src/model/protected-digest.ts";
import {
  aks,
  and,
  arc,
  deployed,
  digestKey,
  given,
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

describe("protected settings: whole or not at all (extension.md 3)", () => {
  const renewed: GivenSettings = { ...https, tls: { ...tls, certificate: "renewed\n" } };

  test("those of another tool can't be compared: they are sent once, and said so", () => {
    const { [digestKey]: _digest, ...plain } = deployed(wish(https)).properties.configurationSettings ?? {};
    const found = deployed(wish(https), { configurationSettings: plain });
    expect(extensionDifferences(wish(https), found)).toEqual([
      { field: "configurationProtectedSettings", wanted: "those given", found: "(can't be read back)" },
    ]);
    const patch = extensionPatch(wish(https), found);
    expect(patch && extensionPatch(wish(https), patched(found, patch))).toBeUndefined();
    const damaged = deployed(wish(https), { configurationSettings: { ...plain, [digestKey]: "damaged" } });
    expect(sameProtected(damaged, https)).toBe("unknown");
  });

  test("a renewed certificate is sent, with all others and the Relay's string", () => {
    const secret = { serviceBusConnectionString: "s" };
    const found = deployed(wish({ ...https, protected: secret }, { cluster: arc }));
    const wanted = wish({ ...renewed, protected: secret }, { cluster: arc });
    expect(changeNeedsRelay(wanted, found)).toBe(true);
    const patch = extensionPatch(wanted, found);
    expect(Object.keys(plainOf(patch) ?? {})).toEqual([digestKey]);
    expect(patch?.properties.configurationProtectedSettings).toEqual({
      "scoringFe.sslCert": btoa("renewed\n"),
      "scoringFe.sslKey": btoa("key\n"),
      serviceBusConnectionString: "s",
      "servicebus.connectionString": "s",
      relayServerConnectionString: "Endpoint=sb://r/",
      "relayserver.relayConnectionString": "Endpoint=sb://r/",
    });
  });

  test("without the Relay's string nothing is sent, since it would be deleted", () => {
    const found = deployed(wish(https, { cluster: arc }));
    const { connectionString: _unknown, ...nameless } = relay;
    const wanted = wish(renewed, { cluster: arc, relay: nameless });
    expect(fields(wanted, found)).toEqual(["configurationProtectedSettings"]);
    expect(() => extensionPatch(wanted, found)).toThrow("connection string");
  });

  test("an AKS extension that uses a Relay keeps its string (extension.md 3: case trap)", () => {
    const found = deployed(wish(and(https, { "relayserver.enabled": "true" }), { relay }));
    expect(changeNeedsRelay(wish(renewed), found)).toBe(true);
    expect(() => extensionPatch(wish(renewed), found)).toThrow("connection string");
    const patch = extensionPatch(wish(renewed, { relay }), found);
    expect(patch?.properties.configurationProtectedSettings).toMatchObject({
      relayServerConnectionString: "Endpoint=sb://r/",
    });
  });

  test("no Relay is needed for a change of plain settings, on Arc too", () => {
    const found = deployed(wish(training, { cluster: arc }));
    const wanted = wish(and(training, { installVolcano: "False" }), { cluster: arc });
    expect(changeNeedsRelay(wanted, found)).toBe(false);
    expect(extensionPatch(wanted, found)).toEqual({
      properties: { configurationSettings: { installVolcano: "False" } },
    });
  });

  test("an Arc extension that was made without Relay gets it with its string", () => {
    const found: Extension = { name: "ml", properties: { configurationSettings: training.plain } };
    const wanted = wish(training, { cluster: arc });
    const patch = extensionPatch(wanted, found);
    expect(fields(wanted, found)).toContain("configurationProtectedSettings");
    expect(plainOf(patch)?.["relayserver.hybridConnectionName"]).toBe("arc1");
    expect(patch?.properties.configurationProtectedSettings).toEqual({
      relayServerConnectionString: "Endpoint=sb://r/",
      "relayserver.relayConnectionString": "Endpoint=sb://r/",
    });
    expect(patch && extensionDifferences(wanted, patched(found, patch))).toEqual([]);
  });

  test("protected settings that are not given any more stay", () => {
    const { tls: _tls, ...without } = https;
    expect(extensionPatch(wish(without), deployed(wish(https)))).toBeUndefined();
  });

  test("X5: no difference and no digest holds a protected value", () => {
    const secret = { serviceBusConnectionString: "geheim-1", other: "geheim-2" };
    const wanted = wish({ ...renewed, protected: secret });
    const told = JSON.stringify([
      extensionDifferences(wanted, deployed(wish(https))),
      plainOf(extensionPatch(wanted, deployed(wish(https)))),
      lostSecrets(wish(renewed), deployed(wanted)),
    ]);
    expect(told).not.toMatch(/geheim|renewed/);
  });
});

describe("protectedDigest", () => {
  const salt = "c2FsdHNhbHRzYWx0";

  test("is salt and hash, and the same in whatever order the settings come", () => {
    const digest = protectedDigest(given({}, { a: "1", b: "2" }), salt);
    expect(digest).toMatch(new RegExp(`^${salt}\\.[\\w-]{43}$`));
    expect(protectedDigest(given({ plain: "x" }, { b: "2", a: "1" }), salt)).toBe(digest);
  });

  test("differs with salt, key and value, and does not mix them up", () => {
    const all = [
      protectedDigest(given({}, { a: "1", b: "2" }), salt),
      protectedDigest(given({}, { a: "1", b: "2" }), `${salt}x`),
      protectedDigest(given({}, { a: "1", b: "3" }), salt),
      protectedDigest(given({}, { a: '1","b', c: "2" }), salt),
      protectedDigest(given({}, { a: "1" }), salt),
      protectedDigest({ ...given({}, { a: "1", b: "2" }), tls }, salt),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test("is that of the contents, whatever the files are called", () => {
    const named = { ...given({}, { sslCertPemFile: "a", sslKeyPemFile: "b" }), tls };
    const travelling = given({}, withDerived(named, aks).protected);
    expect(protectedDigest(named, salt)).toBe(protectedDigest({ ...given({}), tls }, salt));
    expect(protectedDigest(named, salt)).toBe(protectedDigest(travelling, salt));
  });

  test("is kept only where something is protected", () => {
    expect(withDigest(training, training, salt)).toEqual(training);
  });
});
