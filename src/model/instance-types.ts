import type { Compute } from "./compute.ts";
import type { InstanceType } from "./kubernetes.ts";

/** The body of an attach with further instance types; those that it has stay as they are. */
export function withInstanceTypes(body: Compute, types: readonly InstanceType[]): Compute {
  if (types.length === 0) return body;
  const settings = body.properties.properties ?? {};
  const added = Object.fromEntries(types.map(({ name, spec }) => [name, asTravels(spec)]));
  const instanceTypes = { ...added, ...(settings["instanceTypes"] ?? {}) };
  return { ...body, properties: { ...body.properties, properties: { ...settings, instanceTypes } } };
}

/** Quantities are strings in Azure (arm-contract 1.6) and may be numbers in Kubernetes. */
function asTravels(spec: InstanceType["spec"]): InstanceType["spec"] {
  const { resources } = spec;
  if (typeof resources !== "object" || resources === null) return spec;
  return {
    ...spec,
    resources: JSON.parse(JSON.stringify(resources), (_, value) =>
      typeof value === "number" ? String(value) : value,
    ),
  };
}
