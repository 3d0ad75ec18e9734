import { describe, expect, test } from "@jest/globals";
import type { Extension } from "../../src/model/azure-resources.ts";
import { expectedCluster, expectedExtension } from "../../src/model/expected.ts";
import type { Step } from "../../src/model/plan.ts";

const id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/new1";
const plan = (...steps: Step[]) => ({ steps, summary: "s" });
const step = (kind: Step["kind"], properties?: Extension["properties"]): Step => ({
  kind,
  title: "t",
  reason: "r",
  ...(properties && { body: { properties } }),
});

describe("a cluster as it will be", () => {
  test("is what was asked for, where there is none", () => {
    expect(
      expectedCluster({ clusterId: id, nodeCount: 5, tags: {} }, "West Europe", undefined),
    ).toMatchObject({
      id,
      location: "westeurope",
      properties: { provisioningState: "Succeeded", agentPoolProfiles: [{ count: 5 }] },
    });
  });

  test("is the one that is there, once it is ready", () => {
    const found = { id, location: "eastus", properties: { provisioningState: "Creating", fqdn: "f" } };
    expect(expectedCluster({ clusterId: id, tags: {} }, "", found)).toEqual({
      ...found,
      properties: { provisioningState: "Succeeded", fqdn: "f" },
    });
  });
});

describe("an extension as it will be", () => {
  test("is what is installed, under the name that is asked for", () => {
    const body = { extensionType: "microsoft.azureml.kubernetes", configurationSettings: { a: "1" } };
    expect(expectedExtension("azureml", undefined, plan(step("create-extension", body)))).toEqual({
      name: "azureml",
      properties: { ...body, provisioningState: "Succeeded" },
    });
  });

  test("keeps what an update does not touch, and nothing of an earlier failure", () => {
    const found: Extension = {
      name: "other",
      properties: {
        extensionType: "Microsoft.AzureML.Kubernetes",
        provisioningState: "Failed",
        currentVersion: "1.1.84",
        configurationSettings: { a: "1", b: "2" },
        errorInfo: { code: "X" },
        statuses: [{ code: "InstallationFailed" }],
      },
    };
    const change = plan(
      step("await-extension"),
      step("update-extension", { configurationSettings: { b: "3" } }),
    );
    expect(expectedExtension("azureml", found, change)).toEqual({
      name: "other",
      properties: {
        extensionType: "Microsoft.AzureML.Kubernetes",
        provisioningState: "Succeeded",
        currentVersion: "1.1.84",
        configurationSettings: { a: "1", b: "3" },
      },
    });
  });
});
