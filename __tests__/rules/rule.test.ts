import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Severity } from "../../src/model/finding.ts";
import { clusterRules } from "../../src/rules/cluster.ts";
import { extensionRules } from "../../src/rules/extension.ts";
import { identityRules } from "../../src/rules/identity.ts";
import { nameRules } from "../../src/rules/names.ts";
import { permissionRule } from "../../src/rules/permissions.ts";
import { judge, type Rule } from "../../src/rules/rule.ts";
import { workspaceRules } from "../../src/rules/workspace.ts";
import { facts, lines } from "./facts.ts";

const severity = fc.constantFrom<Severity>("error", "warning", "info");

test("judge: every verdict under its rule's id and source, errors first, each severity in the rules' order", () => {
  const verdicts = fc.array(fc.option(severity, { nil: undefined }));
  fc.assert(
    fc.property(verdicts, (each) => {
      const rules = each.map(
        (given, index): Rule<undefined> => ({
          id: `rule-${index}`,
          source: `S${index}`,
          check: () => (given ? { severity: given, seen: "seen", remedy: "remedy" } : undefined),
        }),
      );
      const findings = judge(rules, undefined);
      const expected = (["error", "warning", "info"] as const).flatMap((wanted) =>
        each.flatMap((given, index) => (given === wanted ? [`${wanted} rule-${index} S${index}`] : [])),
      );
      expect(findings.map(({ id, severity, source }) => `${severity} ${id} ${source}`)).toEqual(expected);
    }),
  );
});

const all = [
  ...clusterRules,
  ...extensionRules,
  ...identityRules,
  ...nameRules,
  ...workspaceRules,
  permissionRule("Microsoft.MachineLearningServices/workspaces/computes/write"),
];

test("no two rules have one id, and each is in kebab-case and names what it stands on", () => {
  const ids = all.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, source } of all) {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    for (const one of source.split(", ")) expect(one).toMatch(/^([A-Z]\d+|[a-z-]+(\.md)? \d+(\.\d+)?)$/);
  }
});

test("every rule is silent about what is as it should be", () => {
  expect(lines(all, facts())).toEqual([]);
});
