import { expect, test } from "@jest/globals";
import { play, shown } from "../support/play.ts";

const small = {
  "cluster-resource-group": "rg1",
  "kubernetes-version": "1.19.1",
  "node-count": "2",
  "vm-size": "Standard_A1_v2",
  "service-cidr": "10.244.0.0/16",
  "dns-service-ip": "10.245.0.10",
  "enable-private-cluster": "true",
  "api-server-authorized-ip-ranges": "203.0.113.0/24",
};
const wrong = {
  "outbound-type": "none",
  tags: "team",
  "vnet-resource-group": "a/b",
  "vnet-name": "-",
  "subnet-name": "?",
  "compute-name": "gpu",
  "docker-bridge-cidr": "172.17.0.1",
  "ssl-cname": "*.contoso.com",
  "dry-run": "maybe",
  timeout: "soon",
};

test("C2, C4, A7: all that Azure would refuse one by one is told at once, and nothing is written", () =>
  play("create-everything-wrong", async ({ world, create }) => {
    const result = await create({ inputs: small });
    expect(result.outputs["error-code"]).toBe("PreflightFailed");
    expect(shown(result, world)).toMatchSnapshot("preconditions");
    const both = await create({ inputs: { ...small, ...wrong } });
    expect(both.outputs["error-code"]).toBe("InvalidInput");
    expect(shown(both, world)).toMatchSnapshot("ten inputs and the same preconditions, in two groups");
    expect(world.exchanges.filter(({ host, method }) => host === "arm" && method !== "GET")).toEqual([]);
  }));
