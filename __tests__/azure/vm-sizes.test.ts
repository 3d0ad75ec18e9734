import { expect, test } from "@jest/globals";
import { listCores } from "../../src/azure/aks-offer.ts";
import { listVmSizes } from "../../src/azure/vm-sizes.ts";
import { scriptedArm } from "../support/scripted-client.ts";

const machine = (
  name: string,
  capabilities: Record<string, string>,
  restrictions: readonly object[] = [],
) => ({
  name,
  resourceType: "virtualMachines",
  capabilities: Object.entries(capabilities).map(([key, value]) => ({ name: key, value })),
  restrictions,
});
const value = [
  { name: "Premium_LRS", resourceType: "disks", capabilities: [{ name: "vCPUs", value: "64" }] },
  machine("Standard_D4s_v5", { vCPUs: "4" }),
  machine("Standard_E32-8s_v5", { vCPUs: "32", vCPUsAvailable: "8" }),
  machine("Standard_NC6s_v3", { vCPUs: "6", GPUs: "1" }, [
    { type: "Location", reasonCode: "NotAvailableForSubscription" },
  ]),
  machine("Standard_D8s_v5", { vCPUs: "8" }, [{ type: "Zone", reasonCode: "NotAvailableForSubscription" }]),
  { name: "Standard_Bare", resourceType: "virtualMachines", capabilities: null, restrictions: null },
];
const { arm, requests } = scriptedArm(() => ({ status: 200, body: { value } }));

test("C4, C8: the VM sizes of a region: its machines alone, with the vCPUs that work, and what forbids the whole region", async () => {
  expect(await listVmSizes(arm, "s", "eastus")).toEqual([
    { name: "Standard_D4s_v5", cores: 4, gpus: 0, restriction: undefined },
    { name: "Standard_E32-8s_v5", cores: 8, gpus: 0, restriction: undefined },
    { name: "Standard_NC6s_v3", cores: 6, gpus: 1, restriction: "NotAvailableForSubscription" },
    { name: "Standard_D8s_v5", cores: 8, gpus: 0, restriction: undefined },
    { name: "Standard_Bare", cores: 0, gpus: 0, restriction: undefined },
  ]);
  expect(requests[0]?.url).toContain("/subscriptions/s/providers/Microsoft.Compute/skus?");
});

test("C4: vCPUs by size, without those of which Azure tells none", async () => {
  expect(await listCores(arm, "s", "eastus")).toEqual({
    standard_d4s_v5: 4,
    "standard_e32-8s_v5": 8,
    standard_nc6s_v3: 6,
    standard_d8s_v5: 8,
  });
});
