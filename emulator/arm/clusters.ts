import { ArmError, type ErrorBody, errorJson } from "../errors.ts";
import { json, type Reply } from "../http.ts";
import type { Call } from "./call.ts";
import { param } from "./call.ts";
import { present } from "./presentation.ts";
import { find, pathOf, require } from "./reading.ts";

/** A Trusted Access binding of an AKS cluster. The 404 is AKS's own, worded as recorded (real-arm). */
export function getTrustedAccess(call: Call): Reply {
  const id = pathOf(call);
  const cluster = require(call, id.split("/").slice(0, -2).join("/"));
  const binding = find(call, id);
  if (binding) return json(200, present(call.world, binding));
  const error: ErrorBody = {
    code: "NotFound",
    message: `Could not find the trusted access role binding ${param(call, "binding")} in subscription: ${cluster.subscriptionId}, resourceGroup: ${cluster.resourceGroup}, clusterName: ${cluster.name}.`,
    details: [
      {
        code: "Unspecified",
        message: "rpc error: code = NotFound desc = TrustedAccessRoleBinding not found",
      },
    ],
  };
  if (call.world.knobs.aksErrors === "wrapped") throw new ArmError(404, error);
  return json(404, { ...errorJson(error), subcode: "GetTrustedAccessRoleBinding_NotFound" });
}
