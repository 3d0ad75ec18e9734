import { describe, expect, test } from "@jest/globals";
import type { ManagedCluster } from "../../src/model/azure-resources.ts";
import { clusterRules } from "../../src/rules/cluster.ts";
import {
  absent,
  aks,
  aksId,
  arc,
  arcId,
  binding,
  denied,
  facts,
  lines,
  said,
  subscriptionId,
  there,
  workspaceId,
} from "./facts.ts";

const of = (given: Parameters<typeof facts>[0]) => lines(clusterRules, facts(given));
const one = (given: Parameters<typeof facts>[0]) => said(clusterRules, facts(given))[0];
const other = "99999999-9999-4999-8999-999999999999";

test("a healthy cluster of either kind passes in silence", () => {
  expect(of({})).toEqual([]);
  expect(of({ cluster: arc(), clusterId: arcId })).toEqual([]);
});

describe("A1, L1: the cluster exists", () => {
  test("an error names the id of the one that is not there", () => {
    expect(of({ cluster: { kind: "aks", seen: absent } })).toEqual(["error cluster-exists (A1, L1)"]);
    expect(one({ cluster: { kind: "arc", seen: absent }, clusterId: arcId })?.seen).toContain(arcId);
  });

  test("a warning says that the rules of one that can't be read were not checked", () => {
    expect(of({ cluster: { kind: "aks", seen: denied } })).toEqual(["warning cluster-exists (A1, L1)"]);
    expect(one({ cluster: { kind: "aks", seen: denied } })?.remedy).toContain("Reader");
  });
});

describe("A4: the cluster's subscription", () => {
  const elsewhere = (id: string) => id.replace(subscriptionId, other);

  test("another one is an error with AKS, a warning with Arc, and both are named", () => {
    expect(of({ clusterId: elsewhere(aksId) })).toEqual(["error cluster-subscription (A4, extension.md 7)"]);
    expect(of({ clusterId: elsewhere(arcId), cluster: arc() })).toEqual([
      "warning cluster-subscription (A4, extension.md 7)",
    ]);
    expect(one({ clusterId: elsewhere(aksId) })?.seen).toContain(other);
    expect(one({ clusterId: elsewhere(aksId) })?.seen).toContain(subscriptionId);
    expect(one({ clusterId: elsewhere(aksId) })?.remedy).toContain("Arc");
  });

  test("the same one in other case is the same one", () => {
    expect(of({ clusterId: aksId.toUpperCase() })).toEqual([]);
  });
});

describe("extension.md 7: an AKS cluster runs", () => {
  test.each([
    [{ code: "Stopped" }, ["error cluster-running (extension.md 7)"]],
    [{ code: "running" }, []],
    [{}, []],
  ])("power state %j", (powerState, expected) => {
    expect(of({ cluster: aks({ powerState }) })).toEqual(expected);
  });

  test("the remedy is the command", () => {
    expect(one({ cluster: aks({ powerState: { code: "Stopped" } }) })?.remedy).toContain("az aks start");
  });
});

describe("X7: an Arc cluster is connected", () => {
  test.each(["Offline", "Expired", "Connecting", "AgentNotInstalled"])("not when it is %s", (status) => {
    const cluster = arc({ connectivityStatus: status, lastConnectivityTime: "2026-11-20T00:00:00Z" });
    expect(of({ cluster, clusterId: arcId })).toEqual(["error cluster-connected (X7, extension.md 7)"]);
    expect(one({ cluster, clusterId: arcId })?.seen).toBe(
      `The Arc cluster is ${status}, last heard of at 2026-11-20T00:00:00Z.`,
    );
  });

  test("a status that Azure does not tell, or tells in another case, is none to worry about", () => {
    expect(of({ cluster: arc({ connectivityStatus: "connected" }), clusterId: arcId })).toEqual([]);
    const seen = there({ id: arcId, location: "eastus", properties: {} });
    expect(of({ cluster: { kind: "arc", seen }, clusterId: arcId })).toEqual([]);
  });
});

describe("extension.md 7: an AKS cluster has a managed identity", () => {
  const cluster = (identity: ManagedCluster["identity"], clientId?: string) => {
    const healthy = aks({ ...(clientId !== undefined && { servicePrincipalProfile: { clientId } }) });
    const value = healthy.seen.is === "present" ? healthy.seen.value : undefined;
    if (!value) throw new Error("the healthy cluster is gone");
    return { kind: "aks" as const, seen: there({ ...value, ...(identity !== undefined && { identity }) }) };
  };
  const principal = "33333333-3333-4333-8333-333333333333";

  test.each([
    [{ type: "None" }, principal, 1],
    [null, principal, 1],
    [{ type: "none" }, principal, 1],
    [{ type: "SystemAssigned" }, principal, 0],
    [{ type: "UserAssigned" }, "msi", 0],
    [{ type: "None" }, "msi", 0],
    [null, undefined, 0],
  ])("identity %j, service principal %j", (identity, clientId, findings) => {
    const expected = ["error cluster-managed-identity (extension.md 7)"].slice(0, findings);
    expect(of({ cluster: cluster(identity, clientId) })).toEqual(expected);
  });
});

describe("peers 1.6: an AKS cluster without local accounts lets the workspace in by Trusted Access", () => {
  const closed = (trustedAccess?: (AttachFactsCluster & { kind: "aks" })["trustedAccess"]) => ({
    ...aks({ disableLocalAccounts: true }),
    ...(trustedAccess && { trustedAccess }),
  });
  type AttachFactsCluster = ReturnType<typeof facts>["cluster"];
  const error = ["error cluster-local-accounts (peers 1.6, extension.md 7)"];

  test("silent with the right binding, in whatever case Azure writes it", () => {
    expect(of({ cluster: closed(there([binding()])) })).toEqual([]);
    const upper = binding({
      sourceResourceId: workspaceId.toUpperCase(),
      roles: ["microsoft.machinelearningservices/workspaces/MLWORKLOAD"],
      provisioningState: "succeeded",
    });
    expect(of({ cluster: closed(there([binding({ roles: [] }), upper])) })).toEqual([]);
  });

  test.each([
    ["none at all", there([])],
    ["no such thing in this cloud", absent],
    ["one for another workspace", there([binding({ sourceResourceId: `${workspaceId}2` })])],
    ["one with another role", there([binding({ roles: ["Microsoft.X/y/z"] })])],
    ["one without roles", there([binding({ roles: [] })])],
    ["one that failed", there([binding({ provisioningState: "Failed" })])],
    [
      "its parts in two bindings",
      there([binding({ sourceResourceId: "/x" }), binding({ roles: ["Microsoft.X/y/z"] })]),
    ],
  ])("an error with %s", (_title, trustedAccess) => {
    expect(of({ cluster: closed(trustedAccess) })).toEqual(error);
  });

  test("the remedy is the command for this workspace; other clouds are told that there is none", () => {
    const cluster = closed(there([]));
    expect(one({ cluster })?.remedy).toContain(`--source-resource-id ${workspaceId}`);
    expect(one({ cluster })?.remedy).not.toContain("public cloud only");
    for (const azureEnvironment of ["AzureUSGovernment", "AzureChinaCloud"]) {
      expect(one({ cluster, azureEnvironment })?.remedy).toContain("public cloud only");
    }
  });

  test("a warning where the bindings can't be read", () => {
    expect(of({ cluster: closed(denied) })).toEqual([
      "warning cluster-local-accounts (peers 1.6, extension.md 7)",
    ]);
  });

  test("nothing is asked of a cluster that has local accounts", () => {
    for (const disableLocalAccounts of [false, null]) {
      expect(of({ cluster: { ...aks({ disableLocalAccounts }), trustedAccess: there([]) } })).toEqual([]);
    }
  });
});
