import { describe, expect, test } from "@jest/globals";
import { type LegacyTalk, legacyTalk } from "./legacy-talk.ts";
import { API, type Said } from "./talk.ts";

const provider = ({ world }: LegacyTalk, name: string) =>
  `/subscriptions/${world.subscriptionId}/providers/Microsoft.${name}`;
const versions = (one: LegacyTalk, location = "eastus") =>
  one.arm("GET", `${provider(one, "ContainerService")}/locations/${location}/kubernetesVersions`, {
    api: API.aks,
  });
const skus = (one: LegacyTalk, filter = "location eq 'eastus'") =>
  one.arm("GET", `${provider(one, "Compute")}/skus?$filter=${encodeURIComponent(filter)}`, {
    api: "2021-07-01",
  });

describe("the versions of a region (V1)", () => {
  test("name the default, previews, and what each patch may become", async () => {
    const said = await versions(legacyTalk());
    const { values } = said.body as { values: Record<string, unknown>[] };
    expect(values.find(({ isDefault }) => isDefault)).toMatchObject({
      version: "1.33",
      capabilities: { supportPlan: ["KubernetesOfficial"] },
      patchVersions: {
        "1.33.2": { upgrades: ["1.33.4", "1.34.0", "1.34.1"] },
        "1.33.4": { upgrades: ["1.34.0", "1.34.1"] },
      },
    });
    expect(values.filter(({ isPreview }) => isPreview)).toMatchObject([{ version: "1.35" }]);
    expect(values.find(({ version }) => version === "1.30")).toMatchObject({
      capabilities: { supportPlan: ["AKSLongTermSupport"] },
    });
  });

  test("are those of the knob", async () => {
    const one = legacyTalk();
    one.world.knobs.kubernetesVersions["westus"] = [
      { version: "1.40", patches: ["1.40.1"], isDefault: true },
    ];
    expect((await versions(one, "West US")).body).toEqual({
      values: [
        {
          version: "1.40",
          isDefault: true,
          capabilities: { supportPlan: ["KubernetesOfficial"] },
          patchVersions: { "1.40.1": { upgrades: [] } },
        },
      ],
    });
    expect((await versions(one, "nowhere")).status).toBe(400);
  });

  test("a cluster tells what it may become, previews marked", async () => {
    const one = legacyTalk();
    const profile = (id: string) => one.arm("GET", `${id}/upgradeProfiles/default`, { api: API.aks });
    expect((await profile(one.ids.aks)).body).toMatchObject({
      properties: {
        controlPlaneProfile: {
          kubernetesVersion: "1.33.4",
          osType: "Linux",
          upgrades: [{ kubernetesVersion: "1.34.0" }, { kubernetesVersion: "1.34.1" }],
        },
        agentPoolProfiles: [{ name: "nodepool1", kubernetesVersion: "1.33.4" }],
      },
    });
    const later = one.world.addManagedCluster({
      resourceGroup: "rg1",
      name: "newer",
      properties: { currentKubernetesVersion: "1.34.1" },
    });
    expect((await profile(later)).body).toMatchObject({
      properties: { controlPlaneProfile: { upgrades: [{ kubernetesVersion: "1.35.0", isPreview: true }] } },
    });
    expect((await profile(one.cluster("none"))).status).toBe(404);
  });
});

describe("VM sizes", () => {
  const named = (said: Said) => (said.body as { value: { name: string }[] }).value;

  test("tell vCPUs, memory and GPUs as texts, among other kinds of SKUs", async () => {
    const sizes = named(await skus(legacyTalk()));
    expect(sizes.find(({ name }) => name === "Standard_D3_v2")).toMatchObject({
      resourceType: "virtualMachines",
      locations: ["eastus"],
      capabilities: [
        { name: "vCPUs", value: "4" },
        { name: "MemoryGB", value: "14" },
      ],
      restrictions: [],
    });
    expect(sizes.find(({ name }) => name === "Standard_NC6s_v3")).toMatchObject({
      capabilities: expect.arrayContaining([{ name: "GPUs", value: "1" }]),
    });
    expect(sizes.map((one) => (one as unknown as { resourceType: string }).resourceType)).toContain("disks");
  });

  test("come in pages, and each page once", async () => {
    const one = legacyTalk();
    one.world.knobs.pageSize = 8;
    const seen: string[] = [];
    let page = await skus(one);
    for (;;) {
      seen.push(...named(page).map(({ name }) => name));
      const { nextLink } = page.body as { nextLink?: string };
      if (!nextLink) break;
      page = await one.arm("GET", nextLink);
    }
    one.world.knobs.pageSize = 100;
    expect(seen).toEqual(named(await skus(one)).map(({ name }) => name));
    expect(new Set(seen).size).toBe(seen.length);
  });

  test("say what the subscription may not use", async () => {
    const one = legacyTalk();
    one.world.knobs.restrictedVmSizes = ["standard_d4s_v3"];
    expect(named(await skus(one)).find(({ name }) => name === "Standard_D4s_v3")).toMatchObject({
      restrictions: [{ type: "Location", reasonCode: "NotAvailableForSubscription", values: ["eastus"] }],
    });
  });

  test("are filtered by location alone", async () => {
    expect((await skus(legacyTalk(), "name eq 'Standard_D4s_v3'")).status).toBe(400);
  });
});
