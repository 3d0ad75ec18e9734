import { expect, test } from "@jest/globals";
import { type StepKind, writes } from "../../src/model/plan.ts";

test("a step writes, waits or judges: a dry run and a failed preflight stop before those that write", () => {
  const kinds: Record<StepKind, boolean> = {
    "await-cluster": false,
    "await-compute": false,
    "await-extension": false,
    "await-gone": false,
    "await-namespace-gone": false,
    "clean-leftovers": true,
    "create-cluster": true,
    "create-compute": true,
    "create-extension": true,
    "create-relay": true,
    "delete-extension": true,
    "delete-journal": true,
    "detach-compute": true,
    "hold-lease": true,
    "restore-auto-upgrade": true,
    "update-compute": true,
    "update-extension": true,
    "verify-compute": false,
    "verify-extension": false,
    "write-journal": true,
  };
  for (const [kind, expected] of Object.entries(kinds)) {
    const step = { kind: kind as StepKind, title: "t", reason: "r" };
    expect({ kind, writes: writes(step) }).toEqual({ kind, writes: expected });
  }
});
