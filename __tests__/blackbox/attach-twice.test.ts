import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("L3: a second attach finds the compute and writes nothing", () =>
  play("attach-twice", async ({ world, attach }) => {
    await attach();
    world.exchanges.length = 0;
    const second = await attach();
    expect(shown(second, world)).toMatchSnapshot();
    expect(requests(world)).toMatchSnapshot();
    expect(world.exchanges.filter(({ host, method }) => host === "arm" && method !== "GET")).toEqual([]);
  }));
