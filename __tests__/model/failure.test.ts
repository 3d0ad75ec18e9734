import { expect, test } from "@jest/globals";
import { asFailure, Failure } from "../../src/model/failure.ts";

test("a Failure stays itself", () => {
  const failure = new Failure("Conflict", "busy", { remedy: "wait", details: ["one"] });
  expect(asFailure(failure)).toBe(failure);
});

test.each([
  [new TypeError("x is undefined"), "x is undefined"],
  ["a text", "a text"],
  [undefined, "undefined"],
  [null, "null"],
  [{ odd: true }, "[object Object]"],
])("whatever else was thrown is a defect of ours, and its cause is kept: %p", (thrown, message) => {
  const failure = asFailure(thrown);
  expect(failure).toMatchObject({ code: "Unexpected", message, details: [] });
  expect(failure.cause).toBe(thrown);
  expect(failure.remedy).toContain("defect of azureml-clusters");
});
