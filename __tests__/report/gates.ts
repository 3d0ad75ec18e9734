import type { Finding } from "../../src/model/finding.ts";
import type { Check, Gate, Part } from "../../src/model/gate.ts";
import type { Report } from "../../src/model/report.ts";
import { reportOf } from "./reports.ts";

const clusterId =
  "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg-aks/providers/Microsoft.ContainerService/managedClusters/aks1";

export const crashing: Finding = {
  id: "pods-running",
  severity: "error",
  source: "K2",
  object: "Pod azureml/gateway-6f5d8c7b9-x2x4q",
  seen: "The container `gateway` ended with exit code 1 and is started again and again (14 restarts).",
  remedy: "Read what it said last: `kubectl logs -n azureml gateway-6f5d8c7b9-x2x4q --previous`.",
  link: "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-kubernetes-extension",
};

export const outdated: Finding = {
  id: "extension-version",
  severity: "warning",
  source: "K1",
  seen: "Version 1.1.60 is installed, and 1.1.84 is the latest of the release train `stable`.",
  remedy: "Leave `version` out, so that `deploy-extension` goes to the latest.",
};

export const unread: Finding = {
  id: "events-scheduling",
  severity: "warning",
  source: "K3",
  seen: "Events of the namespace `azureml` could not be read: forbidden.",
  remedy: "Allow `list` on `events` in the namespace `azureml`.",
  unread: true,
};

/** A finding on a pod of its own, all with the same remedy. */
export function unpulled(number: number): Finding {
  return {
    id: "pods-image",
    severity: "error",
    source: "extension 11",
    object: `Pod azureml/worker-${number}`,
    seen: "The image `mcr.microsoft.com/azureml/amlarc/docker/worker:1.1.84` can't be pulled (ImagePullBackOff).",
    remedy: "Allow the nodes to reach `mcr.microsoft.com`.",
    link: "https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall",
  };
}

/** A check that came to what its findings say. */
export function check(subject: string, id: string, findings: readonly Finding[] = []): Check {
  const worst = findings.some(({ severity }) => severity === "error") ? "fail" : "warn";
  const result = findings.some((finding) => finding.unread) ? "unknown" : worst;
  return { id, subject, source: "K2", result: findings.length > 0 ? result : "pass", findings };
}

const workloads = [
  "amlarc-identity-controller",
  "amlarc-identity-proxy",
  "azureml-ingress-nginx-controller",
  "gateway",
  "healthcheck",
  "inference-operator-controller-manager",
  "metrics-controller-manager",
  "relayserver",
  "volcano-scheduler",
];

/** The chain of a healthy cluster; `ill` tells how its parts stand that don't stand well. */
export function parts(ill: Readonly<Record<string, Pick<Part, "health" | "state">>> = {}): Part[] {
  const part = (kind: Part["kind"], name: string, state: string): Part => {
    return { kind, name, health: "pass", state, ...ill[name] };
  };
  return [
    part("workspace", "ws1", "eastus"),
    part("compute", "gpu", "Succeeded"),
    part("cluster", "aks1", "Kubernetes 1.33.2"),
    part("extension", "azureml", "1.1.84 Succeeded"),
    ...workloads.map((name) => part("workload", name, "1 of 1 ready")),
    part("router", "azureml-fe", "LoadBalancer 20.30.40.50"),
  ];
}

/** The report of a gate; exit code and error follow from its verdict, as in a run. */
export function gateReport(gate: Gate, more: Partial<Report> = {}): Report {
  const { plan: _plan, ...rest } = reportOf();
  const failed = {
    code: "GateFailed",
    message: "The gate says fail.",
    details: ["Pod azureml/gateway: crashes"],
  };
  return {
    ...rest,
    action: "verify-extension",
    verdict: gate.verdict === "fail" ? "failed" : "unchanged",
    changed: false,
    steps: [],
    findings: gate.checks.flatMap(({ findings }) => findings),
    target: { ...rest.target, clusterId, extensionName: "azureml" },
    extensionVersion: "1.1.84",
    latestVersion: "1.1.84",
    gate,
    ...(gate.verdict === "fail" && { error: failed }),
    ...more,
  };
}

const well = [
  check("extension", "extension-type"),
  check("extension", "extension-state"),
  check("extension", "extension-statuses"),
  check("pods", "pods-restarts"),
  check("router", "router-service"),
  check("router", "router-address"),
  check("tls", "certificate-expiry"),
  check("compute", "compute-state"),
  check("compute", "compute-cluster"),
];

const basis = { way: "the given kubeconfig" };

/** A gate of each verdict. */
export const gates = {
  pass: {
    verdict: "pass",
    checks: [...well, check("pods", "pods-running"), check("extension", "extension-version")],
    parts: parts(),
    ...basis,
  },
  warn: {
    verdict: "warn",
    checks: [
      ...well,
      check("pods", "pods-running"),
      check("extension", "extension-version", [outdated]),
      check("events", "events-scheduling", [unread]),
    ],
    parts: parts({ azureml: { health: "warn", state: "1.1.60 Succeeded" } }),
    ...basis,
  },
  fail: {
    verdict: "fail",
    checks: [
      ...well,
      check("pods", "pods-running", [crashing]),
      check("pods", "pods-image", [1, 2, 3, 4, 5, 6, 7, 8].map(unpulled)),
      check("extension", "extension-version", [outdated]),
      check("events", "events-scheduling", [unread]),
    ],
    parts: parts({
      azureml: { health: "warn", state: "1.1.60 Succeeded" },
      gateway: { health: "fail", state: "0 of 1 ready" },
      "azureml-fe": { health: "unknown", state: "not read" },
    }),
    ...basis,
    diagnostics: "/home/runner/work/_temp/azureml-clusters/diagnostics-1",
  },
  unknown: {
    verdict: "warn",
    checks: [check("events", "events-scheduling", [unread])],
    parts: [{ kind: "extension", name: "azureml", health: "unknown", state: "" }],
  },
} satisfies Record<string, Gate>;
