import { observe } from "../azure/arm.ts";
import { Computes } from "../azure/computes.ts";
import type { Azure, Connection } from "../azure/connect.ts";
import { nextPoll } from "../azure/operation.ts";
import { pause } from "../azure/pause.ts";
import type { Host } from "../host/host.ts";
import { openCluster } from "../kubernetes/access.ts";
import { collectDiagnostics } from "../kubernetes/diagnostics.ts";
import { servedCertificate } from "../kubernetes/endpoint.ts";
import type { Compute } from "../model/compute.ts";
import { formatDuration } from "../model/duration.ts";
import type { VerifyFacts } from "../model/facts.ts";
import { Failure } from "../model/failure.ts";
import type { Finding } from "../model/finding.ts";
import type { Gate } from "../model/gate.ts";
import { type Observed, present } from "../model/observed.ts";
import type { Report, Target } from "../model/report.ts";
import type { FailOn, VerifyRequest } from "../model/request.ts";
import type { Opening } from "../reconcile/action.ts";
import type { Draft } from "../reconcile/draft.ts";
import { fleet } from "../reconcile/fleet.ts";
import { session, showFindings } from "../reconcile/reconcile.ts";
import { tolerant } from "../report/tolerant.ts";
import { azureMlExtension } from "../rules/extension.ts";
import { gateRules } from "../rules/gate/index.ts";
import { gateFindings, gateVerdict, judgeGate } from "../rules/gate/judge.ts";
import { partsOf } from "../rules/gate/parts.ts";
import { sightOf } from "../rules/gate/sight.ts";
import { computeTarget } from "./observe.ts";
import { clusterTarget, describeInside, extensionSight, observeInside } from "./observe-cluster.ts";
import { routerEndpoint } from "./router-endpoint.ts";
import { fleetRequest, hasTargets } from "./targets.ts";
import { type AskedVerification, verifyRequest } from "./verify-request.ts";

const opening: Opening<AskedVerification> = {
  name: "verify-extension",
  subject: "extension",
  request: verifyRequest,
  target: ({ clusterId, compute }): Target => ({
    ...(compute && computeTarget(compute)),
    ...(clusterId && clusterTarget({ clusterId })),
  }),
};

/** Milliseconds kept for a last look and for telling the verdict. */
const tellingTime = 120_000;

/**
 * Judges the Azure ML extension of a cluster and what hangs on it (K1 to K3, W1). Writes nothing in Azure or in the
 * cluster. Looks again for a while where all that is wrong may pass by itself.
 */
export function verifyExtension(host: Host, client?: Connection["client"]): Promise<Report> {
  if (hasTargets(host)) {
    const asked = () => fleetRequest(host, opening.name, verifyRequest);
    return fleet(opening, asked, host, client, (one, azure, draft, own) => verify(one, azure, draft, own));
  }
  return session(opening, host, client, (asked, azure, draft) => verify(asked, azure, draft, host));
}

/** The same with what a run has already; the first look may be made by ways of its own, which share what was read. */
export async function verify(
  asked: AskedVerification,
  azure: Azure,
  draft: Draft,
  host: Host,
  first = azure,
): Promise<void> {
  const began = Date.now();
  let ways = first;
  // The verdict must be told within the run's time.
  const waitFor = Math.min(asked.waitFor, Math.max(0, asked.timeout - tellingTime));
  for (;;) {
    const facts = await observeVerification(asked, ways);
    ways = azure;
    const checks = judgeGate(gateRules, facts);
    const findings = gateFindings(checks);
    const verdict = gateVerdict(checks);
    const way = present(facts.inside)?.way;
    const parts = partsOf(facts, checks);
    const gate: Gate = { verdict, checks, parts, ...(way && { way }), sight: sightOf(facts) };
    note(draft, facts, findings, gate);
    const wrong = blocking(findings, asked.failOn);
    if (!wrong.every(({ pending }) => pending) || wrong.length === 0 || Date.now() - began >= waitFor) {
      return conclude(asked, azure, draft, host, facts, wrong);
    }
    host.info(`${formatDuration(Date.now() - began).padStart(8)}  ${wrong[0]?.seen} Looking again.`);
    await pause(Math.min(nextPoll(began) * 3, began + waitFor - Date.now()), azure.arm.signal);
  }
}

function note(draft: Draft, facts: VerifyFacts, findings: readonly Finding[], gate: Gate): void {
  const extension = azureMlExtension(present(facts.extensions) ?? []);
  draft.see(extensionSight(extension, facts.versions));
  draft.target = { ...draft.target, clusterId: facts.request.clusterId };
  draft.findings = findings;
  draft.gate = gate;
}

/** The findings that close the gate. */
function blocking(findings: readonly Finding[], failOn: FailOn): Finding[] {
  return findings.filter(
    ({ severity }) => severity === "error" || (failOn === "warning" && severity === "warning"),
  );
}

async function conclude(
  asked: AskedVerification,
  azure: Azure,
  draft: Draft,
  host: Host,
  facts: VerifyFacts,
  wrong: readonly Finding[],
): Promise<void> {
  host.group("Observed", describeInside(facts));
  showFindings(host, draft.findings);
  if (draft.gate && draft.gate.verdict !== "pass" && asked.diagnostics) {
    const files = await diagnosticFiles(facts, azure);
    const diagnostics = await tolerant(host, "The diagnostics", () => host.writeFolder("diagnostics", files));
    if (diagnostics) draft.gate = { ...draft.gate, diagnostics };
  }
  const [first, ...others] = wrong;
  if (!first || asked.failOn === "never") return;
  const name = facts.request.clusterId.split("/").at(-1);
  draft.fail(
    new Failure("VerificationFailed", `The extension of cluster "${name}" does not pass: ${first.seen}`, {
      remedy: first.remedy,
      link: first.link,
      details: others.map(({ seen, remedy }) => `${seen} ${remedy}`),
    }),
  );
}

async function diagnosticFiles(facts: VerifyFacts, azure: Azure): Promise<Record<string, string>> {
  const contents = present(facts.inside);
  const api = contents && present(await openCluster(facts.request, Promise.resolve(facts.cluster), azure));
  return collectDiagnostics(contents, azureMlExtension(present(facts.extensions) ?? []), api);
}

/** What the gate looks at. */
export async function observeVerification(asked: AskedVerification, azure: Azure): Promise<VerifyFacts> {
  const compute = asked.compute && observeCompute(asked.compute, azure);
  const request: VerifyRequest = {
    ...asked,
    clusterId: asked.clusterId ?? (await clusterOf(asked, compute)),
  };
  const namespace = compute?.then((seen) => present(seen)?.properties.properties?.namespace ?? "default");
  const [inside, seenCompute] = await Promise.all([
    observeInside(request, azure, { capacity: false, ...(namespace && { computeNamespace: namespace }) }),
    compute,
    // Also where the others end before it is asked for: a run that is cancelled throws nothing beside.
    namespace,
  ]);
  const facts: VerifyFacts = { ...inside, ...(seenCompute && { compute: seenCompute }) };
  const endpoint = azure.network ? routerEndpoint(facts) : undefined;
  if (!endpoint) return facts;
  const { host, port, name } = endpoint;
  return { ...facts, served: await servedCertificate(host, port, name, azure.arm.signal) };
}

function observeCompute(
  { workspace, computeName }: NonNullable<AskedVerification["compute"]>,
  { arm }: Azure,
): Promise<Observed<Compute>> {
  return observe(() => new Computes(arm, workspace).get(computeName));
}

/** @throws Failure `ComputeNotFound`, or Azure's refusal to let it be read. */
async function clusterOf(
  { compute: named }: AskedVerification,
  compute: Promise<Observed<Compute>> | undefined,
): Promise<string> {
  const seen = await compute;
  if (seen?.is === "denied") throw seen.why;
  const id = seen?.is === "present" ? seen.value.properties.resourceId : undefined;
  if (id) return id;
  throw new Failure(
    "ComputeNotFound",
    `There is no compute "${named?.computeName}" that tells its cluster.`,
    {
      remedy: "Check `compute-name` and `workspace-name`, or give `cluster-resource-id`.",
    },
  );
}
