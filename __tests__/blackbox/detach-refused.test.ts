import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("D1: refuses a compute that the workspace created, unless told", () =>
  play("detach-refused", async ({ world, detach }) => {
    const workspace = `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.MachineLearningServices/workspaces/ws1`;
    world.addCompute(workspace, { name: "gpu", properties: { isAttachedCompute: false } });
    expect(shown(await detach(), world)).toMatchSnapshot("refused");
    expect(requests(world)).toMatchSnapshot("requests");
    const told = await detach({ inputs: { "allow-created": "true" } });
    expect(told.outputs).toMatchObject({ changed: "true", state: "Absent" });
  }));
