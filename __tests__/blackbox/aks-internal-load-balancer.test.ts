import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("B2, B3: an attached compute is changed to an internal load balancer, in place, and its private address is given", () =>
  play("aks-internal-load-balancer", async ({ world, attach }) => {
    await attach({ inputs: { "compute-type": "aks" } });
    world.exchanges.length = 0;
    const result = await attach({
      inputs: { "compute-type": "aks", "load-balancer-type": "InternalLoadBalancer" },
    });
    expect(result.outputs["scoring-ip"]).toMatch(/^10\./);
    expect(shown(result, world)).toMatchSnapshot();
    expect(requests(world)).toMatchSnapshot();
  }));
