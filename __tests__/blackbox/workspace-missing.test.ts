import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("a workspace that is not there is an error, for detach too: its computes are not 'gone already'", () =>
  play("workspace-missing", async ({ world, attach, detach }) => {
    const inputs = { "workspace-name": "ws2" };
    expect(shown(await attach({ inputs }), world)).toMatchSnapshot("attach");
    expect(shown(await detach({ inputs }), world)).toMatchSnapshot("detach");
    expect(requests(world)).toMatchSnapshot("requests of both");
  }));
