import { describe, expect, test } from "@jest/globals";
import { isActive, type Job, rolloutsOf, runsOn } from "../../src/model/compute-work.ts";

const compute =
  "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/gpu";
const job = (properties: Job["properties"]): Job => ({ name: "j", properties });

describe("a job", () => {
  test.each([
    ["NotStarted", true],
    ["Starting", true],
    ["Provisioning", true],
    ["Preparing", true],
    ["Queued", true],
    ["Running", true],
    ["Finalizing", true],
    ["CancelRequested", true],
    ["NotResponding", true],
    ["Unknown", true],
    [undefined, true],
    ["SomethingNew", true],
    ["Completed", false],
    ["Failed", false],
    ["Canceled", false],
    ["Paused", false],
  ])("that is %s still counts: %s", (status, expected) => {
    expect(isActive(job({ ...(status && { status }) }))).toBe(expected);
  });

  test.each<[string, Job["properties"], boolean]>([
    ["by its own compute, in any case", { computeId: compute.toUpperCase() }, true],
    ["by the default of its pipeline", { settings: { default_compute: compute } }, true],
    ["by a step", { computeId: null, jobs: { train: { computeId: compute } } }, true],
    [
      "of another compute",
      { computeId: `${compute}2`, jobs: { train: { computeId: `${compute}3` } } },
      false,
    ],
    ["of none", {}, false],
    ["that only speaks of it", { description: `runs beside ${compute}` }, false],
  ])("%s", (_, properties, expected) => expect(runsOn(job(properties), compute)).toBe(expected));
});

test("what is being changed is told with its state; what ended, however it did, is not", () => {
  const endpoint = { name: "chat", properties: { provisioningState: "Updating" } };
  const states = ["Creating", "Scaling", "Deleting", "Succeeded", "Failed", "Canceled"];
  const deployments = states.map((provisioningState) => ({
    name: provisioningState.toLowerCase(),
    properties: { provisioningState },
  }));
  expect(rolloutsOf(endpoint, [...deployments, { name: "old", properties: {} }])).toEqual([
    { name: 'endpoint "chat"', state: "Updating" },
    { name: 'deployment "chat/creating"', state: "Creating" },
    { name: 'deployment "chat/scaling"', state: "Scaling" },
    { name: 'deployment "chat/deleting"', state: "Deleting" },
  ]);
});
