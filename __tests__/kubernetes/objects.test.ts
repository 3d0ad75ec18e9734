import { describe, expect, test } from "@jest/globals";
import { event, namespace, node, pod, service, sum, workload } from "../../src/kubernetes/objects.ts";

describe("an object of which everything is missing", () => {
  test("is small all the same: a server leaves out what is empty", () => {
    expect(node({})).toMatchObject({
      name: "",
      ready: false,
      os: "linux",
      architecture: "amd64",
      taints: [],
    });
    expect(namespace({})).toEqual({ name: "", phase: "Active", held: [] });
    expect(pod({})).toMatchObject({ phase: "Unknown", ready: false, containers: [], deleting: false });
    expect(service({})).toMatchObject({ type: "ClusterIP", addresses: [], ports: [] });
    expect(event({})).toMatchObject({ type: "Normal", count: 1, seen: 0 });
    expect(workload("Deployment")({})).toMatchObject({ wanted: 1, ready: 0, images: [] });
    expect(workload("DaemonSet")({})).toMatchObject({ wanted: 0, ready: 0 });
  });

  test("or null", () => {
    expect(
      node({ metadata: { labels: null }, spec: { taints: null }, status: { conditions: null } }),
    ).toMatchObject({
      labels: {},
      taints: [],
      ready: false,
    });
    expect(pod({ status: { containerStatuses: null, initContainerStatuses: null } }).containers).toEqual([]);
    expect(service({ spec: { ports: null }, status: { loadBalancer: { ingress: null } } }).ports).toEqual([]);
  });
});

test("a node's resources are in thousandths of a core and in bytes, its taints and readiness as they are", () => {
  const seen = node({
    metadata: { name: "n1", labels: { "kubernetes.io/os": "windows" } },
    spec: { unschedulable: true, taints: [{ key: "a", effect: "NoSchedule" }] },
    status: {
      conditions: [
        { type: "MemoryPressure", status: "True" },
        { type: "Ready", status: "Unknown" },
      ],
      allocatable: { cpu: "1900m", memory: "4Gi", "nvidia.com/gpu": "1" },
      nodeInfo: { operatingSystem: "windows", architecture: "arm64" },
    },
  });
  expect(seen).toEqual({
    name: "n1",
    ready: false,
    unschedulable: true,
    os: "windows",
    architecture: "arm64",
    labels: { "kubernetes.io/os": "windows" },
    taints: [{ key: "a", value: "", effect: "NoSchedule" }],
    allocatable: { cpu: 1900, memory: 4 * 2 ** 30 },
  });
});

test("a namespace that goes says what holds it", () => {
  const conditions = [
    { type: "NamespaceDeletionDiscoveryFailure", status: "False", message: "fine" },
    { type: "NamespaceFinalizersRemaining", status: "True", message: "finalizers remaining" },
  ];
  expect(namespace({ metadata: { name: "azureml" }, status: { phase: "Terminating", conditions } })).toEqual({
    name: "azureml",
    phase: "Terminating",
    held: ["finalizers remaining"],
  });
});

test("a pod tells its waiting, its end, its life before and why it has no node", () => {
  const seen = pod({
    metadata: { name: "p", ownerReferences: [{ name: "rs" }], deletionTimestamp: "2026-01-01T00:00:00Z" },
    spec: { containers: [{ resources: { requests: { cpu: "0.5", memory: "100M" } } }, {}] },
    status: {
      phase: "Pending",
      conditions: [{ type: "PodScheduled", status: "False", message: "0/3 nodes are available" }],
      initContainerStatuses: [{ name: "init", state: { terminated: { exitCode: 2, reason: "Error" } } }],
      containerStatuses: [
        {
          name: "main",
          restartCount: 4,
          state: { waiting: { reason: "CrashLoopBackOff" } },
          lastState: {
            terminated: { exitCode: 137, reason: "OOMKilled", finishedAt: "2026-01-01T00:00:00Z" },
          },
        },
      ],
    },
  });
  expect(seen).toMatchObject({
    owner: "rs",
    deleting: true,
    unschedulable: "0/3 nodes are available",
    requests: { cpu: 500, memory: 100_000_000 },
    containers: [
      { name: "init", init: true, terminated: { exitCode: 2, reason: "Error" } },
      {
        name: "main",
        init: false,
        restarts: 4,
        waiting: { reason: "CrashLoopBackOff" },
        last: { exitCode: 137, at: Date.parse("2026-01-01T00:00:00Z") },
      },
    ],
  });
});

test("a service has addresses of either form", () => {
  const ingress = [{ ip: "1.2.3.4" }, { hostname: "lb.example" }, {}];
  expect(service({ status: { loadBalancer: { ingress } } }).addresses).toEqual(["1.2.3.4", "lb.example"]);
});

test("an event was seen when it was last, else when it was, else when it was made", () => {
  const at = "2026-01-02T00:00:00Z";
  const metadata = { creationTimestamp: "2026-01-01T00:00:00Z" };
  expect(event({ lastTimestamp: at, metadata }).seen).toBe(Date.parse(at));
  expect(event({ lastTimestamp: null, eventTime: at, metadata }).seen).toBe(Date.parse(at));
  expect(event({ lastTimestamp: null, eventTime: null, metadata }).seen).toBe(Date.parse("2026-01-01"));
});

test("sums add up, of nothing too", () => {
  expect(sum([])).toEqual({ cpu: 0, memory: 0 });
  expect(
    sum([
      { cpu: 1, memory: 2 },
      { cpu: 3, memory: 4 },
    ]),
  ).toEqual({ cpu: 4, memory: 6 });
});
