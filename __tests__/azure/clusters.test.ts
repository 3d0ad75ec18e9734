import { describe, expect, test } from "@jest/globals";
import { clusterUserKubeconfig, runCommand } from "../../src/azure/clusters.ts";
import type { Failure } from "../../src/model/failure.ts";
import { type Scripted, scriptedArm } from "../support/scripted-client.ts";
import { virtually } from "../support/virtual-time.ts";

const id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/aks1";
const failing = async (work: () => Promise<unknown>) =>
  (await virtually(() => work().catch((error: unknown) => error))) as Failure;

describe("the user credentials of AKS (arm-contract 2)", () => {
  test("are the first kubeconfig, decoded; asked for again where the answer is lost", async () => {
    const value = Buffer.from("apiVersion: v1").toString("base64");
    const { arm, requests } = scriptedArm((_request, nth) =>
      nth === 1
        ? { broken: "ETIMEDOUT" }
        : { status: 200, body: { kubeconfigs: [{ value }, { value: "" }] } },
    );
    expect(await virtually(() => clusterUserKubeconfig(arm, id))).toBe("apiVersion: v1");
    expect(requests).toHaveLength(2);
    expect(requests[0]?.url).toContain(`${id}/listClusterUserCredential?api-version=`);
  });

  test.each([{}, { kubeconfigs: [] }, { kubeconfigs: [{}] }])("that are %j are none", async (body) => {
    const { arm } = scriptedArm(() => ({ status: 200, body }));
    expect((await failing(() => clusterUserKubeconfig(arm, id))).code).toBe("NoKubeconfig");
  });
});

describe("a command in an AKS cluster (arm-contract 2)", () => {
  const location = `https://arm.test${id}/commandResults/1?api-version=2025-10-01`;
  const accepted: Scripted = { status: 202, headers: { location } };
  const ended = (properties: object): Scripted => ({ status: 200, body: { properties } });

  test("is waited for at the URL that Azure gave", async () => {
    const answers = [accepted, { status: 202 }, ended({ provisioningState: "Succeeded", logs: "out" })];
    const { arm, requests } = scriptedArm((_request, nth) => answers[nth - 1] ?? { status: 500 });
    expect(await virtually(() => runCommand(arm, id, "id"))).toEqual({ logs: "out" });
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      expect.stringMatching(/^POST .*\/runCommand\?/),
      `GET ${location}`,
      `GET ${location}`,
    ]);
    expect(JSON.parse(String(requests[0]?.body))).toMatchObject({ command: "id" });
  });

  test("that is done at once, and that printed nothing", async () => {
    const { arm } = scriptedArm(() => ended({ provisioningState: "Succeeded", logs: null }));
    expect(await virtually(() => runCommand(arm, id, "id"))).toEqual({ logs: "" });
  });

  test.each<[string, Scripted[], RegExp]>([
    ["that failed", [ended({ provisioningState: "Failed", reason: "pods are pending" })], /pods are pending/],
    ["of which nothing is known", [ended({})], /no known state/],
    ["whose result is nowhere", [{ status: 202 }], /where its result is/],
  ])("%s is one clear failure", async (_what, answers, told) => {
    const { arm } = scriptedArm((_request, nth) => answers[nth - 1] ?? { status: 500 });
    const failure = await failing(() => runCommand(arm, id, "id"));
    expect(failure.code).toBe("RunCommandFailed");
    expect(failure.message).toMatch(told);
    expect(failure.remedy).toContain("kubeconfig");
  });

  test("whose result is on a foreign host is not asked there: it would get the token", async () => {
    const { arm, requests } = scriptedArm(() => ({
      status: 202,
      headers: { location: "https://evil.test/1" },
    }));
    const failure = await failing(() => runCommand(arm, id, "id"));
    expect(failure.code).toBe("ForeignHost");
    expect(requests.filter(({ url }) => url.includes("evil.test"))).toEqual([]);
  });
});
