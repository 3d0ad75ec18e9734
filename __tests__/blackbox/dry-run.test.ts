import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("dry-run shows the plan and writes nothing", () =>
  play("dry-run", async ({ world, attach }) => {
    expect(shown(await attach({ inputs: { "dry-run": "true" } }), world)).toMatchSnapshot();
    expect(requests(world)).toMatchSnapshot();
  }));
