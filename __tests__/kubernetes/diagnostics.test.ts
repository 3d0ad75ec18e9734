import { describe, expect, test } from "@jest/globals";
import type { ClusterApi } from "../../src/kubernetes/cluster-api.ts";
import { collectDiagnostics } from "../../src/kubernetes/diagnostics.ts";
import { pod } from "../../src/kubernetes/objects.ts";
import type { ClusterContents } from "../../src/model/cluster-contents.ts";
import { Failure } from "../../src/model/failure.ts";

const none = { is: "present", value: [] } as const;
const contents = (more: Partial<ClusterContents> = {}): ClusterContents => ({
  way: "test",
  nodes: none,
  namespace: { is: "absent" },
  workloads: none,
  pods: none,
  events: none,
  services: none,
  healthReport: { is: "absent" },
  others: none,
  legacyRouter: none,
  ...more,
});

const running = (name: string, restartCount = 0) =>
  pod({
    metadata: { name, namespace: "azureml" },
    status: {
      phase: "Running",
      conditions: [{ type: "Ready", status: restartCount > 0 ? "False" : "True" }],
      containerStatuses: [{ name: "main", restartCount }],
    },
  });

/** An API that gives logs, and notes what it was asked. */
function logs(text: (path: string) => string) {
  const asked: string[] = [];
  const api = {
    text: async (path: string) => {
      asked.push(path);
      return text(path);
    },
  } as unknown as ClusterApi;
  return { api, asked };
}

describe("diagnostics (W1)", () => {
  test("of a cluster that could not be read hold the extension, without protected values", async () => {
    const extension = {
      name: "azureml",
      properties: { configurationProtectedSettings: { "scoringFe.sslKey": "planted-key" } },
    };
    const files = await collectDiagnostics(undefined, extension, undefined);
    expect(Object.keys(files)).toEqual(["extension.json"]);
    expect(files["extension.json"]).toContain("scoringFe.sslKey");
    expect(files["extension.json"]).not.toContain("planted-key");
  });

  test("hold logs of ailing pods and of the router, with those of the life before", async () => {
    const pods = [running("gateway-1"), running("aml-operator-1", 3), running("azureml-fe-v2-1")];
    const { api, asked } = logs((path) => `log of ${path}`);
    const files = await collectDiagnostics(
      contents({ pods: { is: "present", value: pods } }),
      undefined,
      api,
    );
    expect(
      Object.keys(files)
        .filter((name) => name.startsWith("logs/"))
        .sort(),
    ).toEqual([
      "logs/aml-operator-1.main.log",
      "logs/aml-operator-1.main.previous.log",
      "logs/azureml-fe-v2-1.main.log",
    ]);
    expect(asked.every((path) => /tailLines=\d+&limitBytes=\d+/.test(path))).toBe(true);
  });

  test("are bounded, ailing pods first, however many there are", async () => {
    const pods = [
      ...Array.from({ length: 2_000 }, (_, index) => running(`healthy-${index}`)),
      ...Array.from({ length: 500 }, (_, index) => running(`ill-${index}`, 1)),
    ];
    const events = Array.from({ length: 5_000 }, (_, index) => ({
      type: "Warning",
      reason: "BackOff",
      message: "m",
      kind: "Pod",
      name: "p",
      count: 1,
      seen: index,
    }));
    const { api, asked } = logs(() => "x");
    const seen = contents({ pods: { is: "present", value: pods }, events: { is: "present", value: events } });
    const files = await collectDiagnostics(seen, undefined, api);
    expect(asked.length).toBeLessThanOrEqual(40);
    expect((JSON.parse(files["pods.json"] ?? "[]") as { name: string }[])[0]?.name).toMatch(/^ill-/);
    expect(files["events.txt"]?.trim().split("\n")).toHaveLength(500);
    expect(files["events.txt"]?.startsWith(new Date(4_999).toISOString())).toBe(true);
  });

  test("say why a part is missing", async () => {
    const why = new Failure("KubernetesForbidden", "may not list pods");
    const { api } = logs(() => {
      throw new Failure("NoAnswer", "no log");
    });
    const files = await collectDiagnostics(contents({ pods: { is: "denied", why } }), undefined, api);
    expect(files["pods.json"]).toContain("may not list pods");
    const ill = contents({ pods: { is: "present", value: [running("p", 1)] } });
    expect((await collectDiagnostics(ill, undefined, api))["logs/p.main.log"]).toBe("no log");
  });
});
