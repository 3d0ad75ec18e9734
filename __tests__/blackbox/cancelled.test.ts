import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("SIGINT during a wait: gone within 5 s, the post step tells the state, the next run picks up the wait", () =>
  play("cancelled", async ({ world, attach }) => {
    world.knobs.computeSeconds.create = 600;
    const cut = await attach({
      onLine: (line, step) => {
        if (!line.includes("InProgress")) return;
        step.kill("SIGINT");
        setTimeout(() => step.kill("SIGKILL"), 5_000).unref();
      },
    });
    expect(cut.signal).toBeNull();
    expect(shown(cut, world)).toMatchSnapshot("cut off");
    expect(shown(await attach({ after: cut.state }), world)).toMatchSnapshot("post step");

    world.clock.advance(600_000);
    world.exchanges.length = 0;
    expect(shown(await attach(), world)).toMatchSnapshot("next run");
    expect(requests(world).filter((line) => line.startsWith("arm PUT"))).toEqual([]);
  }));
