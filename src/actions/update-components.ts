import type { Azure } from "../azure/connect.ts";
import { Failure } from "../model/failure.ts";
import { present } from "../model/observed.ts";
import type { Plan, Step } from "../model/plan.ts";
import type { UpdateRequest } from "../model/request.ts";
import { sameText } from "../model/resource-id.ts";
import type { Action, Performed, Sight, Tools } from "../reconcile/action.ts";
import type { ReattachFacts } from "../reconcile/reattach-facts.ts";
import { performReattachment } from "../reconcile/reattach-perform.ts";
import { planResumption } from "../reconcile/reattach-plan.ts";
import { remainsOf } from "../reconcile/reattach-remains.ts";
import { kubeconfigRule } from "../rules/kubeconfig.ts";
import type { Rule } from "../rules/rule.ts";
import { aksSight, type LookUp, lookUpName } from "./attach-aks.ts";
import { computeSight, computeTarget, observeCompute } from "./observe.ts";
import { observeReattachment } from "./observe-reattach.ts";
import {
  type AksUpdateFacts,
  aksUpdateRules,
  describeAksUpdate,
  observeAksUpdate,
  performAksUpdate,
  planAksUpdate,
} from "./update-aks.ts";
import { kubernetesUpdateRules } from "./update-kubernetes.ts";
import {
  describeKubernetes,
  type KubernetesFacts,
  kubernetesSight,
  observeKubernetes,
  performKubernetes,
  planKubernetes,
} from "./update-kubernetes-way.ts";
import { updateRequest } from "./update-request.ts";

/** What is seen of a compute, by its type; of one that is neither there nor in a journal, its type is not known. */
export type UpdateFacts =
  | { readonly way: "aks"; readonly facts: AksUpdateFacts }
  | { readonly way: "kubernetes"; readonly facts: KubernetesFacts }
  | { readonly way: "unknown"; readonly facts: ReattachFacts<UpdateRequest> };

/** Brings the components of a compute's cluster up to date, or finishes what an interrupted run began (U1 to U3). */
export const updateComponents = updateComponentsWith(lookUpName);

/** The same with a look-up of names of one's own. */
export function updateComponentsWith(lookUp: LookUp): Action<UpdateRequest, UpdateFacts> {
  return {
    name: "update-components",
    subject: "compute",
    request: updateRequest,
    target: computeTarget,
    observe,
    sight,
    describe,
    rules: [
      ...of((seen) => seen.facts, [kubeconfigRule]),
      ...of((seen) => (seen.way === "aks" ? seen.facts : undefined), aksUpdateRules),
      ...of((seen) => (seen.way === "kubernetes" ? seen.facts.extension : undefined), kubernetesUpdateRules),
    ],
    plan,
    leaves: ({ facts }) => remainsOf(facts),
    perform: (step, facts, tools) => perform(step, facts, tools, lookUp),
  };
}

async function observe(request: UpdateRequest, azure: Azure): Promise<UpdateFacts> {
  const facts = await observeReattachment(await observeCompute(request, azure), azure);
  const read = present(facts.journal);
  const journalled = read?.is === "readable" ? read.journal.computeType : "";
  const type = present(facts.compute)?.properties.computeType ?? journalled;
  if (sameText(type, "AKS")) return { way: "aks", facts: await observeAksUpdate(facts, azure) };
  if (sameText(type, "Kubernetes"))
    return { way: "kubernetes", facts: await observeKubernetes(facts, azure) };
  return { way: "unknown", facts };
}

function sight({ way, facts }: UpdateFacts): Sight {
  const seen = way === "kubernetes" ? kubernetesSight(facts) : aksSight(present(facts.compute));
  return { ...seen, clusterId: facts.clusterId };
}

function describe({ way, facts }: UpdateFacts): string[] {
  const lines =
    way === "aks" ? describeAksUpdate(facts) : way === "kubernetes" ? describeKubernetes(facts) : [];
  const { api, clusterId, pointer } = facts;
  const read = present(facts.journal);
  const reached =
    api.is === "present" ? api.value.way : api.is === "denied" ? api.why.message : "no way to it";
  return [
    ...lines,
    `its cluster: ${clusterId ?? "unknown"}`,
    ...(clusterId ? [`inside the cluster: ${reached}`] : []),
    ...(read
      ? [`journal of an interrupted run: ${read.is === "readable" ? read.journal.phase : read.is}`]
      : []),
    ...(pointer ? [`the workspace's tag leads to: ${pointer}`] : []),
  ];
}

/** Pure. @throws Failure where there is nothing to update. */
function plan({ way, facts }: UpdateFacts): Plan {
  otherCluster(facts);
  if (way === "aks") return planAksUpdate(facts);
  if (way === "kubernetes" && facts.request.tls) throw tlsOfExtension(facts.request.computeName);
  if (way === "kubernetes") return planKubernetes(facts);
  const resumed = planResumption(facts, "update-components");
  if (resumed) return resumed;
  const found = present(facts.compute);
  const { computeName } = facts.request;
  if (found) {
    throw new Failure(
      "NotACluster",
      `The compute "${computeName}" is of type ${found.properties.computeType}, which has no components in a cluster.`,
      {
        remedy: "Name a compute of type Kubernetes or AKS.",
      },
    );
  }
  throw new Failure(
    "ComputeNotFound",
    `There is no compute "${computeName}", and nothing tells of an interrupted run that was to attach it again.`,
    {
      remedy:
        "Check `compute-name` and `workspace-name`. If an interrupted run could not tag the workspace, name the cluster that the compute was attached to.",
    },
  );
}

/** A Kubernetes compute has no TLS of its own (peers 0.4). */
function tlsOfExtension(computeName: string): Failure {
  return new Failure(
    "TlsOfExtension",
    `The compute "${computeName}" is of type Kubernetes, whose certificate is a setting of the extension. Nothing was changed.`,
    { remedy: "Give `ssl-cert-pem` and `ssl-key-pem` to `deploy-extension` with `config: sslCname=…`." },
  );
}

/** A compute names its cluster itself: who names another one means another compute. @throws Failure `OtherCluster`. */
function otherCluster({ request, compute, clusterId }: ReattachFacts): void {
  const found = present(compute)?.properties.resourceId;
  if (!found || !request.clusterId || sameText(found, request.clusterId) || clusterId === undefined) return;
  throw new Failure(
    "OtherCluster",
    `The compute "${request.computeName}" is attached to ${found}, not to ${request.clusterId}.`,
    {
      remedy: "Leave the cluster out, or name the right compute.",
    },
  );
}

function perform(step: Step, seen: UpdateFacts, tools: Tools, lookUp: LookUp): Promise<Performed> {
  if (seen.way === "aks") return performAksUpdate(step, seen.facts, tools, lookUp);
  if (seen.way === "kubernetes") return performKubernetes(step, seen.facts, tools);
  return discard(step, seen.facts, tools);
}

/** Of what can't be read there is nothing to finish: it is thrown away where that is asked for. */
async function discard(step: Step, facts: ReattachFacts<UpdateRequest>, tools: Tools): Promise<Performed> {
  const intend = () => {
    throw new Error("nothing is known that could be begun");
  };
  const how = { action: "update-components", intend, sight: computeSight, verify: async () => [] } as const;
  const performed = await performReattachment(step, facts, how, tools);
  if (!performed) throw new Error(`not a step of this way: ${step.kind}`);
  return performed;
}

/** Rules that speak of one way alone. */
function of<Facts>(
  which: (seen: UpdateFacts) => Facts | undefined,
  rules: readonly Rule<Facts>[],
): Rule<UpdateFacts>[] {
  return rules.map(({ id, source, check }) => ({
    id,
    source,
    check: (seen) => {
      const facts = which(seen);
      return facts && check(facts);
    },
  }));
}
