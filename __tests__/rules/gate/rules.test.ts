import { describe, expect, test } from "@jest/globals";
import { Failure } from "../../../src/model/failure.ts";
import { absent, aks, arcId, binding, denied, there } from "../facts.ts";
import {
  anyKind,
  brief,
  broken,
  compute,
  extension,
  facts,
  failedWith,
  judged,
  type Kind,
  now,
  reportOf,
  workload,
} from "./facts.ts";

const arcToday: Kind = { cluster: "arc", generation: "today" };
const of = (kind: Kind, more: Parameters<typeof facts>[1] = {}) => judged(facts(kind, more)).findings;
const briefly = (kind: Kind, more: Parameters<typeof facts>[1] = {}) => brief(of(kind, more));

describe("versions (extension 4)", () => {
  const versions = there(["1.1.9", "1.1.90", "1.1.84"].map((version) => ({ properties: { version } })));

  test("an old one that auto-upgrade will replace is worth a word, a pinned one a warning", () => {
    expect(briefly(anyKind, { versions })).toEqual(["info version-latest"]);
    const [pinned] = of(anyKind, { versions, extension: { autoUpgradeMinorVersion: false } });
    expect(pinned?.severity).toBe("warning");
    expect(pinned?.seen).toContain("Version 1.1.84 of the extension is installed; 1.1.90 is the latest.");
  });

  test("one that is newer than all that is offered, or with nothing to compare, is none", () => {
    expect(briefly(anyKind, { versions: there([{ properties: { version: "1.0.0" } }]) })).toEqual([]);
    expect(briefly(anyKind, { versions: there([]) })).toEqual([]);
    expect(briefly(anyKind, { versions: absent })).toEqual([]);
  });

  test("a preview is warned of, pinned or not", () => {
    expect(briefly(anyKind, { extension: { releaseTrain: "preview" } })).toEqual([
      "warning release-train-stable",
    ]);
    const pinned = { releaseTrain: "preview", autoUpgradeMinorVersion: false };
    expect(of(anyKind, { extension: pinned })[0]?.seen).toContain("pinned to 1.1.84");
    expect(briefly(anyKind, { extension: { releaseTrain: "Stable" } })).toEqual([]);
  });

  test("a Kubernetes version that is not supported and works nonetheless is a warning", () => {
    const unsupported = (listed: string[]) =>
      there([
        {
          properties: {
            version: "1.1.84",
            unsupportedKubernetesVersions: { managedCluster: [{ unsupportedVersions: listed }] },
          },
        },
      ]);
    expect(briefly(anyKind, { versions: unsupported(["1.28..1.30"]) })).toEqual([
      "warning kubernetes-supported",
    ]);
    expect(briefly(anyKind, { versions: unsupported([">1.29"]) })).toEqual([]);
    expect(briefly(arcToday, { versions: unsupported(["1.29"]) })).toEqual([]);
  });
});

describe("the extension", () => {
  test("statuses with errors are worth a warning though it is Succeeded (arm-contract 3)", () => {
    const statuses = [{ code: "Boom", level: "Error", message: "two\npods" }];
    const [only, ...rest] = of(anyKind, { extension: { statuses } });
    expect(only?.severity).toBe("warning");
    expect(only?.seen).toContain("Boom: two pods.");
    expect(rest).toEqual([]);
  });

  test("all that Azure reports of a failure is told, with what it means", () => {
    const all = of(anyKind, { extension: failedWith("status not populated") });
    const failed = all.find(({ id }) => id === "extension-succeeded");
    expect(failed?.seen).toMatch(
      /^The extension "azureml" is Failed\. The extension did not come up in time\. InstallationFailed: status not populated/,
    );
    expect(failed?.remedy).toContain("nodeSelector");
  });

  test("a failed health check is no second cause beside its report", () => {
    const hook = "failed pre-install: pod healthcheck failed";
    const healthReport = reportOf("reports-pre-install", "E40001", "x");
    const ids = of(anyKind, { extension: failedWith(hook), inCluster: { healthReport } }).map(({ id }) => id);
    expect(ids.slice(0, 2)).toEqual(["health-report", "extension-succeeded"]);
  });

  test("what is missing after a failed installation is no error of its own (extension 3)", () => {
    const inCluster = { workloads: there([]), pods: there([]), services: there([]) };
    expect(briefly(anyKind, { extension: failedWith("x"), inCluster })).toEqual([
      "error extension-succeeded",
      "info workloads-present",
      "info router-service",
    ]);
  });

  test("a component of someone else beside an extension that works is a warning", () => {
    const others = there([workload("prometheus-operator", { namespace: "monitoring" })]);
    expect(briefly(anyKind, { inCluster: { others } })).toEqual(["warning prometheus-operator-of-others"]);
    expect(briefly(anyKind, { inCluster: { others }, set: { installPromOp: "false" } })).toEqual([]);
    const volcano = there([workload("volcano-scheduler", { namespace: "volcano-system" })]);
    expect(briefly(anyKind, { inCluster: { others: volcano } })).toEqual(["warning volcano-of-others"]);
    expect(briefly(anyKind, { inCluster: { others: volcano }, set: { installVolcano: "FALSE" } })).toEqual(
      [],
    );
    const plugin = there([workload("nvidia-device-plugin-daemonset", { namespace: "gpu" })]);
    expect(briefly(anyKind, { inCluster: { others: plugin } })).toEqual([]);
    const adapter = there([workload("prometheus-adapter", { namespace: "monitoring" })]);
    expect(briefly(anyKind, { inCluster: { others: adapter } })).toEqual([]);
  });

  test("fewer routers than set are told, more are not", () => {
    expect(briefly(anyKind, { inCluster: broken("azureml-fe-v2", [], { wanted: 1, ready: 1 }) })).toEqual([
      "info workloads-ready",
    ]);
    expect(briefly(anyKind, { inCluster: broken("azureml-fe-v2", [], { wanted: 6, ready: 6 }) })).toEqual([]);
  });

  test("a long name that Helm cut is found by its end (K3)", () => {
    const long = { ...extension(anyKind), name: "a-very-long-name-of-an-extension" };
    expect(briefly(anyKind, { extensions: there([long]) })).toEqual([]);
  });
});

describe("the health report", () => {
  test("counts by what happened: the first installation's does not after an update (extension 6)", () => {
    const healthReport = reportOf("reports-pre-install", "E40001", "x");
    expect(briefly(anyKind, { inCluster: { healthReport } })).toEqual([]);
    const update = failedWith(
      "release azureml failed, and has been rolled back due to atomic being set: pre-upgrade hooks failed",
    );
    expect(briefly(anyKind, { extension: update, inCluster: { healthReport } })[0]).toBe(
      "error extension-succeeded",
    );
  });

  test("a symptom of long ago, while everything runs, is a warning", () => {
    const report = (code: string) => ({
      healthReport: reportOf("reports-test", code, "x", "2030-05-01 00:00:00"),
    });
    expect(briefly(anyKind, { inCluster: report("E45001") })).toEqual(["warning health-report"]);
    expect(briefly(anyKind, { inCluster: report("E45003") })).toEqual(["error health-report"]);
  });

  test("the code of mid 2022 that meant certificates is read as such", () => {
    const healthReport = reportOf("reports-test", "E40004", "SSL settings are invalid");
    expect(of(anyKind, { inCluster: { healthReport } })[0]?.remedy).toContain("sslCertPemFile");
  });
});

describe("X9: the Relay", () => {
  test("of AKS it is not asked for, of Arc it must be there", () => {
    expect(briefly(anyKind, { relay: absent })).toEqual([]);
    expect(briefly(arcToday, { relay: absent })).toEqual(["error relay-present"]);
    expect(briefly(arcToday, { relay: absent, set: { "relayserver.enabled": "false" } })).toEqual([]);
    expect(briefly(arcToday, { relay: denied })).toEqual(["warning relay-present"]);
    const updating = there({ id: "/relay", properties: { provisioningState: "Updating" } });
    expect(briefly(arcToday, { relay: updating })).toEqual(["error relay-present (pending)"]);
  });
});

describe("the compute (extension 7)", () => {
  test("more than the first identity, none at all, or another of the extension", () => {
    const healthy = compute(anyKind);
    const two = { type: "UserAssigned", userAssignedIdentities: { "/a": {}, "/b": {} } };
    expect(briefly(anyKind, { compute: there({ ...healthy, identity: two }) })).toEqual([
      "warning compute-identity",
    ]);
    const none = { type: "SystemAssigned" };
    expect(briefly(anyKind, { compute: there({ ...healthy, identity: none }) })).toEqual([
      "warning compute-identity",
    ]);
    const stale = there(
      compute(anyKind, { properties: { namespace: "default", extensionPrincipalId: "p-old" } }),
    );
    const identity = { aksAssignedIdentity: { principalId: "p-new" } };
    expect(briefly(anyKind, { compute: stale, extension: identity })).toEqual([
      "warning compute-extension-identity",
    ]);
    expect(briefly(anyKind, { compute: stale })).toEqual([]);
  });

  test("a legacy one does not use the extension; errors of one that Succeeded are a warning", () => {
    const legacy = there(compute(anyKind, { computeType: "AKS" }));
    expect(briefly(anyKind, { compute: legacy })[0]).toBe("error compute-cluster");
    const errors = there(
      compute(anyKind, { provisioningErrors: [{ error: { code: "ClusterNotReachable" } }] }),
    );
    expect(briefly(anyKind, { compute: errors })).toEqual(["warning compute-succeeded"]);
  });

  test("the cluster is compared without case", () => {
    const upper = (compute(anyKind).properties.resourceId ?? "").toUpperCase();
    expect(briefly(anyKind, { compute: there(compute(anyKind, { resourceId: upper })) })).toEqual([]);
    expect(briefly(anyKind, { compute: there(compute(anyKind, { resourceId: arcId })) })).toEqual([
      "error compute-cluster",
    ]);
  });

  test("where none is named, none is judged, and Trusted Access only as far as it can be", () => {
    expect(briefly(anyKind, { noCompute: true })).toEqual([]);
    const closed = (bindings: ReturnType<typeof binding>[]) => ({
      noCompute: true,
      cluster: { ...aks({ disableLocalAccounts: true }), trustedAccess: there(bindings) },
    });
    expect(briefly(anyKind, closed([]))).toEqual(["warning cluster-local-accounts"]);
    expect(briefly(anyKind, closed([binding()]))).toEqual([]);
  });
});

describe("what could not be read", () => {
  const forbidden = { is: "denied", why: new Failure("KubernetesForbidden", "pods is forbidden") } as const;

  test("each refused part is one warning with the missing rule, and its rules are unknown", () => {
    const { findings, checks, verdict } = judged(
      facts(anyKind, { inCluster: { pods: forbidden, healthReport: forbidden } }),
    );
    expect(verdict).toBe("warn");
    expect(findings.map(({ severity, remedy, unread }) => [severity, remedy, unread])).toEqual([
      ["warning", "Let the identity list pods in azureml, by a Role or ClusterRole.", true],
      ["warning", "Let the identity get configmaps in azureml, by a Role or ClusterRole.", true],
    ]);
    const unknown = checks.filter(({ result }) => result === "unknown").map(({ id }) => id);
    expect(unknown).toEqual([
      "health-report",
      "pods-running",
      "pod-restarts",
      "router-ingress",
      "cluster-reads",
    ]);
  });

  test("what only a failure is explained by is not missed while all is well", () => {
    const inCluster = { others: forbidden, legacyRouter: forbidden };
    expect(briefly(anyKind, { inCluster })).toEqual([]);
    expect(briefly(anyKind, { inCluster, extension: failedWith("x") })).toContain("warning cluster-reads");
  });

  test("without a way in, Azure's word alone is judged, and that is said", () => {
    const arcAlone = judged(facts(arcToday, { inside: absent }));
    expect(arcAlone.verdict).toBe("pass");
    expect(brief(arcAlone.findings)).toEqual(["info cluster-looked-into"]);
    expect(arcAlone.findings[0]?.remedy).toContain("kubeconfig");
    expect(arcAlone.checks.find(({ id }) => id === "pods-running")?.result).toBe("unknown");
    const refused = judged(facts(anyKind, { inside: forbidden }));
    expect(refused.verdict).toBe("warn");
    expect(refused.findings[0]?.seen).toContain("pods is forbidden.");
  });

  test("Azure's own refusals are warnings", () => {
    const all = briefly(arcToday, { extensions: denied, compute: denied, versions: denied, relay: denied });
    expect(all).toEqual(["warning extension-installed", "warning compute-present"]);
    expect(briefly(arcToday, { versions: denied })).toEqual(["warning version-latest"]);
    expect(briefly(arcToday, { cluster: { kind: "arc", seen: denied } })).toEqual(["warning cluster-exists"]);
  });
});

test("an age that the clocks disagree on counts as young", () => {
  const inCluster = broken("gateway", [], { created: now + 60_000 });
  expect(briefly(anyKind, { inCluster })).toEqual(["error workloads-ready (pending)"]);
});
