import { expect, test } from "@jest/globals";
import { everythingSeen, play } from "../support/play.ts";
import { leaks } from "../support/secret-scanner.ts";
import { tlsPair } from "../support/tls-pair.ts";

const via = { via: "workspace", "cluster-name": "", "cluster-resource-group": "" };
/** The settings that the documents give for a network (J21). */
const network = {
  ...{ "vnet-resource-group": "mygroup", "vnet-name": "mynetwork", "subnet-name": "default" },
  ...{ "service-cidr": "10.0.0.0/16", "dns-service-ip": "10.0.0.10", "docker-bridge-cidr": "172.17.0.1/16" },
};

test("C2, T1: the workspace creates a cluster in a virtual network, with a certificate of Microsoft's", () =>
  play("create-workspace-vnet", async ({ world, create }) => {
    const vnet = `/subscriptions/${world.subscriptionId}/resourceGroups/mygroup/providers/Microsoft.Network/virtualNetworks/mynetwork`;
    world.addSubnet(`${vnet}/subnets/default`, "10.5.0.0/24");
    const inputs = { ...via, ...network, "compute-name": "myaks", "ssl-leaf-domain-label": "contoso" };
    const { exitCode, outputs } = await create({ inputs });
    expect({ exitCode, changed: outputs["changed"] }).toEqual({ exitCode: 0, changed: "true" });
    expect(outputs["scoring-host"]).toMatch(/^contoso\d{6}\.eastus\.cloudapp\.azure\.com$/);
    const put = world.exchanges.find(({ method }) => method === "PUT");
    expect(JSON.parse(put?.requestBody ?? "{}").properties).toEqual({
      computeType: "AKS",
      properties: {
        clusterPurpose: "FastProd",
        sslConfiguration: { status: "Auto", leafDomainLabel: "contoso", overwriteExistingDomain: false },
        aksNetworkingConfiguration: {
          subnetId: `${vnet}/subnets/default`,
          serviceCidr: "10.0.0.0/16",
          dnsServiceIP: "10.0.0.10",
          dockerBridgeCidr: "172.17.0.1/16",
        },
      },
    });
    expect((await create({ inputs })).outputs).toMatchObject({
      changed: "false",
      "scoring-host": outputs["scoring-host"],
    });
  }));

test("C1, T2: the workspace creates a cluster with an own certificate, whose key is shown nowhere", () =>
  play("create-workspace-tls", async ({ world, create }) => {
    const { certificate, key, cname } = await tlsPair({ cname: "www.contoso.invalid" });
    world.secrets.add(key.split("\n")[1] ?? key);
    const inputs = {
      ...{ ...via, "compute-name": "myaks", "ssl-cname": cname },
      ...{ "ssl-cert-pem": certificate, "ssl-key-pem": Buffer.from(key).toString("base64") },
    };
    const result = await create({ inputs, env: { RUNNER_DEBUG: "1" } });
    expect({ exitCode: result.exitCode, host: result.outputs["scoring-host"] }).toEqual({
      exitCode: 0,
      host: cname,
    });
    expect(result.outputs["plan"]).toContain('"cert":"(hidden)","key":"(hidden)"');
    expect(leaks(everythingSeen(result), world.secrets)).toEqual([]);
    const put = world.exchanges.find(({ method }) => method === "PUT");
    expect(JSON.parse(put?.requestBody ?? "{}")).toMatchObject({
      properties: { properties: { sslConfiguration: { status: "Enabled", cname, cert: certificate, key } } },
    });
  }));
