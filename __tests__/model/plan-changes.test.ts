import { expect, test } from "@jest/globals";
import type { Plan, Step } from "../../src/model/plan.ts";
import { planChanges } from "../../src/model/plan-changes.ts";

const step = (kind: Step["kind"], title: string, body?: unknown): Step => ({
  kind,
  title,
  reason: "it is due",
  ...(body !== undefined && { body }),
});
const plan = (...steps: Step[]): Plan => ({ steps, summary: "s" });
const create = step("create-compute", "attach it", { a: 1, b: { c: ["x"] } });

test.each<[string, Plan, Plan, string[]]>([
  ["the same", plan(create), plan(create), []],
  [
    "keys in another order",
    plan(create),
    plan(step("create-compute", "attach it", { b: { c: ["x"] }, a: 1 })),
    [],
  ],
  ["another reason", plan(create), plan({ ...create, reason: "r" }), []],
  ["a wait that is gone", plan(step("await-compute", "wait"), create), plan(create), []],
  ["a wait that has come", plan(create), plan(step("await-gone", "wait"), create), []],
  ["a write that is gone", plan(create), plan(), ["shown, and no longer due: attach it"]],
  ["a write that has come", plan(), plan(create), ["not shown, and now due: attach it, since it is due"]],
  [
    "another write",
    plan(create),
    plan(step("update-compute", "change it")),
    ["shown, and no longer due: attach it", "not shown, and now due: change it, since it is due"],
  ],
  [
    "other values",
    plan(create),
    plan(step("create-compute", "attach it", { a: 2, b: { c: [] }, d: true })),
    [
      "attach it: a was shown as 1, and would now be 2",
      "attach it: d was shown as absent, and would now be true",
      'attach it: b.c.0 was shown as "x", and would now be absent',
      "attach it: b.c was shown as absent, and would now be []",
    ],
  ],
])("%s", (_what, shown, now, expected) => {
  expect(planChanges(shown, now).sort()).toEqual([...expected].sort());
});
