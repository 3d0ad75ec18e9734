import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("C2, A9: a private cluster is created in a virtual network, and its traffic leaves through a firewall", () =>
  play("create-vnet", async ({ world, create }) => {
    const network = `/subscriptions/${world.subscriptionId}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet1`;
    world.addSubnet(`${network}/subnets/nodes`, "10.5.0.0/24", true);
    world.knobs.publicIpPolicy = "early";
    const result = await create({
      inputs: {
        "vnet-resource-group": "net",
        "vnet-name": "vnet1",
        "subnet-name": "nodes",
        "service-cidr": "10.1.0.0/16",
        "dns-service-ip": "10.1.0.10",
        "kubernetes-version": "1.33",
        "node-count": "4",
        "outbound-type": "userDefinedRouting",
        "enable-private-cluster": "true",
        tags: "team=vision",
      },
    });
    expect(shown(result, world)).toMatchSnapshot();
    expect(requests(world)).toMatchSnapshot();
  }));
