import { glance } from "../azure/arm.ts";
import { observeWork } from "../azure/compute-work.ts";
import { Computes } from "../azure/computes.ts";
import type { Azure } from "../azure/connect.ts";
import { type AksProperties, aksProperties } from "../model/aks-compute.ts";
import { type Compute, stateOf } from "../model/compute.ts";
import type { ComputeWork } from "../model/compute-work.ts";
import type { AksAttachFacts } from "../model/facts.ts";
import { present } from "../model/observed.ts";
import type { Plan, Step } from "../model/plan.ts";
import type { UpdateRequest } from "../model/request.ts";
import { parseResourceId, sameText } from "../model/resource-id.ts";
import { scoringEndpoint } from "../model/scoring-endpoint.ts";
import type { Performed, Tools } from "../reconcile/action.ts";
import type { ReattachFacts } from "../reconcile/reattach-facts.ts";
import { performReattachment } from "../reconcile/reattach-perform.ts";
import { planReattachment, unfinishedJournal } from "../reconcile/reattach-plan.ts";
import { aksAttachmentRules } from "../rules/aks-attachment.ts";
import { aksClusterRules } from "../rules/aks-cluster.ts";
import { aksLoadBalancerRules } from "../rules/aks-load-balancer.ts";
import { disruptionRules } from "../rules/disruption.ts";
import { windowRule, withinWindow } from "../rules/maintenance-window.ts";
import { nameRules } from "../rules/names.ts";
import { permissionRule } from "../rules/permissions.ts";
import type { Rule } from "../rules/rule.ts";
import { workspaceRules } from "../rules/workspace.ts";
import { aksSight, type LookUp } from "./attach-aks.ts";
import { legacyIntention, renewedTls } from "./legacy-intention.ts";
import { verifyLegacy } from "./legacy-verification.ts";
import { observeOffer } from "./observe-offer.ts";

/** What `update-components` sees of a legacy compute. */
export interface AksUpdateFacts extends ReattachFacts<UpdateRequest> {
  readonly work: ComputeWork;
  readonly computes: AksAttachFacts["computes"];
  readonly versions: AksAttachFacts["versions"];
  readonly cores: AksAttachFacts["cores"];
}

/** Looks at what decides whether the compute can be attached again (U3), beside what every re-attach looks at. */
export async function observeAksUpdate(
  seen: ReattachFacts<UpdateRequest>,
  azure: Azure,
): Promise<AksUpdateFacts> {
  const { arm } = azure;
  const { request, clusterId = "", cluster } = seen;
  const { subscriptionId = "" } = parseResourceId(clusterId) ?? {};
  const observed = Promise.resolve(cluster ?? ({ kind: "aks", seen: { is: "absent" } } as const));
  const [work, computes, offer] = await Promise.all([
    observeWork(arm, request),
    glance(() => new Computes(arm, request.workspace).list(), arm.signal),
    observeOffer(arm, subscriptionId, observed),
  ]);
  return { ...seen, work, computes, ...offer };
}

/** One line for each thing that was seen. */
export function describeAksUpdate({ compute, request, workspace, legacy }: AksUpdateFacts): string[] {
  const found = present(compute);
  const { ip, host } = found ? scoringEndpoint(found) : {};
  const left = legacy && present(legacy.objects);
  return [
    `workspace "${workspace.name}": ${stateOf(workspace)}, ${workspace.location}`,
    `compute "${request.computeName}": ${found ? `${stateOf(found)}, ${found.properties.computeType}` : "absent"}`,
    ...(ip ? [`scoring endpoint: ${[ip, host].filter(Boolean).join(", ")}`] : []),
    ...(left ? [`objects of the legacy router in the cluster: ${left.length}`] : []),
  ];
}

/** What must be right before the compute is detached (U3): all that holds for an attach, since that is what follows. */
export const aksUpdateRules: readonly Rule<AksUpdateFacts>[] = [
  ...workspaceRules,
  ...asAttach([...nameRules, ...aksClusterRules, ...aksAttachmentRules, ...aksLoadBalancerRules]),
  ...disruptionRules<AksUpdateFacts>(isNew),
  windowRule<AksUpdateFacts>(isNew),
  permissionRule("Microsoft.MachineLearningServices/workspaces/computes/delete"),
  permissionRule("Microsoft.MachineLearningServices/workspaces/computes/write"),
  {
    id: "update-inputs",
    source: "T4",
    check: ({ request }) => request.notes.map(({ severity, seen, remedy }) => ({ severity, seen, remedy })),
  },
  {
    id: "journal-none",
    source: "design 6",
    check: ({ request }) =>
      request.journal === "none"
        ? {
            severity: "warning",
            seen: "`journal: none`: if this run dies between detach and attach, nothing is left that another run could finish, and a certificate that only the cluster held is lost.",
            remedy: "Keep settings, certificate and key at hand, or leave `journal` out.",
          }
        : undefined,
  },
];

/** Nothing of an interrupted run is there: this one begins of its own accord, and could as well not. */
function isNew({ compute, journal }: AksUpdateFacts): boolean {
  return compute.is === "present" && journal.is !== "present";
}

/** The same rules as `attach` has, on what is to be attached again. */
function asAttach(rules: readonly Rule<AksAttachFacts>[]): Rule<AksUpdateFacts>[] {
  return rules.map(({ id, source, check }) => ({
    id,
    source,
    check: (facts) => {
      const attach = attachFacts(facts);
      return attach && check(attach);
    },
  }));
}

function attachFacts(facts: AksUpdateFacts): AksAttachFacts | undefined {
  const read = present(facts.journal);
  const body = present(facts.compute) ?? (read?.is === "readable" ? read.journal.body : undefined);
  const { cluster, clusterId, request } = facts;
  if (!body || !clusterId || cluster?.kind !== "aks") return undefined;
  const attachment = { clusterId, ...settingsOf(body), ...tlsOf(body) };
  return { ...facts, cluster, request: { ...request, attachment, unknown: [] } };
}

/** TLS as it is compared, which never looks at certificate and key. */
function tlsOf(body: Compute): Pick<AksAttachFacts["request"]["attachment"], "tls"> {
  const { status, cname, leafDomainLabel } = aksProperties(body).sslConfiguration ?? {};
  if (sameText(status ?? "", "Enabled")) {
    return { tls: { way: "own", cname: cname ?? "", certificate: "", privateKey: "" } };
  }
  if (!sameText(status ?? "", "Auto")) return {};
  return {
    tls: { way: "microsoft", leafDomainLabel: leafDomainLabel ?? "", overwriteExistingDomain: false },
  };
}

function settingsOf(
  body: Compute,
): Pick<AksAttachFacts["request"]["attachment"], "clusterPurpose" | "loadBalancer"> {
  const { clusterPurpose, loadBalancerType, loadBalancerSubnet }: AksProperties = aksProperties(body);
  const purpose = (["FastProd", "DenseProd", "DevTest"] as const).find((one) =>
    sameText(one, clusterPurpose ?? ""),
  );
  const type = (["PublicIp", "InternalLoadBalancer"] as const).find((one) =>
    sameText(one, loadBalancerType ?? ""),
  );
  return {
    clusterPurpose: purpose ?? "FastProd",
    loadBalancer: { type, subnet: loadBalancerSubnet ?? undefined },
  };
}

/** Pure. @throws Failure where the update can't be begun, or an interrupted one can't be finished. */
export function planAksUpdate(facts: AksUpdateFacts): Plan {
  const plan = planReattachment(facts, "update-components", () => intention(facts));
  // A compute that is detached waits for no window.
  if (unfinishedJournal(facts)) {
    renewedTls(facts, "update-components", facts.request.tls);
    return plan;
  }
  return facts.request.resume === "discard" ? plan : withinWindow(plan, facts);
}

function intention(facts: AksUpdateFacts) {
  const found = present(facts.compute);
  if (!found) throw new Error("a compute that is absent was to be updated");
  return legacyIntention(facts, found, facts.request.tls);
}

/** Does one step and proves it by reading. */
export async function performAksUpdate(
  step: Step,
  facts: AksUpdateFacts,
  tools: Tools,
  lookUp: LookUp,
): Promise<Performed> {
  const { request } = facts;
  const performed = await performReattachment(
    step,
    facts,
    {
      action: "update-components",
      intend: () => intention(facts),
      renewed: renewedTls(facts, "update-components", request.tls),
      sight: aksSight,
      verify: (compute, journal, { azure, watcher }) =>
        verifyLegacy({
          compute,
          journal,
          api: request.verify ? present(facts.api) : undefined,
          azure,
          watcher,
          lookUp,
        }),
    },
    tools,
  );
  if (!performed) throw new Error(`not a step of this way: ${step.kind}`);
  return performed;
}
