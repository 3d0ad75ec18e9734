import { describe, expect, test } from "@jest/globals";
import {
  compareVersions,
  pickRelease,
  refusesCluster,
  releases,
} from "../../emulator/arm/extension-releases.ts";
import { type Said, type Talk, talk } from "./talk.ts";

const api = "2023-05-01-preview";
const CONFIGURATION = "providers/Microsoft.KubernetesConfiguration";
const byLocation = (one: Talk) =>
  `/subscriptions/${one.world.subscriptionId}/${CONFIGURATION}/locations/westeurope/extensionTypes`;
const byCluster = (one: Talk) => `${one.ids.aks}/${CONFIGURATION}/extensionTypes`;
const TYPE = "microsoft.azureml.kubernetes";

interface Item {
  name: string;
  properties: { version: string; unsupportedKubernetesVersions: Record<string, unknown> };
}
const items = (said: Said) => (said.body as unknown as { value: Item[] }).value;
const versions = (said: Said) => items(said).map(({ properties }) => properties.version);

describe("V1 the versions of the extension", () => {
  test.each([
    ["", ["1.1.84", "1.1.44", "1.1.35", "1.1.26", "1.1.17", "1.1.5", "1.0.88", "1.0.58", "1.0.51"]],
    ["?releaseTrain=preview", ["1.2.0-preview"]],
    ["?releaseTrain=PREVIEW", ["1.2.0-preview"]],
    ["?releaseTrain=nightly", []],
    ["?showLatest=true", ["1.1.84"]],
    ["?majorVersion=1&showLatest=true", ["1.1.84"]],
    ["?majorVersion=2", []],
  ])("%s", async (query, expected) => {
    const one = talk();
    for (const list of [byLocation(one), byCluster(one)]) {
      const said = await one.arm("GET", `${list}/${TYPE}/versions${query}`, { api });
      expect(said.status).toBe(200);
      expect(versions(said)).toEqual(expected);
      expect(said.body).toMatchObject({ nextLink: null });
    }
  });

  test.each([
    ["managedCluster", 9],
    ["connectedClusters", 9],
    ["provisionedCluster", 0],
  ])("for a location and %s", async (clusterType, count) => {
    const one = talk();
    const path = `${byLocation(one)}/${TYPE}/versions?clusterType=${clusterType}`;
    expect(items(await one.arm("GET", path, { api }))).toHaveLength(count);
  });

  test("clusterType is no filter of a cluster's list", async () => {
    const one = talk();
    const said = await one.arm("GET", `${byCluster(one)}/${TYPE}/versions?clusterType=managedCluster`, {
      api,
    });
    expect(said).toMatchObject({ status: 400, body: { error: { code: "EmulatorUnknownQueryParameter" } } });
  });

  test("one version, of whatever train, and one that is not there", async () => {
    const one = talk();
    for (const version of ["1.0.51", "1.2.0-preview"]) {
      const said = await one.arm("GET", `${byCluster(one)}/${TYPE}/versions/${version}`, { api });
      expect(said).toMatchObject({ status: 200, body: { name: version, properties: { version } } });
    }
    expect((await one.arm("GET", `${byLocation(one)}/${TYPE}/versions/9.9.9`, { api })).status).toBe(404);
  });

  test("the knob adds versions, and unsupported Kubernetes versions to known ones", async () => {
    const one = talk();
    const managedCluster = [{ distributions: ["AKS"], unsupportedVersions: [">1.32"] }];
    one.world.knobs.extensionReleases = [
      { version: "1.1.90", train: "stable" },
      { version: "1.1.84", train: "stable", unsupported: { managedCluster } },
    ];
    const list = await one.arm("GET", `${byCluster(one)}/${TYPE}/versions`, { api });
    expect(versions(list).slice(0, 3)).toEqual(["1.1.90", "1.1.84", "1.1.44"]);
    expect(items(list)[1]?.properties.unsupportedKubernetesVersions).toMatchObject({ managedCluster });
    expect(items(list)[0]?.properties.unsupportedKubernetesVersions).toMatchObject({
      managedCluster: [{ unsupportedVersions: [] }],
      connectedCluster: [{ unsupportedVersions: [] }],
    });
  });
});

describe("the types", () => {
  test("by location and by cluster, the name in any case", async () => {
    const one = talk();
    for (const list of [byLocation(one), byCluster(one)]) {
      const [type] = items(await one.arm("GET", list, { api }));
      expect(type).toMatchObject({ name: TYPE, properties: { isSystemExtension: false } });
      const said = await one.arm("GET", `${list}/Microsoft.AzureML.Kubernetes`, { api });
      expect(said.body).toMatchObject({
        name: TYPE,
        properties: { supportedScopes: { defaultScope: "cluster" } },
      });
    }
  });

  test("one that is not there, a cluster that is not there, no right", async () => {
    const one = talk();
    expect(await one.arm("GET", `${byLocation(one)}/microsoft.nothing`, { api })).toMatchObject({
      status: 404,
      body: { error: { code: "ExtensionTypeRegistrationGetFailed" } },
    });
    const nowhere = byCluster(one).replace("aks1", "aks9");
    expect((await one.arm("GET", `${nowhere}/${TYPE}/versions`, { api })).status).toBe(404);
    one.world.revoke(one.world.application.clientId);
    expect((await one.arm("GET", `${byCluster(one)}/${TYPE}/versions`, { api })).text).toContain(
      "Microsoft.KubernetesConfiguration/extensionTypes/read",
    );
  });

  test("the api-version is a preview or one of 2026", async () => {
    const one = talk();
    const path = `${byLocation(one)}/${TYPE}/versions`;
    expect((await one.arm("GET", path, { api: "2026-05-01" })).status).toBe(200);
    expect((await one.arm("GET", path, { api: "2023-05-01" })).status).toBe(400);
  });
});

describe("which release is installed", () => {
  const all = releases([]);
  const wish = { version: undefined, train: "stable", current: undefined, autoUpgrade: true };

  test.each<[string, Partial<Parameters<typeof pickRelease>[1]>, string | undefined]>([
    ["the newest of the train", {}, "1.1.84"],
    ["of another train", { train: "Preview" }, "1.2.0-preview"],
    ["of no train", { train: "nightly" }, undefined],
    [
      "a pinned one, on whatever train",
      { version: "1.1.44", train: "staging", autoUpgrade: false },
      "1.1.44",
    ],
    ["a pinned one that is not there", { version: "2.0.0", autoUpgrade: false }, undefined],
    ["what runs, without auto-upgrade", { current: "1.1.17", autoUpgrade: false }, "1.1.17"],
    ["the newest for what runs with auto-upgrade", { current: "1.1.17" }, "1.1.84"],
  ])("%s", (_what, more, expected) => {
    expect(pickRelease(all, { ...wish, ...more })?.version).toBe(expected);
  });

  test.each([
    [">1.32", "1.33.4", true],
    [">1.33", "1.33.4", false],
    [">=1.33", "1.33.4", true],
    ["<1.33", "1.33.4", false],
    ["<=1.33", "1.33.4", true],
    ["1.18..1.21", "1.21.9", true],
    ["1.18..1.21", "1.22.0", false],
    ["1.33", "1.33.4", true],
    ["1.33.4", "1.33.5", false],
  ])("%s and Kubernetes %s", (range, kubernetesVersion, refused) => {
    const row = { distributions: ["k3s"], unsupportedVersions: [range] };
    const release = { version: "1", train: "stable", unsupported: { connectedCluster: [row] } };
    const cluster = { type: "connectedCluster", distribution: "K3s", kubernetesVersion } as const;
    expect(refusesCluster(release, cluster)).toBe(refused);
    expect(refusesCluster(release, { ...cluster, distribution: "generic" })).toBe(false);
    expect(refusesCluster(release, { ...cluster, type: "managedCluster" })).toBe(false);
  });

  test("versions are numbers, and a preview comes first", () => {
    expect(["1.10.0", "1.9.0", "1.10.0-preview", "1.9"].sort(compareVersions)).toEqual([
      "1.9.0",
      "1.9",
      "1.10.0-preview",
      "1.10.0",
    ]);
  });
});
