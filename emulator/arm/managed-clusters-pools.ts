import { ArmError, type ErrorBody, errorJson } from "../errors.ts";
import { json, type Reply } from "../http.ts";
import { isObject, type JsonObject, textAt, valueAt } from "../json.ts";
import type { Call } from "./call.ts";
import { param } from "./call.ts";
import { pathOf, require } from "./reading.ts";

const TYPE = "Microsoft.ContainerService/managedClusters/agentPools";

/** The pools of a cluster's body. */
export function agentPoolsOf(body: JsonObject): JsonObject[] {
  const pools = valueAt(body, "properties", "agentPoolProfiles");
  return Array.isArray(pools) ? pools.filter(isObject) : [];
}

/** `GET {cluster}/agentPools` (arm-contract 2): the same pools as in the body, as resources. */
export function listAgentPools(call: Call): Reply {
  const cluster = require(call, pathOf(call).replace(/\/agentPools$/i, ""));
  return json(200, { value: agentPoolsOf(cluster.body).map((pool) => poolResource(cluster.id, pool)) });
}

export function getAgentPool(call: Call): Reply {
  const cluster = require(call, pathOf(call).replace(/\/agentPools\/[^/]+$/i, ""));
  const name = param(call, "agentPool");
  const pool = agentPoolsOf(cluster.body).find((one) => textAt(one, "name") === name.toLowerCase());
  if (pool) return json(200, poolResource(cluster.id, pool));
  // Guess: the wording; that AKS's own 404 comes bare is recorded for another type (real-arm).
  throw aksError(call, 404, { code: "NotFound", message: `Could not find the agentpool: ${name}.` });
}

function poolResource(clusterId: string, { name, ...properties }: JsonObject): JsonObject {
  return { id: `${clusterId}/agentPools/${String(name)}`, name, type: TYPE, properties };
}

/** An error of AKS itself: bare in real-arm and in users' logs, wrapped in the official file; knob `aksErrors`. */
class BareError extends ArmError {
  override reply(): Reply {
    return {
      status: this.status,
      headers: this.headers,
      body: { details: null, ...errorJson(this.body), subcode: "" },
    };
  }
}

export function aksError(call: Call, status: number, error: ErrorBody): ArmError {
  return call.world.knobs.aksErrors === "bare" ? new BareError(status, error) : new ArmError(status, error);
}
