import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import { attach } from "../../src/actions/attach.ts";
import { readAttachFile } from "../../src/actions/attach-file.ts";
import { memoryHost } from "../../src/host/memory.ts";
import type { Failure } from "../../src/model/failure.ts";
import { anyCharacter } from "../support/any-character.ts";

const cluster = (name: string) =>
  `/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/${name}`;
const identity = (name: string) =>
  `/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;

/** The example of the YAML reference (peers 1.3), with every public key. */
const whole = `
$schema: https://azuremlschemas.azureedge.net/latest/kubernetesCompute.schema.json
type: kubernetes
name: gpu-night
description: for the night runs
resource_id: ${cluster("aks1")}
namespace: team-a
identity:
  type: user_assigned
  user_assigned_identities:
    - resource_id: ${identity("one")}
    - ${identity("two")}
`;

const defaults = (() => {
  const door = new URL("../../attach/action.yml", import.meta.url);
  const { inputs } = parse(readFileSync(door, "utf8")) as { inputs: Record<string, { default?: string }> };
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.default ?? ""]));
})();

/** The request that a file makes, with the inputs that the runner gives in every step. */
function requestOf(content: string | undefined, inputs: Record<string, string> = {}) {
  const host = memoryHost({
    inputs: {
      ...defaults,
      "subscription-id": "22222222-2222-4222-8222-222222222222",
      "resource-group": "rg1",
      "workspace-name": "ws1",
      file: "compute.yml",
      ...inputs,
    },
    ...(content !== undefined && { files: { "compute.yml": content } }),
  });
  return attach.request(host);
}

async function problemsOf(...given: Parameters<typeof requestOf>): Promise<readonly string[]> {
  const failure: Failure = await requestOf(...given).then(
    ({ wrong }) => {
      if (!wrong) throw new Error("the file was taken");
      return wrong;
    },
    (error: Failure) => error,
  );
  expect(failure.code).toBe("InvalidInput");
  return failure.details;
}

const keys =
  "YAML with the keys $schema, type, name, description, resource_id, namespace, identity.type, identity.user_assigned_identities";

describe("what the file gives", () => {
  test("every key of the YAML that `az ml compute attach --file` takes, identities in both forms", async () => {
    expect(await requestOf(whole)).toMatchObject({
      computeName: "gpu-night",
      attachment: {
        clusterId: cluster("aks1"),
        namespace: "team-a",
        identityType: "user_assigned",
        userAssignedIdentities: [identity("one"), identity("two")],
        description: "for the night runs",
      },
    });
  });

  test("keys that are left out have the defaults of the inputs", async () => {
    const { attachment } = await requestOf(`name: gpu\nresource_id: ${cluster("aks1")}\n`);
    expect(attachment).toEqual({
      clusterId: cluster("aks1"),
      namespace: "default",
      identityType: "none",
      userAssignedIdentities: [],
      description: undefined,
    });
  });

  test("JSON is YAML too", () => {
    expect(readAttachFile('{"name": "gpu", "namespace": "team-a"}')).toEqual({
      values: { "compute-name": "gpu", namespace: "team-a" },
      problems: [],
    });
  });

  test("an empty file gives nothing", () => {
    for (const content of ["", "# only a comment\n", "---\n", "{}"]) {
      expect(readAttachFile(content)).toEqual({ values: {}, problems: [] });
    }
  });

  test("any text in a value comes through as it is", () => {
    fc.assert(
      fc.property(fc.record({ name: fc.string(), description: fc.string() }), (given) => {
        const { values, problems } = readAttachFile(stringify(given));
        expect(problems).toEqual([]);
        expect(values).toEqual({ "compute-name": given.name, description: given.description });
      }),
    );
  });
});

describe("inputs win over the file", () => {
  test("key by key", async () => {
    const request = await requestOf(whole, {
      "compute-name": "cpu",
      "cluster-resource-id": cluster("aks2"),
      namespace: "team-b",
      "user-assigned-identities": identity("three"),
    });
    expect(request).toMatchObject({
      computeName: "cpu",
      attachment: {
        clusterId: cluster("aks2"),
        namespace: "team-b",
        identityType: "user_assigned",
        userAssignedIdentities: [identity("three")],
        description: "for the night runs",
      },
    });
  });

  test("an input that is not given leaves the file's value, and a wrong one there names the file", async () => {
    const file = whole.replace("team-a", "Team_A").replace("gpu-night", "9lives");
    const problems = await problemsOf(file, { "compute-name": "gpu" });
    expect(problems).toEqual([expect.stringMatching(/^namespace \(from file\): given "Team_A"; accepted: /)]);
  });

  test("no default of an input hides a type that can't be attached, and no other problem is made of it", async () => {
    const problems = await problemsOf(whole.replace("type: kubernetes", "type: amlcompute"));
    expect(problems).toEqual([expect.stringMatching(/type\b.*kubernetes/)]);
  });

  test("the type is taken in any case, as the reference writes it", async () => {
    await expect(requestOf(whole.replace("type: kubernetes", "type: Kubernetes"))).resolves.toBeDefined();
  });
});

describe("what is wrong with the file", () => {
  const problem = (content: string) => readAttachFile(content).problems;

  test("an unknown key is named, and no value is taken", () => {
    expect(readAttachFile("nme: gpu\nnamespace: team-a\n")).toEqual({
      values: {},
      problems: [{ input: "file", given: "nme: unknown key", accepted: keys }],
    });
  });

  test("an unknown key deeper down is named by its way", () => {
    expect(problem("identity:\n  typ: none\n")[0]?.given).toBe("identity.typ: unknown key");
    const form = problem(`identity:\n  user_assigned_identities:\n    - id: ${identity("one")}\n`);
    expect(form).toHaveLength(1);
    expect(form[0]?.given).toMatch(/^identity\.user_assigned_identities\.0/);
  });

  test("no key is taken but the known ones", () => {
    const known = ["$schema", "type", "name", "description", "resource_id", "namespace", "identity"];
    const key = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.constantFrom("constructor", "toString", "__proto__", "hasOwnProperty", "resourceId", "Name"),
    );
    fc.assert(
      fc.property(key, (name) => {
        fc.pre(!known.includes(name));
        const { values, problems } = readAttachFile(`${JSON.stringify(name)}: x\n`);
        expect(values).toEqual({});
        expect(problems).toHaveLength(1);
      }),
    );
  });

  test.each([
    ["name: 5", "name"],
    ["name:", "name"],
    ["name: [gpu]", "name"],
    ["namespace: true", "namespace"],
    ["description: {a: b}", "description"],
    ["identity: none", "identity"],
    ["identity: {type: 1}", "identity.type"],
    ["identity: {user_assigned_identities: one}", "identity.user_assigned_identities"],
    ["identity: {user_assigned_identities: [5]}", "identity.user_assigned_identities.0"],
  ])("a value of another type: %s", (content, where) => {
    const problems = problem(content);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.given).toMatch(new RegExp(`^${where}: .*Expected`));
    expect(problems[0]?.accepted).toBe(keys);
  });

  test.each(["just a text", "- name", "42", "true"])("no mapping at all: %s", (content) => {
    const { values, problems } = readAttachFile(content);
    expect({ values, problems: problems.length }).toEqual({ values: {}, problems: 1 });
    expect(problems[0]).toEqual({ input: "file", given: expect.stringMatching(/^\S/), accepted: keys });
  });

  test.each([
    "name: {gpu",
    "name: a\nname: b",
    "a: b: c",
    "\t- x",
    "--- 1\n--- 2\n",
    "name: *gpu",
    "name: 'x",
  ])("YAML that is broken: %j", (content) => {
    const problems = problem(content);
    expect(problems).not.toEqual([]);
    for (const { input, given, accepted } of problems) {
      expect({ input, accepted }).toEqual({ input: "file", accepted: keys });
      expect(given).not.toMatch(/[\r\n]/);
    }
  });

  test("everything that is wrong is told at once, beside what is wrong with the inputs", async () => {
    const problems = await problemsOf("nme: gpu\nnamespace: 5\n", {
      "compute-name": "gpu",
      "cluster-resource-id": cluster("aks1"),
      timeout: "soon",
    });
    expect([...problems].sort()).toEqual([
      expect.stringMatching(/^file: given "namespace: .*"; accepted: YAML/),
      `file: given "nme: unknown key"; accepted: ${keys}`,
      expect.stringMatching(/^timeout: given "soon"/),
    ]);
  });

  test("a file that can't be read is a problem of the input, not of its content", async () => {
    const inputs = { "compute-name": "gpu", "cluster-resource-id": cluster("aks1") };
    expect(await problemsOf(undefined, inputs)).toEqual([
      'file: given "compute.yml"; accepted: the path of a file that can be read',
    ]);
  });

  test("what a broken file may hold is not called missing", async () => {
    const problems = await problemsOf(`${whole}nme: x\n`);
    expect(problems).toEqual([`file: given "nme: unknown key"; accepted: ${keys}`]);
  });

  test("a file that unfolds without end is a problem of its content", async () => {
    const levels = "bcdefghij".split("");
    const folded = levels.map((key, index) => `${key}: &${key} [${Array(9).fill(`*${"abcdefghi"[index]}`)}]`);
    const bomb = ["a: &a [x, x]", ...folded].join("\n");
    const inputs = { "compute-name": "gpu", "cluster-resource-id": cluster("aks1") };
    const problems = await problemsOf(bomb, inputs);
    expect(problems).toEqual([expect.stringMatching(/^file: given ".+"; accepted: YAML with the keys/)]);
  });

  test("whatever stands in it, reading it gives values or problems, never both and never a crash", () => {
    const marks = fc.string({
      unit: fc.constantFrom("a", ":", " ", "\n", "-", "*", "&", "!", "[", "{", "|", "<<"),
    });
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: anyCharacter }), fc.json(), marks), (content) => {
        const { values, problems } = readAttachFile(content);
        expect(Object.keys(values).length === 0 || problems.length === 0).toBe(true);
      }),
    );
  });
});
