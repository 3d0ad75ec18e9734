import { describe, expect, test } from "@jest/globals";
import {
  type AksAttachment,
  aksAttachBody,
  aksCreateBody,
  aksProperties,
  loadBalancerBody,
  shownBody,
} from "../../src/model/aks-compute.ts";
import {
  aksCreationDifferences,
  aksDifferences,
  isLoadBalancerOnly,
} from "../../src/model/aks-differences.ts";
import type { Compute } from "../../src/model/compute.ts";
import { isPrivateAddress, scoringEndpoint } from "../../src/model/scoring-endpoint.ts";
import { legacyCompute } from "../rules/aks-facts.ts";
import { aksId } from "../rules/facts.ts";

const plain: AksAttachment = { clusterId: aksId, clusterPurpose: "FastProd", loadBalancer: {} };
const own = { way: "own", cname: "a.contoso.com", certificate: "CERT", privateKey: "KEY" } as const;
const microsoft = { way: "microsoft", leafDomainLabel: "contoso", overwriteExistingDomain: true } as const;
const internal = { type: "InternalLoadBalancer", subnet: "aks" } as const;
const fields = (wanted: Partial<AksAttachment>, found: Compute) =>
  aksDifferences({ ...plain, ...wanted }, found).map(({ field }) => field);

describe("the body of an attach (peers 2.2)", () => {
  test("C3: without TLS and load balancer it says the purpose alone", () => {
    expect(aksAttachBody(plain, "eastus")).toEqual({
      location: "eastus",
      properties: { computeType: "AKS", resourceId: aksId, properties: { clusterPurpose: "FastProd" } },
    });
  });

  test.each([
    ["T2: an own certificate", own, { status: "Enabled", cname: "a.contoso.com", cert: "CERT", key: "KEY" }],
    [
      "T1: Microsoft's certificate",
      microsoft,
      { status: "Auto", leafDomainLabel: "contoso", overwriteExistingDomain: true },
    ],
  ])("%s", (_title, tls, sslConfiguration) => {
    expect(aksProperties(aksAttachBody({ ...plain, tls }, "eastus"))).toEqual({
      clusterPurpose: "FastProd",
      sslConfiguration,
    });
  });

  test("a plan shows neither certificate nor key", () => {
    const shown = JSON.stringify(shownBody(aksAttachBody({ ...plain, tls: own }, "eastus")));
    expect(shown).not.toMatch(/CERT|KEY/);
    expect(shown).toContain('"cert":"(hidden)","key":"(hidden)"');
    const body = aksAttachBody({ ...plain, tls: microsoft }, "eastus");
    expect(shownBody(body)).toEqual(body);
  });
});

test("C2, B1: the body of a create names no cluster, and all that was given", () => {
  const network = {
    subnetId: "s",
    serviceCidr: "10.0.0.0/16",
    dnsServiceIP: "10.0.0.10",
    dockerBridgeCidr: "d",
  };
  const more = { agentCount: 4, agentVmSize: "Standard_D3_v2", location: "westus", network };
  const body = aksCreateBody({ clusterPurpose: "DevTest", loadBalancer: internal, ...more }, "eastus");
  expect(body).toEqual({
    location: "eastus",
    properties: {
      computeType: "AKS",
      computeLocation: "westus",
      properties: {
        clusterPurpose: "DevTest",
        loadBalancerType: "InternalLoadBalancer",
        loadBalancerSubnet: "aks",
        agentCount: 4,
        agentVmSize: "Standard_D3_v2",
        aksNetworkingConfiguration: network,
      },
    },
  });
});

describe("what differs", () => {
  test("what was left open is not compared", () => {
    const found = legacyCompute({ loadBalancerType: "InternalLoadBalancer", loadBalancerSubnet: "x" });
    expect(fields({}, found)).toEqual([]);
  });

  test("A6: every other field is named", () => {
    const found = legacyCompute(
      {
        clusterPurpose: "DevTest",
        sslConfiguration: { status: "Auto", leafDomainLabel: "other" },
        loadBalancerSubnet: "x",
      },
      { resourceId: `${aksId}2` },
    );
    expect(fields({ tls: own, loadBalancer: internal }, found)).toEqual([
      "resourceId",
      "clusterPurpose",
      "sslConfiguration.status",
      "sslConfiguration.cname",
      "loadBalancerType",
      "loadBalancerSubnet",
    ]);
    expect(fields({ tls: microsoft }, found)).toContain("sslConfiguration.leafDomainLabel");
    expect(fields({}, legacyCompute({}, { computeType: "Kubernetes" }))).toEqual(["computeType"]);
  });

  test("names are compared without case, and absent fields are the service's defaults", () => {
    const ssl = { status: "enabled", cname: "A.Contoso.Com" };
    expect(fields({ tls: own }, legacyCompute({ sslConfiguration: ssl }))).toEqual([]);
    const bare = legacyCompute({ clusterPurpose: null, sslConfiguration: null, loadBalancerType: null });
    expect(fields({ loadBalancer: { type: "PublicIp" } }, bare)).toEqual([]);
  });

  test("B2: the load balancer alone can be changed in place", () => {
    const rows = aksDifferences({ ...plain, loadBalancer: internal }, legacyCompute());
    expect(isLoadBalancerOnly(rows)).toBe(true);
    const more = aksDifferences({ ...plain, loadBalancer: internal, tls: own }, legacyCompute());
    expect(isLoadBalancerOnly(more)).toBe(false);
  });

  test("C7: of a created cluster its size counts too", () => {
    const found = legacyCompute({ agentCount: 3, agentVmSize: "Standard_D3_v2" });
    const wanted = { clusterPurpose: "FastProd", loadBalancer: {} } as const;
    expect(aksCreationDifferences({ ...wanted, agentVmSize: "standard_d3_v2" }, found)).toEqual([]);
    expect(aksCreationDifferences({ ...wanted, agentCount: 5 }, found)).toEqual([
      { field: "agentCount", wanted: "5", found: "3" },
    ]);
  });
});

describe("B2: the body that changes the load balancer", () => {
  const ssl = { status: "Enabled", cname: "a.contoso.com", cert: null, key: null };
  const found = {
    ...legacyCompute(
      { sslConfiguration: ssl, agentCount: 3, systemServices: [], futureField: { a: 1 } } as never,
      {
        provisioningErrors: null,
        isAttachedCompute: true,
        createdOn: "2020-01-01",
        disableLocalAuth: false,
      } as never,
    ),
    id: "id",
    type: "t",
    systemData: {},
    tags: { team: "a" },
    identity: { type: "SystemAssigned", principalId: "p" },
  } as Compute;

  test("keeps all that came but what is read only, TLS before all", () => {
    expect(loadBalancerBody(found, { ...plain, loadBalancer: internal })).toEqual({
      location: "eastus",
      tags: { team: "a" },
      identity: { type: "SystemAssigned" },
      properties: {
        computeType: "AKS",
        resourceId: aksId,
        disableLocalAuth: false,
        properties: {
          clusterPurpose: "FastProd",
          sslConfiguration: ssl,
          agentCount: 3,
          futureField: { a: 1 },
          loadBalancerType: "InternalLoadBalancer",
          loadBalancerSubnet: "aks",
        },
      },
    });
  });

  test("puts certificate and key in anew, which Azure never returns", () => {
    const body = loadBalancerBody(found, { ...plain, loadBalancer: { type: "PublicIp" }, tls: own });
    expect(aksProperties(body).sslConfiguration).toEqual({ ...ssl, cert: "CERT", key: "KEY" });
  });

  test("a public one has no subnet", () => {
    const before = legacyCompute({ loadBalancerType: "InternalLoadBalancer", loadBalancerSubnet: "aks" });
    const body = loadBalancerBody(before, { ...plain, loadBalancer: { type: "PublicIp" } });
    expect(aksProperties(body)).toEqual({ clusterPurpose: "FastProd", loadBalancerType: "PublicIp" });
  });

  test("a subnet that was not given stays", () => {
    const before = legacyCompute({ loadBalancerSubnet: "aks" });
    const body = loadBalancerBody(before, { ...plain, loadBalancer: { type: "InternalLoadBalancer" } });
    expect(aksProperties(body)).toMatchObject({ loadBalancerSubnet: "aks" });
  });
});

describe("the scoring endpoint (T3, B3)", () => {
  test("is the service that scores, else the one that there is", () => {
    const other = { systemServiceType: "Other", publicIpAddress: "1.1.1.1" };
    const scoring = { systemServiceType: "ScoringFrontEnd", publicIpAddress: "2.2.2.2" };
    expect(scoringEndpoint(legacyCompute({ systemServices: [other, scoring] })).ip).toBe("2.2.2.2");
    expect(scoringEndpoint(legacyCompute({ systemServices: [other] })).ip).toBe("1.1.1.1");
    expect(scoringEndpoint(legacyCompute({ systemServices: null }))).toEqual({
      ip: undefined,
      host: undefined,
    });
  });

  test.each([
    ["10.0.0.1", true],
    ["172.16.0.1", true],
    ["172.31.255.255", true],
    ["192.168.1.1", true],
    ["100.64.0.1", true],
    ["172.32.0.1", false],
    ["100.128.0.1", false],
    ["20.1.2.3", false],
    ["", false],
  ])("%s is private: %s", (ip, expected) => {
    expect(isPrivateAddress(ip)).toBe(expected);
  });
});
