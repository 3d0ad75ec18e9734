import { describe, expect, test } from "@jest/globals";
import type { CheckRun } from "../../src/host/host.ts";
import { memoryHost } from "../../src/host/memory.ts";
import { Failure } from "../../src/model/failure.ts";
import type { Fleet } from "../../src/model/fleet.ts";
import type { Report } from "../../src/model/report.ts";
import { checkRunLimit, fits } from "../../src/report/budget.ts";
import { junit } from "../../src/report/junit.ts";
import { checkRun } from "../../src/report/on-demand.ts";
import { publish } from "../../src/report/publish.ts";
import { check, crashing, gateReport, gates } from "./gates.ts";
import { error, reportOf } from "./reports.ts";

async function published(
  report: Report,
  inputs: Record<string, string>,
  take: (run: CheckRun) => string = () => "https://github.test/runs/42",
) {
  const runs: CheckRun[] = [];
  const host = memoryHost({
    inputs,
    checkRun: async (run) => {
      runs.push(run);
      return take(run);
    },
  });
  const exit = await publish(report, host);
  return { exit, runs, said: host.said };
}

const failing = gateReport(gates.fail);
const token = { "github-token": "planted-token" };

describe("reports that an input asks for", () => {
  test("are not written unasked", async () => {
    const { runs, said } = await published(failing, {});
    expect(runs).toEqual([]);
    expect(said.files).toEqual({});
  });

  test("`html-path` holds the page of the one cluster", async () => {
    const { said } = await published(failing, { "html-path": "out/gate.html" });
    const [, data = ""] = /id="fleet">(.*?)<\/script>/s.exec(said.files["out/gate.html"] ?? "") ?? [];
    const { clusters, checks, madeAt } = JSON.parse(data) as Fleet;
    expect(clusters).toMatchObject([{ name: "aks1", standing: "fail" }]);
    expect(checks).toHaveLength(failing.gate?.checks.length ?? 0);
    expect(madeAt).toBe(failing.startedAt);
  });

  test("`report-path` holds the JSON report, `junit-path` the JUnit file", async () => {
    const { said } = await published(failing, {
      "report-path": "out/gate.json",
      "junit-path": "out/gate.xml",
    });
    expect(Object.keys(said.files)).toEqual(["out/gate.json", "out/gate.xml"]);
    expect(JSON.parse(said.files["out/gate.json"] ?? "")).toEqual(failing);
    expect(said.files["out/gate.json"]).toBe(said.reports[0]);
    expect(said.files["out/gate.xml"]).toBe(junit(failing));
  });

  test("of an action that has no such inputs there are none", async () => {
    const inputs = { ...token, "report-path": "a.json", "junit-path": "a.xml" };
    const { runs, said } = await published(reportOf(), inputs);
    expect([runs, said.files]).toEqual([[], {}]);
  });

  test("that can't be written cost no more than themselves", async () => {
    const host = memoryHost({ inputs: { "report-path": "a.json", "junit-path": "a.xml" } });
    const writeFile = async () => Promise.reject(new Error("EISDIR: illegal operation"));
    expect(await publish(gateReport(gates.pass), { ...host, writeFile })).toBe(0);
    const log = host.said.log.join("\n");
    expect(log).toContain("The file of `report-path` could not be written: EISDIR");
    expect(log).toContain("The file of `junit-path` could not be written: EISDIR");
  });
});

describe("a check run", () => {
  test("holds the page without a picture, and an annotation for each finding", async () => {
    const { runs, said } = await published(failing, { ...token, "check-name": "gate of aks1" });
    expect(runs).toHaveLength(1);
    const [run] = runs;
    expect(run).toMatchObject({
      token: "planted-token",
      name: "gate of aks1",
      conclusion: "failure",
      title: "verify-extension azureml: Fail",
    });
    expect(run?.summary).toContain(crashing.remedy);
    expect(run?.summary).not.toContain("mermaid");
    expect(run?.annotations).toHaveLength(11);
    expect(said.log).toContain("Check run: https://github.test/runs/42");
  });

  test("has a name where none is given, and its token is masked before it is sent", async () => {
    let masks: readonly string[] = [];
    const host = memoryHost({
      inputs: token,
      checkRun: async ({ name }) => {
        masks = [...host.said.masks];
        return name;
      },
    });
    await publish(failing, host);
    expect(masks).toEqual(["planted-token"]);
    expect(host.said.log).toContain("Check run: azureml-clusters");
  });

  test.each([
    ["pass", gateReport(gates.pass), "success"],
    ["warn", gateReport(gates.warn), "neutral"],
    ["fail", failing, "failure"],
    ["fail that does not fail the step", { ...gateReport(gates.fail), error: undefined }, "neutral"],
    [
      "a failure before the gate",
      reportOf({ action: "verify-extension", verdict: "failed", error }),
      "failure",
    ],
  ])("of %s concludes with what the step does", (_name, { error: failure, ...report }, conclusion) => {
    const made = checkRun({ ...report, ...(failure && { error: failure }) } as Report, "t", "n");
    expect(made.conclusion).toBe(conclusion);
  });

  test("fits into what GitHub takes", () => {
    const many = Array.from({ length: 2_000 }, (_, number) => ({
      ...crashing,
      remedy: `Look at pod ${number}.`,
    }));
    const { summary, annotations } = checkRun(
      gateReport({ ...gates.fail, checks: [check("pods", "pods-running", many)] }),
      "t",
      "n",
    );
    expect(fits(summary, checkRunLimit)).toBe(true);
    expect(summary.length).toBeLessThanOrEqual(65_535);
    expect(summary).toContain("of 2,000 findings are left out here");
    expect(annotations).toHaveLength(200);
  });

  test.each([0, 1])("that is refused is a line of the log, with exit code %d all the same", async (exit) => {
    const refuse = () => {
      throw new Failure("CheckRunRefused", "GitHub took no check run: 403", {
        remedy: "Add `checks: write`.",
      });
    };
    const made = await published(exit === 0 ? gateReport(gates.pass) : failing, token, refuse);
    expect(made.exit).toBe(exit);
    expect(made.said.errors).toHaveLength(exit);
    expect(made.said.log.filter((line) => line.includes("403"))).toEqual([
      "The check run could not be written: GitHub took no check run: 403 Add `checks: write`.",
    ]);
  });

  test("is not made of a run that was cancelled", async () => {
    const runs: CheckRun[] = [];
    const host = memoryHost({ inputs: token, checkRun: async (run) => `url ${runs.push(run)}` });
    host.cancel();
    await publish(failing, host);
    expect(runs).toEqual([]);
    expect(host.said.masks).toEqual(["planted-token"]);
  });

  test("where the host has none, the token does nothing, and that is said", async () => {
    const host = memoryHost({ inputs: token });
    expect(await publish(gateReport(gates.pass), host)).toBe(0);
    expect(host.said.log).toContain("Only GitHub has check runs: `github-token` does nothing here.");
  });
});
