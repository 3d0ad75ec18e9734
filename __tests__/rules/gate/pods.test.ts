import { describe, expect, test } from "@jest/globals";
import type { ClusterContents } from "../../../src/model/cluster-contents.ts";
import type { Pod } from "../../../src/model/kubernetes.ts";
import { unscheduled } from "../../../src/rules/gate/scheduling.ts";
import { there } from "../facts.ts";
import {
  anyKind,
  brief,
  broken,
  container,
  event,
  facts,
  failedWith,
  ill,
  judged,
  minute,
  node,
  now,
  pending,
  pod,
  podsOf,
  reportOf,
  workloadsOf,
} from "./facts.ts";

const pull = { waiting: { reason: "ImagePullBackOff", message: "403 Forbidden" } };
const crash = {
  waiting: { reason: "CrashLoopBackOff", message: "" },
  restarts: 5,
  last: { reason: "Error", exitCode: 2, message: "", at: now },
};
const findings = (inCluster: Partial<ClusterContents>, more: object = {}) =>
  judged(facts(anyKind, { inCluster, ...more })).findings;

describe("K2: troubles are told once for each workload and cause", () => {
  const many = (of: string, count: number, trouble: Parameters<typeof ill>[1] = pull): Pod[] =>
    Array.from({ length: count }, (_, index) => ({
      ...ill(of, trouble),
      name: `${of}-7d9f8c6b5d-n${index}`,
    }));

  test("pods that fail alike are one finding with a number and an example", () => {
    const [first] = findings(broken("gateway", many("gateway", 3), { wanted: 3 }));
    expect(first?.seen).toMatch(/^3 pods of gateway, such as gateway-7d9f8c6b5d-n0: the image /);
    expect(first?.object).toBe("Pod azureml/gateway-7d9f8c6b5d-n0");
  });

  test("2,000 pods of 2,000 owners give no more than 20 groups and how many more there are", () => {
    const pods = there(
      Array.from({ length: 2_000 }, (_, index) => ({
        ...ill("x", crash),
        name: `job-${index}`,
        owner: `job${index}`,
      })),
    );
    const told = findings({ pods }).filter(({ id }) => id === "pods-running");
    expect(told).toHaveLength(21);
    expect(told[20]?.seen).toMatch(/^1980 more groups of 1980 pods have troubles too: /);
  });

  test("2,000 pods of one workload are one finding", () => {
    const told = findings({ pods: there(many("gateway", 2_000)) }).filter(({ id }) => id === "pods-running");
    expect(told).toHaveLength(1);
    expect(told[0]?.seen).toMatch(/^2000 pods of gateway/);
  });

  test("one cause that hits several workloads is one finding, which names them", () => {
    const quota = (of: string) =>
      event(
        "ReplicaSet",
        `${of}-7d9f8c6b5d`,
        "FailedCreate",
        `pods "${of}-" is forbidden: exceeded quota: q`,
      );
    const workloads = there(workloadsOf(anyKind).map((one) => ({ ...one, ready: 0 })));
    const events = there([quota("gateway"), quota("aml-operator"), quota("amlarc-identity-proxy")]);
    const told = findings({ workloads, events }).filter(({ id }) => id === "pods-running");
    expect(told).toHaveLength(1);
    expect(told[0]?.seen).toMatch(
      /^ReplicaSet azureml\/aml-operator-7d9f8c6b5d \(and likewise amlarc-identity-proxy, gateway\): /,
    );
    const refused = there([ill("gateway", pull), ill("aml-operator", pull)]);
    expect(findings({ pods: refused }).filter(({ id }) => id === "pods-running")).toHaveLength(1);
  });

  test("the reason of a pull is found behind its wrappings", () => {
    const message = `Failed to pull image "mcr.microsoft.com/${"a".repeat(300)}:1": rpc error: code = Unknown desc = failed to pull and unpack image "mcr.microsoft.com/${"a".repeat(300)}:1": unexpected status: 403 Forbidden`;
    const [first] = findings(
      broken("gateway", [ill("gateway", { waiting: { reason: "ErrImagePull", message } })]),
    );
    expect(first?.seen).toMatch(/\(ErrImagePull\)\. unexpected status: 403 Forbidden\.$/);
    expect(first?.remedy).toContain("https://mcr.microsoft.com");
  });

  test("causes come before what follows from them", () => {
    const inCluster = {
      pods: there([
        ...podsOf(anyKind),
        pod("a", { ready: false, containers: [container("a", { ready: false })] }),
        ill("b", {
          waiting: { reason: "CrashLoopBackOff", message: "" },
          restarts: 5,
          last: { reason: "Error", exitCode: 2, message: "", at: now },
        }),
        ill("c", pull),
        pending("d", "0/3 nodes are available: 3 Insufficient memory."),
      ]),
    };
    const kinds = findings(inCluster).map(
      ({ seen }) => /Insufficient|too little|pulled|ends again|not ready/.exec(seen)?.[0],
    );
    expect(kinds).toEqual(["too little", "pulled", "ends again", "not ready"]);
  });
});

describe("symptoms", () => {
  test("a workload without its pods is told as following from the pod", () => {
    const all = findings(broken("gateway", [ill("gateway", pull)]));
    expect(brief(all)).toEqual(["error pods-running", "info workloads-ready"]);
    expect(all[1]?.seen).toBe(
      "Deployment azureml/gateway has 0 of 1 pods ready, because of Pod azureml/gateway-7d9f8c6b5d-x7k2p (image).",
    );
  });

  test("E45001 names the pod that is why, and is no second error", () => {
    const inCluster = {
      ...broken("gateway", [ill("gateway", pull)]),
      healthReport: reportOf("reports-test", "E45001", "There are unhealthy resources"),
    };
    const all = findings(inCluster);
    expect(brief(all)).toEqual(["error pods-running", "info health-report", "info workloads-ready"]);
    expect(all[1]?.seen).toContain("Pod azureml/gateway-7d9f8c6b5d-x7k2p (image)");
  });

  test("an ingress without pods names the pod that is why", () => {
    const all = findings(
      broken("azureml-ingress-nginx-controller", [ill("azureml-ingress-nginx-controller", pull)]),
    );
    expect(brief(all)).toEqual(["error pods-running", "info workloads-ready", "info router-ingress"]);
  });

  test("without a way to see the pods, the workload is the error itself", () => {
    expect(brief(findings({ ...broken("gateway", []), pods: { is: "absent" } }))).toContain(
      "error workloads-ready",
    );
  });

  test("nodes that are down are the error where pods suffer, and a warning where none does", () => {
    const nodes = there([node("a"), node("b", { ready: false })]);
    expect(brief(findings({ nodes }))).toEqual(["warning nodes-ready"]);
    const lost = broken("gateway", [pod("gateway", { reason: "NodeLost", ready: false, node: "b" })]);
    expect(brief(findings({ nodes, ...lost }))).toEqual([
      "error nodes-ready",
      "error pods-running",
      "info workloads-ready",
    ]);
  });
});

describe("what is no trouble", () => {
  const silent = (...pods: Pod[]) =>
    expect(brief(findings({ pods: there([...podsOf(anyKind), ...pods]) }))).toEqual([]);

  test("a job that is done, and one that failed before it was done", () => {
    const job = (name: string, phase: string) =>
      pod("x", { name, owner: "admission-create", phase, ready: false, containers: [] });
    silent(job("admission-create-1", "Failed"), job("admission-create-2", "Succeeded"));
  });

  test("a pod that is being deleted", () => silent(ill("gateway", pull, { deleting: true })));

  test("init containers that are done", () => {
    const done = { reason: "Completed", exitCode: 0, message: "", at: now };
    silent(
      pod("x", {
        containers: [container("init", { init: true, ready: false, terminated: done }), container("x")],
      }),
    );
  });

  test("a sidecar that was killed once and runs again", () => {
    const last = { reason: "OOMKilled", exitCode: 137, message: "", at: now - 50 * 60 * minute };
    silent(pod("x", { containers: [container("x", { restarts: 1, last })] }));
  });

  test("an event about a workload that has got over it", () => {
    const events = there([event("ReplicaSet", "gateway-7d9f8c6b5d", "FailedCreate", "exceeded quota: q")]);
    expect(brief(findings({ events }))).toEqual([]);
  });
});

test("evicted pods of a workload that is whole are leftovers", () => {
  const evicted = pod(
    "gateway",
    { phase: "Failed", reason: "Evicted", ready: false, containers: [] },
    "zzzzz",
  );
  const [first, ...rest] = findings({ pods: there([...podsOf(anyKind), evicted]) });
  expect(brief([first].filter((one) => one !== undefined))).toEqual(["warning pods-running"]);
  expect(first?.seen).toContain("has all its pods by now");
  expect(rest).toEqual([]);
});

describe("restarts of pods that are ready", () => {
  const restless = (restarts: number, at: number) =>
    brief(
      findings({
        pods: there([
          ...podsOf(anyKind),
          pod("x", {
            containers: [
              container("x", { restarts, last: { reason: "Error", exitCode: 1, message: "", at } }),
            ],
          }),
        ]),
      }),
    );
  test("are worth a warning when they are several and lately", () => {
    expect(restless(5, now - 10 * minute)).toEqual(["warning pod-restarts"]);
    expect(restless(5, now - 90 * minute)).toEqual([]);
    expect(restless(2, now - 10 * minute)).toEqual([]);
  });
});

describe("the pod of the health check", () => {
  const check = pod("x", {
    name: "healthcheck",
    owner: undefined,
    phase: "Failed",
    ready: false,
    containers: [],
  });
  test("is no trouble of its own where its report speaks", () => {
    const healthReport = reportOf("reports-pre-install", "E40001", "x");
    const extension = failedWith("failed pre-install: pod healthcheck failed");
    const given = { pods: there([check]), healthReport };
    expect(findings(given, { extension }).map(({ id }) => id)).not.toContain("pods-running");
  });
  test("is told where it left none", () => {
    const extension = failedWith("failed pre-install: pod healthcheck failed");
    const [first] = findings({ pods: there([check]), healthReport: { is: "absent" } }, { extension });
    expect(first?.remedy).toContain("kubectl logs healthcheck -n azureml");
  });
});

describe("the scheduler's words", () => {
  const around = { settings: undefined, nodes: [], isRouter: false };
  const one = (message: string) => unscheduled(message, pending("gateway", message), around);

  test.each([
    ["0/1 nodes are available: 1 Insufficient nvidia.com/gpu.", /too little nvidia\.com\/gpu/],
    [
      "0/1 nodes are available: 1 node(s) had taint {a: b}, that the pod didn't tolerate.",
      /taint .* \(a: b\)/,
    ],
    [
      "0/1 nodes are available: 1 node(s) had untolerated taint {CriticalAddonsOnly: }.",
      /\(CriticalAddonsOnly\)/,
    ],
    ["0/1 nodes are available: 1 node(s) had untolerated taint(s).", /taint/],
    [
      "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }.",
      /in trouble themselves/,
    ],
    ["0/1 nodes are available: 1 node(s) didn't match node selector.", /labels that the pod selects/],
    ["0/1 nodes are available: 1 node(s) were unschedulable.", /cordoned/],
    ["0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.", /volume/],
    ["the scheduler says something new", /the scheduler says something new\./],
    ["", /gave no reason/],
  ])("%s", (message, seen) => {
    expect(one(message).seen).toMatch(seen);
    expect(one(message).remedy.length).toBeGreaterThan(10);
  });

  test("what follows `preemption:` is no reason", () => {
    expect(
      one("0/1 nodes are available: 1 Too many pods. preemption: 1 Insufficient cpu.").seen,
    ).not.toContain("cpu");
  });

  test("reasons are told together, the most telling first", () => {
    const { seen } = one(
      "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't match Pod's node affinity/selector.",
    );
    expect(seen).toMatch(/labels that the pod selects, nodes have too little cpu left/);
  });
});
