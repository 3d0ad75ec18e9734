import {
  getExtensionType,
  getExtensionTypeVersion,
  listExtensionTypes,
  listExtensionTypeVersions,
} from "./extension-types.ts";
import {
  getAuthorizationRule,
  getHybridConnection,
  getRelayNamespace,
  listRelayKeys,
  putAuthorizationRule,
  putHybridConnection,
  putRelayNamespace,
} from "./relay.ts";
import { queryResources } from "./resource-graph.ts";
import type { Route } from "./routes.ts";

/** What stands beside the extensions: their types, the Relay of Arc clusters (extension 1d, 4), Resource Graph. */

const S = "/subscriptions/{subscriptionId}";
const RG = `${S}/resourceGroups/{resourceGroup}`;
const CONFIGURATION = "providers/Microsoft.KubernetesConfiguration";
const BY_LOCATION = `${S}/${CONFIGURATION}/locations/{location}/extensionTypes`;
const BY_CLUSTER = `${RG}/providers/{clusterRp}/{clusterType}/{cluster}/${CONFIGURATION}/extensionTypes`;
const NAMESPACE = `${RG}/providers/Microsoft.Relay/namespaces/{namespaceName}`;
const CONNECTION = `${NAMESPACE}/hybridConnections/{connection}`;
const RULE = `${CONNECTION}/authorizationRules/{rule}`;
const RELAY = "Microsoft.Relay/namespaces";

type Of = Pick<Route, "versions" | "action" | "handler">;

const types = (path: string, handler: Route["handler"], query: string[] = []): Route => ({
  method: "GET",
  path,
  versions: "extensionTypes",
  action: "Microsoft.KubernetesConfiguration/extensionTypes/read",
  query,
  handler,
});
const get = (path: string, of: Of): Route => ({ method: "GET", path, query: [], ...of });
const put = (path: string, of: Of): Route => ({ method: "PUT", path, query: [], body: "required", ...of });
const relay = (action: string, handler: Route["handler"]): Of => ({
  versions: "relay",
  action: `${RELAY}/${action}`,
  handler,
});

/** The query parameters are those of the official file (2023-05-01-preview). */
export const EXTENSION_ROUTES: readonly Route[] = [
  types(BY_LOCATION, listExtensionTypes, ["publisherId", "offerId", "planId", "releaseTrain", "clusterType"]),
  types(`${BY_LOCATION}/{extensionType}`, getExtensionType),
  types(`${BY_LOCATION}/{extensionType}/versions`, listExtensionTypeVersions, [
    "releaseTrain",
    "clusterType",
    "majorVersion",
    "showLatest",
  ]),
  types(`${BY_LOCATION}/{extensionType}/versions/{version}`, getExtensionTypeVersion),
  types(BY_CLUSTER, listExtensionTypes, ["publisherId", "offerId", "planId", "releaseTrain"]),
  types(`${BY_CLUSTER}/{extensionType}`, getExtensionType),
  types(`${BY_CLUSTER}/{extensionType}/versions`, listExtensionTypeVersions, [
    "releaseTrain",
    "majorVersion",
    "showLatest",
  ]),
  types(`${BY_CLUSTER}/{extensionType}/versions/{version}`, getExtensionTypeVersion),

  get(NAMESPACE, relay("read", getRelayNamespace)),
  put(NAMESPACE, relay("write", putRelayNamespace)),
  get(CONNECTION, relay("hybridConnections/read", getHybridConnection)),
  put(CONNECTION, relay("hybridConnections/write", putHybridConnection)),
  get(RULE, relay("hybridConnections/authorizationRules/read", getAuthorizationRule)),
  put(RULE, relay("hybridConnections/authorizationRules/write", putAuthorizationRule)),
  {
    method: "POST",
    path: `${RULE}/listKeys`,
    query: [],
    ...relay("hybridConnections/authorizationRules/listkeys/action", listRelayKeys),
  },

  // arm-contract 6. No right but those to read what it shows.
  {
    method: "POST",
    path: "/providers/Microsoft.ResourceGraph/resources",
    versions: "resourceGraph",
    query: [],
    body: "required",
    handler: queryResources,
  },
];
