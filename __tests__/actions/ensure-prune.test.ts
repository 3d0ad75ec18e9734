import { describe, expect, test } from "@jest/globals";
import { declarationTag } from "../../src/actions/ensure-request.ts";
import { byFile, ensureOn, fileOf, withoutExtension } from "../support/ensuring.ts";
import { aksId, type Run, scene, workspaceId } from "../support/scene.ts";
import { computeId, forbid } from "../support/world-facts.ts";

const declaration = "contoso/ml/computes.yml";
const gpu = { "compute-name": "gpu", "cluster-name": "aks1" };
const cpu = { "compute-name": "cpu", "cluster-name": "aks1" };
const declaring = (computes: readonly Readonly<Record<string, unknown>>[], more = {}) => ({
  files: { "computes.yml": fileOf(computes, { declaration, ...more }) },
});
const pruning = { ...byFile, prune: "true" };

/** A scene in which the declaration has brought about both computes. */
async function declared() {
  const stage = scene(withoutExtension());
  expect((await stage.ensure(byFile, declaring([gpu, cpu]))).exit).toBe(0);
  return stage;
}

type Stage = Awaited<ReturnType<typeof declared>>;
const left = ({ world }: Stage, name: string) => world.resource(computeId(world, name)) !== undefined;
const detached = (stage: Stage) => stage.written().filter((line) => line.startsWith("DELETE"));
const codes = ({ report }: Run) => report.targets?.map(({ error }) => error?.code);

/** Another compute of the workspace, with that tag. */
function stranger(
  { world }: Stage,
  name: string,
  tags: Record<string, string>,
  isAttachedCompute = true,
): void {
  const properties = { resourceId: aksId(world), isAttachedCompute };
  world.addCompute(workspaceId(world), { name, tags, properties });
}

test("a new compute bears the name of its declaration", async () => {
  const { world } = await declared();
  expect(world.resource(computeId(world, "cpu"))?.body["tags"]).toEqual({ [declarationTag]: declaration });
});

test("a legacy compute does so too", async () => {
  const stage = scene();
  const run = await stage.ensure(byFile, declaring([{ ...gpu, "compute-type": "aks" }]));
  expect(run.exit).toBe(0);
  expect(stage.world.resource(computeId(stage.world))?.body["tags"]).toEqual({
    [declarationTag]: declaration,
  });
});

test("what the file names no more stays, unless it is to be pruned", async () => {
  const stage = await declared();
  expect((await stage.ensure(byFile, declaring([gpu]))).exit).toBe(0);
  expect(left(stage, "cpu")).toBe(true);
});

test("prune detaches what this declaration made and names no more, and nothing else", async () => {
  const stage = await declared();
  stranger(stage, "untagged", {});
  stranger(stage, "others", { [declarationTag]: "contoso/other/computes.yml" });
  stranger(stage, "created", { [declarationTag]: declaration }, false);
  const run = await stage.ensure(pruning, declaring([{ ...gpu, "compute-name": "GPU" }]));
  expect({ exit: run.exit, errors: run.host.said.errors }).toEqual({ exit: 0, errors: [] });
  expect(detached(stage)).toEqual([`DELETE ${computeId(stage.world, "cpu")} 202`]);
  for (const name of ["gpu", "untagged", "others", "created"]) expect(left(stage, name)).toBe(true);
  expect(run.report.plan?.steps.at(-1)).toMatchObject({ kind: "detach-compute", stage: "detach" });
  expect(stage.world.violations).toEqual([]);
  const again = await stage.ensure(pruning, declaring([gpu]));
  expect({ exit: again.exit, changed: again.report.changed }).toEqual({ exit: 0, changed: false });
});

test("a dry run shows it", async () => {
  const stage = await declared();
  const run = await stage.ensure({ ...pruning, "dry-run": "true" }, declaring([gpu]));
  expect(run.report.plan?.steps.map(({ kind }) => kind)).toContain("detach-compute");
  expect(run.report.verdict).toBe("planned");
  expect(detached(stage)).toEqual([]);
});

describe("nothing is detached", () => {
  test("while something else fails", async () => {
    const stage = await declared();
    const run = await stage.ensure(pruning, declaring([{ ...gpu, namespace: "other" }]));
    expect(codes(run)).toEqual(["Different", "NotReached"]);
    expect(detached(stage)).toEqual([]);
  });

  test("that bears the name no more when its turn comes, whatever `preflight` says", async () => {
    const stage = await declared();
    stage.world.breakCluster(aksId(stage.world), "image-pull");
    const inputs = { ...pruning, preflight: "off", "fail-on": "never", "wait-for": "0s" };
    const options = { inputs, ...declaring([gpu]) };
    const run = await ensureOn(stage, options, (line) => {
      if (line.includes("verify the extension") && line.endsWith("…")) {
        const compute = stage.world.resource(computeId(stage.world, "cpu"));
        if (compute) compute.body["tags"] = {};
      }
    });
    expect(codes(run)).toEqual([undefined, "NotDeclaredHere"]);
    expect(detached(stage)).toEqual([]);
  });

  test("without a declaration's name, or without a file", async () => {
    const stage = await declared();
    const nameless = await stage.ensure(pruning, { files: { "computes.yml": fileOf([gpu]) } });
    expect(nameless.report.error?.details).toEqual([expect.stringMatching(/^declaration: not given; /)]);
    const fileless = await stage.ensure({ prune: "true", workloads: "training" });
    expect(fileless.report.error?.details).toEqual([expect.stringMatching(/^prune: given "true"; /)]);
    expect(detached(stage)).toEqual([]);
  });

  test("without the right to, and that is told before the first write", async () => {
    const stage = await declared();
    forbid(stage.world, "Microsoft.MachineLearningServices/workspaces/computes/delete");
    const run = await stage.ensure(pruning, declaring([gpu]));
    expect(codes(run)).toEqual([undefined, "PreflightFailed"]);
  });
});
