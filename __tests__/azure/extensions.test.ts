import { describe, expect, test } from "@jest/globals";
import { Extensions, getProvider } from "../../src/azure/extensions.ts";
import { scriptedArm } from "../support/scripted-client.ts";
import { virtually } from "../support/virtual-time.ts";

const cluster = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/aks1";
const at = `https://arm.test${cluster}/providers/Microsoft.KubernetesConfiguration`;

/** The requests of a piece of work, each answered by 200. */
async function sentBy(work: (extensions: Extensions) => Promise<unknown>, body: unknown = {}) {
  const { arm, requests } = scriptedArm(() => ({ status: 200, body }));
  await virtually(() => work(new Extensions(arm, cluster)));
  return requests.map(({ method, url, body: sent }) => ({ method, url, ...(sent ? { sent } : {}) }));
}

describe("the extensions of a cluster (arm-contract 3)", () => {
  test.each<[string, (extensions: Extensions) => Promise<unknown>, object]>([
    [
      "get",
      (extensions) => extensions.get("azureml"),
      { method: "GET", url: `${at}/extensions/azureml?api-version=2024-11-01` },
    ],
    [
      "patch sends what it was given",
      (extensions) => extensions.patch("azureml", { properties: { releaseTrain: "preview" } }),
      {
        method: "PATCH",
        url: `${at}/extensions/azureml?api-version=2024-11-01`,
        sent: '{"properties":{"releaseTrain":"preview"}}',
      },
    ],
    [
      "delete, by the agents: never forgotten in Azure alone (recording 07)",
      (extensions) => extensions.delete("azureml"),
      { method: "DELETE", url: `${at}/extensions/azureml?api-version=2024-11-01&forceDelete=false` },
    ],
  ])("%s", async (_what, work, request) => {
    expect(await sentBy(work, { name: "azureml", properties: {} })).toEqual([request]);
  });

  test("a list is read to its last page; versions are those of a train, for this cluster", async () => {
    const page = { value: [{ name: "one", properties: {} }], nextLink: null };
    expect(await sentBy((extensions) => extensions.list(), page)).toEqual([
      { method: "GET", url: `${at}/extensions?api-version=2024-11-01` },
    ]);
    expect(await sentBy((extensions) => extensions.versions("preview"), page)).toEqual([
      {
        method: "GET",
        url: `${at}/extensionTypes/microsoft.azureml.kubernetes/versions?api-version=2023-05-01-preview&releaseTrain=preview`,
      },
    ]);
  });
});

test("the registration of a provider is read in its subscription (X7)", async () => {
  const { arm, requests } = scriptedArm(() => ({ status: 200, body: { registrationState: "Registered" } }));
  const provider = await virtually(() => getProvider(arm, "s", "Microsoft.Relay"));
  expect(provider.registrationState).toBe("Registered");
  expect(requests.map(({ url }) => url)).toEqual([
    "https://arm.test/subscriptions/s/providers/Microsoft.Relay?api-version=2024-03-01",
  ]);
});
