import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Permission } from "../../src/model/azure-resources.ts";
import { permissionRule, permits } from "../../src/rules/permissions.ts";
import { judge } from "../../src/rules/rule.ts";
import { absent, denied, facts, there } from "./facts.ts";

const write = "Microsoft.MachineLearningServices/workspaces/computes/write";

/** The same question answered the slow way: `*` eats nothing, or one character and asks again. */
function fits(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  if (pattern.startsWith("*"))
    return fits(pattern.slice(1), text) || (text !== "" && fits(pattern, text.slice(1)));
  return (
    text !== "" &&
    pattern[0]?.toLowerCase() === text[0]?.toLowerCase() &&
    fits(pattern.slice(1), text.slice(1))
  );
}

function oracle(permissions: readonly Permission[], action: string): boolean {
  for (const { actions, notActions } of permissions) {
    const given = (actions ?? []).some((pattern) => fits(pattern, action));
    const taken = (notActions ?? []).some((pattern) => fits(pattern, action));
    if (given && !taken) return true;
  }
  return false;
}

/** Actions over a small alphabet, so that patterns meet them often; marks of regular expressions among it. */
const action = fc.string({ unit: fc.constantFrom("a", "A", "b", "/", ".", "+"), minLength: 1, maxLength: 6 });
const pattern = fc.string({
  unit: fc.constantFrom("a", "b", "/", ".", "*", "(", "?", "\\", "+"),
  maxLength: 4,
});
const permission: fc.Arbitrary<Permission> = fc.record(
  { actions: fc.array(pattern, { maxLength: 3 }), notActions: fc.array(pattern, { maxLength: 2 }) },
  { requiredKeys: [] },
);

describe("permits (arm-contract 5)", () => {
  test("agrees with a naive reading of the rule", () => {
    fc.assert(
      fc.property(fc.array(permission, { maxLength: 3 }), action, (permissions, asked) => {
        expect(permits(permissions, asked)).toBe(oracle(permissions, asked));
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    [[{ actions: ["*"] }], true],
    [[{ actions: ["Microsoft.MachineLearningServices/*"] }], true],
    [[{ actions: ["Microsoft.MachineLearningServices/*/write"] }], true],
    [[{ actions: ["*/write"] }], true],
    [[{ actions: ["microsoft.machinelearningservices/workspaces/COMPUTES/write"] }], true],
    [[{ actions: ["Microsoft.MachineLearningServices/workspaces/*/read"] }], false],
    [[{ actions: ["Microsoft.MachineLearningServices/workspaces"] }], false],
    [[{ actions: ["computes/write"] }], false],
    [[{ actions: ["MicrosoftXMachineLearningServices/workspaces/computes/write"] }], false],
    [[{ actions: ["*"], notActions: ["Microsoft.MachineLearningServices/workspaces/computes/*"] }], false],
    [[{ actions: ["*"], notActions: ["Microsoft.Authorization/*/Write"] }], true],
    [[{ actions: ["*"], notActions: ["*/write"] }, { actions: [write] }], true],
    [[{ notActions: [] }], false],
    [[], false],
  ] satisfies [Permission[], boolean][])("%j: %s", (permissions, expected) => {
    expect(permits(permissions, write)).toBe(expected);
  });
});

describe("A4: the caller may do what the action needs", () => {
  const rule = permissionRule(write);

  test("the finding names the action and the workspace", () => {
    expect({ id: rule.id, source: rule.source }).toEqual({
      id: "permission-computes-write",
      source: "A4, arm-contract 5",
    });
    const [verdict] = judge([rule], facts({ permissions: there([{ actions: ["*/read"] }]) }));
    expect(verdict?.severity).toBe("error");
    expect(verdict?.seen).toContain(write);
    expect(verdict?.seen).toContain('"ws1"');
  });

  test("silent with the right, and where the rights could not be read", () => {
    expect(rule.check(facts({ permissions: there([{ actions: [write] }]) }))).toBeUndefined();
    expect(rule.check(facts({ permissions: denied }))).toBeUndefined();
    expect(rule.check(facts({ permissions: absent }))).toBeUndefined();
  });
});
