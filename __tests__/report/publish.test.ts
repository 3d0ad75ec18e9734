import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { memoryHost } from "../../src/host/memory.ts";
import type { Report } from "../../src/model/report.ts";
import { publish } from "../../src/report/publish.ts";
import { summary } from "../../src/report/summary.ts";
import { error, reportOf } from "./reports.ts";

const findings = [
  { id: "identity-first-only", severity: "warning", source: "L2", seen: "two", remedy: "one" },
] as const;
const failed = reportOf({ verdict: "failed", state: "Failed", error, findings });

async function published(report: Report) {
  const host = memoryHost();
  const exit = await publish(report, host);
  return { exit, said: host.said };
}

function outputNames(action: string): string[] {
  const door = new URL(`../../${action}/action.yml`, import.meta.url);
  const { outputs } = parse(readFileSync(door, "utf8")) as { outputs: Record<string, unknown> };
  return Object.keys(outputs);
}

describe("a run that went well", () => {
  test("exits 0, sets its outputs and annotates nothing", async () => {
    const { exit, said } = await published(reportOf({ findings, principalId: "p-1" }));
    expect(exit).toBe(0);
    expect(said.errors).toEqual([]);
    expect(said.outputs).toEqual({
      changed: "true",
      state: "Succeeded",
      "compute-name": "gpu",
      "resource-group": "rg1",
      "workspace-name": "ws1",
      "compute-id":
        "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg1/providers/Microsoft.MachineLearningServices/workspaces/ws1/computes/gpu",
      "principal-id": "p-1",
      plan: JSON.stringify(reportOf().plan),
      findings: JSON.stringify(findings),
      report: "memory:attach.json",
    });
    expect(said.log.at(-1)).toBe("Done. State: Succeeded.");
  });

  test("the report is written as JSON, the page once", async () => {
    const { said } = await published(reportOf());
    expect(said.reports.map((text) => JSON.parse(text))).toEqual([reportOf()]);
    expect(said.summaries).toEqual([summary(reportOf())]);
  });
});

describe("a run that failed", () => {
  test("exits 1 and sets the safe outputs all the same", async () => {
    const { exit, said } = await published(failed);
    expect(exit).toBe(1);
    expect(said.outputs).toMatchObject({
      changed: "true",
      state: "Failed",
      "compute-name": "gpu",
      "resource-group": "rg1",
      "workspace-name": "ws1",
      findings: JSON.stringify(findings),
      report: "memory:attach.json",
      "error-code": "ComputeFailed",
      "request-id": error.requestId,
    });
    expect(said.reports.map((text) => JSON.parse(text))).toEqual([failed]);
  });

  test("has one annotation on one line, with the code, the cause, the remedy and the request id", async () => {
    const broken = { ...error, message: "The compute\r\nis  Failed.\u2028It is." };
    const { said } = await published({ ...failed, error: broken });
    expect(said.errors).toHaveLength(1);
    const [{ title, message } = { title: "", message: "" }] = said.errors;
    expect(title).toBe("attach failed");
    expect(message).toMatch(/^ComputeFailed: The compute is Failed\. It is\./);
    expect(message).toContain("ClusterNotReachable: the API server is stopped");
    expect(message).toContain(error.remedy);
    expect(message).toContain(`[request id ${error.requestId}]`);
    expect(message).not.toMatch(/[\r\n\u2028]/);
  });

  test("tells the log every detail, the remedy and where to read on", async () => {
    const { said } = await published(failed);
    for (const line of [...error.details, error.remedy ?? "-", error.link ?? "-"]) {
      expect(said.log.join("\n")).toContain(line);
    }
  });

  test("sets nothing that it does not know", async () => {
    const { plan: _plan, target: _target, ...rest } = failed;
    const bare = { ...rest, target: {}, error: { code: "InvalidInput", message: "x", details: [] } };
    const { said } = await published(bare);
    expect(Object.keys(said.outputs).sort()).toEqual([
      "changed",
      "error-code",
      "findings",
      "report",
      "state",
    ]);
    expect(said.errors).toEqual([{ title: "attach failed", message: "InvalidInput: x" }]);
  });
});

test.each(["attach", "detach"] as const)(
  "%s sets no output that its action.yml does not declare",
  async (action) => {
    const rollout = { count: 1, failed: 0, waves: [], untouched: [] };
    const known = { principalId: "p-1", scoringIp: "10.0.0.4", scoringHost: "h", rollout };
    const { said } = await published({ ...failed, action, ...known });
    const declared = outputNames(action);
    expect(Object.keys(said.outputs).filter((name) => !declared.includes(name))).toEqual([]);
    expect(declared.filter((name) => !(name in said.outputs))).toEqual([]);
  },
);

describe("what can't be written costs no more than itself", () => {
  const failing = (part: "writeReport" | "summary") => {
    const host = memoryHost();
    const refuse = () => Promise.reject(new Error("no space left on device"));
    return { host: { ...host, [part]: refuse }, said: host.said };
  };

  test.each(["writeReport", "summary"] as const)("%s of a run that went well", async (part) => {
    const { host, said } = failing(part);
    expect(await publish(reportOf(), host)).toBe(0);
    expect(said.outputs).toMatchObject({ changed: "true", state: "Succeeded", "compute-name": "gpu" });
    expect(said.errors).toEqual([]);
    expect(said.log.join("\n")).toContain("no space left on device");
  });

  test.each(["writeReport", "summary"] as const)("%s of a run that failed", async (part) => {
    const { host, said } = failing(part);
    expect(await publish(failed, host)).toBe(1);
    expect(said.outputs).toMatchObject({ state: "Failed", "error-code": "ComputeFailed" });
    expect(said.errors).toHaveLength(1);
    expect(said.errors[0]?.message).toContain("ComputeFailed");
  });
});
