import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("A6, L3: a compute with other settings is refused, with every field that differs", () =>
  play("difference", async ({ world, attach }) => {
    await attach();
    world.exchanges.length = 0;
    const inputs = { "cluster-name": "arc1", "cluster-type": "connectedClusters", namespace: "team-b" };
    const result = await attach({ inputs: { ...inputs, "identity-type": "system_assigned" } });
    expect(shown(result, world)).toMatchSnapshot();
    expect(requests(world)).toMatchSnapshot();
  }));
