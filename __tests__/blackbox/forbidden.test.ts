import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("A4: without the right to write computes nothing is written, and the right is named", () =>
  play("forbidden", async ({ world, attach }) => {
    const { clientId } = world.application;
    world.revoke(clientId);
    world.grant(clientId, ["*/read"]);
    expect(shown(await attach(), world)).toMatchSnapshot("by the rule");
    expect(shown(await attach({ inputs: { preflight: "off" } }), world)).toMatchSnapshot("by Azure");
    expect(requests(world)).toMatchSnapshot("requests of both");
  }));
