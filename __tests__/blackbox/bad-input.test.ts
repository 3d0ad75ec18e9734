import { expect, test } from "@jest/globals";
import { play, shown } from "../support/play.ts";

test("lists every problem of the inputs in one error and asks Azure nothing", () =>
  play("bad-input", async ({ world, attach }) => {
    const inputs = {
      "compute-name": "9lives!",
      "cluster-resource-id": "/subscriptions/x/aks",
      namespace: "Team_A",
      "identity-type": "system",
      timeout: "soon",
      "on-difference": "merge",
    };
    expect(shown(await attach({ inputs }), world)).toMatchSnapshot();
    expect(world.exchanges).toEqual([]);
  }));
