import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("L1: attaches an Arc cluster, named without its resource id", () =>
  play("attach-arc", async ({ world, attach }) => {
    const result = await attach({ inputs: { "cluster-name": "arc1", "cluster-type": "connectedClusters" } });
    expect(shown(result, world)).toMatchSnapshot();
    expect(requests(world)).toMatchSnapshot();
  }));
