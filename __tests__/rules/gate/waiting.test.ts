import { describe, expect, test } from "@jest/globals";
import { absent, arc, there } from "../facts.ts";
import {
  anyKind,
  brief,
  broken,
  compute,
  event,
  facts,
  failedWith,
  ill,
  judged,
  minute,
  now,
  old,
  pending,
  reportOf,
  router,
} from "./facts.ts";

const young = now - 5 * minute;
const starting = (created: number) =>
  ill("gateway", { waiting: { reason: "ContainerCreating", message: "" } }, { phase: "Pending", created });
const pullFails = { waiting: { reason: "ErrImagePull", message: "i/o timeout" } };

describe("K1: what is young may pass by itself, so that all its findings say so", () => {
  test.each([
    ["a pod that starts", broken("gateway", [starting(young)])],
    ["an image that does not come", broken("gateway", [ill("gateway", pullFails, { created: young })])],
    [
      "too few processors",
      broken("gateway", [
        pending("gateway", "0/3 nodes are available: 3 Insufficient cpu.", { created: young }),
      ]),
    ],
    ["a workload whose pods are not seen yet", broken("gateway", [], { created: young })],
  ])("%s", (_title, inCluster) => {
    const errors = judged(facts(anyKind, { inCluster })).findings.filter(
      ({ severity }) => severity === "error",
    );
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.every(({ pending: waits }) => waits)).toBe(true);
  });

  test("fifteen minutes are the limit (extension 6)", () => {
    const at = (created: number) =>
      brief(judged(facts(anyKind, { inCluster: broken("gateway", [starting(created)]) })).findings)[0];
    expect(at(now - 15 * minute + 1)).toBe("error pods-running (pending)");
    expect(at(now - 15 * minute)).toBe("error pods-running");
  });

  test("the oldest of several pods decides", () => {
    const pods = [young, old].map((created, index) => ({
      ...starting(created),
      name: `gateway-7d9f8c6b5d-aaaa${index}`,
    }));
    expect(brief(judged(facts(anyKind, { inCluster: broken("gateway", pods) })).findings)[0]).toBe(
      "error pods-running",
    );
  });

  test("what no time mends is not waited for, however young", () => {
    const set = { "nodeSelector.pool": "gpu" };
    const message = "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.";
    const inCluster = broken("gateway", [pending("gateway", message, { created: young })]);
    expect(brief(judged(facts(anyKind, { set, inCluster })).findings)).toContain("error pods-running");
    const invalid = ill(
      "gateway",
      { waiting: { reason: "InvalidImageName", message: "" } },
      { created: young },
    );
    expect(brief(judged(facts(anyKind, { inCluster: broken("gateway", [invalid]) })).findings)[0]).toBe(
      "error pods-running",
    );
  });

  test("of a failed extension nothing comes up any more", () => {
    const inCluster = broken("gateway", [starting(young)]);
    expect(
      brief(
        judged(facts(anyKind, { extension: failedWith("timed out waiting for the condition"), inCluster }))
          .findings,
      ),
    ).toEqual(["error pods-running", "error extension-succeeded", "info workloads-ready"]);
  });
});

describe("K1: an extension that Azure is still at", () => {
  test.each(["Creating", "Updating", "Deleting", "SomethingNew"])("%s is waited for", (provisioningState) => {
    const inCluster = { workloads: there([]), pods: there([]), services: there([]), namespace: absent };
    const { verdict, findings } = judged(facts(anyKind, { extension: { provisioningState }, inCluster }));
    expect(verdict).toBe("fail");
    expect(brief(findings)).toEqual(["error extension-settled (pending)"]);
  });

  test("all that is not there yet is waited for too", () => {
    const inCluster = { workloads: there([]), pods: there([]), services: there([]) };
    const { findings } = judged(facts(anyKind, { extension: { provisioningState: "Creating" }, inCluster }));
    expect(brief(findings)).toEqual([
      "error extension-settled (pending)",
      "error workloads-present (pending)",
      "error router-service (pending)",
      "error router-ingress (pending)",
    ]);
  });

  test("a pod that is stuck for long says more, and is told first", () => {
    const inCluster = broken("gateway", [ill("gateway", pullFails)]);
    const { findings } = judged(facts(anyKind, { extension: { provisioningState: "Updating" }, inCluster }));
    expect(brief(findings)).toEqual([
      "error pods-running",
      "error extension-succeeded (pending)",
      "info workloads-ready",
    ]);
  });

  test("a report that fails may be that of the try before", () => {
    const healthReport = reportOf("reports-pre-install", "E40001", "x");
    const { findings } = judged(
      facts(anyKind, { extension: { provisioningState: "Creating" }, inCluster: { healthReport } }),
    );
    expect(brief(findings)).toEqual(["error extension-settled (pending)", "error health-report (pending)"]);
  });
});

test("a load balancer is waited for while the router is young, or the cloud has just begun", () => {
  const services = there([router({ addresses: [] })]);
  const set = { "nginxIngress.enabled": "false" };
  const at = (more: object) =>
    brief(judged(facts(anyKind, { set, inCluster: { services, ...more } })).findings);
  expect(at({})).toEqual(["error router-address"]);
  const fresh = broken("azureml-fe-v2", [], { ready: 3, wanted: 3, created: young });
  expect(at({ workloads: fresh.workloads })).toEqual(["error router-address (pending)"]);
  const begun = event("Service", "azureml-fe", "EnsuringLoadBalancer", "Ensuring load balancer", {
    type: "Normal",
    count: 1,
  });
  expect(at({ events: there([begun]) })).toEqual(["error router-address (pending)"]);
  expect(at({ events: there([{ ...begun, count: 40 }]) })).toEqual(["error router-address"]);
});

test("a compute that is being made, an Arc cluster that connects and a namespace that goes are waited for", () => {
  const creating = there(compute(anyKind, { provisioningState: "Creating" }));
  expect(brief(judged(facts(anyKind, { compute: creating })).findings)).toEqual([
    "error compute-succeeded (pending)",
  ]);
  const connecting = arc({ connectivityStatus: "Connecting" });
  expect(
    brief(judged(facts({ cluster: "arc", generation: "today" }, { cluster: connecting })).findings),
  ).toEqual(["error cluster-connected (pending)"]);
  const namespace = there({ name: "azureml", phase: "Terminating", held: [] });
  expect(brief(judged(facts(anyKind, { inCluster: { namespace } })).findings)[0]).toBe(
    "error namespace-active (pending)",
  );
});
