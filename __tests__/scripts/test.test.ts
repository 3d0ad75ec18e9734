import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Project } from "./project.ts";

let project: Project;

beforeEach(() => {
  project = new Project({
    script: "scripts/test.mjs",
    packages: ["@biomejs", "jest", "typescript"],
    copies: ["biome.json", ".gitignore", "package.json"],
  });
});
afterEach(() => project.remove());

test.each([
  [{}, 0, "5 passed, 0 failed\n"],
  [{ numFailedTests: 1 }, 1, "5 passed, 1 failed\n"],
  [{ numPendingTests: 1, numTodoTests: 2, numRuntimeErrorTestSuites: 3 }, 1, "5 passed, 6 failed\n"],
])("--summary counts %j", (counts, status, output) => {
  const none = { numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, numRuntimeErrorTestSuites: 0 };
  project.write(".artifacts/jest.json", JSON.stringify({ numPassedTests: 5, ...none, ...counts }));
  expect(project.run("scripts/test.mjs", "--summary")).toEqual({ status, output });
});

test("stops at the first check that fails, and says on which Node it ran", () => {
  project.write("src/bad.ts", "export  const x = 1");
  const { status, output } = project.run("scripts/test.mjs");
  expect(status).toBe(1);
  expect(output).toContain(`Node ${process.version} on `);
  expect(output).toContain("npm test stopped: biome ci failed.");
  expect(output).not.toContain("> tsc");
});
