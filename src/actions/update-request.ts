import * as v from "valibot";
import type { Host } from "../host/host.ts";
import type { InputName } from "../model/doors.ts";
import { hidden } from "../model/extension-settings.ts";
import type { UpdateRequest } from "../model/request.ts";
import { aksEntries, withTlsVariables } from "./aks-inputs.ts";
import {
  clusterEntries,
  clusterTogether,
  kubeconfigOf,
  namedCluster,
  namesCluster,
} from "./cluster-inputs.ts";
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
  type Problem,
  readInputs,
  together,
  type Values,
} from "./inputs.ts";
import { journalEntries } from "./journal-inputs.ts";
import { aboutMany, type FleetInput } from "./targets.ts";
import { readPemInputs, secretPemInputs, tlsVerdicts } from "./tls-inputs.ts";
import { policyEntries, upgradePolicy } from "./update-policy.ts";

const schema = v.object({
  ...commonEntries,
  ...computeEntries,
  ...clusterEntries,
  ...journalEntries,
  ...policyEntries,
  kubeconfig: v.optional(v.string()),
  "ssl-cert-pem": aksEntries["ssl-cert-pem"],
  "ssl-key-pem": aksEntries["ssl-key-pem"],
  "ssl-cname": aksEntries["ssl-cname"],
  verify: flag(true),
} satisfies Record<Exclude<InputName<"update-components">, FleetInput>, v.GenericSchema>);

/** The request of `update-components`. @throws Failure `InvalidInput` with every problem. */
export async function updateRequest(host: Host): Promise<UpdateRequest> {
  const given = readInputs(host, "update-components");
  if (given["ssl-key-pem"]) host.mask(given["ssl-key-pem"]);
  const { values, origins } = fromVariables(host, withTlsVariables(host, given));
  const { request, problems } = check(schema, values, origins);
  const [tls, kubeconfig] = await Promise.all([readTls(host, values), kubeconfigOf(host, values)]);
  const all = [...problems, ...updateTogether(values), ...tls.problems, ...kubeconfig.problems];
  if (!request || all.length > 0) throw invalidInput(all.map(hideSecret), host);
  return {
    ...commonRequest(request),
    ...namedCompute(request),
    ...(namesAnyCluster(values) && { clusterId: namedCluster(request) }),
    kubeconfig: kubeconfig.content,
    tls: tls.pair && { ...tls.pair, cname: request["ssl-cname"] },
    notes: tls.notes,
    policy: upgradePolicy(request),
    journal: request.journal,
    resume: request.resume,
    ifLocked: request["if-locked"],
    verify: request.verify,
  };
}

function namesAnyCluster(values: Values<string>): boolean {
  return Boolean(values["cluster-resource-id"]) || namesCluster(values);
}

/** A compute that is there names its cluster itself, and its certificate its own host. */
function updateTogether(values: Values<string>): Problem[] {
  const both = Boolean(values["ssl-cert-pem"]) === Boolean(values["ssl-key-pem"]);
  const missing = values["ssl-cert-pem"] ? "ssl-key-pem" : "ssl-cert-pem";
  return [
    ...commonTogether(values),
    ...aboutMany(values),
    ...(namesAnyCluster(values) ? clusterTogether(values) : []),
    ...together(both, missing, {}, "`ssl-cert-pem` and `ssl-key-pem` together, or none of them"),
    ...together(
      !values["ssl-cname"] || Boolean(values["ssl-cert-pem"] || values["ssl-key-pem"]),
      "ssl-cname",
      values,
      "no value without `ssl-cert-pem` and `ssl-key-pem`: the name stays as it is",
    ),
  ];
}

async function readTls(host: Host, values: Values<string>) {
  const pem = await readPemInputs(host, values);
  if (!pem.pair) return { notes: [], problems: pem.problems };
  const { pair, notes, problems } = tlsVerdicts(pem.pair, values["ssl-cname"]);
  return { pair, notes, problems: [...pem.problems, ...problems] };
}

function hideSecret(problem: Problem): Problem {
  const isSecret = problem.input === "kubeconfig" || secretPemInputs.includes(problem.input);
  return isSecret && problem.given !== undefined ? { ...problem, given: hidden } : problem;
}
