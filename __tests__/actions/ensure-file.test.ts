import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { parse } from "yaml";
import type { World } from "../../emulator/index.ts";
import { parseDeclaration } from "../../src/actions/ensure-file.ts";
import { entryInputs, listInputs, mapInputs } from "../../src/actions/ensure-inputs.ts";
import { ensureRequest } from "../../src/actions/ensure-request.ts";
import { memoryHost } from "../../src/host/memory.ts";
import { byFile, fileOf, withoutExtension } from "../support/ensuring.ts";
import { aksId, type Run, scene, workspaceId } from "../support/scene.ts";
import { computeId } from "../support/world-facts.ts";

/** A world with a second AKS cluster, neither with the extension. */
function twoClusters(): World {
  const world = withoutExtension();
  world.addManagedCluster({ resourceGroup: "rg1", name: "aks2" });
  return world;
}

const gpu = { "compute-name": "gpu", "cluster-name": "aks1" };
const cpu = { "compute-name": "cpu", "cluster-name": "aks2" };
const withFile = (content: string) => ({ files: { "computes.yml": content } });
const problems = ({ report }: Run) => report.error?.details ?? [];
const well = { exit: 0, errors: [] };
const errorsOf = ({ exit, host }: Run) => ({ exit, errors: host.said.errors });

describe("several computes", () => {
  test("each gets its own report in one, and all plans stand before the first write", async () => {
    const stage = scene(twoClusters());
    const run = await stage.ensure(byFile, withFile(fileOf([gpu, cpu])));
    expect(errorsOf(run)).toEqual(well);
    expect(
      run.report.targets?.map(({ target, verdict, gate }) => [target.computeName, verdict, gate?.verdict]),
    ).toEqual([
      ["gpu", "done", "pass"],
      ["cpu", "done", "pass"],
    ]);
    expect(run.report.plan?.steps).toHaveLength(6);
    expect(run.report.steps.map(({ result }) => result)).toEqual(Array(6).fill("done"));
    expect(run.host.said.outputs).toMatchObject({ changed: "true", verdict: "pass", state: "Succeeded" });
    const log = run.host.said.log;
    const lastPlan = log.findLastIndex((line) => / {2}3\. verify-extension/.test(line));
    const firstStep = log.findIndex((line) => line.endsWith("…"));
    expect(lastPlan).toBeLessThan(firstStep);
    expect(log[firstStep]).toMatch(/^compute "(gpu|cpu)": /);
    const again = await stage.ensure(byFile, withFile(fileOf([gpu, cpu])));
    expect({ ...errorsOf(again), verdict: again.report.verdict }).toEqual({ ...well, verdict: "unchanged" });
  });

  test("one that fails does not stop the others, and the run tells which", async () => {
    const stage = scene(twoClusters());
    const properties = { resourceId: aksId(stage.world), properties: { namespace: "other" } };
    stage.world.addCompute(workspaceId(stage.world), { name: "gpu", properties });
    const run = await stage.ensure(byFile, withFile(fileOf([gpu, cpu])));
    expect(run.report.error).toMatchObject({ code: "ComputesFailed", message: "1 of 2 failed." });
    expect(problems(run)).toEqual([expect.stringMatching(/^compute "gpu": Different: /)]);
    expect(run.report.targets?.map(({ verdict }) => verdict)).toEqual(["failed", "done"]);
    expect(stage.world.resource(computeId(stage.world, "cpu"))).toBeDefined();
    expect(run.host.said.summaries[0]).toContain("1 of 2 failed");
    expect(run.host.said.errors).toHaveLength(1);
  });

  test("of one cluster get one extension, and each its own attachment", async () => {
    const stage = scene(withoutExtension());
    const run = await stage.ensure(byFile, withFile(fileOf([gpu, { ...cpu, "cluster-name": "aks1" }])));
    expect(errorsOf(run)).toEqual(well);
    const kinds = run.report.plan?.steps.map(({ kind }) => kind);
    expect(kinds).toEqual([
      "create-extension",
      "create-compute",
      "verify-extension",
      "create-compute",
      "verify-extension",
    ]);
    expect(stage.written().filter((line) => line.startsWith("PUT"))).toHaveLength(3);
  });

  test("of one cluster whose extension fails are left alone, for that reason", async () => {
    const stage = scene(withoutExtension());
    stage.world.breakCluster(aksId(stage.world), "nvidia-plugin-of-others");
    const breaking = { ...gpu, config: { installNvidiaDevicePlugin: "True" } };
    const run = await stage.ensure(
      { ...byFile, preflight: "warn" },
      withFile(fileOf([breaking, { ...cpu, "cluster-name": "aks1" }])),
    );
    expect(run.report.targets?.map(({ error }) => error?.code)).toEqual([
      "ExtensionFailed",
      "EarlierStageFailed",
      "EarlierStageFailed",
    ]);
    expect(stage.written().filter((line) => line.startsWith("PUT"))).toHaveLength(1);
  });

  test("a legacy compute and one of today may share a cluster", async () => {
    const stage = scene(withoutExtension());
    const legacy = { ...cpu, "cluster-name": "aks1", "compute-type": "aks" };
    const run = await stage.ensure({ ...byFile, "dry-run": "true" }, withFile(fileOf([legacy, gpu])));
    expect(errorsOf(run)).toEqual(well);
    expect(run.report.plan?.steps.map(({ kind }) => kind)).toEqual([
      "create-extension",
      "create-compute",
      "create-compute",
      "verify-extension",
    ]);
  });

  test("one that fails does not stop its neighbour on the same cluster, nor what carries both", async () => {
    const stage = scene(withoutExtension());
    const properties = { resourceId: aksId(stage.world), properties: { namespace: "other" } };
    stage.world.addCompute(workspaceId(stage.world), { name: "gpu", properties });
    const run = await stage.ensure(byFile, withFile(fileOf([gpu, { ...cpu, "cluster-name": "aks1" }])));
    expect(run.report.targets?.map(({ target, error }) => [target.computeName, error?.code])).toEqual([
      [undefined, undefined],
      ["gpu", "Different"],
      ["cpu", undefined],
    ]);
    expect(stage.world.resource(computeId(stage.world, "cpu"))).toBeDefined();
  });

  test("where what carries them can't be planned, none is touched, for that reason", async () => {
    const stage = scene(withoutExtension());
    const file = (version: string) =>
      withFile(
        fileOf([
          {
            ...gpu,
            workloads: "inference",
            config: { allowInsecureConnections: "True", inferenceRouterServiceType: version },
          },
          { ...cpu, "cluster-name": "aks1" },
        ]),
      );
    const first = await stage.ensure(byFile, file("LoadBalancer"));
    expect(errorsOf(first)).toEqual(well);
    const run = await stage.ensure(byFile, file("ClusterIP"));
    expect(run.report.targets?.map(({ error }) => error?.code)).toEqual([
      "WouldDisrupt",
      "EarlierStageFailed",
      "EarlierStageFailed",
    ]);
    expect(run.report.changed).toBe(false);
  });

  test("wait: false waits for what carries them, and for nothing else", async () => {
    const stage = scene(withoutExtension());
    const content = fileOf([gpu, { ...cpu, "cluster-name": "aks1" }]);
    const run = await stage.ensure({ ...byFile, wait: "false" }, withFile(content));
    expect(errorsOf(run)).toEqual(well);
    expect(run.report.steps.map(({ kind, result }) => `${kind} ${result}`)).toEqual([
      "create-extension done",
      "create-compute accepted",
      "create-compute accepted",
    ]);
    expect(run.report.verdict).toBe("accepted");
  });

  test("may take their cluster from what holds for all", async () => {
    const stage = scene(withoutExtension());
    const defaults = { "cluster-name": "aks1", "cluster-resource-group": "rg1", workloads: "training" };
    const content = fileOf([{ "compute-name": "gpu" }, { "compute-name": "cpu" }], { defaults });
    const run = await stage.ensure({ ...byFile, "dry-run": "true" }, withFile(content));
    expect(errorsOf(run)).toEqual(well);
  });

  test("of several clusters are not read through the one kubeconfig of the environment", async () => {
    const environment = { KUBECONFIG: "one.yml" };
    const run = await scene(twoClusters()).ensure(
      { ...byFile, "dry-run": "true" },
      { ...withFile(fileOf([gpu, cpu])), environment },
    );
    expect(errorsOf(run)).toEqual(well);
    const one = await scene(twoClusters()).ensure(
      { ...byFile, "dry-run": "true" },
      { ...withFile(fileOf([gpu])), environment },
    );
    expect(problems(one)).toEqual([expect.stringContaining("KUBECONFIG")]);
  });

  test("a cancelled run says of each how it stands, and the next one goes on", async () => {
    const stage = scene(twoClusters());
    stage.world.knobs.stuck = true;
    const run = await stage.ensure({ ...byFile, timeout: "3m" }, withFile(fileOf([gpu, cpu])));
    expect(run.report.error?.code).toBe("Timeout");
    expect(run.report.targets?.map(({ error }) => error?.code)).toEqual(["Timeout", "Timeout"]);
    expect(run.host.said.state).toEqual({ "under-way": "ensure" });
  });
});

describe("wrong inputs are told at once, with the place in the file", () => {
  const refusing = async (content: string, inputs = {}, environment = {}) => {
    const stage = scene(twoClusters());
    const run = await stage.ensure({ ...byFile, ...inputs }, { ...withFile(content), environment });
    expect(run.report.error?.code).toBe("InvalidInput");
    expect(stage.requests()).toEqual([]);
    expect(run.host.said.errors).toHaveLength(1);
    return problems(run);
  };
  const starts = (lines: readonly string[]) => lines.map((line) => line.split("; accepted")[0]);

  test("of every compute, of what holds for all, and of the run", async () => {
    const content = fileOf(
      [
        { ...gpu, namespace: "A_B" },
        { ...cpu, "compute-name": "x", "identity-type": "user_assigned" },
        { "cluster-name": "aks2" },
      ],
      { defaults: { "cluster-resource-group": "rg1", workloads: "none" } },
    );
    const lines = starts(await refusing(content, { timeout: "soon" }));
    expect(lines).toEqual(
      expect.arrayContaining([
        'timeout: given "soon"',
        'computes[0].namespace: given "A_B"',
        'computes[1].compute-name: given "x"',
        "computes[2].compute-name: not given",
        'defaults.workloads: given "none"',
      ]),
    );
    expect(lines.filter((line) => line?.startsWith("timeout"))).toHaveLength(1);
    expect(lines.some((line) => line?.includes("user-assigned-identities"))).toBe(true);
  });

  test.each<[string, string, string]>([
    ["no YAML", "computes: [", "file: given"],
    ["a list", "- a", 'file: given "something else"'],
    ["no computes", "computes: []", "computes: not given"],
    ["an unknown key", fileOf([gpu], { compute: [] }), "compute: not given"],
    ["an unknown key of a compute", fileOf([{ ...gpu, nodes: "3" }]), "computes[0].nodes: not given"],
    [
      "an input of the run in a compute",
      fileOf([{ ...gpu, timeout: "3m" }]),
      "computes[0].timeout: not given",
    ],
    [
      "a map where a text belongs",
      fileOf([{ ...gpu, namespace: { a: "b" } }]),
      "computes[0].namespace: given",
    ],
    ["a compute that is none", fileOf(["gpu" as never]), "computes[0]: not given"],
    [
      "a variable that nobody gave",
      fileOf([{ ...gpu, kubeconfig: `\${KUBE_GPU}` }]),
      'computes[0].kubeconfig: given "(hidden)"',
    ],
    [
      "one name twice",
      fileOf([gpu, { ...gpu, "cluster-name": "aks2" }]),
      'computes[1].compute-name: given "gpu"',
    ],
    [
      "two extensions in one cluster",
      fileOf([
        { ...gpu, workloads: "training" },
        { ...gpu, "compute-name": "cpu", workloads: "inference" },
      ]),
      'computes[1].workloads: given "inference"',
    ],
    [
      "an extension of a legacy compute",
      fileOf([{ ...gpu, "compute-type": "aks", version: "1.1.84" }]),
      'computes[0].version: given "1.1.84"',
    ],
    [
      "an Arc cluster that is to be created",
      fileOf([{ ...gpu, "cluster-type": "connectedClusters", "create-cluster": "true" }]),
      'computes[0].create-cluster: given "true"',
    ],
    [
      "a flag that is none",
      fileOf([{ ...gpu, "create-cluster": "maybe" }]),
      'computes[0].create-cluster: given "maybe"',
    ],
    ["a declaration that is no tag", fileOf([gpu], { declaration: "<x>" }), 'declaration: given "<x>"'],
  ])("%s", async (_what, content, expected) => {
    expect(await refusing(content)).toContainEqual(expect.stringContaining(expected));
  });

  test("a file that can't be read", async () => {
    const run = await scene().ensure({ ...byFile, file: "nowhere.yml" });
    expect(problems(run)).toEqual([expect.stringContaining('file: given "nowhere.yml"')]);
  });

  test("inputs that name a compute or one way into several clusters have no place beside a file", async () => {
    const lines = starts(await refusing(fileOf([gpu, cpu]), { "compute-name": "gpu", kubeconfig: "secret" }));
    expect([...new Set(lines)]).toEqual(['compute-name: given "gpu"', 'kubeconfig: given "(hidden)"']);
  });

  test("without a file each problem names its input alone", async () => {
    const stage = scene();
    const run = await stage.ensure({ workloads: "none", namespace: "A_B", timeout: "soon" });
    expect(problems(run).map((line) => line.split(":")[0])).toEqual(
      expect.arrayContaining(["workloads", "namespace", "timeout"]),
    );
    expect(stage.requests()).toEqual([]);
  });

  test("no secret of a file is told", async () => {
    const secret = { ...gpu, "config-protected": { "planted.key": "planted-value" }, namespace: "A_B" };
    expect((await refusing(fileOf([secret]))).join()).not.toContain("planted-value");
  });
});

describe("the form of a file", () => {
  const env = { KUBE: "content", CERT: "cert" };
  const only = (content: string) => parseDeclaration(content, env).computes[0]?.values;

  test("scalars stay the text that was written: 1.30 is a version, no number", () => {
    expect(only("computes: [{ kubernetes-version: 1.30, create-cluster: true, namespace: }]")).toEqual({
      "kubernetes-version": "1.30",
      "create-cluster": "true",
    });
  });

  test("lists and maps stand for the lines that the inputs take", () => {
    const content = "computes: [{ workloads: [training, inference], config: { a: b, c: d } }]";
    expect(only(content)).toEqual({ workloads: "training\ninference", config: "a=b\nc=d" });
  });

  test("variables stand in for values, and for values of maps", () => {
    const content = `computes: [{ kubeconfig: '\${KUBE}', config-protected: { key: '\${CERT}', other: 'a\${CERT}' } }]`;
    expect(only(content)).toEqual({ kubeconfig: "content", "config-protected": `key=cert\nother=a\${CERT}` });
  });

  test("whatever stands in a file, the worst that comes of it is a problem", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.jsonValue().map((value) => JSON.stringify({ computes: value, defaults: value })),
        ),
        (content) => {
          const { computes, problems } = parseDeclaration(content, {});
          expect(computes.length + problems.length).toBeGreaterThan(0);
        },
      ),
    );
  });

  test("aliases that unfold without end are an error", () => {
    const bomb = [
      "a: &a [x,x,x,x,x,x,x,x,x]",
      ...["b", "c", "d"].map((name, index) => {
        const before = ["a", "b", "c"][index];
        return `${name}: &${name} [*${before},*${before},*${before},*${before},*${before},*${before}]`;
      }),
    ].join("\n");
    expect(parseDeclaration(`${bomb}\ncomputes: [*d]`, {}).problems.length).toBeGreaterThan(0);
  });
});

test("the example is taken as it is, with the values that its workflow gives", async () => {
  const content = readFileSync(new URL("../../examples/ensure/computes.yml", import.meta.url), "utf8");
  const inputs = {
    "subscription-id": "22222222-2222-4222-8222-222222222222",
    file: "computes.yml",
    prune: "true",
    timeout: "90m",
  };
  const { entries, declaration } = await ensureRequest(
    memoryHost({ inputs, files: { "computes.yml": content } }),
  );
  expect(declaration).toBe("contoso/ml-platform/computes.yml");
  expect(entries.map(({ attach }) => attach.computeName)).toEqual(["gpu", "scoring", "factory"]);
});

describe("the published schema", () => {
  const url = new URL("../../schemas/ensure.schema.json", import.meta.url);
  const schema = JSON.parse(readFileSync(url, "utf8"));
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

  test("knows just the inputs that a compute may have", () => {
    expect(Object.keys(schema.$defs.compute.properties).sort()).toEqual([...entryInputs].sort());
  });

  test("takes lists and maps where the reader does", () => {
    const withRef = (ref: string) =>
      Object.entries<{ anyOf?: { $ref: string }[]; $ref?: string }>(schema.$defs.compute.properties)
        .filter(([, { $ref }]) => $ref === ref)
        .map(([name]) => name)
        .sort();
    expect(withRef("#/$defs/list")).toEqual([...listInputs].sort());
    expect(withRef("#/$defs/map")).toEqual([...mapInputs].sort());
  });

  test.each([
    [
      "the example",
      readFileSync(new URL("../../examples/ensure/computes.yml", import.meta.url), "utf8"),
      true,
    ],
    [
      "a version that YAML takes for a number",
      "computes: [{ compute-name: gpu, kubernetes-version: 1.33 }]",
      true,
    ],
    ["an unknown key", "computes: [{ compute-name: gpu, nodes: 3 }]", false],
    ["no computes", "computes: []", false],
  ])("%s", (_name, content, expected) => {
    expect(validate(parse(content))).toBe(expected);
  });
});
