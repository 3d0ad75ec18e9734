import { describe, expect, test } from "@jest/globals";
import type { World } from "../../emulator/index.ts";
import { aksId, arcId, type Run, scene } from "../support/scene.ts";

const ofCluster = (id: string, more: Record<string, string> = {}) => ({
  location: "",
  "subscription-id": "",
  "cluster-resource-id": id,
  ...more,
});
const json = ({ host }: Run, name: string) => JSON.parse(host.said.outputs[name] ?? "null");
const ids = ({ report }: Run) =>
  report.findings.map(({ severity, id, source }) => `${severity} ${id} (${source})`);
const runs = (world: World, version: string, more: Record<string, unknown> = {}) =>
  world.addManagedCluster({
    resourceGroup: "rg1",
    name: "other",
    properties: { currentKubernetesVersion: version, ...more },
  });
const official = ["1.31", "1.32", "1.33", "1.34", "1.35"];

describe("a region", () => {
  test("V1: its versions with patches, upgrades, previews, support plans and the default, the newest first", async () => {
    const { list, requests } = scene();
    const run = await list();
    expect(run.exit).toBe(0);
    const versions = json(run, "versions") as { version: string }[];
    expect(versions.map(({ version }) => version)).toEqual(["1.35", "1.34", "1.33", "1.32", "1.31", "1.30"]);
    expect(versions[2]).toEqual({
      version: "1.33",
      isDefault: true,
      isPreview: false,
      supportPlans: ["KubernetesOfficial"],
      patches: [
        {
          version: "1.33.4",
          upgrades: [
            { version: "1.34.0", isPreview: false },
            { version: "1.34.1", isPreview: false },
          ],
        },
        {
          version: "1.33.2",
          upgrades: [
            { version: "1.33.4", isPreview: false },
            { version: "1.34.0", isPreview: false },
            { version: "1.34.1", isPreview: false },
          ],
        },
      ],
    });
    expect(versions[0]).toMatchObject({ isPreview: true, isDefault: false });
    expect(versions[1]).toMatchObject({
      patches: [{ version: "1.34.1", upgrades: [{ version: "1.35.0", isPreview: true }] }, {}],
    });
    expect(versions[5]).toMatchObject({ supportPlans: ["AKSLongTermSupport"] });
    expect(requests()).toEqual([
      expect.stringMatching(/^GET .*\/locations\/eastus\/kubernetesVersions 200$/),
    ]);
  });

  test("V2: for programs, and nothing is set that was not asked", async () => {
    const { list } = scene();
    const { host, report } = await list();
    expect(Object.keys(host.said.outputs).sort()).toEqual([
      "default-version",
      "findings",
      "report",
      "versions",
    ]);
    expect(host.said.outputs).toMatchObject({ "default-version": "1.33", findings: "[]" });
    expect(report).toMatchObject({ action: "list-versions", verdict: "done", changed: false });
    expect(report.versions?.kubernetes).toEqual(JSON.parse(host.said.outputs["versions"] ?? ""));
  });

  test("V1: the log has a line for each patch version", async () => {
    const { list } = scene();
    const { host } = await list({ location: "East US" });
    const log = host.said.log.map((line) => line.replace(/ +/g, " "));
    expect(log).toEqual(
      expect.arrayContaining([
        "Kubernetes versions of AKS in eastus:",
        " 1.34.1 community upgrades: 1.35.0 (preview)",
        " 1.33.4 default, community upgrades: 1.34.0, 1.34.1",
        " 1.30.14 long-term upgrades: 1.31.9, 1.31.10",
        "Done.",
      ]),
    );
  });

  test("without a default, or without patches, there is still a list", async () => {
    const { world, list } = scene();
    world.knobs.kubernetesVersions["eastus"] = [{ version: "1.40", patches: [] }];
    const run = await list();
    expect(json(run, "versions")).toMatchObject([{ version: "1.40", patches: [] }]);
    expect(run.host.said.outputs).not.toHaveProperty("default-version");
    expect(run.host.said.log.join("\n")).toMatch(/1\.40 +community +upgrades: none/);
  });

  test("that Azure does not know is an error that names the input", async () => {
    const { list } = scene();
    const { exit, report, host } = await list({ location: "nowhere" });
    expect(exit).toBe(1);
    expect(report.error).toMatchObject({
      code: "LocationNotAvailableForResourceType",
      message: expect.stringContaining("westeurope"),
      remedy: expect.stringContaining('Check `location`: AKS is not known in "nowhere".'),
      requestId: expect.any(String),
    });
    expect(host.said.outputs).not.toHaveProperty("versions");
  });

  test("that may not be read is an error with the role and its scope", async () => {
    const { world, list } = scene();
    world.revoke(world.application.clientId);
    const { exit, report } = await list();
    expect(exit).toBe(1);
    expect(report.error).toMatchObject({
      code: "AuthorizationFailed",
      remedy: expect.stringContaining("Reader on the subscription"),
    });
  });

  test.each([
    ["a connection that breaks once", { kind: "reset" as const }, 0],
    ["trouble at Azure that does not end", { kind: "status" as const, status: 503, count: 99 }, 1],
    ["an answer that is not Azure's", { kind: "html" as const, count: 99 }, 1],
  ])("%s", async (_title, fault, exit) => {
    const { world, list } = scene();
    world.faults.push({ match: { url: /kubernetesVersions/ }, ...fault });
    const run = await list();
    expect(run.exit).toBe(exit);
    expect(run.report.error === undefined).toBe(exit === 0);
  });
});

describe("an AKS cluster", () => {
  test("A7, V1: its version, whether it can be attached, what it can become, and its extension", async () => {
    const { world, list, written } = scene();
    const run = await list(ofCluster(aksId(world)));
    expect(run.exit).toBe(0);
    expect(run.report.findings).toEqual([]);
    expect(run.host.said.outputs).toMatchObject({
      "default-version": "1.33",
      "cluster-version": "1.33.4",
      attachable: "supported",
      "extension-version": "1.1.84",
      "latest-version": "1.1.84",
    });
    expect(json(run, "upgrades")).toEqual([
      { version: "1.34.0", isPreview: false },
      { version: "1.34.1", isPreview: false },
    ]);
    expect(json(run, "extension-versions").slice(0, 2)).toEqual([
      { version: "1.1.84", runsOnCluster: true },
      { version: "1.1.44", runsOnCluster: true },
    ]);
    expect(run.report.versions?.cluster?.supportedVersions).toEqual(official);
    expect(written()).toEqual([]);
  });

  test("by name, in the region that it is in", async () => {
    const { world, list } = scene();
    world.knobs.kubernetesVersions["westus"] = [{ version: "1.33", patches: ["1.33.4"], isDefault: true }];
    const body = world.resource(aksId(world))?.body as { location: string };
    body.location = "West US";
    const run = await list({ location: "", "cluster-name": "aks1", "cluster-resource-group": "rg1" });
    expect(run.report.versions).toMatchObject({ location: "westus", kubernetes: [{ version: "1.33" }] });
  });

  test("A7: a preview can be attached, with a warning", async () => {
    const { world, list } = scene();
    const run = await list(ofCluster(runs(world, "1.35.0")));
    expect(run.exit).toBe(0);
    expect(ids(run)).toEqual(["warning aks-version (A7)"]);
    expect(run.host.said.outputs).toMatchObject({ attachable: "preview", upgrades: "[]" });
  });

  test("A7: one that is not supported can't, and those that are supported are listed", async () => {
    const { world, list } = scene();
    const run = await list(ofCluster(runs(world, "1.19.1")));
    expect(run.exit).toBe(0);
    expect(ids(run)).toEqual(["error aks-version (A7)"]);
    expect(run.report.findings[0]?.seen).toContain(official.join(", "));
    expect(run.report.versions?.cluster).toMatchObject({
      attachable: "unsupported",
      supportedVersions: official,
    });
    expect(run.host.said.summaries[0]).toContain("can't be attached");
  });

  test("A7: old versions are for clusters with long-term support alone", async () => {
    const { world, list } = scene();
    expect((await list(ofCluster(runs(world, "1.30.14")))).host.said.outputs["attachable"]).toBe(
      "unsupported",
    );
    const longTerm = scene();
    const id = runs(longTerm.world, "1.30.14", { supportPlan: "AKSLongTermSupport" });
    expect((await longTerm.list(ofCluster(id))).host.said.outputs["attachable"]).toBe("supported");
  });

  test("that is just being made has no version yet", async () => {
    const { world, list } = scene();
    const body = world.resource(aksId(world))?.body as { properties: Record<string, unknown> };
    delete body.properties["currentKubernetesVersion"];
    const run = await list(ofCluster(aksId(world)));
    expect(run.exit).toBe(0);
    expect(run.host.said.outputs).not.toHaveProperty("cluster-version");
    expect(run.host.said.outputs).not.toHaveProperty("attachable");
  });

  test.each([
    [
      "the region's versions",
      /kubernetesVersions/,
      ["versions", "default-version"],
      "Reader on the subscription",
    ],
    ["its upgrades", /upgradeProfiles/, ["upgrades"], "Reader on the cluster"],
    ["its extensions", /\/extensions\?/, ["extension-version"], "Reader on the cluster"],
    ["the offered ones", /extensionTypes/, ["latest-version", "extension-versions"], "Reader on the cluster"],
  ])("V1, V2: without the right to read %s the rest is told", async (_title, url, missing, remedy) => {
    const { world, list } = scene();
    world.faults.push({ match: { url }, kind: "status", status: 403, code: "AuthorizationFailed", count: 9 });
    const run = await list(ofCluster(aksId(world)));
    expect(run.exit).toBe(0);
    expect(ids(run)).toEqual(["warning versions-unread (V1)"]);
    expect(run.report.findings[0]?.remedy).toContain(remedy);
    for (const name of missing) expect(run.host.said.outputs).not.toHaveProperty(name);
    expect(run.host.said.outputs["attachable"]).toBe(missing.includes("versions") ? "unknown" : "supported");
    expect(run.report.state).toBe(missing.includes("extension-version") ? "Unknown" : "Succeeded");
  });

  test("that is not there, or may not be read, is an error with a remedy", async () => {
    const { world, list } = scene();
    const none = await list(ofCluster(`${aksId(world)}x`));
    expect({ exit: none.exit, error: none.report.error }).toMatchObject({
      exit: 1,
      error: { code: "ClusterNotFound", remedy: expect.stringContaining("`cluster-type`") },
    });
    world.revoke(world.application.clientId);
    const denied = await list(ofCluster(aksId(world)));
    expect({ exit: denied.exit, error: denied.report.error }).toMatchObject({
      exit: 1,
      error: { code: "AuthorizationFailed", remedy: expect.stringContaining("Reader on the cluster") },
    });
  });
});

describe("the extension", () => {
  test("V1: on another release train", async () => {
    const { world, list } = scene();
    const run = await list(ofCluster(aksId(world), { "release-train": "preview" }));
    expect(run.report.versions?.extension).toEqual({
      releaseTrain: "preview",
      installed: "1.1.84",
      latest: "1.2.0-preview",
      offered: [{ version: "1.2.0-preview", runsOnCluster: true }],
    });
  });

  test("a release train without versions is told", async () => {
    const { world, list } = scene();
    const run = await list(ofCluster(aksId(world), { "release-train": "stabel" }));
    expect(run.exit).toBe(0);
    expect(ids(run)).toEqual(["warning release-train-empty (extension.md 4)"]);
    expect(run.host.said.outputs).toMatchObject({ "extension-versions": "[]" });
    expect(run.host.said.outputs).not.toHaveProperty("latest-version");
  });

  test("V1: of each version whether it runs on the cluster's Kubernetes", async () => {
    const { world, list } = scene();
    world.knobs.extensionReleases.push({
      version: "1.1.90",
      train: "stable",
      unsupported: { managedCluster: [{ distributions: ["AKS"], unsupportedVersions: [">1.32"] }] },
    });
    const run = await list(ofCluster(aksId(world)));
    expect(json(run, "extension-versions").slice(0, 2)).toEqual([
      { version: "1.1.90", runsOnCluster: false },
      { version: "1.1.84", runsOnCluster: true },
    ]);
    expect(run.host.said.outputs["latest-version"]).toBe("1.1.90");
  });

  test("where there is none, what could be installed is told", async () => {
    const { world, list } = scene();
    const run = await list(ofCluster(runs(world, "1.33.4")));
    expect(run.report).toMatchObject({ state: "Absent", latestVersion: "1.1.84", findings: [] });
    expect(run.host.said.outputs).not.toHaveProperty("extension-version");
  });
});

test("V1: an Arc cluster has a Kubernetes version and the extension's, and nothing of AKS", async () => {
  const { world, list, requests } = scene();
  const run = await list(ofCluster(arcId(world)));
  expect(run.exit).toBe(0);
  expect(run.report.versions?.cluster).toEqual({ kind: "arc", version: "1.33.4" });
  expect(run.report.versions).not.toHaveProperty("kubernetes");
  expect(run.host.said.outputs).toMatchObject({ "cluster-version": "1.33.4", "latest-version": "1.1.84" });
  for (const name of ["versions", "default-version", "attachable", "upgrades"]) {
    expect(run.host.said.outputs).not.toHaveProperty(name);
  }
  expect(requests().filter((line) => /ContainerService/.test(line))).toEqual([]);
});

test("a time limit ends the run, and nothing was written", async () => {
  const { world, list } = scene();
  world.faults.push({ match: { url: /kubernetesVersions/ }, kind: "hang", count: 99 });
  const { exit, report } = await list({ timeout: "30s" });
  expect({ exit, code: report.error?.code, message: report.error?.message }).toEqual({
    exit: 1,
    code: "Timeout",
    message: expect.stringContaining("Nothing was written."),
  });
});
