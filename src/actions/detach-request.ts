import * as v from "valibot";
import type { Host } from "../host/host.ts";
import type { InputName } from "../model/doors.ts";
import type { DetachRequest } from "../model/request.ts";
import {
  check,
  commonEntries,
  commonRequest,
  commonTogether,
  computeEntries,
  flag,
  fromVariables,
  invalidInput,
  namedCompute,
  readInputs,
} from "./inputs.ts";

const schema = v.object({
  ...commonEntries,
  ...computeEntries,
  "allow-created": flag(false),
} satisfies Record<InputName<"detach">, v.GenericSchema>);

/** The request of `detach`. @throws Failure `InvalidInput` with every problem. */
export async function detachRequest(host: Host): Promise<DetachRequest> {
  const { values, origins } = fromVariables(host, readInputs(host, "detach"));
  const { request, problems } = check(schema, values, origins);
  const all = [...problems, ...commonTogether(values)];
  if (!request || all.length > 0) throw invalidInput(all, host);
  return { ...commonRequest(request), ...namedCompute(request), allowCreated: request["allow-created"] };
}
