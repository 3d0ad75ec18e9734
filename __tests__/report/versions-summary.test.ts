import { describe, expect, test } from "@jest/globals";
import type { ClusterVersion, Versions } from "../../src/model/kubernetes-versions.ts";
import type { Report } from "../../src/model/report.ts";
import { summary } from "../../src/report/summary.ts";
import { versionLines } from "../../src/report/versions-summary.ts";
import { reportOf } from "./reports.ts";

const clusterId =
  "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/aks1";
const region: Versions = {
  location: "westeurope",
  kubernetes: [
    { version: "1.35", isDefault: false, isPreview: true, supportPlans: ["KubernetesOfficial"], patches: [] },
    {
      version: "1.34",
      isDefault: true,
      isPreview: false,
      supportPlans: ["KubernetesOfficial", "AKSLongTermSupport"],
      patches: [{ version: "1.34.1", upgrades: [{ version: "1.35.0", isPreview: true }] }],
    },
    { version: "1.33", isDefault: false, isPreview: false, supportPlans: ["Another|Plan"], patches: [] },
  ],
  defaultVersion: "1.34",
};
const cluster: ClusterVersion = {
  kind: "aks",
  version: "1.34.1",
  attachable: "supported",
  supportedVersions: ["1.33", "1.34", "1.35"],
  upgrades: [{ version: "1.35.0", isPreview: true }],
};
const extension: NonNullable<Versions["extension"]> = {
  releaseTrain: "stable",
  installed: "1.1.44",
  latest: "1.1.84",
  offered: [
    { version: "1.1.84", runsOnCluster: false },
    { version: "1.1.44", runsOnCluster: true },
  ],
};

function listing(versions: Versions, parts: Partial<Report> = {}): Report {
  const { plan: _plan, ...report } = reportOf({ steps: [], milliseconds: 800 });
  const target = versions.cluster ? { clusterId } : { subscriptionId: "s" };
  return { ...report, action: "list-versions", changed: false, state: "Unknown", target, versions, ...parts };
}

const unsupported: ClusterVersion = {
  ...cluster,
  version: "1.19.1",
  attachable: "unsupported",
  upgrades: [],
};

describe("the page of a list of versions", () => {
  test.each<[string, Report]>([
    ["V1: of a region", listing(region)],
    ["V1: of an AKS cluster", listing({ ...region, cluster, extension })],
    [
      "A7: of an AKS cluster whose version is not supported",
      listing(
        { ...region, cluster: unsupported, extension: { releaseTrain: "stable" } },
        {
          findings: [
            { id: "aks-version", severity: "error", source: "A7", seen: "It is old.", remedy: "Upgrade it." },
          ],
        },
      ),
    ],
    [
      "of an Arc cluster",
      listing({ location: "westeurope", cluster: { kind: "arc", version: "1.33.4+k3s1" }, extension }),
    ],
    ["of a cluster of which little is known", listing({ location: "westeurope", cluster: { kind: "aks" } })],
  ])("%s", (_title, report) => {
    expect(summary(report)).toMatchSnapshot();
  });

  test("A7: says of each standing what it means", () => {
    const said = (attachable: NonNullable<ClusterVersion["attachable"]>) =>
      versionLines({ location: "e", cluster: { ...cluster, attachable } }).join("\n");
    expect(said("supported")).toContain("It can be attached");
    expect(said("preview")).toContain("without a service level agreement");
    expect(said("unsupported")).toContain(
      "can't be attached as a legacy compute.\n  Supported are 1.33, 1.34, 1.35.",
    );
    expect(said("unknown")).toContain("is not known");
  });
});
