import { describe, expect, test } from "@jest/globals";
import { runMerging } from "../../src/actions/run.ts";
import type { Issue, KeptIssue } from "../../src/host/host.ts";
import { memoryHost } from "../../src/host/memory.ts";
import { Failure } from "../../src/model/failure.ts";
import type { Fleet } from "../../src/model/fleet.ts";
import type { Report } from "../../src/model/report.ts";
import { clusterReport, gateOf } from "../support/fleet-reports.ts";

/** Of these only the third fails, and the second warns. */
const three = [0, 1, 2].map((index) => clusterReport(index));
const well = [0, 3, 4].map((index) => clusterReport(index));

/** Reports as `actions/download-artifact` leaves them, each in a folder of its own. */
const filesOf = (reports: readonly unknown[]): Record<string, string> =>
  Object.fromEntries(
    reports.map((report, index) => [`reports/shard-${index}/verify.json`, JSON.stringify(report)]),
  );

interface Given {
  readonly reports?: readonly unknown[];
  readonly inputs?: Record<string, string>;
  readonly files?: Record<string, string>;
  readonly issue?: (issue: Issue) => Promise<KeptIssue>;
}

async function merged({ reports = three, inputs = {}, files = {}, issue }: Given = {}) {
  const host = memoryHost({
    inputs: { reports: "reports", ...inputs },
    files: { ...filesOf(reports), ...files },
    environment: {
      GITHUB_SERVER_URL: "https://github.test",
      GITHUB_REPOSITORY: "octo/ml",
      GITHUB_RUN_ID: "7",
    },
    ...(issue && { issue }),
  });
  const exit = await runMerging(host);
  const { said } = host;
  const report = JSON.parse(said.reports[0] ?? "null") as Report;
  const page = Object.entries(said.files).find(([file]) => file.endsWith(".html"))?.[1] ?? "";
  const [, data = "null"] = /id="fleet">(.*?)<\/script>/s.exec(page) ?? [];
  return { exit, said, report, fleet: JSON.parse(data) as Fleet };
}

describe("merged reports", () => {
  test("are a page, numbers and a verdict; a cluster that fails makes the step fail", async () => {
    const { exit, said, report, fleet } = await merged();
    expect(exit).toBe(1);
    expect(fleet.clusters.map(({ standing }) => standing)).toEqual(["pass", "warn", "fail"]);
    expect(said.outputs).toMatchObject({
      verdict: "fail",
      count: "3",
      failed: "1",
      page: "memory:fleet.html",
      report: "memory:merge-reports.json",
      "error-code": "FleetFailed",
    });
    expect(said.errors).toHaveLength(1);
    expect(said.errors[0]?.message).toContain("1 of 3 clusters do not pass. cluster-0002: ");
    expect(report.fleet).toMatchObject({ standings: { pass: 1, warn: 1, fail: 1, unknown: 0 } });
    expect(said.summaries[0]).toContain("cluster-0002");
    expect(said.summaries[0]).not.toContain("cluster-0001");
  });

  test("of which none fails are a success", async () => {
    const { exit, said } = await merged({ reports: well });
    expect(exit).toBe(0);
    expect(said.outputs).toMatchObject({ verdict: "pass", count: "3", failed: "0" });
    expect(said.outputs).not.toHaveProperty("error-code");
  });

  test.each([
    ["error", three.slice(0, 2), 0, "0"],
    ["warning", three.slice(0, 2), 1, "1"],
    ["never", three, 0, "1"],
  ])("with fail-on %s", async (failOn, reports, exit, failed) => {
    const done = await merged({ reports, inputs: { "fail-on": failOn } });
    expect([done.exit, done.said.outputs["failed"]]).toEqual([exit, failed]);
  });

  test("of a run that came to no verdict are no success", async () => {
    const { gate: _gate, ...rest } = clusterReport(0);
    const error = { code: "Timeout", message: "Too late.", details: [] };
    const { exit, report } = await merged({ reports: [{ ...rest, verdict: "failed", error }] });
    expect(exit).toBe(1);
    expect(report.fleet?.wrong).toMatchObject([
      { standing: "unknown", cause: expect.stringContaining("Too late.") },
    ]);
  });

  test("that are fewer than expected fail: a shard that broke must not make all look well", async () => {
    const { exit, said, report } = await merged({ reports: well, inputs: { expected: "5" } });
    expect(exit).toBe(1);
    expect(said.outputs).toMatchObject({ verdict: "fail", count: "3", failed: "2" });
    expect(report.fleet?.missing).toBe(2);
  });

  test("leave out files that are no reports, and say so", async () => {
    const { exit, report, said } = await merged({
      reports: well,
      files: { "reports/package.json": '{"name": "x"}', "reports/cut.json": '{"reportVersion": 1,' },
    });
    expect(exit).toBe(0);
    expect(report.findings.map(({ seen }) => seen)).toEqual([
      expect.stringContaining('"package.json"'),
      expect.stringContaining('"cut.json"'),
    ]);
    expect(said.outputs["count"]).toBe("3");
  });
});

describe("no reports", () => {
  test("are an error that says what to do", async () => {
    const { exit, said } = await merged({ reports: [] });
    expect(exit).toBe(1);
    expect(said.outputs["error-code"]).toBe("ReportsNotFound");
    expect(said.files).toEqual({});
  });

  test("are a page of no clusters where none is expected", async () => {
    const { exit, said, fleet } = await merged({ reports: [], inputs: { expected: "0" } });
    expect(exit).toBe(0);
    expect(said.outputs).toMatchObject({ verdict: "pass", count: "0" });
    expect(fleet.clusters).toEqual([]);
  });
});

describe("history", () => {
  const inputs = { history: "history" };

  test("is left for the next run, which shows it", async () => {
    const first = await merged({ reports: well, inputs });
    const [file, content = ""] =
      Object.entries(first.said.files).find(([name]) => name.startsWith("history/")) ?? [];
    expect(file).toMatch(/^history\/\d{4}-\d\d-\d\d\.json$/);
    const earlier = content.replace(/"day":"[^"]*"/, '"day":"2020-01-01"');
    const { fleet } = await merged({ inputs, files: { "history/2020-01-01.json": earlier } });
    expect(fleet.days.map(({ day, pass, fail }) => [day, pass, fail])).toEqual([
      ["2020-01-01", 3, 0],
      [expect.any(String), 1, 1],
    ]);
    expect(fleet.clusters[0]?.past).toBe("pp");
  });

  test("may be earlier reports as well", async () => {
    const old = clusterReport(0, { startedAt: "2020-01-01T00:00:00.000Z", gate: gateOf(2) });
    const { fleet } = await merged({ inputs, files: { "history/old.json": JSON.stringify(old) } });
    expect(fleet.clusters[0]?.past).toBe("fp");
  });

  test("that is not there yet is none", async () => {
    const { exit, fleet } = await merged({ reports: well, inputs });
    expect([exit, fleet.days]).toEqual([0, []]);
  });
});

describe("the issue", () => {
  const inputs = { "github-token": "planted-token" };

  async function asked(given: Given = {}) {
    const wishes: Issue[] = [];
    const issue = async (wish: Issue): Promise<KeptIssue> => {
      wishes.push(wish);
      return { done: "opened", url: "https://github.test/octo/ml/issues/1" };
    };
    return { ...(await merged({ issue, ...given, inputs: { ...inputs, ...given.inputs } })), wishes };
  }

  test("names what is wrong, with the run that found it", async () => {
    const { wishes, said } = await asked();
    expect(wishes).toMatchObject([{ token: "planted-token", open: true, label: "azureml-clusters" }]);
    expect(wishes[0]?.body).toContain("1 of 3 clusters do not pass.");
    expect(wishes[0]?.body).toContain("cluster-0002");
    expect(wishes[0]?.body).toContain("https://github.test/octo/ml/actions/runs/7");
    expect(said.outputs["issue"]).toBe("https://github.test/octo/ml/issues/1");
    expect(said.masks).toContain("planted-token");
    expect(JSON.stringify([said.log, said.reports, said.files, said.summaries])).not.toContain(
      "planted-token",
    );
  });

  test("is to be closed where all is well", async () => {
    const { wishes } = await asked({ reports: well });
    expect(wishes).toMatchObject([{ open: false, farewell: expect.stringContaining("all 3 clusters pass") }]);
  });

  test("stays open while a shard has no report", async () => {
    expect((await asked({ reports: well, inputs: { expected: "4" } })).wishes[0]?.open).toBe(true);
  });

  test("is open though the step may not fail", async () => {
    const { wishes, exit } = await asked({ inputs: { "fail-on": "never" } });
    expect([wishes[0]?.open, exit]).toEqual([true, 0]);
  });

  test("that is refused is a line of the log, and the verdict stands", async () => {
    const refuse = async () => {
      throw new Failure("IssueRefused", "GitHub took no issue: 403", { remedy: "Add `issues: write`." });
    };
    const { exit, said } = await asked({ reports: well, issue: refuse });
    expect(exit).toBe(0);
    expect(said.log.join("\n")).toContain("GitHub took no issue: 403 Add `issues: write`.");
  });

  test("where the host has none, that is said", async () => {
    const { said } = await merged({ inputs });
    expect(said.log).toContain("Only GitHub has issues: `github-token` does nothing here.");
  });

  test("is not asked for where no token is given, and no check run is made with it", async () => {
    const { wishes } = await asked({ inputs: { "github-token": "" } });
    expect(wishes).toEqual([]);
  });

  test("calls nobody, breaks out of no table, and fits into what GitHub takes", async () => {
    const reports = Array.from({ length: 400 }, (_, index) => {
      const gate = gateOf(2);
      const checks = gate.checks.map((check) => ({
        ...check,
        findings: check.findings.map((finding) => ({
          ...finding,
          seen: `@octocat | <img src=x> \n\n# ${"long ".repeat(100)}`,
        })),
      }));
      return clusterReport(index, { gate: { ...gate, checks } });
    });
    const { wishes } = await asked({ reports });
    const body = wishes[0]?.body ?? "";
    expect(Buffer.byteLength(body)).toBeLessThan(65_536);
    expect(body).toContain("of 400 clusters are left out here");
    expect(body).not.toMatch(/@octocat/);
    expect(body).not.toMatch(/^# /m);
    expect(body).not.toMatch(/(?<!\\)<img/);
  });
});

describe("what is wrong with the inputs is told at once", () => {
  test.each([
    ["reports", { reports: "" }],
    ["expected", { expected: "many" }],
    ["fail-on", { "fail-on": "sometimes" }],
    ["issue-label", { "issue-label": "a,b" }],
    ["issue-title", { "issue-title": "x".repeat(257) }],
  ])("%s", async (name, inputs: Record<string, string>) => {
    const { exit, said, report } = await merged({ inputs });
    expect(exit).toBe(1);
    expect(said.outputs["error-code"]).toBe("InvalidInput");
    expect(report.error?.details).toEqual([expect.stringMatching(new RegExp(`^${name}: `))]);
  });
});
