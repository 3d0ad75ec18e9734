import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { ClusterContents } from "../../../src/model/cluster-contents.ts";
import { gateRules } from "../../../src/rules/gate/index.ts";
import { gateVerdict, judgeGate } from "../../../src/rules/gate/judge.ts";
import { partsOf } from "../../../src/rules/gate/parts.ts";
import { absent, denied, there } from "../facts.ts";
import { brokenClusters } from "./broken.ts";
import { anyKind, broken, facts, ill, judged, kinds, now, pod, router, workload } from "./facts.ts";

test("every rule has an id of its own, a subject and a source", () => {
  const ids = gateRules.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, subject, source } of gateRules) {
    expect(id).toMatch(/^[a-z]+(-[a-z0-9]+)*$/);
    expect(subject).not.toBe("");
    expect(source).not.toBe("");
  }
});

test("a check stands for each rule, in their order, with or without findings", () => {
  const checks = judgeGate(gateRules, facts(anyKind));
  expect(checks.map(({ id }) => id)).toEqual(gateRules.map(({ id }) => id));
  expect(gateVerdict(checks)).toBe("pass");
});

test("errors fail, warnings warn, words pass", () => {
  const with_ = (severity: "error" | "warning" | "info") =>
    gateVerdict(
      judgeGate(
        [{ id: "a", subject: "b", source: "c", check: () => ({ severity, seen: "", remedy: "" }) }],
        facts(anyKind),
      ),
    );
  expect([with_("error"), with_("warning"), with_("info")]).toEqual(["fail", "warn", "pass"]);
});

describe("rules never throw, whatever was refused or is odd", () => {
  const parts = [
    "nodes",
    "namespace",
    "workloads",
    "pods",
    "events",
    "services",
    "healthReport",
    "others",
    "legacyRouter",
    "tlsSecret",
    "computeNamespace",
    "privileged",
  ] as const satisfies readonly (keyof ClusterContents)[];
  const every = [...kinds.map((kind) => facts(kind)), ...brokenClusters.map(({ facts: broken }) => broken)];
  const blind = fc.constantFrom(absent, denied);

  test("parts of the cluster that are absent or denied", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...every),
        fc.dictionary(fc.constantFrom(...parts), blind),
        fc.record(
          { extensions: blind, versions: blind, inside: blind, relay: blind, compute: blind, served: blind },
          { requiredKeys: [] },
        ),
        (given, refused, outside) => {
          const inside =
            given.inside.is === "present" ? there({ ...given.inside.value, ...refused }) : given.inside;
          const seen = { ...given, inside, ...outside };
          const { verdict, checks } = judged(seen);
          expect(["pass", "warn", "fail"]).toContain(verdict);
          expect(partsOf(seen, checks).length).toBeGreaterThan(0);
        },
      ),
    );
  });

  test("texts of others, of any kind", () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom(
        "\n::error::x",
        "Status: Failed Name: x",
        "{}",
        "[1]",
        "a: b\n c: d",
        'secret "',
        "over scope '",
      ),
    );
    fc.assert(
      fc.property(text, text, text, fc.double(), (one, two, three, number) => {
        const odd = pod(one, {
          name: two,
          phase: three,
          owner: one,
          created: number,
          ready: false,
          unschedulable: two,
          containers: [
            {
              name: one,
              init: false,
              ready: false,
              restarts: number,
              image: two,
              waiting: { reason: three, message: one },
              terminated: { reason: one, exitCode: number, message: two, at: undefined },
              last: undefined,
            },
          ],
        });
        const given = facts(anyKind, {
          extension: { provisioningState: "Failed", errorInfo: { message: one }, currentVersion: two },
          set: { sslSecret: one, sslCname: two, "nodeSelector.": three },
          inCluster: {
            pods: there([odd, { ...odd, node: undefined }]),
            workloads: there([workload(one, { wanted: number, ready: number })]),
            events: there([
              {
                type: "Warning",
                reason: "FailedCreate",
                message: two,
                kind: three,
                name: one,
                count: number,
                seen: number,
              },
              {
                type: "Warning",
                reason: "SyncLoadBalancerFailed",
                message: two,
                kind: "Service",
                name: "azureml-fe",
                count: 1,
                seen: now,
              },
            ]),
            services: there([router({ addresses: [one].filter(Boolean), type: two })]),
            healthReport: there({ "reports-test": one, "reports-pre-install": two, [three]: one }),
            tlsSecret: there({ certificate: one, key: "matches" }),
            privileged: there([one]),
          },
          served: there({ address: one, certificate: two }),
        });
        for (const { seen } of judged(given).findings) expect(seen).not.toMatch(/[\n\r]/);
      }),
    );
  });
});

describe("the chain for the picture", () => {
  test("a healthy one is green from the workspace to the router", () => {
    const given = facts(anyKind);
    const parts = partsOf(given, judged(given).checks);
    expect(new Set(parts.map(({ health }) => health))).toEqual(new Set(["pass"]));
    expect(parts.slice(0, 5).map(({ kind, name, state }) => [kind, name, state])).toEqual([
      ["workspace", "ws1", "found"],
      ["compute", "gpu", "Succeeded"],
      ["cluster", "aks1", "Running, Kubernetes 1.29.4"],
      ["extension", "azureml", "Succeeded, 1.1.84"],
      ["workload", "gateway", "1 of 1 ready"],
    ]);
    expect(parts.at(-1)).toEqual({
      kind: "router",
      name: "azureml-fe",
      health: "pass",
      state: "LoadBalancer, 10.224.0.99",
    });
  });

  test("what is broken is red, what was not seen is unknown", () => {
    const pull = { waiting: { reason: "ImagePullBackOff", message: "x" } };
    const given = facts(anyKind, { inCluster: broken("gateway", [ill("gateway", pull)]) });
    const parts = partsOf(given, judged(given).checks);
    expect(parts.find(({ name }) => name === "gateway")).toMatchObject({
      health: "fail",
      state: "0 of 1 ready",
    });
    expect(parts.find(({ kind }) => kind === "extension")?.health).toBe("fail");
    const alone = facts(anyKind, { inside: absent });
    const seen = partsOf(alone, judged(alone).checks);
    expect(seen.find(({ kind }) => kind === "router")).toMatchObject({ state: "not read" });
    expect(seen.some(({ kind }) => kind === "workload")).toBe(false);
  });
});
