import { expect, test } from "@jest/globals";
import { playTasks, shownTask } from "../support/pipelines.ts";
import { requests } from "../support/play.ts";

test("the task attaches with a service connection's client secret; a second time it changes nothing", () =>
  playTasks("pipelines-attach", async ({ world, attach }) => {
    expect(shownTask(await attach({ inputs: { namespace: "team-a" } }), world)).toMatchSnapshot("first");
    expect(requests(world)).toMatchSnapshot("requests of the first");
    world.exchanges.length = 0;
    expect(shownTask(await attach({ inputs: { namespace: "team-a" } }), world)).toMatchSnapshot("second");
    expect(requests(world).filter((line) => line.startsWith("arm PUT"))).toEqual([]);
  }));
