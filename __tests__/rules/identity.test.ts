import { expect, test } from "@jest/globals";
import { identityRules } from "../../src/rules/identity.ts";
import { facts, identityId, lines, said } from "./facts.ts";

test("L2: of several identities only the first is used, and a warning says which", () => {
  const given = facts({ identities: [identityId("one"), identityId("two"), identityId("three")] });
  expect(lines(identityRules, given)).toEqual(["warning identity-first-only (L2)"]);
  expect(said(identityRules, given)[0]?.seen).toBe(
    `3 user-assigned identities are given; Azure ML uses the first alone: ${identityId("one")}.`,
  );
});

test("L2: silent with one or none", () => {
  expect(lines(identityRules, facts({ identities: [identityId("one")] }))).toEqual([]);
  expect(lines(identityRules, facts())).toEqual([]);
});
