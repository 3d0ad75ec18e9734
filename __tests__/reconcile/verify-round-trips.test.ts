import type { HttpClient } from "@azure/core-rest-pipeline";
import { describe, expect, test } from "@jest/globals";
import { asked, verifyIn } from "../actions/verify-scenes.ts";
import { verified } from "../support/catalogue.ts";
import { type Arrange, aks, arc, broken, cluster, clusterOf, compute } from "../support/catalogue-worlds.ts";

/**
 * A network in which all that is asked at the same time is answered at the same time: a request waits until nobody has
 * anything more to ask without an answer. So round trips are counted, whatever the pace of the machine.
 */
function lockStep(rounds: string[][]) {
  return (client: HttpClient): HttpClient => {
    const waiting: { url: string; go: () => void }[] = [];
    const release = async () => {
      for (let quiet = 0, seen = 0; quiet < 50; quiet = seen === waiting.length ? quiet + 1 : 0) {
        seen = waiting.length;
        await new Promise((resolve) => setImmediate(resolve));
      }
      rounds.push(waiting.map(({ url }) => url));
      for (const { go } of waiting.splice(0)) go();
    };
    return {
      async sendRequest(request) {
        await new Promise<void>((go) => {
          if (waiting.push({ url: request.url, go }) === 1) void release();
        });
        return client.sendRequest(request);
      },
    };
  };
}

/** How many round trips a healthy cluster takes, beside those to Entra for tokens. */
async function roundTrips(arrange: readonly Arrange[]): Promise<number> {
  const rounds: string[][] = [];
  const { exit, report } = await verified(arrange, () => ({ network: lockStep(rounds) }));
  expect({ exit, verdict: report.gate?.verdict }).toEqual({ exit: 0, verdict: "pass" });
  return rounds.filter((urls) => urls.some((url) => !signIn.test(new URL(url).pathname))).length;
}

const signIn = /^\/metadata\/endpoints|\/openid-configuration$|\/oauth2\/v2\.0\/token$/;

const byComputeAlone: Arrange = () => ({ "cluster-resource-id": "" });
const lockedUp: Arrange = (world) => {
  const sourceResourceId = `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.MachineLearningServices/workspaces/ws1`;
  world.addTrustedAccessRoleBinding(clusterOf(world, "aks"), { sourceResourceId });
  return undefined;
};
const entraOnly = cluster({ disableLocalAccounts: true, aadProfile: { managed: true } });

describe("round trips after the token on a healthy cluster: four at most (issue 4)", () => {
  test.each<[string, readonly Arrange[], number]>([
    // What Azure knows and the way in; what one may read; the reads.
    ["an AKS cluster", aks, 3],
    ["an AKS cluster with a compute", [...aks, compute()], 3],
    ["an AKS cluster that its compute names", [...aks, compute(), byComputeAlone], 4],
    // A look at the Trusted Access bindings comes after the cluster.
    ["an AKS cluster without local accounts", [...aks, compute(), entraOnly, lockedUp], 4],
    ["an Arc cluster with a kubeconfig", arc, 3],
  ])("%s", async (_what, arrange, count) => {
    expect(await roundTrips(arrange)).toBe(count);
  });
});

describe("a namespace of 2,000 pods", () => {
  const crowd =
    (podsFail: boolean): Arrange =>
    (world) =>
      void Object.assign(world.kubernetes(clusterOf(world, "aks")).knobs, { podCount: 2_000, podsFail });

  test("is read in pages", async () => {
    const run = await verifyIn([...aks, crowd(false)]);
    expect(run.report.gate?.verdict).toBe("pass");
    const pages = run.world.exchanges.filter(({ url }) => /namespaces\/azureml\/pods\?/.test(url));
    expect(pages.length).toBeGreaterThanOrEqual(20);
    for (const { url, responseBody } of pages) {
      expect(new URL(url).searchParams.get("limit")).toBe("100");
      expect((JSON.parse(responseBody) as { items: unknown[] }).items.length).toBeLessThanOrEqual(100);
    }
  });

  test("all of which fail: the summary stays under 1 MiB, findings and diagnostics are bounded (W1)", async () => {
    const run = await verifyIn([...aks, crowd(true)]);
    const { summaries, outputs, reports, files } = run.host.said;
    expect(run.report.gate?.verdict).toBe("fail");
    expect(run.report.findings.filter(({ id }) => id === "pods-running")).toHaveLength(21);
    expect(run.report.findings.find(({ seen }) => seen.includes("more group"))?.seen).toContain("1980 pods");
    expect(Buffer.byteLength(summaries.join(""))).toBeLessThan(1024 * 1024);
    expect(Buffer.byteLength(outputs["findings"] ?? "")).toBeLessThan(64 * 1024);
    expect(Buffer.byteLength(reports.join(""))).toBeLessThan(256 * 1024);
    expect(Buffer.byteLength(Object.values(files).join(""))).toBeLessThan(4 * 1024 * 1024);
    expect(asked(run.world, /\/log$/).length).toBeLessThanOrEqual(40);
  });

  test("the extension's own pods are told before those of jobs (K3)", async () => {
    const run = await verifyIn([...aks, crowd(true), broken("E45001")]);
    expect(run.report.findings[0]).toMatchObject({
      id: "pods-running",
      seen: expect.stringContaining("metrics-controller-manager"),
    });
  });
});
