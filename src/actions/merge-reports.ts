import { newCorrelationId } from "../azure/connect.ts";
import type { Host } from "../host/host.ts";
import { asFailure, Failure } from "../model/failure.ts";
import type { Fleet, FleetReport } from "../model/fleet.ts";
import type { Report } from "../model/report.ts";
import { Draft } from "../reconcile/draft.ts";
import { showFindings } from "../reconcile/reconcile.ts";
import { gatherFleet, isoDay, standingsOf } from "../report/fleet-page/gather.ts";
import { pastFile, type Read, readPast, readReports } from "../report/fleet-page/read.ts";
import { tallyFleet } from "../report/fleet-page/tally.ts";
import { writeFleetPage } from "../report/fleet-page/write.ts";
import { fleetHeadline, issueBody } from "../report/fleet-summary.ts";
import { tolerant } from "../report/tolerant.ts";
import { type MergeRequest, mergeRequest } from "./merge-reports-request.ts";

/** Makes one page, one verdict and one issue of the reports of many runs. Asks nothing of Azure. */
export async function mergeReports(host: Host): Promise<Report> {
  const draft = new Draft("merge-reports", newCorrelationId());
  try {
    const request = await mergeRequest(host);
    await merge(request, host, draft);
  } catch (error) {
    draft.fail(asFailure(error));
  }
  return draft.report();
}

async function merge(request: MergeRequest, host: Host, draft: Draft): Promise<void> {
  const reports = await readGiven(request, host);
  const past = await readHistory(request, host);
  noteStrange(draft, [...reports.strange, ...past.strange]);
  showFindings(host, draft.findings);
  const now = new Date();
  const fleet = gatherFleet(reports.found, past.found, now);
  const tally = tallyFleet(fleet, request);
  draft.verdict = "done";
  draft.fleet = tally;
  host.info(`Read ${tally.count} of ${tally.count + tally.missing}: ${fleetHeadline(tally)}.`);
  const page = await tolerant(host, "The page", () => writeFleetPage(fleet, request.pagePath, host));
  const issue = await keptIssue(tally, request, host);
  draft.fleet = { ...tally, ...(page && { page }), ...(issue && { issue }) };
  await leaveHistory(fleet, request, now, host);
  if (tally.failed > 0 && request.failOn !== "never") draft.fail(failing(tally));
}

/** @throws Failure `ReportsNotFound`; where no cluster is expected, no reports are what there should be. */
async function readGiven({ reports, expected }: MergeRequest, host: Host): Promise<Read<Report>> {
  const files = await host.readJsonFiles(reports).catch(() => ({}));
  if (Object.keys(files).length > 0 || expected === 0) return readReports(files);
  throw new Failure("ReportsNotFound", `There are no JSON reports in "${reports}".`, {
    remedy:
      "Check `reports`, and that the jobs before upload the file that their output `report` names; `actions/download-artifact` brings it here.",
  });
}

/** The first run has no history. */
async function readHistory({ history }: MergeRequest, host: Host): ReturnType<typeof readHistoryFiles> {
  return history ? readHistoryFiles(history, host) : { found: [], strange: [] };
}

async function readHistoryFiles(history: string, host: Host) {
  return readPast(await host.readJsonFiles(history).catch(() => ({})));
}

function noteStrange(draft: Draft, strange: readonly string[]): void {
  draft.findings = strange.map((file) => ({
    id: "report-unknown",
    severity: "warning",
    source: "schemas/report.schema.json",
    seen: `"${file}" is no report of this version, and is left out.`,
    remedy: "Keep other JSON files out of the folder, and use one version in all jobs.",
  }));
}

async function keptIssue(
  tally: FleetReport,
  { issue }: MergeRequest,
  host: Host,
): Promise<string | undefined> {
  if (!issue) return undefined;
  if (!host.issue) {
    host.info("Only GitHub has issues: `github-token` does nothing here.");
    return undefined;
  }
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id } = host.environment;
  const run = server && repository && id ? `${server}/${repository}/actions/runs/${id}` : undefined;
  const wish = {
    ...issue,
    open: tally.failed > 0,
    body: issueBody(tally, run),
    farewell: `All is well again: ${fleetHeadline(tally)}.${run ? ` ${run}` : ""}`,
  };
  const kept = await tolerant(host, "The issue", async () => host.issue?.(wish));
  if (kept?.url) host.info(`Issue ${kept.done}: ${kept.url}`);
  return kept?.url;
}

/** How the clusters stand today, for the runs to come. */
async function leaveHistory(
  { clusters }: Fleet,
  { history }: MergeRequest,
  now: Date,
  host: Host,
): Promise<void> {
  if (!history) return;
  const day = isoDay(now);
  const content = pastFile({ day, standings: standingsOf(clusters) });
  await tolerant(host, "The history", () => host.writeFile(`${history}/${day}.json`, content));
}

function failing(tally: FleetReport): Failure {
  const { missing, wrong } = tally;
  const [first] = wrong;
  const unheard = missing > 0 ? [`${missing} expected, with no report: look at the jobs that failed.`] : [];
  return new Failure("FleetFailed", `${fleetHeadline(tally)}.`, {
    remedy: first ? `${first.name}: ${first.remedy}` : "Look at the jobs that uploaded no report.",
    link: first?.link,
    details: [...wrong.map(({ name, cause }) => `${name}: ${cause}`), ...unheard],
  });
}
