/** Where the Relay of a cluster is: a namespace, and in it a hybrid connection (extension.md 1d). */
export interface RelayPlace {
  readonly namespaceId: string;
  readonly connectionName: string;
}

/** The place that the resource id of a hybrid connection names. */
export function parseRelayPlace(connectionId: string | undefined): RelayPlace | undefined {
  const [namespaceId, connectionName] = connectionId?.split(/\/hybridConnections\//i) ?? [];
  return namespaceId && connectionName ? { namespaceId, connectionName } : undefined;
}

/** The resource id of the hybrid connection. */
export function formatRelayPlace({ namespaceId, connectionName }: RelayPlace): string {
  return `${namespaceId}/hybridConnections/${connectionName}`;
}
