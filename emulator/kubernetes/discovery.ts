import { type Incoming, json, type Reply } from "../http.ts";
import { type JsonObject, textAt } from "../json.ts";
import type { World } from "../world.ts";
import type { KubernetesCluster } from "./cluster.ts";
import { apiVersionOf, type ResourceType } from "./resource-types.ts";
import { methodNotAllowed } from "./status.ts";

/** What a cluster says about itself: version, groups, resources. Undefined for any other path. */
export function discovery(
  world: World,
  cluster: KubernetesCluster,
  path: string,
  request: Incoming,
): Reply | undefined {
  const asked = path.replace(/(.)\/$/, "$1");
  const said = documentAt(world, cluster, asked);
  if (said === undefined) return undefined;
  if (request.method !== "GET") throw methodNotAllowed();
  if (typeof said !== "string") return json(200, said);
  return { status: 200, text: said, headers: { "content-type": "text/plain; charset=utf-8" } };
}

function documentAt(world: World, cluster: KubernetesCluster, path: string): JsonObject | string | undefined {
  if (path === "/version") return version(world, cluster);
  if (["/healthz", "/livez", "/readyz"].includes(path)) return "ok";
  if (path === "/api") {
    return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
  }
  const types = cluster.types();
  if (path === "/apis") return groupList(types);
  const groupVersion = /^\/(?:api|apis)\/((?:[^/]+\/)?v[^/]+)$/.exec(path)?.[1];
  const group = types.filter((one) => apiVersionOf(one) === groupVersion);
  return groupVersion === undefined || group.length === 0 ? undefined : resourceList(groupVersion, group);
}

function version(world: World, cluster: KubernetesCluster): JsonObject {
  const properties = world.resource(cluster.id)?.body["properties"];
  const exact =
    textAt(properties, "currentKubernetesVersion") ?? textAt(properties, "kubernetesVersion") ?? "1.33.4";
  const [major = "1", minor = "33"] = exact.split(".");
  return {
    major,
    minor,
    gitVersion: `v${exact}`,
    gitTreeState: "clean",
    goVersion: "go1.24.6",
    compiler: "gc",
    platform: "linux/amd64",
  };
}

function groupList(types: ResourceType[]): JsonObject {
  const named = types.filter(({ group }) => group !== "");
  const byGroup = new Map(named.map((one) => [one.group, one]));
  const groups = [...byGroup].map(([name, one]) => {
    const versions = [{ groupVersion: apiVersionOf(one), version: one.version }];
    return { name, versions, preferredVersion: versions[0] ?? {} };
  });
  return { kind: "APIGroupList", apiVersion: "v1", groups };
}

function resourceList(groupVersion: string, types: ResourceType[]): JsonObject {
  const resources = types.flatMap((one) => {
    const { plural: name, singular: singularName, namespaced, kind, shortNames } = one;
    const short = shortNames.length > 0 ? { shortNames: [...shortNames] } : {};
    const own = { name, singularName, namespaced, kind, verbs: [...one.verbs].sort(), ...short };
    const log = { name: "pods/log", singularName: "", namespaced: true, kind: "Pod", verbs: ["get"] };
    return name === "pods" ? [own, log] : [own];
  });
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources };
}
