import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { failedChecks, type HealthOutcome, parseHealthReport } from "../../src/model/health-report.ts";
import { healthCode } from "../../src/rules/health-codes.ts";

/** As quoted in azure-sdk-for-python#33480. */
const quoted = `
Report:
Duration: 149.978981ms
Date: 2023-12-12 13:57:17.896838241 +0000 UTC m=+0.298028493
K8sDistribution:
K8sInfrastructure:
CorrelationId: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx
TroubleShootingGuide: https://aka.ms/arcmltsg

Status: Passed Name: service
Status: Passed Name: helmchart
Status: Failed Name: instancetype ErrorCode: E45006 ErrorMessage: Failed to validate or update instancetype
Status: Passed Name: clusterresource
Status: Passed Name: info
`;

describe("the report of today", () => {
  test("is read as it was quoted", () => {
    const { checks, dates } = parseHealthReport({ "reports-pre-install": quoted });
    expect(checks.map(({ name, passed }) => `${name} ${passed}`)).toEqual([
      "service true",
      "helmchart true",
      "instancetype false",
      "clusterresource true",
      "info true",
    ]);
    expect(checks[2]).toEqual({
      occasion: "pre-install",
      name: "instancetype",
      passed: false,
      code: "E45006",
      message: "Failed to validate or update instancetype",
    });
    expect(dates).toEqual({ "pre-install": Date.parse("2023-12-12T13:57:17Z") });
  });

  test("survives Windows line ends, one line, and messages of several lines", () => {
    expect(parseHealthReport({ "reports-test": quoted.replaceAll("\n", "\r\n") }).checks).toHaveLength(5);
    expect(parseHealthReport({ "reports-test": quoted.replaceAll("\n", " ") }).checks).toHaveLength(5);
    const long = "Status: Failed Name: a ErrorCode: E45001 ErrorMessage: one\n  two\nStatus: Passed Name: b";
    expect(parseHealthReport({ "reports-test": long }).checks[0]?.message).toBe("one two");
  });
});

describe("the report around 1.0.88 (AML-Kubernetes#209)", () => {
  const yaml = `agent:
  code: AgentWarning
  message: '{"aml-operator":0,"fluent-bit":1,"gateway":0,"k8s-host-device-plugin-daemonset":1}'
service:
  code: ServicePassed
  message: ""
`;
  test("is read as objects, with what is wrong alone", () => {
    expect(parseHealthReport({ "reports-test": yaml }).checks).toEqual([
      {
        occasion: "test",
        name: "agent",
        passed: false,
        code: "AgentWarning",
        message: "fluent-bit: 1, k8s-host-device-plugin-daemonset: 1",
      },
      { occasion: "test", name: "service", passed: true, code: "ServicePassed", message: "" },
    ]);
  });

  test("is read as JSON and under its older keys too", () => {
    const json = JSON.stringify({ agent: { code: "AgentUnhealthy", message: { gateway: 2 } } });
    for (const key of ["reports-test", "status-test", "reports-test-success"]) {
      expect(parseHealthReport({ [key]: json }).checks).toEqual([
        { occasion: "test", name: "agent", passed: false, code: "AgentUnhealthy", message: "gateway: 2" },
      ]);
    }
  });
});

test("what is no report has no checks, and nothing throws", () => {
  expect(parseHealthReport({})).toEqual({ checks: [], dates: {} });
  expect(parseHealthReport({ "reports-test": "" }).checks).toEqual([]);
  expect(parseHealthReport({ other: quoted }).checks).toEqual([]);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.jsonValue(), (text, json) => {
      parseHealthReport({ "reports-test": text });
      parseHealthReport({ "reports-pre-install": JSON.stringify(json) });
      parseHealthReport({ "reports-pre-delete": `Status: Failed Name: ${text} ErrorCode: ${text}` });
    }),
  );
});

test.each<[HealthOutcome, string[]]>([
  ["install-failed", ["pre-install", "pre-delete"]],
  ["update-failed", ["pre-upgrade", "pre-rollback"]],
  ["delete-failed", ["pre-delete"]],
  ["healthy", ["test"]],
  ["unknown", ["pre-install", "pre-upgrade", "pre-rollback", "pre-delete", "test"]],
])("after %s, the occasions %j count (extension 6)", (outcome, counted) => {
  const occasions = ["pre-install", "pre-upgrade", "pre-rollback", "pre-delete", "test"];
  const texts = occasions.map((occasion) => [
    `reports-${occasion}`,
    `Status: Failed Name: ${occasion} ErrorCode: E40000 ErrorMessage: x`,
  ]);
  const failed = failedChecks(parseHealthReport(Object.fromEntries(texts)), outcome);
  expect(failed.map(({ name }) => name)).toEqual(counted);
});

test("the same failure on two occasions is told once", () => {
  const line = "Status: Failed Name: service ErrorCode: E40001 ErrorMessage: x";
  const report = parseHealthReport({ "reports-pre-install": line, "reports-pre-delete": line });
  expect(failedChecks(report, "install-failed")).toHaveLength(1);
});

describe("codes", () => {
  const all = [
    "E40000",
    "E40001",
    "E40002",
    "E40003",
    "E40004",
    "E40005",
    "E40006",
    "E40007",
    "E45001",
    "E45002",
    "E45003",
    "E45004",
    "E45005",
    "E45006",
    "E49999",
  ];
  test.each(all)("%s has a name, a meaning, a remedy and a page", (code) => {
    const known = healthCode(code);
    expect(known.name).toMatch(/^[A-Z_]+$/);
    expect(known.meaning.length).toBeGreaterThan(10);
    expect(known.remedy).toMatch(/`/);
    expect(known.link).toMatch(/^https:\/\/learn\.microsoft\.com\//);
  });
  test("one of the future is told as such", () => {
    expect(healthCode("E49123")).toMatchObject({ code: "E49123", symptom: false });
    expect(healthCode("AgentWarning").symptom).toBe(true);
    expect(healthCode("__proto__").remedy).toContain("kubectl logs");
  });
});
