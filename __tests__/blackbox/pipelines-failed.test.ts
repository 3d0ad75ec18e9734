import { expect, test } from "@jest/globals";
import { playTasks, shownTask, withCertificate } from "../support/pipelines.ts";

const planted =
  "##vso[task.complete result=Succeeded;]fine ##vso[task.setvariable variable=state;isOutput=true]Gone";

test("a failure is one issue and a failed task; what Azure says is no command", () =>
  playTasks("pipelines-failed", async ({ world, attach }) => {
    const error = {
      code: "BadRequest",
      message: `Failed to attach.\n${planted}`,
      details: [{ code: "ClusterNotReachable", message: `##[section]${planted}`, target: "aks1" }],
    };
    world.knobs.createOutcome = { status: "Failed", error };
    const failed = await attach();
    expect(shownTask(failed, world)).toMatchSnapshot();
    expect(failed.issues).toHaveLength(1);
    expect(failed.stdout.match(/^##vso\[task\.complete/gm)).toHaveLength(1);
  }));

test("every problem of the inputs is told in one issue, and Azure is asked nothing", () =>
  playTasks("pipelines-bad-input", async ({ world, attach }) => {
    const inputs = { computeName: "9lives!", clusterResourceId: "/subscriptions/x/aks", timeout: "soon" };
    const { result, issues, outputs } = await attach({ inputs });
    expect({ result, outputs }).toMatchObject({ result: "Failed", outputs: { errorCode: "InvalidInput" } });
    expect(issues).toMatchSnapshot();
    expect(world.exchanges).toEqual([]);
  }));

test("a service connection of another scheme is refused, with what to do", () =>
  playTasks("pipelines-scheme", async ({ world, azure, attach }) => {
    const { result, exitCode, issues } = await attach({ connection: withCertificate(world, azure) });
    expect({ result, exitCode, issues }).toMatchSnapshot();
    expect(world.exchanges).toEqual([]);
  }));
