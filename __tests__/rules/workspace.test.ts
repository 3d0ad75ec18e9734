import { expect, test } from "@jest/globals";
import { workspaceRules } from "../../src/rules/workspace.ts";
import { facts, lines, workspaceId } from "./facts.ts";

const of = (provisioningState: string | undefined) =>
  lines(
    workspaceRules,
    facts({
      workspace: {
        id: workspaceId,
        name: "ws1",
        location: "eastus",
        properties: provisioningState === undefined ? {} : { provisioningState },
      },
    }),
  );

test.each(["Succeeded", "succeeded", undefined])("arm-contract 1.8: silent when it is %s", (state) => {
  expect(of(state)).toEqual([]);
});

test.each(["Creating", "Updating", "Deleting", "Failed", "SoftDeleted"])(
  "arm-contract 1.8: an error when it is %s",
  (state) => expect(of(state)).toEqual(["error workspace-succeeded (arm-contract 1.8)"]),
);
