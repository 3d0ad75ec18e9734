import type {
  CreateClusterFacts,
  CreateClusterRequest,
  CreateComputeFacts,
  CreateComputeRequest,
} from "../model/create-cluster.ts";
import type { Target } from "../model/report.ts";
import { parseResourceId } from "../model/resource-id.ts";
import type { Action } from "../reconcile/action.ts";
import { only } from "../rules/rule.ts";
import { createAks } from "./create-aks.ts";
import { createClusterRequest } from "./create-cluster-request.ts";
import { createCompute } from "./create-compute.ts";
import { computeTarget } from "./observe.ts";

type EitherRequest = CreateClusterRequest | CreateComputeRequest;
type EitherFacts = CreateClusterFacts | CreateComputeFacts;

/** Creates a cluster in the way that `via` names, or finds it there and changes nothing (C5, C7). */
export const createCluster: Action<EitherRequest, EitherFacts> = {
  name: "create-cluster",
  subject: "cluster",
  request: createClusterRequest,
  target: (request) => (isComputeRequest(request) ? computeTarget(request) : clusterTarget(request)),
  observe: (request, azure) =>
    isComputeRequest(request) ? createCompute.observe(request, azure) : createAks.observe(request, azure),
  sight: (facts) => (isCompute(facts) ? createCompute.sight(facts) : createAks.sight(facts)),
  describe: (facts) => (isCompute(facts) ? createCompute.describe(facts) : createAks.describe(facts)),
  rules: [
    ...only((facts: EitherFacts): facts is CreateClusterFacts => !isCompute(facts), createAks.rules),
    ...only(isCompute, createCompute.rules),
  ],
  plan: (facts) => (isCompute(facts) ? createCompute.plan(facts) : createAks.plan(facts)),
  perform: (step, facts, tools) =>
    isCompute(facts) ? createCompute.perform(step, facts, tools) : createAks.perform(step, facts, tools),
};

function isComputeRequest(request: EitherRequest): request is CreateComputeRequest {
  return "computeName" in request;
}

function isCompute(facts: EitherFacts): facts is CreateComputeFacts {
  return isComputeRequest(facts.request);
}

function clusterTarget({ creation: { clusterId } }: CreateClusterRequest): Target {
  const { subscriptionId = "" } = parseResourceId(clusterId) ?? {};
  return { subscriptionId, clusterId };
}
