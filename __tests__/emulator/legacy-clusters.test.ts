import { describe, expect, test } from "@jest/globals";
import { clusterRequest, errorOf, later, legacyTalk, propertiesOf } from "./legacy-talk.ts";
import { API } from "./talk.ts";

describe("a managed cluster", () => {
  test("is created with 201, Azure-AsyncOperation alone, and what AKS fills in (real-arm)", async () => {
    const one = legacyTalk();
    const said = await one.putCluster("made", clusterRequest({ kubernetesVersion: "" }));
    expect(said.status).toBe(201);
    expect(said.headers["location"]).toBeUndefined();
    expect(said.headers["azure-asyncoperation"]).toContain(
      "/providers/Microsoft.ContainerService/locations/eastus/operations/",
    );
    expect(said.body).toMatchObject({
      id: one.cluster("made"),
      location: "eastus",
      sku: { name: "Base", tier: "Free" },
      identity: { type: "SystemAssigned", principalId: expect.any(String) },
      properties: {
        provisioningState: "Creating",
        powerState: { code: "Running" },
        kubernetesVersion: "1.33",
        currentKubernetesVersion: "1.33.4",
        fqdn: expect.stringMatching(/^made-[0-9a-f]{8}\.hcp\.eastus\./),
        nodeResourceGroup: "MC_rg1_made_eastus",
        enableRBAC: true,
        networkProfile: {
          networkPlugin: "kubenet",
          loadBalancerSku: "standard",
          outboundType: "loadBalancer",
          serviceCidr: "10.0.0.0/16",
          dnsServiceIP: "10.0.0.10",
          podCidr: "10.244.0.0/16",
        },
      },
    });
  });

  test("is Creating, then Succeeded, its pools with it; the monitor speaks the dialect of AKS", async () => {
    const one = legacyTalk();
    const accepted = await one.putCluster("made", clusterRequest());
    const monitor = () => one.arm("GET", accepted.headers["azure-asyncoperation"] ?? "");
    expect((await monitor()).body).toEqual({
      name: expect.any(String),
      status: "InProgress",
      startTime: expect.any(String),
    });
    expect(propertiesOf(await one.getCluster("made"))["provisioningState"]).toBe("Creating");
    later(one.world);
    expect((await monitor()).body).toMatchObject({ status: "Succeeded", endTime: expect.any(String) });
    expect(propertiesOf(await one.getCluster("made"))).toMatchObject({
      provisioningState: "Succeeded",
      agentPoolProfiles: [{ name: "nodepool1", provisioningState: "Succeeded", count: 3, mode: "System" }],
    });
  });

  test("can be seen in lists, has pools, and a Kubernetes API", async () => {
    const one = legacyTalk();
    await one.putCluster("made", clusterRequest());
    later(one.world);
    const list = await one.arm(
      "GET",
      `${one.ids.group}/providers/Microsoft.ContainerService/managedClusters`,
      {
        api: API.aks,
      },
    );
    expect((list.body as { value: { name: string }[] }).value.map(({ name }) => name)).toEqual([
      "aks1",
      "made",
    ]);
    const pools = await one.arm("GET", `${one.cluster("made")}/agentPools`, { api: API.aks });
    expect(pools.body).toMatchObject({
      value: [
        {
          id: `${one.cluster("made")}/agentPools/nodepool1`,
          name: "nodepool1",
          properties: { count: 3, vmSize: "Standard_D4s_v3", currentOrchestratorVersion: "1.33.4" },
        },
      ],
    });
    const pool = await one.arm("GET", `${one.cluster("made")}/agentPools/nodepool1`, { api: API.aks });
    expect(pool.status).toBe(200);
    const none = await one.arm("GET", `${one.cluster("made")}/agentPools/other`, { api: API.aks });
    expect(none.status).toBe(404);
    const way = await one.arm("POST", `${one.cluster("made")}/listClusterUserCredential`, { api: API.aks });
    expect(way.status).toBe(200);
  });

  test("C9: an update answers 200 Updating, takes another count, and no other size", async () => {
    const one = legacyTalk();
    await one.putCluster("made", clusterRequest());
    later(one.world);
    const grown = await one.putCluster("made", clusterRequest({}, { count: 5 }));
    expect([grown.status, propertiesOf(grown)["provisioningState"]]).toEqual([200, "Updating"]);
    later(one.world);
    expect(propertiesOf(await one.getCluster("made"))).toMatchObject({
      provisioningState: "Succeeded",
      agentPoolProfiles: [{ count: 5 }],
    });
    const other = await one.putCluster("made", clusterRequest({}, { vmSize: "Standard_D8s_v3" }));
    expect(errorOf(other)).toMatchObject({
      code: "PropertyChangeNotAllowed",
      target: "properties.agentPoolProfile.vmSize",
    });
  });

  test("an update keeps what it does not name", async () => {
    const one = legacyTalk();
    const network = { networkProfile: { serviceCidr: "10.9.0.0/16", dnsServiceIP: "10.9.0.10" } };
    await one.putCluster("made", { ...clusterRequest(network), tags: { team: "ml" } });
    later(one.world);
    const { fqdn } = propertiesOf(await one.getCluster("made"));
    await one.putCluster("made", clusterRequest({}, { count: 4 }));
    later(one.world);
    expect((await one.getCluster("made")).body).toMatchObject({
      tags: { team: "ml" },
      properties: { fqdn, ...network, agentPoolProfiles: [{ count: 4 }] },
    });
  });

  test("a cluster that was there before can be written with its defaults", async () => {
    const one = legacyTalk();
    const network = { serviceCidr: "10.0.0.0/16", dnsServiceIP: "10.0.0.10", loadBalancerSku: "standard" };
    const said = await one.putCluster("aks1", clusterRequest({ dnsPrefix: "aks1", networkProfile: network }));
    expect(said.status).toBe(200);
  });

  test.each([
    ["serviceCidr", { networkProfile: { serviceCidr: "10.1.0.0/16", dnsServiceIP: "10.1.0.10" } }],
    ["loadBalancerSku", { networkProfile: { loadBalancerSku: "basic" } }],
    ["dnsPrefix", { dnsPrefix: "other" }],
    ["enablePrivateCluster", { apiServerAccessProfile: { enablePrivateCluster: true } }],
  ])("%s can't be changed", async (property, over) => {
    const one = legacyTalk();
    await one.putCluster("made", clusterRequest());
    later(one.world);
    expect(errorOf(await one.putCluster("made", clusterRequest(over)))).toMatchObject({
      code: "PropertyChangeNotAllowed",
      message: expect.stringContaining(property),
    });
  });

  test("a second write while one goes on is refused as AKS does it", async () => {
    const one = legacyTalk();
    await one.putCluster("made", clusterRequest());
    const second = await one.putCluster("made", clusterRequest());
    expect([second.status, errorOf(second).code]).toEqual([409, "OperationNotAllowed"]);
    const tags = await one.arm("PATCH", one.cluster("made"), { api: API.aks, body: { tags: {} } });
    expect(tags.status).toBe(409);
  });

  test("PATCH changes tags and nothing else", async () => {
    const one = legacyTalk();
    const patch = (body: unknown) => one.arm("PATCH", one.ids.aks, { api: API.aks, body });
    expect((await patch({ tags: { team: "ml" } })).body).toMatchObject({ tags: { team: "ml" } });
    expect((await one.getCluster("aks1")).body).toMatchObject({ tags: { team: "ml" } });
    expect((await patch({ properties: { dnsPrefix: "x" } })).status).toBe(400);
  });

  test("a private cluster has a public name too unless it is told not to", async () => {
    const one = legacyTalk();
    const access = (more: object) => ({ apiServerAccessProfile: { enablePrivateCluster: true, ...more } });
    const open = await one.putCluster("open", clusterRequest(access({})));
    expect(propertiesOf(open)).toMatchObject({
      fqdn: expect.any(String),
      privateFQDN: expect.any(String),
      apiServerAccessProfile: { enablePrivateClusterPublicFQDN: true },
    });
    const shut = await one.putCluster(
      "shut",
      clusterRequest(access({ enablePrivateClusterPublicFQDN: false })),
    );
    expect(propertiesOf(shut)["fqdn"]).toBeUndefined();
  });

  test("whoever deletes a cluster has violated the world, and sees it go", async () => {
    const one = legacyTalk();
    const gone = await one.arm("DELETE", one.ids.aks, { api: API.aks });
    expect(gone.status).toBe(202);
    later(one.world);
    expect((await one.getCluster("aks1")).status).toBe(404);
    expect(one.world.violations).toEqual([`DELETE of managed cluster ${one.ids.aks}`]);
  });
});

describe("a late end of a cluster", () => {
  const end = async (turn: (one: ReturnType<typeof legacyTalk>) => void, body = clusterRequest()) => {
    const one = legacyTalk();
    turn(one);
    const accepted = await one.putCluster("made", body);
    expect(accepted.status).toBe(201);
    later(one.world);
    const monitor = await one.arm("GET", accepted.headers["azure-asyncoperation"] ?? "");
    return { state: propertiesOf(await one.getCluster("made"))["provisioningState"], monitor };
  };

  test("C6: a policy that AKS meets while it makes the load balancer's public IP (AKS#2993)", async () => {
    const { state, monitor } = await end(({ world }) => {
      world.knobs.publicIpPolicy = "late";
    });
    expect(state).toBe("Failed");
    expect(monitor.body).toMatchObject({
      status: "Failed",
      error: { code: "ReconcileStandardLoadBalancerError" },
    });
    expect(errorOf(monitor).message).toContain("SubCode: RequestDisallowedByPolicy");
    expect(errorOf(monitor).message).toContain("PolicyViolation");
  });

  test("C6: with routes of one's own there is no public IP to forbid", async () => {
    const one = legacyTalk();
    one.world.knobs.publicIpPolicy = "late";
    const vnetSubnetID = one.subnet("aks", "10.5.0.0/24", true);
    const outbound = { networkProfile: { outboundType: "userDefinedRouting" } };
    await one.putCluster("made", clusterRequest(outbound, { vnetSubnetID }));
    later(one.world);
    expect(propertiesOf(await one.getCluster("made"))["provisioningState"]).toBe("Succeeded");
  });

  test("too little quota, in the late form", async () => {
    const { state, monitor } = await end(({ world }) => {
      world.knobs.vcpuQuota = 20;
      world.knobs.quotaRefusal = "QuotaExceeded";
    });
    expect(state).toBe("Failed");
    // aks1 has twelve of the twenty.
    expect(errorOf(monitor)).toMatchObject({
      code: "QuotaExceeded",
      message: expect.stringContaining("Current Limit: 20, Current Usage: 12, Additional Required: 12"),
    });
  });

  test("machines that Azure has run out of", async () => {
    const { state, monitor } = await end(({ world }) => {
      world.knobs.exhaustedVmSizes = ["Standard_D4s_v3"];
    });
    expect([state, errorOf(monitor).code]).toEqual(["Failed", "SkuNotAvailable"]);
  });

  test("a failed cluster can be written again", async () => {
    const one = legacyTalk();
    one.world.knobs.publicIpPolicy = "late";
    await one.putCluster("made", clusterRequest());
    later(one.world);
    one.world.knobs.publicIpPolicy = "none";
    expect((await one.putCluster("made", clusterRequest())).status).toBe(200);
    later(one.world);
    expect(propertiesOf(await one.getCluster("made"))["provisioningState"]).toBe("Succeeded");
  });
});
