import { ArmError, gatewayError, providerError } from "../errors.ts";
import { empty, json, type Reply } from "../http.ts";
import type { Operation } from "../operations.ts";
import type { Call } from "./call.ts";
import { param } from "./call.ts";
import { monitorBody, retryAfter } from "./long-running.ts";
import { present } from "./presentation.ts";

/** GET on an Azure-AsyncOperation URL: always 200 with a status (arm-contract 8). */
export function operationStatus(call: Call): Reply {
  const operation = findOperation(call);
  const ended = call.world.operations.ended(operation);
  return json(200, monitorBody(call, operation, call.request.path), ended ? {} : retryAfter(call));
}

/** GET on a Location URL: 202 while running, then what the synchronous call would have answered (arm-contract 8). */
export function operationResult(call: Call): Reply {
  const operation = findOperation(call);
  const { world, request } = call;
  if (!world.operations.ended(operation))
    return empty(202, { location: request.url.href, ...retryAfter(call) });
  const { outcome } = operation;
  if (outcome.status !== "Succeeded") throw new ArmError(409, outcome.error);
  if (operation.verb === "delete") return empty(204);
  const resource = world.resource(operation.resourceId);
  return resource ? json(200, present(world, resource)) : empty(204);
}

function findOperation(call: Call): Operation {
  const { world } = call;
  const operation = world.operations.find(param(call, "operationId"));
  if (!operation || (world.knobs.monitorVanishes && world.operations.ended(operation))) {
    throw providerError(404, "NotFound", "The operation was not found.");
  }
  checkSignature(call, operation);
  return operation;
}

/**
 * arm-contract 1.7 and testbed 7: the path and `t`, `c`, `s`, `h` must come back as they were given. Other parameters
 * may be added or changed: Microsoft's own SDK appends `api-version`.
 */
function checkSignature(call: Call, operation: Operation): void {
  if (!operation.signature) return;
  const { searchParams } = call.request.url;
  const samePath = operation.paths.includes(call.request.path);
  const intact =
    samePath &&
    Object.entries(operation.signature).every(([key, value]) => {
      const given = searchParams.getAll(key);
      return given.length === 1 && given[0] === value;
    });
  if (!intact) {
    throw gatewayError(403, "InvalidSignature", "The signature of the status URL is missing or was changed.");
  }
}
