import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { nameRules } from "../../src/rules/names.ts";
import { judge } from "../../src/rules/rule.ts";
import { facts, said } from "./facts.ts";

const of = (given: Parameters<typeof facts>[0]) =>
  judge(nameRules, facts(given)).map(({ severity, id, source }) => `${severity} ${id} (${source})`);

/** arm-contract 1.2: what the service takes since 2026-05-01, digit for digit as its file says. */
const official = /^[a-zA-Z](?![a-zA-Z0-9-]*-\d+$)[a-zA-Z0-9-]{2,23}$/;

describe("A2: the compute's name", () => {
  test("dash and digits at the end are an error, with a name that would do", () => {
    expect(of({ computeName: "pool-1" })).toEqual(["error compute-name-digits (A2, arm-contract 1.2)"]);
    const [finding] = said(nameRules, facts({ computeName: "gpu-pool-12" }));
    expect(finding?.remedy).toBe('Choose a name like "gpu-pool12".');
  });

  test("the rule and the service agree on every name that the input takes", () => {
    const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/);
    const ending = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}-[0-9a-f]{1,3}$/);
    fc.assert(
      fc.property(fc.oneof(name, ending), (computeName) => {
        const refused = of({ computeName }).some((line) => line.includes("compute-name-digits"));
        expect(refused).toBe(!official.test(computeName));
      }),
    );
  });

  test("the name that is proposed passes", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{3,9}(-[0-9]{1,2}){1,3}$/), (computeName) => {
        const [finding] = said(nameRules, facts({ computeName }));
        const proposed = /"([^"]+)"\.$/.exec(finding?.remedy ?? "")?.[1] ?? "";
        expect(proposed).toMatch(official);
      }),
    );
  });

  test("more than 16 characters are a warning (peers 1.3)", () => {
    expect(of({ computeName: "a".repeat(16) })).toEqual([]);
    expect(of({ computeName: "a".repeat(17) })).toEqual(["warning compute-name-length (A2, peers 1.3)"]);
  });
});

describe("extension.md 7: names that end in a dash", () => {
  test("of the workspace and of the resource group are errors", () => {
    expect(of({ workspaceName: "ws-" })).toEqual(["error workspace-name-dash (extension.md 7)"]);
    expect(of({ resourceGroup: "rg-" })).toEqual(["error resource-group-dash (extension.md 7)"]);
    expect(of({ workspaceName: "w-s", resourceGroup: "-rg" })).toEqual([]);
  });
});
