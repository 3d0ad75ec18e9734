import { expect, test } from "@jest/globals";
import { play, shown } from "../support/play.ts";

test("a time limit that is over says what goes on and how to pick it up", () =>
  play("timeout", async ({ world, attach }) => {
    world.knobs.stuck = true;
    expect(shown(await attach({ inputs: { timeout: "3s" } }), world)).toMatchSnapshot();
  }));
