import { glance } from "../azure/arm.ts";
import { Computes } from "../azure/computes.ts";
import type { Azure } from "../azure/connect.ts";
import { resolveName } from "../azure/name-resolution.ts";
import { listPermissions } from "../azure/resources.ts";
import type { Answer } from "../azure/wire.ts";
import {
  type AksAttachment,
  aksAttachBody,
  aksProperties,
  loadBalancerBody,
  shownBody,
} from "../model/aks-compute.ts";
import { aksDifferences, isLoadBalancerOnly } from "../model/aks-differences.ts";
import { type Compute, type Difference, differenceLines, stateOf } from "../model/compute.ts";
import type { AksAttachFacts } from "../model/facts.ts";
import { Failure } from "../model/failure.ts";
import type { Finding } from "../model/finding.ts";
import { present } from "../model/observed.ts";
import type { Step } from "../model/plan.ts";
import type { AksAttachRequest } from "../model/request.ts";
import { parseResourceId, resourceName, sameText } from "../model/resource-id.ts";
import { type Resolution, scoringEndpoint } from "../model/scoring-endpoint.ts";
import type { Performed, Sight, Tools, Way } from "../reconcile/action.ts";
import { ComputeSteps } from "../reconcile/compute-steps.ts";
import { aksAttachmentRules } from "../rules/aks-attachment.ts";
import { aksClusterRules } from "../rules/aks-cluster.ts";
import { aksLoadBalancerRules, privateAddressRule } from "../rules/aks-load-balancer.ts";
import { type AttachedFacts, aksTlsRules, dnsRule } from "../rules/aks-tls.ts";
import { nameRules } from "../rules/names.ts";
import { permissionRule } from "../rules/permissions.ts";
import { judge, type Rule } from "../rules/rule.ts";
import { workspaceRules } from "../rules/workspace.ts";
import { different, planAttachment, proven, type Wanted } from "./attach-plan.ts";
import { computeSight, observeCluster, observeCompute } from "./observe.ts";
import { observeOffer } from "./observe-offer.ts";

/** What can be said of the scoring endpoint only once it is there. */
const attachedRules: readonly Rule<AttachedFacts>[] = [dnsRule, privateAddressRule];

/** Attaches an AKS cluster as a legacy compute, or changes its load balancer where nothing else differs (A1 to A11, B2). */
export const attachAks = attachAksWith(lookUpName);

/** Looks a name up in the DNS, unless a client stands in for the network. */
export async function lookUpName(name: string, azure: Azure): Promise<Resolution | undefined> {
  return azure.network ? resolveName(name, azure.arm.signal) : undefined;
}

/** Looks up what a name stands for; `undefined` where nobody is asked. */
export type LookUp = (name: string, azure: Azure) => Promise<Resolution | undefined>;

/** The same with a look-up of names of one's own. */
export function attachAksWith(lookUp: LookUp): Way<AksAttachRequest, AksAttachFacts> {
  return {
    observe: (request, azure) => observeAks(request, azure, lookUp),
    sight: ({ compute }) => aksSight(present(compute)),
    describe,
    rules: [
      ...nameRules,
      ...workspaceRules,
      ...aksClusterRules,
      ...aksAttachmentRules,
      ...aksTlsRules,
      ...aksLoadBalancerRules,
      ...attachedRules.map((rule) => ({
        ...rule,
        // What is about to be changed is looked at afterwards.
        check: (facts: AksAttachFacts) => (isAsWanted(facts) ? rule.check(facts) : undefined),
      })),
      permissionRule("Microsoft.MachineLearningServices/workspaces/computes/write"),
    ],
    plan: (facts) => planAttachment(present(facts.compute), wanted(facts)),
    perform: (step, facts, tools) => perform(step, facts, tools, lookUp),
  };
}

async function perform(
  step: Step,
  facts: AksAttachFacts,
  { azure, watcher }: Tools,
  lookUp: LookUp,
): Promise<Performed> {
  const { request } = facts;
  const steps = new ComputeSteps(azure.arm, request, watcher);
  if (step.kind === "await-gone") {
    await steps.gone();
    return { ended: "done" };
  }
  const accepted = await write(step, facts, steps);
  // What is changed next must stand first.
  const changesNext = step.kind === "await-compute" && !isAsWanted(facts);
  if (!request.wait && !changesNext) {
    const shown = await steps.shown();
    return { ended: "accepted", sight: shown && aksSight(shown) };
  }
  const ready = await steps.ready(accepted);
  if (changesNext) return { ended: "done", sight: aksSight(ready) };
  const compute = proven(wanted(facts), ready);
  const findings = request.preflight === "off" ? [] : await judgeAttached(compute, azure, lookUp);
  return { ended: "done", sight: aksSight(compute), findings };
}

async function write(
  { kind }: Step,
  facts: AksAttachFacts,
  steps: ComputeSteps,
): Promise<Answer | undefined> {
  const { request, workspace } = facts;
  if (kind === "create-compute") return steps.create(aksAttachBody(request.attachment, workspace.location));
  if (kind === "update-compute") return changeLoadBalancer(steps, facts);
  return undefined;
}

async function observeAks(request: AksAttachRequest, azure: Azure, lookUp: LookUp): Promise<AksAttachFacts> {
  const { arm } = azure;
  const { clusterId } = request.attachment;
  const { subscriptionId = "" } = parseResourceId(clusterId) ?? {};
  const elsewhere = !sameText(subscriptionId, request.workspace.subscriptionId);
  const seenCluster = observeCluster(arm, clusterId);
  const [common, cluster, computes, clusterPermissions, offer] = await Promise.all([
    observeCompute(request, azure),
    seenCluster,
    glance(() => new Computes(arm, request.workspace).list(), arm.signal),
    elsewhere ? glance(() => listPermissions(arm, clusterId), arm.signal) : undefined,
    observeOffer(arm, subscriptionId, seenCluster),
  ]);
  if (cluster.kind !== "aks") throw new Error("a legacy compute of an Arc cluster");
  const resolution = await resolutionOf(present(common.compute), azure, lookUp);
  return {
    ...common,
    cluster,
    computes,
    ...offer,
    ...(clusterPermissions && { clusterPermissions }),
    ...(resolution && { resolution }),
  };
}

/** Only a name that the user chose has to be made to lead somewhere; Microsoft's leads where it should. */
async function resolutionOf(
  compute: Compute | undefined,
  azure: Azure,
  lookUp: LookUp,
): Promise<Resolution | undefined> {
  const { ip, host } = compute ? scoringEndpoint(compute) : {};
  const own = compute && sameText(aksProperties(compute).sslConfiguration?.status ?? "", "Enabled");
  return own && ip && host ? lookUp(host, azure) : undefined;
}

/** What can be said of the scoring endpoint of a compute that is attached. */
export async function judgeAttached(compute: Compute, azure: Azure, lookUp: LookUp): Promise<Finding[]> {
  const resolution = await resolutionOf(compute, azure, lookUp);
  return judge(attachedRules, { compute: { is: "present", value: compute }, resolution });
}

function isAsWanted({ compute, request }: AksAttachFacts): boolean {
  const found = present(compute);
  return found !== undefined && aksDifferences(request.attachment, found).length === 0;
}

/** How a legacy compute stands. */
export function aksSight(compute: Compute | undefined): Sight {
  const { ip, host } = compute ? scoringEndpoint(compute) : {};
  return { ...computeSight(compute), scoringIp: ip, scoringHost: host };
}

function describe({ workspace, compute, cluster, request }: AksAttachFacts): string[] {
  const found = present(compute);
  const { ip, host } = found ? scoringEndpoint(found) : {};
  const seen = cluster.seen.is === "present" ? cluster.seen.value : undefined;
  const version = seen?.properties.currentKubernetesVersion;
  return [
    `workspace "${workspace.name}": ${stateOf(workspace)}, ${workspace.location}`,
    `compute "${request.computeName}": ${found ? stateOf(found) : "absent"}`,
    `AKS cluster "${resourceName(request.attachment.clusterId)}": ${seen ? [stateOf(seen), seen.location, version && `Kubernetes ${version}`].filter(Boolean).join(", ") : cluster.seen.is}`,
    ...(ip ? [`scoring endpoint: ${[ip, host].filter(Boolean).join(", ")}`] : []),
  ];
}

function wanted({ request, workspace }: AksAttachFacts): Wanted {
  const { attachment, computeName } = request;
  return {
    computeName,
    clusterId: attachment.clusterId,
    body: shownBody(aksAttachBody(attachment, workspace.location)),
    differences: (found) => aksDifferences(attachment, found),
    change: (found, rows) => (isLoadBalancerOnly(rows) ? updateStep(request, found, rows) : undefined),
  };
}

function updateStep(
  { attachment, computeName }: AksAttachRequest,
  found: Compute,
  rows: readonly Difference[],
): Step {
  return {
    kind: "update-compute",
    title: `change the load balancer of compute "${computeName}"`,
    reason: `${differenceLines(rows).join("; ")}; ${whatIsKept(attachment)}`,
    body: shownBody(loadBalancerBody(found, attachment)),
  };
}

/** TLS is what other tools lose here (peers 2.2); an own certificate can only be kept by giving it again. */
function whatIsKept({ tls }: AksAttachment): string {
  if (!tls) return "everything else is kept";
  if (tls.way === "microsoft") return "everything else is kept, TLS included";
  return "everything else is kept, TLS included: certificate and key are sent again as they are given, since Azure returns neither";
}

/** GET, change, PUT whole (B2): what was seen when the plan was made may have changed since. */
async function changeLoadBalancer(steps: ComputeSteps, { request }: AksAttachFacts) {
  const { attachment, computeName } = request;
  const found = present(await steps.look());
  if (!found) throw gone(computeName);
  const rows = aksDifferences(attachment, found);
  if (!isLoadBalancerOnly(rows)) throw different(computeName, found, rows);
  return steps.update(
    loadBalancerBody(found, attachment),
    (seen) => aksDifferences(attachment, seen).length === 0,
  );
}

function gone(computeName: string): Failure {
  return new Failure("ComputeVanished", `There is no compute "${computeName}" any more.`, {
    remedy: "Somebody may have detached it meanwhile. Run the step again to attach it.",
  });
}
