import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parse } from "yaml";
import { attach } from "../../src/actions/attach.ts";
import { detach } from "../../src/actions/detach.ts";
import { run } from "../../src/actions/run.ts";
import { memoryHost } from "../../src/host/memory.ts";
import { oneLine } from "../../src/model/arm-error.ts";
import type { Report } from "../../src/model/report.ts";
import { scriptedClient } from "../support/scripted-client.ts";
import { files, type InputValues, inputValues } from "./input-values.ts";

type ActionName = "attach" | "detach";
type Inputs = Readonly<Record<string, string>>;

const doors = { attach: door("attach"), detach: door("detach") };

/** The inputs that an action.yml declares, with what the runner gives where the workflow says nothing. */
function door(action: ActionName): { names: string[]; defaults: Inputs } {
  const file = new URL(`../../${action}/action.yml`, import.meta.url);
  const { inputs } = parse(readFileSync(file, "utf8")) as { inputs: Record<string, { default?: string }> };
  const defaults = Object.entries(inputs).map(([name, input]) => [name, input.default ?? ""] as const);
  return { names: Object.keys(inputs), defaults: Object.fromEntries(defaults) };
}

const base: Inputs = {
  "subscription-id": "22222222-2222-4222-8222-222222222222",
  "resource-group": "rg1",
  "workspace-name": "ws1",
  "compute-name": "gpu",
  "cluster-resource-id":
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/aks1",
};

/** A way to sign in that asks the scripted network alone, for a run that goes on where it should not. */
const signIn: Inputs = {
  AZURE_CLIENT_ID: "33333333-3333-4333-8333-333333333333",
  AZURE_TENANT_ID: "11111111-1111-4111-8111-111111111111",
  AZURE_CLIENT_SECRET: "planted-client-secret",
};

function hostOf(action: ActionName, inputs: Inputs, environment: Inputs = {}) {
  const all = { ...doors[action].defaults, ...base, ...inputs };
  const given = doors[action].names.map((name) => [name, all[name] ?? ""]);
  return memoryHost({
    inputs: Object.fromEntries(given),
    environment: { ...signIn, ...environment },
    files,
  });
}

/** The inputs that say where to look and as whom. */
const naming =
  /^(client-id|tenant-id|azure-environment|subscription-id|resource-group|workspace-name|compute-name|compute-type|cluster-(?!purpose)[-a-z]+|file|allow-created)[: ]/;

/**
 * A run that must end before the first request, or after a look that no one lets it have: with the right names
 * `attach` tells the preconditions as well. Resource Manager is asked nothing here, since the sign-in is refused.
 */
async function refused(action: ActionName, inputs: Inputs, environment: Inputs = {}) {
  const host = hostOf(action, inputs, environment);
  const { client, requests } = scriptedClient(() => ({ status: 400 }));
  const exit = await (action === "attach" ? run(attach, host, client) : run(detach, host, client));
  const report = JSON.parse(host.said.reports[0] ?? "null") as Report;
  const problems = report.error?.details ?? [];
  const looks = action === "attach" && !problems.some((problem) => naming.test(problem));
  const asked = requests.filter(
    ({ url }) => !(looks && new URL(url).hostname === "login.microsoftonline.com"),
  );
  expect({ exit, asked, code: host.said.outputs["error-code"], changed: report.changed }).toEqual({
    exit: 1,
    asked: [],
    code: "InvalidInput",
    changed: false,
  });
  expect(host.said.errors).toHaveLength(1);
  expect(host.said.errors[0]?.message).not.toMatch(/[\r\n]/);
  return { problems, annotation: host.said.errors[0]?.message ?? "" };
}

const requestOf = (action: ActionName, inputs: Inputs, environment: Inputs = {}) => {
  const host = hostOf(action, inputs, environment);
  return action === "attach" ? attach.request(host) : detach.request(host);
};

/** How a problem shows a value: as JSON, cut at 100 characters; not at all where it is hidden. */
const given = (value: string, hidden?: true) =>
  `given ${JSON.stringify(hidden ? "(hidden)" : value.length > 100 ? `${value.slice(0, 100)}…` : value)}`;

const each = Object.entries(inputValues).flatMap(([action, inputs]) =>
  Object.entries(inputs).map(([name, values]) => [action as ActionName, name, values] as const),
);
const numRuns = 30;

test.each(["attach", "detach"] as const)("every input of %s/action.yml has its generators here", (action) => {
  // Those of many targets are tried in targets.test.ts.
  const ofMany = ["targets", "concurrency", "max-failures", "waves"];
  const names = doors[action].names.filter((name) => !ofMany.includes(name));
  expect(Object.keys(inputValues[action]).sort()).toEqual(names.sort());
});

describe("one value that is wrong", () => {
  test.each(each)("%s %s: one problem that names it, and no request", async (action, name, values) => {
    await fc.assert(
      fc.asyncProperty(values.invalid, async (value) => {
        const { problems } = await refused(action, { ...values.beside, [name]: value });
        expect(problems).toHaveLength(1);
        const [problem = ""] = problems;
        expect(problem.startsWith(`${name}: ${given(value, values.hidden)}; accepted: `)).toBe(true);
        expect(problem).toMatch(values.accepted);
      }),
      { numRuns },
    );
  });
});

describe("one value that is right", () => {
  test.each(each)("%s %s", async (action, name, values) => {
    await fc.assert(
      fc.asyncProperty(values.valid, async (value) => {
        await expect(requestOf(action, { ...values.beside, [name]: value })).resolves.toBeDefined();
      }),
      { numRuns },
    );
  });
});

describe("many values that are wrong at once", () => {
  const wrong = (inputs: Readonly<Record<string, InputValues>>) =>
    fc
      .subarray(Object.keys(inputs), { minLength: 1 })
      .chain((names) =>
        fc.record(Object.fromEntries(names.map((name) => [name, inputs[name]?.invalid ?? fc.constant("")]))),
      );

  test.each(["attach", "detach"] as const)("%s: all of them in one error", async (action) => {
    await fc.assert(
      fc.asyncProperty(wrong(inputValues[action]), async (inputs) => {
        const { problems, annotation } = await refused(action, inputs);
        for (const [name, value] of Object.entries(inputs)) {
          const start = `${name}: ${given(value, inputValues[action][name]?.hidden)}; accepted: `;
          expect(problems.filter((problem) => problem.startsWith(start))).not.toEqual([]);
          expect(annotation).toContain(oneLine(start));
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe("what is missing", () => {
  test("all that is missing is told at once", async () => {
    const nothing = Object.fromEntries(Object.keys(base).map((name) => [name, ""]));
    const { problems } = await refused("attach", nothing);
    expect(problems).toEqual([
      "subscription-id: not given; accepted: the subscription id, a UUID",
      "resource-group: not given; accepted: 1 to 90 letters, digits, dashes, dots, underscores and parentheses, not ending in a dot",
      "workspace-name: not given; accepted: 3 to 33 letters, digits, dashes and underscores, starting with a letter or digit",
      "compute-name: not given; accepted: 3 to 24 letters, digits and dashes, starting with a letter, ending with a letter or digit",
      "cluster-resource-id: not given; accepted: either `cluster-resource-id` alone, or `cluster-name` with `cluster-resource-group`",
    ]);
    expect((await refused("detach", nothing)).problems).toEqual(problems.slice(0, 4));
  });

  test("a value of white space is not given", async () => {
    const { problems } = await refused("detach", { "compute-name": " \n " });
    expect(problems).toEqual([expect.stringMatching(/^compute-name: not given; accepted: /)]);
  });
});

describe("inputs that go together", () => {
  const other = (name: string, problem: RegExp, inputs: Inputs) => [name, problem, inputs] as const;
  const byName = { "cluster-resource-id": "" };
  const oneCluster =
    /^cluster-resource-id: (not given|given ".*"); accepted: either `cluster-resource-id` alone, or `cluster-name` with `cluster-resource-group`$/;
  const identities =
    /^user-assigned-identities: (not given|given ".*"); accepted: resource ids where `identity-type` is user_assigned, none otherwise$/;
  const identity =
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1";
  const clientId = { "client-id": "33333333-3333-4333-8333-333333333333" };

  test.each([
    other("`client-id` without `tenant-id`", /^tenant-id: not given; accepted: .*`client-id`/, clientId),
    other("a cluster's id with a name", oneCluster, { "cluster-name": "aks1" }),
    other("a cluster's id with a resource group", oneCluster, { "cluster-resource-group": "rg1" }),
    other("a cluster's id with a type", oneCluster, { "cluster-type": "managedClusters" }),
    other("a cluster's name without a resource group", oneCluster, { ...byName, "cluster-name": "aks1" }),
    other("a cluster's resource group alone", oneCluster, { ...byName, "cluster-resource-group": "rg1" }),
    other("a cluster's type alone", oneCluster, { ...byName, "cluster-type": "connectedClusters" }),
    other("L2: identities without a type", identities, { "user-assigned-identities": identity }),
    other("L2: identities with another type", identities, {
      "identity-type": "system_assigned",
      "user-assigned-identities": identity,
    }),
    other("L2: no identities where their type is given", identities, { "identity-type": "user_assigned" }),
  ])("%s", async (_title, problem, inputs) => {
    const { problems } = await refused("attach", inputs);
    expect(problems).toEqual([expect.stringMatching(problem)]);
  });

  test("detach: `client-id` without `tenant-id`", async () => {
    expect((await refused("detach", clientId)).problems).toEqual([
      "tenant-id: not given; accepted: the tenant id, a UUID, since `client-id` is given",
    ]);
  });

  test("KUBECONFIG that leads nowhere matters only where the cluster is looked into (A6)", async () => {
    const nowhere = { KUBECONFIG: "missing.yml" };
    await expect(attach.request(hostOf("attach", {}, nowhere))).resolves.toBeDefined();
    const { problems } = await refused("attach", { "on-difference": "replace" }, nowhere);
    expect(problems).toEqual([expect.stringMatching(/^kubeconfig: given "missing.yml"/)]);
  });
});

describe("variables that name the workspace", () => {
  const variables = {
    "subscription-id": "AZURE_SUBSCRIPTION_ID",
    "resource-group": "AZURE_RESOURCE_GROUP",
    "workspace-name": "AZURE_WORKSPACE_NAME",
  } as const;
  const all = (["attach", "detach"] as const).flatMap((action) =>
    Object.entries(variables).map(([name, variable]) => [action, name, variable] as const),
  );

  test.each(all)("%s %s: a wrong %s is named as such", async (action, name, variable) => {
    const { invalid } = inputValues[action][name] ?? { invalid: fc.constant("") };
    await fc.assert(
      fc.asyncProperty(invalid, async (value) => {
        const { problems } = await refused(action, { [name]: "" }, { [variable]: value });
        expect(problems).toEqual([
          expect.stringContaining(`${name} (${variable}): ${given(value)}; accepted: `),
        ]);
      }),
      { numRuns },
    );
  });

  test("stand in where the input is not given, and only there", async () => {
    const environment = {
      AZURE_SUBSCRIPTION_ID: "99999999-9999-4999-8999-999999999999",
      AZURE_RESOURCE_GROUP: "rg-of-variable",
      AZURE_WORKSPACE_NAME: "ws-of-variable",
    };
    const none = { "subscription-id": "", "resource-group": "", "workspace-name": "" };
    const stood = await requestOf("detach", none, environment);
    expect(stood.workspace).toMatchObject({
      subscriptionId: environment.AZURE_SUBSCRIPTION_ID,
      resourceGroup: "rg-of-variable",
      name: "ws-of-variable",
    });
    const won = await requestOf("attach", {}, environment);
    expect(won.workspace).toMatchObject({
      subscriptionId: base["subscription-id"],
      resourceGroup: "rg1",
      name: "ws1",
    });
    const wrongAndUnused = { ...environment, AZURE_RESOURCE_GROUP: "not/good" };
    await expect(requestOf("attach", {}, wrongAndUnused)).resolves.toBeDefined();
  });
});

describe("the request", () => {
  test("what the doors' defaults and the fewest inputs make", async () => {
    expect(await attach.request(hostOf("attach", {}))).toEqual({
      clientId: undefined,
      tenantId: undefined,
      azureEnvironment: "AzureCloud",
      workspace: {
        subscriptionId: "22222222-2222-4222-8222-222222222222",
        resourceGroup: "rg1",
        type: "Microsoft.MachineLearningServices/workspaces",
        name: "ws1",
      },
      computeName: "gpu",
      dryRun: false,
      preflight: "enforce",
      timeout: 1_800_000,
      wait: true,
      attachment: {
        clusterId: base["cluster-resource-id"],
        namespace: "default",
        identityType: "none",
        userAssignedIdentities: [],
        description: undefined,
      },
      replacing: {
        onDifference: "fail",
        journal: "cluster",
        resume: "auto",
        ifLocked: "wait",
        kubeconfig: undefined,
      },
    });
    expect(await detach.request(hostOf("detach", {}))).toMatchObject({ allowCreated: false, wait: true });
  });

  test.each([
    ["", "Microsoft.ContainerService/managedClusters"],
    ["managedClusters", "Microsoft.ContainerService/managedClusters"],
    ["connectedClusters", "Microsoft.Kubernetes/connectedClusters"],
  ])("A1, L1: a cluster that is named is in the workspace's subscription (type %j)", async (type, full) => {
    const inputs = {
      "cluster-resource-id": "",
      "cluster-name": "c1",
      "cluster-resource-group": "rg2",
      "cluster-type": type,
    };
    const { attachment } = await attach.request(hostOf("attach", inputs));
    expect(attachment.clusterId).toBe(
      `/subscriptions/${base["subscription-id"]}/resourceGroups/rg2/providers/${full}/c1`,
    );
  });

  test("a cluster's type is put in its canonical case (extension.md 3)", async () => {
    const id = base["cluster-resource-id"] ?? "";
    const inputs = { "cluster-resource-id": id.replace("managedClusters", "managedclusters") };
    expect((await attach.request(hostOf("attach", inputs))).attachment.clusterId).toBe(id);
  });

  test("what was parsed keeps its value", async () => {
    const inputs = { "dry-run": "TRUE", wait: "False", timeout: "1h30m", preflight: "warn" };
    expect(await requestOf("detach", { ...inputs, "allow-created": "true" })).toMatchObject({
      dryRun: true,
      wait: false,
      timeout: 5_400_000,
      preflight: "warn",
      allowCreated: true,
    });
  });

  test("the failure is one of the user's: its code says so", async () => {
    const failure = requestOf("detach", { timeout: "soon" });
    await expect(failure).rejects.toMatchObject({
      code: "InvalidInput",
      details: ['timeout: given "soon"; accepted: a duration up to 24h, like 90s, 30m or 1h30m'],
    });
    await expect(failure).rejects.toThrow("One input is wrong.");
  });
});
