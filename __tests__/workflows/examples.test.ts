import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { commands } from "../../src/actions/commands.ts";
import { memoryHost } from "../../src/host/memory.ts";
import { type ActionName, doors } from "../../src/model/doors.ts";
import type { Failure } from "../../src/model/failure.ts";
import { doorOf } from "../support/door.ts";
import { tlsPair } from "../support/tls-pair.ts";
import { type Job, ownUse, readWorkflow, root, type Step } from "../support/workflows/parts.ts";

const files = ["examples/*.yml", ".github/workflows/{gate,maintain}.yml"].flatMap((pattern) =>
  globSync(pattern, { cwd: root }).sort(),
);
const pipelines = globSync("examples/azure-pipelines/*.yml", { cwd: root }).sort();
/** An action that is to come, for which the workflows are ready. */

interface Field {
  readonly required?: boolean;
  readonly default?: unknown;
}
type Fields = Readonly<Record<string, Field>>;

const jobsOf = (file: string): [string, Job][] => Object.entries(readWorkflow(file).jobs);
const stepsOf = (file: string): [Job, Step][] =>
  jobsOf(file).flatMap(([, job]) => (job.steps ?? []).map((step): [Job, Step] => [job, step]));
const ownSteps = files.flatMap((file) =>
  stepsOf(file).flatMap(([job, step]) => {
    const action = ownUse(step.uses);
    return action ? [{ file, job, step, action }] : [];
  }),
);
const present = ownSteps.filter(({ action }) => existsSync(doorOf(action)));

/** What is wrong with what is given: names that nobody knows, and those that are missing. */
function wrongGiven(given: Readonly<Record<string, unknown>> | undefined, fields: Fields): string[] {
  const names = Object.keys(given ?? {});
  const needed = Object.entries(fields).filter(([, field]) => field?.required && field.default === undefined);
  return [
    ...names.filter((name) => !Object.hasOwn(fields, name)).map((name) => `${name} is unknown`),
    ...needed.filter(([name]) => !names.includes(name)).map(([name]) => `${name} is missing`),
  ];
}

const manifestOf = (action: string) =>
  parse(readFileSync(doorOf(action), "utf8")) as { inputs: Fields; outputs: Fields };

test("there is an example for each use, and each is looked at here", () => {
  const uses = new Set(ownSteps.map(({ action }) => action));
  for (const action of ["attach", "detach", "deploy-extension", "verify-extension", "create-cluster", "."]) {
    expect(uses).toContain(action);
  }
  expect(files.length).toBeGreaterThanOrEqual(9);
  expect(pipelines.length).toBeGreaterThanOrEqual(4);
});

describe.each(files)("%s", (file) => {
  test("is a workflow to GitHub's own parser", async () => {
    const content = readFileSync(path.join(root, file), "utf8");
    const { context, value } = parseWorkflow({ name: file, content }, new NoOperationTraceWriter());
    // Workflows of other repositories, whose owner is not known here, can't be followed.
    if (value) await convertWorkflowTemplate(context, value);
    expect(context.errors.getErrors().map(({ message }) => message)).toEqual([]);
  });

  test("gives the actions what they take", () => {
    const wrong = present
      .filter((one) => one.file === file)
      .flatMap(({ step, action }) =>
        wrongGiven(step.with, manifestOf(action).inputs).map((problem) => `${action}: ${problem}`),
      );
    expect(wrong).toEqual([]);
  });

  test("uses no action of this repository that nobody knows", () => {
    const known = [".", ...Object.keys(doors)];
    const own = ownSteps.filter((one) => one.file === file).map(({ action }) => action);
    expect(own.filter((action) => !known.includes(action))).toEqual([]);
  });

  test("asks steps for outputs that they have", () => {
    const text = readFileSync(path.join(root, file), "utf8");
    const asked = [...text.matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)].map(([, id, output]) => ({
      id,
      output,
    }));
    const wrong = asked.filter(({ id, output = "" }) => {
      const found = ownSteps.find((one) => one.file === file && one.step.id === id);
      const isThere = found && present.includes(found);
      return !found || (isThere && !Object.hasOwn(manifestOf(found.action).outputs, output));
    });
    expect(wrong).toEqual([]);
  });

  test("has the permissions that its steps need, and no others", () => {
    for (const [name, { steps = [], permissions = {}, uses }] of jobsOf(file)) {
      if (uses) continue;
      const signsIn = steps.some((step) => step.with?.["client-id"] !== undefined);
      const checksOut = steps.some((step) => step.uses?.startsWith("actions/checkout@"));
      const checks = steps.some((step) => step.with?.["check-name"] !== undefined);
      const issues = steps.some((step) => step.with?.["issue-label"] !== undefined);
      const needed = {
        ...(checksOut && { contents: "read" }),
        ...(signsIn && { "id-token": "write" }),
        ...(checks && { checks: "write" }),
        ...(issues && { issues: "write" }),
      };
      expect([name, permissions]).toEqual([name, needed]);
    }
    expect(readWorkflow(file).permissions).toEqual({});
  });

  test("calls workflows of this repository with the inputs, outputs and permissions that they have", () => {
    for (const [name, { uses, with: given, permissions = {} }] of jobsOf(file)) {
      if (!uses) continue;
      const called = readWorkflow(ownUse(uses) ?? "");
      const { inputs = {}, outputs = {} } = called.on?.workflow_call ?? {};
      expect(wrongGiven(given, inputs)).toEqual([]);
      const text = readFileSync(path.join(root, file), "utf8");
      const asked = [...text.matchAll(new RegExp(`needs\\.${name}\\.outputs\\.([\\w-]+)`, "g"))].map(
        ([, one]) => one,
      );
      expect(asked.filter((output = "") => !Object.hasOwn(outputs, output))).toEqual([]);
      // A called workflow gets no permission that its caller has not (GitHub, "Reusing workflows").
      const needed = Object.assign({}, ...Object.values(called.jobs).map((job) => job.permissions));
      expect(permissions).toEqual(needed);
    }
  });
});

const pair = await tlsPair({ cname: "ml.example.com" });

/** Values for what only a run knows, of the kind that they would have. */
function realistic(value: unknown): string {
  const kinds: readonly [RegExp, string][] = [
    [/TLS_CERTIFICATE/, pair.certificate],
    [/TLS_KEY/, pair.key],
    [
      /cluster-id|env\.CLUSTER|cluster-resource-id/,
      `/subscriptions/${uuid}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks1`,
    ],
    [/default-version/, "1.33"],
    [/_ID\b|-id\b|subscription/, uuid],
    [/compute/, "gpu"],
    [/azure-environment/, "AzureCloud"],
    [/fail-on/, "error"],
    [/shard-size/, "50"],
    [/inputs\.(?:subscription-ids|management-group|tags|regions|workspaces)/, ""],
    [/wait-for/, "5m"],
    [/workspace/, "ws1"],
    [/group/, "rg1"],
    [/count/, "3"],
    [/token/, "token"],
    [/label/, "azureml-clusters"],
    [/name/, "gate"],
  ];
  return String(value).replace(/\$\{\{(.*?)\}\}/gs, (all, expression: string) => {
    const kind = kinds.find(([pattern]) => pattern.test(expression));
    if (!kind) throw new Error(`a value for ${all} is missing here`);
    return kind[1];
  });
}
const uuid = "22222222-2222-4222-8222-222222222222";

/** Steps that say all themselves: what others leave to a file or to the job before, only a run knows. */
const parsable = present.filter(
  ({ step, action }) =>
    step.with?.["targets"] === undefined &&
    step.with?.["file"] === undefined &&
    Object.hasOwn(commands, commandOf(action)),
);

/** The root action has a name of its own. */
function commandOf(action: string): ActionName {
  return (action === "." ? "ensure" : action) as ActionName;
}

test.each(parsable.map((one, index) => [index, one.file, one.action, one] as const))(
  "%d: %s gives %s values that it takes",
  async (_index, _file, action, { step }) => {
    const given = Object.entries(step.with ?? {}).map(([name, value]) => [name, realistic(value)] as const);
    // Of the two ways to name what the gate is about, a call gives one.
    const inputs = Object.fromEntries(
      given.filter(([name]) => !(step.uses?.startsWith("./") && name === "cluster-resource-id")),
    );
    const refused = await commands[commandOf(action)].request(memoryHost({ inputs })).then(
      () => [],
      (failure: Failure) => [failure.message, ...failure.details],
    );
    expect(refused).toEqual([]);
  },
);

/** The form of a task of this repository. */
interface Form {
  readonly name: string;
  readonly version: { readonly Major: number };
  readonly inputs: readonly { name: string; required: boolean; defaultValue?: string }[];
}

interface Task {
  readonly task?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

/** The tasks of a pipeline, wherever they stand in it. */
function tasksOf(node: unknown): Task[] {
  if (Array.isArray(node)) return node.flatMap(tasksOf);
  if (typeof node !== "object" || node === null) return [];
  const own = "task" in node ? [node as Task] : [];
  return [...own, ...Object.values(node).flatMap(tasksOf)];
}

describe.each(pipelines)("%s", (file) => {
  const tasks = tasksOf(parse(readFileSync(path.join(root, file), "utf8")));
  const forms: ReadonlyMap<string, Form> = new Map(
    Object.keys(doors).map((action) => {
      const form = JSON.parse(
        readFileSync(path.join(root, `azure-pipelines/tasks/${action}/task.json`), "utf8"),
      ) as Form;
      return [`${form.name}@${form.version.Major}`, form];
    }),
  );
  const own = tasks.filter(({ task = "" }) => task.startsWith("AzureMLClusters"));

  test("has tasks, and gives them what they take", () => {
    expect(own.length).toBeGreaterThan(0);
    for (const { task = "", inputs } of own) {
      const fields = forms
        .get(task)
        ?.inputs.map(({ name, required, defaultValue }) => [
          name,
          { required, ...(defaultValue && { default: defaultValue }) },
        ]);
      expect([task, wrongGiven(inputs, Object.fromEntries(fields ?? []))]).toEqual([task, []]);
    }
  });

  test("uses beside them only tasks that every agent has", () => {
    const others = tasks.filter((one) => !own.includes(one)).map(({ task }) => task);
    const known = ["PublishTestResults@2", "PublishPipelineArtifact@1"];
    expect(others.filter((task = "") => !known.includes(task))).toEqual([]);
  });
});
