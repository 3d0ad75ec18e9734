import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("B1, C5: the workspace creates a cluster with an internal load balancer, and finds it the second time", () =>
  play("create-internal-load-balancer", async ({ world, create }) => {
    const inputs = {
      via: "workspace",
      "cluster-name": "",
      "cluster-resource-group": "",
      "compute-name": "scoring",
      "cluster-purpose": "DevTest",
      "node-count": "1",
      "load-balancer-type": "InternalLoadBalancer",
    };
    const result = await create({ inputs });
    expect(result.outputs["scoring-ip"]).toMatch(/^10\./);
    // Azure makes a name of the compute's.
    const named = JSON.stringify(shown(result, world)).replaceAll(/scoring[0-9a-f]{10}/g, "scoring<made>");
    expect(JSON.parse(named)).toMatchSnapshot();
    const lines = requests(world).map((line) => line.replace(/scoring[0-9a-f]{10}/, "scoring<made>"));
    expect(lines).toMatchSnapshot();
    const again = await create({ inputs });
    expect(again.outputs).toMatchObject({ changed: "false", state: "Succeeded" });
    expect(again.outputs["cluster-id"]).toBe(result.outputs["cluster-id"]);
    expect(world.exchanges.filter(({ method }) => method === "PUT")).toHaveLength(1);
  }));
