import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("L4: `wait: false` returns once Azure has accepted", () =>
  play("wait-false", async ({ world, attach, detach }) => {
    expect(shown(await attach({ inputs: { wait: "false" } }), world)).toMatchSnapshot("attach");
    world.clock.advance(10_000);
    expect(shown(await detach({ inputs: { wait: "false" } }), world)).toMatchSnapshot("detach");
    expect(requests(world)).toMatchSnapshot("requests of both");
  }));
