import { expect, test } from "@jest/globals";
import { play, shown } from "../support/play.ts";

test("C2, C4, A7: all that Azure would refuse one by one is told at once, and nothing is written", () =>
  play("create-everything-wrong", async ({ world, create }) => {
    const inputs = {
      "cluster-resource-group": "rg1",
      "kubernetes-version": "1.19.1",
      "node-count": "2",
      "vm-size": "Standard_A1_v2",
      "service-cidr": "10.244.0.0/16",
      "dns-service-ip": "10.245.0.10",
      "enable-private-cluster": "true",
      "api-server-authorized-ip-ranges": "203.0.113.0/24",
    };
    const result = await create({ inputs });
    expect(result.outputs["error-code"]).toBe("PreflightFailed");
    expect(shown(result, world)).toMatchSnapshot();
    expect(world.exchanges.filter(({ host, method }) => host === "arm" && method !== "GET")).toEqual([]);
  }));
