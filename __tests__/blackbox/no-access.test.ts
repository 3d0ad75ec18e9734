import { expect, test } from "@jest/globals";
import { play, shown } from "../support/play.ts";

test("403 on the workspace: one error with Azure's code, the remedy and the request id", () =>
  play("no-access", async ({ world, attach }) => {
    world.revoke(world.application.clientId);
    expect(shown(await attach(), world)).toMatchSnapshot();
  }));
