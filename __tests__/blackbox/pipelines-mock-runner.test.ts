import { expect, test } from "@jest/globals";
import { handlers, playTasks, withFederation } from "../support/pipelines.ts";

test.each(handlers)("the mock runner of azure-pipelines-task-lib runs the packaged tasks: $name", (handler) =>
  playTasks(`pipelines-mock-${handler.name}`, async ({ world, azure, mock }) => {
    const well = { succeeded: true, errorIssues: [], warningIssues: [] };
    const attached = await mock("attach", { handler });
    expect(attached).toMatchObject(well);
    expect(attached.stdout).toContain(
      "##vso[task.setvariable variable=changed;isOutput=true;issecret=false;]true",
    );
    const detached = await mock("detach", { handler, connection: withFederation(world, azure) });
    expect(detached).toMatchObject(well);
    expect(detached.stdout).toContain(
      "##vso[task.setvariable variable=state;isOutput=true;issecret=false;]Absent",
    );

    const refused = await mock("attach", { handler, inputs: { timeout: "soon" } });
    expect(refused).toMatchObject({ succeeded: false, warningIssues: [] });
    expect(refused.errorIssues).toEqual([expect.stringMatching(/^attach failed: InvalidInput: .*timeout/)]);
  }),
);
