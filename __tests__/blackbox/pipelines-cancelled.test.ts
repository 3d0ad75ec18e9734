import { expect, test } from "@jest/globals";
import { playTasks, shownTask } from "../support/pipelines.ts";
import { requests } from "../support/play.ts";

test("SIGINT during a wait: gone within 5 s, the end of the job tells the state, the next run picks up the wait", () =>
  playTasks("pipelines-cancelled", async ({ world, attach }) => {
    world.knobs.computeSeconds.create = 600;
    const cut = await attach({
      onLine: (line, task) => {
        if (!line.includes("InProgress")) return;
        task.kill("SIGINT");
        setTimeout(() => task.kill("SIGKILL"), 5_000).unref();
      },
    });
    expect(cut.signal).toBeNull();
    expect(shownTask(cut, world)).toMatchSnapshot("cut off");
    const after = await attach({ stage: "postjobexecution", taskVariables: cut.taskVariables });
    expect(shownTask(after, world)).toMatchSnapshot("end of the job");

    world.clock.advance(600_000);
    world.exchanges.length = 0;
    expect((await attach()).outputs).toMatchObject({ changed: "false", state: "Succeeded" });
    expect(requests(world).filter((line) => line.startsWith("arm PUT"))).toEqual([]);
  }));

test("the end of the job says nothing of a task that ended by itself", () =>
  playTasks("pipelines-after", async ({ attach }) => {
    const { taskVariables } = await attach();
    const after = await attach({ stage: "postjobexecution", taskVariables });
    expect({ result: after.result, log: after.log }).toEqual({ result: "Succeeded", log: [] });
  }));
