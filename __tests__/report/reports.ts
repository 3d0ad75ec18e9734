import type { Report } from "../../src/model/report.ts";

const target = {
  subscriptionId: "22222222-2222-4222-8222-222222222222",
  resourceGroup: "rg1",
  workspaceName: "ws1",
  computeName: "gpu",
  computeId:
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg1/providers/Microsoft.MachineLearningServices/workspaces/ws1/computes/gpu",
};

/** A run that attached a compute, with these parts in the place of its own. */
export function reportOf(parts: Partial<Report> = {}): Report {
  return {
    reportVersion: 1,
    product: "azureml-clusters 0.1.0",
    action: "attach",
    verdict: "done",
    changed: true,
    state: "Succeeded",
    target,
    plan: {
      summary: 'attach cluster "aks1" as compute "gpu"',
      steps: [
        {
          kind: "create-compute",
          title: 'attach cluster "aks1" as compute "gpu"',
          reason: "there is no compute of that name",
        },
      ],
    },
    steps: [
      {
        kind: "create-compute",
        title: 'attach cluster "aks1" as compute "gpu"',
        result: "done",
        milliseconds: 185_000,
      },
    ],
    findings: [],
    startedAt: "2026-11-21T03:00:00.000Z",
    milliseconds: 190_000,
    correlationId: "00000000-0000-4000-8000-00000000c0de",
    ...parts,
  };
}

export const error: NonNullable<Report["error"]> = {
  code: "ComputeFailed",
  message: 'The compute "gpu" is Failed. ClusterNotReachable: the API server is stopped',
  remedy: "Start the cluster, detach, then attach again.",
  link: "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-kubernetes-compute",
  requestId: "11111111-2222-4333-8444-555555555555",
  details: ["BadRequest: outer", "  ClusterNotReachable: the API server is stopped"],
};
