import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { doors } from "../../src/model/doors.ts";
import { doorOf } from "../support/door.ts";
import { Project } from "./project.ts";

const root = path.join(import.meta.dirname, "..", "..");

interface Input {
  readonly name: string;
  readonly type: string;
  readonly defaultValue?: string;
  readonly helpMarkDown: string;
  readonly groupName?: string;
  readonly visibleRule?: string;
  readonly options?: Readonly<Record<string, string>>;
}
interface Task {
  readonly id: string;
  readonly name: string;
  readonly friendlyName: string;
  readonly version: Readonly<Record<"Major" | "Minor" | "Patch", number>>;
  readonly groups: readonly { readonly name: string }[];
  readonly inputs: readonly Input[];
  readonly outputVariables: readonly { readonly name: string }[];
  readonly execution: object;
}

describe("made from an action.yml", () => {
  let project: Project;
  const tasks = (...args: string[]) => project.run("scripts/tasks.mjs", ...args);
  const file = "azure-pipelines/tasks/detach/task.json";
  const MANIFEST = `
description: Detaches.
inputs:
  client-id: { description: Left out. }
  compute-name: { description: "Goes with \`dry-run\`, not with \`other-word\`.", required: true }
  dry-run: { description: Plan only., default: "false" }
  timeout: { description: Time limit., default: 30m }
outputs:
  error-code: { description: The code. }
`;

  beforeEach(() => {
    project = new Project({
      script: "scripts/tasks.mjs",
      packages: ["@biomejs", "yaml"],
      copies: ["biome.json", ".gitignore"],
    });
    project.write("package.json", '{ "version": "1.2.3" }');
    project.write("azure-pipelines/vss-extension.json", '{ "publisher": "kept", "version": "0.0.1" }');
    project.write("detach/action.yml", MANIFEST);
  });
  afterEach(() => project.remove());

  test("inputs and outputs in camelCase, with types, defaults, help texts, and the groups that are used", () => {
    expect(tasks()).toEqual({ status: 0, output: "1 tasks, written\n" });
    const task: Task = JSON.parse(project.read(file));
    expect(task.inputs.slice(1)).toEqual([
      {
        name: "computeName",
        type: "string",
        label: "Compute name",
        required: true,
        defaultValue: "",
        helpMarkDown: "Goes with `dryRun`, not with `other-word`.",
      },
      {
        name: "dryRun",
        type: "boolean",
        label: "Dry run",
        required: false,
        defaultValue: "false",
        helpMarkDown: "Plan only.",
      },
      expect.objectContaining({ name: "timeout", groupName: "advanced", defaultValue: "30m" }),
    ]);
    expect(task).toMatchObject({
      name: "AzureMLClustersDetach",
      version: { Major: 1, Minor: 2, Patch: 3 },
      groups: [{ name: "advanced", displayName: "Advanced", isExpanded: false }],
      outputVariables: [{ name: "errorCode", description: "The code." }],
      restrictions: { settableVariables: { allowed: ["errorCode"] } },
    });
  });

  test("the extension lists them, and keeps what was written by hand", () => {
    tasks();
    expect(JSON.parse(project.read("azure-pipelines/vss-extension.json"))).toEqual({
      publisher: "kept",
      version: "1.2.3",
      files: [{ path: "detach" }],
      contributions: [
        {
          id: "detach",
          type: "ms.vss-distributed-task.task",
          targets: ["ms.vss-distributed-task.tasks"],
          properties: { name: "detach" },
        },
      ],
    });
  });

  test("--check names every file that would change, and changes none", () => {
    tasks();
    expect(tasks("--check")).toEqual({ status: 0, output: "1 tasks, nothing to change\n" });
    const before = project.read(file);
    project.edit("detach/action.yml", "Time limit.", "Limit of time.");
    project.write("package.json", '{ "version": "1.2.4" }');
    const { status, output } = tasks("--check");
    expect(status).toBe(1);
    expect(output).toContain(`${file} is not what the action.yml files give. Run: npm run tasks\n`);
    expect(output).toContain("azure-pipelines/vss-extension.json is not what");
    expect(project.read(file)).toBe(before);
  });

  test("an action without an id of its own is refused", () => {
    project.write("no-such-action/action.yml", MANIFEST);
    const { status, output } = tasks();
    expect(status).toBe(1);
    expect(output).toContain("scripts/tasks.mjs has no id for no-such-action: make a new one");
  });
});

const folder = path.join(root, "azure-pipelines/tasks");
const committed = readdirSync(folder).map((action): [keyof typeof doors, Task] => [
  action as keyof typeof doors,
  JSON.parse(readFileSync(path.join(folder, action, "task.json"), "utf8")),
]);
/** Names that tasks.schema.json of azure-pipelines-task-lib takes. */
const NAME = /^[A-Za-z][A-Za-z0-9]*$/;
const camelCase = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

test("every action is a task, and each has an id of its own", () => {
  expect(committed.map(([action]) => action).sort()).toEqual(Object.keys(doors).sort());
  const ids = committed.map(([, { id }]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test("ids and names stay for ever: pipelines know a task by them", () => {
  expect(Object.fromEntries(committed.map(([action, { id, name }]) => [action, { id, name }]))).toEqual({
    attach: { id: "263c3e03-7d49-4729-936f-370101f54e4f", name: "AzureMLClustersAttach" },
    "create-cluster": {
      id: "67a1655f-12a2-416e-8885-ee7fa5534841",
      name: "AzureMLClustersCreateCluster",
    },
    "deploy-extension": {
      id: "6a01a70d-5f42-4d97-9314-35961eee6b90",
      name: "AzureMLClustersDeployExtension",
    },
    discover: { id: "8777f52d-a43f-40a6-ace2-634222b7a8ed", name: "AzureMLClustersDiscover" },
    ensure: { id: "7fdfbc33-4f6d-43c2-ad1a-4acca6bb0f67", name: "AzureMLClustersEnsure" },
    "list-versions": {
      id: "3df7f8d6-a797-4f3d-8c8d-ee1390c4efb0",
      name: "AzureMLClustersListVersions",
    },
    "merge-reports": {
      id: "f802734c-fec3-415f-b934-eefd8911f996",
      name: "AzureMLClustersMergeReports",
    },
    "update-components": {
      id: "f49baec5-c8a1-4797-92ae-e87789d74661",
      name: "AzureMLClustersUpdateComponents",
    },
    "verify-extension": {
      id: "562319b5-c076-4ddd-bdd8-3979d655cc40",
      name: "AzureMLClustersVerifyExtension",
    },
    detach: { id: "99282689-97a1-41d7-958b-531d11c24cbd", name: "AzureMLClustersDetach" },
  });
});

describe.each(committed)("the task of %s", (action, task) => {
  const names = task.inputs.map(({ name }) => name);

  test("has the inputs and outputs of the action; the service connection stands for who signs in", () => {
    const inputs = Object.keys(doors[action].inputs).filter(
      (name) => !/^((client|tenant)-id|github-token|check-name|issue-(title|label))$/.test(name),
    );
    expect(names).toEqual(["azureSubscription", ...inputs.map(camelCase)]);
    expect(task.outputVariables.map(({ name }) => name)).toEqual(doors[action].outputs.map(camelCase));
  });

  test("has names, a title, groups and rules as the form of Azure Pipelines takes them", () => {
    for (const name of [...names, ...task.outputVariables.map(({ name }) => name)])
      expect(name).toMatch(NAME);
    expect(task.friendlyName.length).toBeLessThanOrEqual(40);
    const groups = task.groups.map(({ name }) => name);
    for (const { groupName, visibleRule } of task.inputs) {
      if (groupName) expect(groups).toContain(groupName);
      if (visibleRule) expect(names).toContain(visibleRule.split(" ")[0]);
    }
  });

  test("has defaults that are among the options, and the defaults of the action", () => {
    const { inputs } = parse(readFileSync(doorOf(action), "utf8")) as {
      inputs: Record<string, { default?: string }>;
    };
    const own = new Map(
      Object.entries(inputs).map(([name, field]) => [camelCase(name), field.default ?? ""]),
    );
    for (const { name, options, defaultValue = "" } of task.inputs) {
      // Its default is the service connection's cloud.
      if (name !== "azureEnvironment") expect([name, defaultValue]).toEqual([name, own.get(name) ?? ""]);
      if (options && defaultValue) expect(Object.keys(options)).toContain(defaultValue);
    }
  });

  test("runs on Node 24, and on Node 20 where the agent has no other", () => {
    expect(task.execution).toEqual({ Node24: { target: "main.js" }, Node20_1: { target: "main.js" } });
  });
});
