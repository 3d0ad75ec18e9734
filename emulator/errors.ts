import type { Reply } from "./http.ts";
import type { Json, JsonObject } from "./json.ts";

/** One error of ARM's envelope (arm-contract 8): `details` nests. */
export interface ErrorBody {
  code: string;
  message: string;
  target?: string | null;
  details?: ErrorBody[];
  additionalInfo?: { type: string; info: Json }[];
}

/** Thrown by handlers, answered by the emulator as `{error: {...}}`. */
export class ArmError extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Record<string, string>;

  constructor(status: number, body: ErrorBody, headers: Record<string, string> = {}) {
    super(`${status} ${body.code}: ${body.message}`);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }

  reply(): Reply {
    return { status: this.status, headers: this.headers, body: { error: errorJson(this.body) } };
  }
}

export function errorJson(error: ErrorBody): JsonObject {
  return JSON.parse(JSON.stringify(error)) as JsonObject;
}

/** Refused by ARM's front door itself: marked `x-ms-failure-cause: gateway` (arm-contract 8, testbed 7). */
export function gatewayError(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): ArmError {
  return new ArmError(status, { code, message }, { "x-ms-failure-cause": "gateway", ...headers });
}

/** Refused by the resource provider behind it. */
export function providerError(
  status: number,
  code: string,
  message: string,
  details?: ErrorBody[],
): ArmError {
  return new ArmError(status, details ? { code, message, details } : { code, message });
}

/** Testbed 7: the wording of the gateway's 404, taken from recorded traffic. */
export function resourceNotFound(type: string, name: string, group: string): ArmError {
  return gatewayError(
    404,
    "ResourceNotFound",
    `The Resource '${type}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

/** Testbed 7 (real-arm): a write below a parent that does not exist. */
export function parentNotFound(type: string, parentId: string): ArmError {
  return gatewayError(
    404,
    "ParentResourceNotFound",
    `Failed to perform 'write' on resource(s) of type '${type}', because the parent resource '${parentId}' could not be found.`,
  );
}
