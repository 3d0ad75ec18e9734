import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Project } from "./project.ts";

const attach = ["attach/action.yml", "attach/README.md", "azure-pipelines/tasks/attach/task.json"];
let project: Project;

beforeEach(() => {
  project = new Project({
    script: "scripts/manual.mjs",
    packages: ["@biomejs", "yaml"],
    copies: ["biome.json", ".gitignore", "src/model/manual.ts", ...attach],
  });
});
afterEach(() => project.remove());

test("holds what the doors say, and --check names what is old and writes nothing", () => {
  expect(project.run("scripts/manual.mjs").status).toBe(0);
  expect(project.run("scripts/manual.mjs", "--check")).toEqual({ status: 0, output: "nothing to change\n" });
  const before = project.read("src/model/manual.ts");
  project.edit("attach/action.yml", "Resource group of the cluster.", "Where the cluster is.");
  const { status, output } = project.run("scripts/manual.mjs", "--check");
  expect([status, output]).toEqual([1, expect.stringContaining("src/model/manual.ts is not what")]);
  expect(project.read("src/model/manual.ts")).toBe(before);
  project.run("scripts/manual.mjs");
  expect(project.read("src/model/manual.ts")).toContain("Where the cluster is.");
});

test("an input whose description says that it is a secret is one, and an example is what a person would type", () => {
  project.edit("attach/action.yml", "Resource group of the cluster.", "Something; a secret.");
  project.run("scripts/manual.mjs");
  const text = project.read("src/model/manual.ts");
  expect(text).toMatch(/name: "cluster-resource-group",\s+text: "Something; a secret.",[^}]*secret: true/);
  expect(text).toContain('"cluster-resource-id": "$CLUSTER_ID"');
  expect(text).not.toContain("${{");
});
