import { describe, expect, test } from "@jest/globals";
import { versionsRequest } from "../../src/actions/list-versions-request.ts";
import { memoryHost } from "../../src/host/memory.ts";
import type { Failure } from "../../src/model/failure.ts";

type Inputs = Readonly<Record<string, string>>;

const subscription = "22222222-2222-4222-8222-222222222222";
const cluster = `/subscriptions/${subscription}/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/aks1`;
const region = { "subscription-id": subscription, location: "eastus" };

/** What the inputs make, or the problems that they have. */
async function read(inputs: Inputs, environment: Inputs = {}) {
  return versionsRequest(memoryHost({ inputs, environment })).then(
    (request) => ({ request, problems: [] as readonly string[] }),
    (failure: Failure) => {
      expect(failure.code).toBe("InvalidInput");
      return { request: undefined, problems: failure.details };
    },
  );
}

describe("V1: what can be asked", () => {
  test.each(["westeurope", "West Europe", "WestEurope", " west europe "])(
    "a region: %s",
    async (location) => {
      const { request } = await read({ ...region, location });
      expect(request).toMatchObject({ subscriptionId: subscription, location: "westeurope" });
    },
  );

  test("a region of the subscription that the environment names", async () => {
    const { request } = await read({ location: "eastus" }, { AZURE_SUBSCRIPTION_ID: subscription });
    expect(request).toMatchObject({ subscriptionId: subscription, location: "eastus" });
  });

  test("a cluster by its id, whatever the environment names", async () => {
    const environment = { AZURE_SUBSCRIPTION_ID: "33333333-3333-4333-8333-333333333333" };
    const { request } = await read({ "cluster-resource-id": cluster }, environment);
    expect(request).toMatchObject({ clusterId: cluster, azureEnvironment: "AzureCloud", timeout: 1_800_000 });
    expect(request).not.toHaveProperty("location");
  });

  test("a cluster by name, of either kind, with a release train", async () => {
    const { request } = await read({
      "subscription-id": subscription,
      "cluster-name": "arc1",
      "cluster-resource-group": "rg1",
      "cluster-type": "connectedClusters",
      "release-train": "preview",
    });
    expect(request).toMatchObject({
      clusterId: `/subscriptions/${subscription}/resourceGroups/rg1/providers/Microsoft.Kubernetes/connectedClusters/arc1`,
      releaseTrain: "preview",
    });
  });
});

describe("what can't be asked is told at once, with what is accepted", () => {
  test.each<[string, Inputs, RegExp[]]>([
    ["nothing", {}, [/^location: not given; accepted: a region, or a cluster/]],
    [
      "a region without a subscription",
      { location: "eastus" },
      [/^subscription-id: not given; .*`location`/],
    ],
    [
      "a region and a cluster",
      { ...region, "cluster-resource-id": cluster },
      [/^location: given "eastus"; accepted: nothing where a cluster is given/],
    ],
    [
      "a release train of a region",
      { ...region, "release-train": "stable" },
      [/^release-train: given "stable"; accepted: nothing without a cluster/],
    ],
    [
      "a cluster's name alone",
      { "cluster-name": "aks1" },
      [/^cluster-resource-id: not given; accepted: either/, /^subscription-id: not given/],
    ],
    [
      "a cluster in two ways",
      { "cluster-resource-id": cluster, "cluster-resource-group": "rg1" },
      [/^cluster-resource-id: given .*; accepted: either/],
    ],
    ["`client-id` alone", { ...region, "client-id": subscription }, [/^tenant-id: not given/]],
    [
      "values that are wrong",
      {
        "subscription-id": "sub",
        location: "../eastus?x",
        "release-train": "1 2",
        "azure-environment": "Mars",
        timeout: "soon",
      },
      [
        /^azure-environment: given "Mars"/,
        /^timeout: given "soon"/,
        /^subscription-id: given "sub"/,
        /^location: given "\.\.\/eastus\?x"; accepted: the name of a region/,
        /^release-train: given "1 2"; accepted: stable, preview/,
        /^release-train: given "1 2"; accepted: nothing without a cluster/,
      ],
    ],
  ])("%s", async (_title, inputs, problems) => {
    const seen = (await read(inputs)).problems;
    expect(seen).toEqual(problems.map((problem) => expect.stringMatching(problem)));
  });
});
