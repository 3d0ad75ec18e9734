import { describe, expect, test } from "@jest/globals";
import type { AksTls } from "../../src/model/aks-compute.ts";
import { aksFacts, legacyCompute, lines, said } from "./aks-facts.ts";
import { absent, aksId, denied, facts, subscriptionId, there } from "./facts.ts";

const own: AksTls = { way: "own", cname: "scoring.contoso.com", certificate: "cert", privateKey: "key" };
const microsoft: AksTls = { way: "microsoft", leafDomainLabel: "contoso", overwriteExistingDomain: false };
const seen = (given: Parameters<typeof aksFacts>[0]) =>
  said(aksFacts(given))
    .map((one) => one.seen)
    .join("\n");

test("a healthy cluster and plain settings: nothing to say", () => {
  expect(lines(aksFacts())).toEqual([]);
});

describe("the attachment", () => {
  test("A2: a name that ends in a dash and digits is refused", () => {
    expect(lines(aksFacts({ computeName: "gpu-1" }))).toEqual([
      "error compute-name-digits (A2, arm-contract 1.2)",
    ]);
  });

  test("A3: the cluster may be in another region", () => {
    const { workspace } = facts();
    expect(lines(aksFacts({ workspace: { ...workspace, location: "westeurope" } }))).toEqual([]);
  });

  describe("A4: a cluster of another subscription", () => {
    const clusterId = aksId.replace(subscriptionId, "99999999-9999-4999-8999-999999999999");
    const elsewhere = { wanted: { clusterId } };

    test.each([
      ["with Contributor: a warning", there([{ actions: ["*"] }]), "warning"],
      ["with Reader: an error", there([{ actions: ["*/read"] }]), "error"],
      [
        "with Contributor but for writing: an error",
        there([{ actions: ["*"], notActions: ["*/write"] }]),
        "error",
      ],
      ["whose permissions can't be read: a warning", denied, "warning"],
    ] as const)("%s", (_title, clusterPermissions, severity) => {
      expect(lines(aksFacts({ ...elsewhere, clusterPermissions }))).toEqual([
        `${severity} aks-subscription (A4)`,
      ]);
    });
  });

  describe("A5: a second attachment of the cluster", () => {
    test("is refused, and named, in whatever case its id is", () => {
      const other = legacyCompute({}, { name: "old", resourceId: aksId.toUpperCase() });
      const found = said(aksFacts({ computes: there([legacyCompute(), other]) }));
      expect(found.map(({ id, severity }) => `${severity} ${id}`)).toEqual(["error aks-attached-twice"]);
      expect(found[0]?.seen).toContain('as "old" (Succeeded); a second attachment breaks the first');
    });

    test("the compute itself and computes of other clusters are none", () => {
      const other = legacyCompute({}, { name: "old", resourceId: `${aksId}2` });
      expect(lines(aksFacts({ computes: there([legacyCompute({}, { name: "GPU" }), other]) }))).toEqual([]);
    });

    test("as a Kubernetes compute is a warning", () => {
      const other = legacyCompute({}, { name: "k8s", computeType: "Kubernetes" });
      expect(lines(aksFacts({ computes: there([other]) }))).toEqual([
        "warning aks-beside-kubernetes (A5, extension.md 8)",
      ]);
    });

    test("can't be seen where computes can't be listed, which is said", () => {
      expect(lines(aksFacts({ computes: denied }))).toEqual(["warning aks-attached-twice (A5)"]);
    });
  });

  describe("A10: a cluster that may have crossed 1.17 since it was attached", () => {
    const old = { compute: there(legacyCompute({}, { createdOn: "2020-03-01T00:00:00Z" })) };

    test("is told", () => {
      expect(lines(aksFacts(old))).toEqual(["warning aks-upgraded-since (A10)"]);
      expect(seen(old)).toContain("attached on 2020-03-01 and runs Kubernetes 1.33.4 now");
    });

    test("is none where it runs 1.16 still, or was attached when 1.16 was gone", () => {
      const before = {
        ...old,
        cluster: { currentKubernetesVersion: "1.16.13" },
        versions: there([{ version: "1.16" }]),
      };
      expect(lines(aksFacts(before))).toEqual([]);
      const later = there(legacyCompute({}, { createdOn: "2022-03-01T00:00:00Z" }));
      expect(lines(aksFacts({ compute: later }))).toEqual([]);
    });
  });

  test("A11: that edits by hand are overwritten is told where the compute is changed, and only there", () => {
    const compute = there(legacyCompute());
    const wanted = { loadBalancer: { type: "InternalLoadBalancer" } } as const;
    expect(lines(aksFacts({ compute, wanted }))).toEqual(["info aks-drift (A11)"]);
    expect(lines(aksFacts({ compute }))).toEqual([]);
    expect(lines(aksFacts({ wanted }))).toEqual([]);
  });
});

describe("the cluster", () => {
  test("A1: must be there", () => {
    expect(lines(aksFacts({ seen: absent }))).toEqual(["error cluster-exists (A1)"]);
    expect(lines(aksFacts({ seen: denied }))).toEqual(["warning cluster-exists (A1)"]);
  });

  test("must run, have a managed identity and local accounts; Trusted Access does not help", () => {
    const stopped = { powerState: { code: "Stopped" } };
    expect(lines(aksFacts({ cluster: stopped }))).toEqual(["error cluster-running (extension.md 7)"]);
    expect(lines(aksFacts({ cluster: { disableLocalAccounts: true } }))).toEqual([
      "error aks-local-accounts (peers 1.6)",
    ]);
  });

  describe("A7: its Kubernetes version", () => {
    test("is refused where AKS does not support it, with the versions that it does", () => {
      const old = { cluster: { currentKubernetesVersion: "1.21.9" } };
      expect(lines(aksFacts(old))).toEqual(["error aks-version (A7)"]);
      expect(seen(old)).toContain("Supported are 1.32, 1.33, 1.34.");
    });

    test("is refused where it has long-term support alone, and the cluster has not", () => {
      const capabilities = { supportPlan: ["AKSLongTermSupport"] };
      const versions = there([{ version: "1.30", capabilities }, { version: "1.33" }]);
      const currentKubernetesVersion = "1.30.4";
      expect(lines(aksFacts({ versions, cluster: { currentKubernetesVersion } }))).toEqual([
        "error aks-version (A7)",
      ]);
      const longTerm = { currentKubernetesVersion, supportPlan: "AKSLongTermSupport" };
      expect(lines(aksFacts({ versions, cluster: longTerm }))).toEqual([]);
    });

    test("is a warning where it is a preview", () => {
      const preview = { cluster: { currentKubernetesVersion: "1.34.0" } };
      expect(lines(aksFacts(preview))).toEqual(["warning aks-version (A7)"]);
      expect(seen(preview)).toContain("preview");
    });

    test("was not checked where the list can't be read", () => {
      expect(said(aksFacts({ versions: denied }))).toMatchObject([
        { id: "aks-version", severity: "warning", unread: true },
      ]);
    });
  });

  describe("A8: authorized IP ranges", () => {
    const access = { apiServerAccessProfile: { authorizedIPRanges: ["20.1.2.0/24"] } };

    test("must let the control plane of both regions in", () => {
      const found = said(aksFacts({ cluster: access }));
      expect(found).toMatchObject([{ id: "aks-authorized-ranges", severity: "warning" }]);
      expect(found[0]?.remedy).toContain(
        "AzureMachineLearning of eastus and of the region that it is paired with",
      );
    });

    test("are an error with a Basic load balancer", () => {
      const basic = { ...access, networkProfile: { loadBalancerSku: "basic" } };
      expect(lines(aksFacts({ cluster: basic }))).toEqual(["error aks-authorized-ranges (A8)"]);
      const none = { networkProfile: { loadBalancerSku: "basic" } };
      expect(lines(aksFacts({ cluster: none }))).toEqual([]);
    });
  });

  test("A9: a private one with a public FQDN is refused, a private one without is taken", () => {
    const apiServerAccessProfile = { enablePrivateCluster: true };
    expect(lines(aksFacts({ cluster: { apiServerAccessProfile } }))).toEqual([]);
    const both = { ...apiServerAccessProfile, enablePrivateClusterPublicFQDN: true };
    expect(lines(aksFacts({ cluster: { apiServerAccessProfile: both } }))).toEqual([
      "error aks-private-public-fqdn (A9)",
    ]);
  });

  describe("C4: its capacity", () => {
    const of = (count: number, vmSize: string) => ({
      cluster: { agentPoolProfiles: [{ name: "pool1", count, osType: "Linux", vmSize }] },
    });
    const devTest = { wanted: { clusterPurpose: "DevTest" } } as const;

    test.each([
      ["three nodes with 12 vCPUs", of(3, "Standard_D4s_v3"), []],
      ["two nodes with 8", of(2, "Standard_D4s_v3"), ["error aks-nodes (C4)", "error aks-cores (C4)"]],
      ["two nodes with 12", of(2, "Standard_NC6s_v3"), ["error aks-nodes (C4)"]],
      ["three nodes with 6", of(3, "Standard_D2_v2"), ["error aks-cores (C4)"]],
      ["dev-test: one node with 2", { ...of(1, "Standard_D2_v2"), ...devTest }, []],
      ["dev-test: one node with 1", { ...of(1, "Standard_A1_v2"), ...devTest }, ["warning aks-cores (C4)"]],
      ["dev-test: no node", { ...of(0, "Standard_D2_v2"), ...devTest }, ["error aks-nodes (C4)"]],
      [
        "dense production",
        { ...of(1, "Standard_D4s_v3"), wanted: { clusterPurpose: "DenseProd" } },
        ["error aks-nodes (C4)", "error aks-cores (C4)"],
      ],
      ["a size that nobody knows", of(3, "Standard_X1"), ["warning aks-cores (C4)"]],
    ] as const)("%s", (_title, given, expected) => {
      expect(lines(aksFacts(given))).toEqual(expected);
    });

    test("is not judged for a purpose that nobody knows", () => {
      expect(lines(aksFacts({ ...of(1, "Standard_D2_v2"), unknown: ["cluster-purpose"] }))).toEqual([]);
    });

    test("Windows nodes don't count", () => {
      const agentPoolProfiles = [
        { name: "pool1", count: 1, osType: "Linux", vmSize: "Standard_D4s_v3" },
        { name: "win", count: 5, osType: "Windows", vmSize: "Standard_D4s_v3" },
      ];
      expect(lines(aksFacts({ cluster: { agentPoolProfiles } }))).toEqual([
        "error aks-nodes (C4)",
        "error aks-cores (C4)",
      ]);
    });
  });

  test("C8: secondary pools are not used for models, which matters most for a GPU", () => {
    const agentPoolProfiles = [
      { name: "pool1", count: 3, osType: "Linux", vmSize: "Standard_D4s_v3" },
      { name: "gpus", count: 1, osType: "Linux", vmSize: "Standard_NC6s_v3" },
    ];
    const given = { cluster: { agentPoolProfiles } };
    expect(lines(aksFacts(given))).toEqual(["warning aks-secondary-pools (C8)"]);
    expect(seen(given)).toContain("gpus (Standard_NC6s_v3). A GPU or FPGA there stays unused.");
  });
});

describe("TLS", () => {
  test("T1: the name that Microsoft generates is told", () => {
    const given = { wanted: { tls: microsoft } };
    expect(lines(aksFacts(given))).toEqual(["info aks-microsoft-certificate (T1, extension.md 8)"]);
    expect(seen(given)).toContain("contoso######.<region>.cloudapp.azure.com");
  });

  test("C3, T4: what was understood of the purpose and of the material is told", () => {
    const note = { id: "tls-expires-soon", severity: "warning", seen: "It ends.", remedy: "Renew." } as const;
    expect(said(aksFacts({ notes: [note], wanted: { tls: own } }))).toMatchObject([
      { id: "aks-inputs", severity: "warning", seen: "It ends." },
    ]);
  });

  test("A6: a certificate that is there can't be compared, and no one guesses", () => {
    const ssl = { sslConfiguration: { status: "Enabled", cname: own.cname } };
    expect(lines(aksFacts({ compute: there(legacyCompute(ssl)), wanted: { tls: own } }))).toEqual([
      "info aks-certificate-unseen (A6, arm-contract 1.5)",
    ]);
  });

  test.each([
    [
      "is asked for with an own certificate",
      { tls: own, loadBalancer: { type: "InternalLoadBalancer" } },
      {},
    ],
    ["is asked for with Microsoft's", { tls: microsoft, loadBalancer: { type: "InternalLoadBalancer" } }, {}],
    ["is there already", { tls: own, loadBalancer: {} }, { loadBalancerType: "InternalLoadBalancer" }],
  ] as const)("T5: is refused where an internal load balancer %s", (_title, wanted, settings) => {
    const sslConfiguration = { status: "Enabled", cname: own.cname };
    const compute = there(legacyCompute({ ...settings, sslConfiguration }));
    expect(lines(aksFacts({ wanted, compute }))).toContain("error aks-tls-internal (T5)");
    expect(
      lines(aksFacts({ wanted: { ...wanted, loadBalancer: { type: "PublicIp" } }, compute })),
    ).not.toContain("error aks-tls-internal (T5)");
  });

  describe("T3: the name of the endpoint", () => {
    const ssl = { sslConfiguration: { status: "Enabled", cname: "scoring.contoso.com" } };
    const services = {
      systemServices: [{ systemServiceType: "ScoringFrontEnd", publicIpAddress: "20.1.2.3" }],
    };
    const compute = there(legacyCompute({ ...ssl, ...services }));
    const at = (...addresses: string[]) => ({ is: "addresses", addresses }) as const;

    test.each([
      ["leads elsewhere", at("20.9.9.9"), "resolves to 20.9.9.9, the scoring endpoint is at 20.1.2.3"],
      ["leads nowhere", { is: "no-such-name" }, "does not resolve"],
      ["can't be looked up", { is: "unknown" }, "could not be looked up"],
    ] as const)("that %s is a warning with the record to make", (_title, resolution, text) => {
      const found = said(aksFacts({ compute, wanted: { tls: own }, resolution })).filter(
        ({ id }) => id === "aks-dns",
      );
      expect(found).toMatchObject([
        { severity: "warning", source: "T3", seen: expect.stringContaining(text) },
      ]);
      expect(found[0]?.remedy).toBe("Make the DNS record `scoring.contoso.com. A 20.1.2.3`.");
    });

    test("that leads to it is right, also with others beside", () => {
      const resolution = at("20.9.9.9", "20.1.2.3");
      expect(lines(aksFacts({ compute, wanted: { tls: own }, resolution }))).not.toContain(
        "warning aks-dns (T3)",
      );
    });
  });
});

describe("the load balancer", () => {
  const wanted = { loadBalancer: { type: "InternalLoadBalancer", subnet: "aks" } } as const;

  test("B2: a subnet that does not hold the cluster is a warning that names the one that does", () => {
    const pool = { name: "pool1", count: 3, vmSize: "Standard_D4s_v3" };
    const inSubnet = (name: string) => ({
      agentPoolProfiles: [
        {
          ...pool,
          vnetSubnetID: `/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/virtualNetworks/v/subnets/${name}`,
        },
      ],
    });
    const found = said(aksFacts({ wanted, cluster: inSubnet("default") }));
    expect(found).toMatchObject([{ id: "aks-subnet-of-cluster", severity: "warning", source: "B2" }]);
    expect(found[0]?.remedy).toBe("Give `load-balancer-subnet: default`.");
    expect(lines(aksFacts({ wanted, cluster: inSubnet("AKS") }))).toEqual([]);
    expect(lines(aksFacts({ wanted }))).toEqual([]);
  });

  test.each([
    ["private: which, is told", "10.1.0.4", "info", "at the private address 10.1.0.4"],
    ["public still: a warning", "20.1.2.3", "warning", "still shows the public address 20.1.2.3"],
    ["not shown yet: a warning", null, "warning", "shows no address of it yet"],
  ])("B3: the address behind an internal one is %s", (_title, publicIpAddress, severity, text) => {
    const compute = there(
      legacyCompute({
        loadBalancerType: "InternalLoadBalancer",
        loadBalancerSubnet: "aks",
        systemServices: [{ systemServiceType: "ScoringFrontEnd", publicIpAddress }],
      }),
    );
    expect(said(aksFacts({ compute, wanted }))).toMatchObject([
      { id: "aks-private-address", severity, source: "B3", seen: expect.stringContaining(text) },
    ]);
  });
});
