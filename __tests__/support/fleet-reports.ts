import type { Check, Gate, GateVerdict } from "../../src/model/gate.ts";
import type { Report } from "../../src/model/report.ts";
import { gateRules } from "../../src/rules/gate/index.ts";
import { reportOf } from "../report/reports.ts";

const regions = ["westeurope", "northeurope", "eastus", "southeastasia"];
const versions = ["1.1.84", "1.1.84", "1.1.84", "1.1.79", "1.1.60"];
const day = 24 * 3_600_000;

/** When the reports of a fleet were made. */
export const fleetTime = new Date("2026-11-21T06:00:00.000Z");

/** Reports of so many clusters with the checks of the real gate; of seven one warns and of eleven one fails. */
export function fleetReports(count: number): Report[] {
  return Array.from({ length: count }, (_, index) => clusterReport(index));
}

/** The report of the nth cluster, with these parts in the place of its own. */
export function clusterReport(index: number, parts: Partial<Report> = {}): Report {
  const number = String(index).padStart(4, "0");
  const isArc = index % 5 === 4;
  const type = isArc
    ? "Microsoft.Kubernetes/connectedClusters"
    : "Microsoft.ContainerService/managedClusters";
  const subscriptionId = `${String(index % 12).padStart(8, "0")}-2222-4222-8222-222222222222`;
  const group = `/subscriptions/${subscriptionId}/resourceGroups/rg-${index % 30}`;
  const { plan: _plan, target: _target, ...rest } = reportOf();
  return {
    ...rest,
    action: "verify-extension",
    verdict: "unchanged",
    changed: false,
    steps: [],
    target: {
      subscriptionId,
      resourceGroup: "rg-ml",
      workspaceName: `ws-${index % 40}`,
      computeName: `gpu-${number}`,
      computeId: `${group}/providers/Microsoft.MachineLearningServices/workspaces/ws-${index % 40}/computes/gpu-${number}`,
      clusterId: `${group}/providers/${type}/cluster-${number}`,
      extensionName: "azureml",
    },
    extensionVersion: versions[index % versions.length] ?? "",
    latestVersion: "1.1.84",
    gate: gateOf(index),
    startedAt: fleetTime.toISOString(),
    correlationId: `run-${number}`,
    ...parts,
  };
}

/** The gate of the nth cluster. */
export function gateOf(index: number): Gate {
  const ill = illnessOf(index);
  const checks = gateRules.map(({ id, subject, source }, place): Check => {
    const speaks = ill !== "pass" && place % 17 === index % 17;
    if (!speaks) return { id, subject, source, result: "pass", findings: [] };
    const severity = ill === "fail" ? "error" : "warning";
    const seen = `The ${subject} of cluster ${index} is not as it should be.`;
    return {
      ...{ id, subject, source, result: ill },
      findings: [
        { id, severity, source, seen, remedy: "Look at it.", link: "https://learn.microsoft.com/azure" },
      ],
    };
  });
  return {
    verdict: ill,
    checks,
    parts: [],
    way: "the given kubeconfig",
    sight: {
      region: regions[index % regions.length] ?? "",
      kubernetesVersion: `1.3${index % 4}.2`,
      certificate: {
        names: [`c${index}.example.com`],
        ends: new Date(fleetTime.getTime() + ((index * 13) % 400) * day).toISOString(),
      },
    },
  };
}

function illnessOf(index: number): GateVerdict {
  if (index % 11 === 2) return "fail";
  return index % 7 === 1 ? "warn" : "pass";
}
