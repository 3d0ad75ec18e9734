import type { Extension, ManagedCluster } from "./azure-resources.ts";
import type { ClusterCreation } from "./managed-cluster.ts";
import { managedClusterBody } from "./managed-cluster.ts";
import type { Plan, Step } from "./plan.ts";

/** The cluster as it will be once it has been created, or once another run that creates it has ended. */
export function expectedCluster(
  creation: ClusterCreation,
  location: string,
  found: ManagedCluster | undefined,
): ManagedCluster {
  const body = managedClusterBody(creation, location);
  const there = found ?? { id: creation.clusterId, ...body };
  return { ...there, properties: { ...there.properties, provisioningState: "Succeeded" } };
}

/** The extension as it will be once that plan is done. */
export function expectedExtension(name: string, found: Extension | undefined, { steps }: Plan): Extension {
  const bodies = steps.map(propertiesOf);
  const settings = bodies.map(({ configurationSettings }) => configurationSettings ?? {});
  const { errorInfo: _, statuses: _statuses, ...kept } = found?.properties ?? {};
  return {
    ...found,
    name: found?.name ?? name,
    properties: {
      ...kept,
      ...Object.assign({}, ...bodies),
      configurationSettings: Object.assign({}, kept.configurationSettings, ...settings),
      provisioningState: "Succeeded",
    },
  };
}

function propertiesOf({ body }: Step): Extension["properties"] {
  return (body as Partial<Extension> | undefined)?.properties ?? {};
}
