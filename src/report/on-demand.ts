import type { CheckRun, Host } from "../host/host.ts";
import { type ActionName, doors } from "../model/doors.ts";
import type { Report } from "../model/report.ts";
import { annotations } from "./annotations.ts";
import { checkRunLimit, cut } from "./budget.ts";
import { findingsOf } from "./gate-summary.ts";
import { junit } from "./junit.ts";
import { headline, summary } from "./summary.ts";
import { tolerant } from "./tolerant.ts";

/** The reports that an action writes only where an input asks for them. What can't be written is told, no more. */
export async function publishOnDemand(report: Report, json: string, host: Host): Promise<void> {
  const asked = inputsOf(report.action, host);
  const reportPath = asked("report-path");
  if (reportPath) await tolerant(host, "The file of `report-path`", () => host.writeFile(reportPath, json));
  const junitPath = asked("junit-path");
  if (junitPath) {
    await tolerant(host, "The file of `junit-path`", () => host.writeFile(junitPath, junit(report)));
  }
  const htmlPath = asked("html-path");
  if (htmlPath) {
    await tolerant(host, "The page of `html-path`", async () => {
      const { writePageOf } = await import("./fleet-page/write.ts");
      return writePageOf(report, htmlPath, host);
    });
  }
  // The token of an action without check runs is for something else.
  const token = "check-name" in doors[report.action].inputs ? asked("github-token") : "";
  if (token) await publishCheckRun(report, token, asked("check-name") || "azureml-clusters", host);
}

/** Reads inputs that the action has; of any other the value is empty. */
function inputsOf(action: ActionName, host: Host): (name: string) => string {
  return (name) => (Object.hasOwn(doors[action].inputs, name) ? host.input(name) : "");
}

/** A refused check run is a line of the log and never the run's failure: the verdict stands without it. */
async function publishCheckRun(report: Report, token: string, name: string, host: Host): Promise<void> {
  host.mask(token);
  // A cancelled run came to no verdict, and has no time left.
  if (host.cancellation.aborted) return;
  if (!host.checkRun) {
    host.info("Only GitHub has check runs: `github-token` does nothing here.");
    return;
  }
  const url = await tolerant(host, "The check run", async () =>
    host.checkRun?.(checkRun(report, token, name)),
  );
  if (url) host.info(`Check run: ${url}`);
}

/** A run as a check run. */
export function checkRun(report: Report, token: string, name: string): CheckRun {
  const found = report.gate ? findingsOf(report.gate, report.findings) : report.findings;
  return {
    token,
    name,
    conclusion: conclusion(report),
    title: cut(headline(report), 255),
    // Whether GitHub draws Mermaid in a check run, no page of its documentation says.
    summary: summary(report, { limit: checkRunLimit, mermaid: false }),
    annotations: annotations(found),
  };
}

/** Fails where the step fails, so that the check says nothing that the step doesn't. */
function conclusion({ error, gate }: Report): CheckRun["conclusion"] {
  if (error) return "failure";
  return gate === undefined || gate.verdict === "pass" ? "success" : "neutral";
}
