import { attachAks } from "../../src/actions/attach-aks.ts";
import type { AksAttachment, AksProperties } from "../../src/model/aks-compute.ts";
import type { ManagedCluster } from "../../src/model/azure-resources.ts";
import type { Compute } from "../../src/model/compute.ts";
import type { SettingNote } from "../../src/model/extension-settings.ts";
import type { AksAttachFacts } from "../../src/model/facts.ts";
import type { Finding } from "../../src/model/finding.ts";
import { judge } from "../../src/rules/rule.ts";
import { absent, aks, aksId, facts, there } from "./facts.ts";

/** Three nodes of four vCPUs, at a version that is offered. */
const healthy: ManagedCluster["properties"] = {
  currentKubernetesVersion: "1.33.4",
  networkProfile: { loadBalancerSku: "standard" },
  agentPoolProfiles: [
    { name: "pool1", count: 3, osType: "Linux", mode: "System", vmSize: "Standard_D4s_v3" },
  ],
};

/** Facts in which every rule of a legacy attach is silent, but for what is given. */
export function aksFacts(
  given: Partial<Omit<AksAttachFacts, "request" | "cluster">> & {
    readonly cluster?: ManagedCluster["properties"];
    readonly seen?: AksAttachFacts["cluster"]["seen"];
    readonly wanted?: Partial<AksAttachment>;
    readonly notes?: readonly SettingNote[];
    readonly unknown?: readonly string[];
    readonly computeName?: string;
  } = {},
): AksAttachFacts {
  const { cluster, seen, wanted, notes = [], unknown = [], computeName = "gpu", ...more } = given;
  const { request, workspace, permissions } = facts({ computeName });
  const attachment: AksAttachment = {
    clusterId: aksId,
    clusterPurpose: "FastProd",
    loadBalancer: {},
    ...wanted,
  };
  return {
    request: { ...request, attachment, notes, unknown },
    workspace,
    compute: absent,
    permissions,
    cluster: seen ? { kind: "aks", seen } : aks({ ...healthy, ...cluster }),
    computes: there([]),
    versions: there([{ version: "1.32" }, { version: "1.33" }, { version: "1.34", isPreview: true }]),
    cores: there({ standard_d4s_v3: 4, standard_d2_v2: 2, standard_a1_v2: 1, standard_nc6s_v3: 6 }),
    ...more,
  };
}

/** A legacy compute of the cluster, with these settings. */
export function legacyCompute(
  settings: AksProperties = {},
  more: Partial<Compute["properties"]> & { readonly createdOn?: string; readonly name?: string } = {},
): Compute {
  const { name = "gpu", ...properties } = more;
  return {
    name,
    location: "eastus",
    properties: {
      computeType: "AKS",
      resourceId: aksId,
      provisioningState: "Succeeded",
      ...properties,
      properties: { clusterPurpose: "FastProd", ...settings },
    },
  };
}

/** What the rules of a legacy attach say of the facts. */
export function said(given: AksAttachFacts): Finding[] {
  return judge(attachAks.rules, given);
}

/** The same, as one line each. */
export function lines(given: AksAttachFacts): string[] {
  return said(given).map(({ id, severity, source }) => `${severity} ${id} (${source})`);
}
