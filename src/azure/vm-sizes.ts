import type { VmSize } from "../model/create-cluster.ts";
import { apiVersions } from "./api-versions.ts";
import type { Arm } from "./arm.ts";

/** A SKU of Microsoft.Compute, as far as it is read here. All capabilities are texts. */
interface ComputeSku {
  readonly name: string;
  readonly resourceType?: string;
  readonly capabilities?: readonly { readonly name?: string; readonly value?: string }[] | null;
  readonly restrictions?: readonly { readonly type?: string; readonly reasonCode?: string }[] | null;
}

/**
 * The VM sizes of a region: names themselves don't tell their vCPUs (C4). Of restrictions only those of the whole region
 * count; those of single zones leave the others.
 */
export async function listVmSizes(
  arm: Arm,
  subscriptionId: string,
  location: string,
): Promise<readonly VmSize[]> {
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.Compute/skus`;
  const skus = await arm.list<ComputeSku>(path, apiVersions.skus, { $filter: `location eq '${location}'` });
  return skus
    .filter(({ resourceType = "" }) => resourceType.toLowerCase() === "virtualmachines")
    .map((sku) => ({
      name: sku.name,
      // Of constrained sizes, like E32-8s, only some vCPUs work (azure-cli#16196).
      cores: capability(sku, "vCPUsAvailable") || capability(sku, "vCPUs"),
      gpus: capability(sku, "GPUs"),
      restriction: sku.restrictions?.find(({ type }) => type?.toLowerCase() === "location")?.reasonCode,
    }));
}

function capability({ capabilities }: ComputeSku, wanted: string): number {
  return Number(capabilities?.find(({ name }) => name === wanted)?.value ?? 0) || 0;
}
