/**
 * Prints the catalogue of broken clusters as a table: what is wrong, the verdict of the release gate, and the finding
 * that it names first. Fails where that finding does not name cause and remedy, or a healthy cluster does not pass.
 * Needs Node 24, which reads TypeScript by itself.
 */
import path from "node:path";
import { brokenClusters, healthyClusters, verified } from "../__tests__/support/catalogue.ts";
import { broken, settings, tls } from "../__tests__/support/catalogue-worlds.ts";
import { Emulator, serve, World } from "../emulator/index.ts";
import { startStep } from "../emulator/runner.ts";

const root = path.join(import.meta.dirname, "..");
/** Letters of a cell; the whole finding stands in the report of a run. */
const longest = 220;
let wrong = 0;

console.log("| Cluster | Source | Verdict | Rule | What is found first | What to do |");
console.log("| --- | --- | --- | --- | --- | --- |");
for (const { title, source, arrange, ...expected } of brokenClusters) {
  const { report } = await verified(arrange);
  const why = expected.because ? ` (${expected.because})` : "";
  const named = row(`${title}`, source, report.gate?.verdict, why, report.findings[0]);
  const asExpected = report.gate?.verdict === expected.verdict && named?.id === expected.rule;
  check(
    asExpected && expected.cause.test(named.seen) && expected.remedy.test(named.remedy),
    `${title}: expected another finding`,
  );
}
const served = await servedOther();
row("the endpoint serves another certificate", "extension.md 8", served.verdict, "", served.finding);
check(served.verdict === "fail" && served.finding?.id === "tls-served", "the endpoint: expected a failure");
for (const { title, arrange } of healthyClusters) {
  const { report } = await verified(arrange);
  const [worst] = report.findings.filter(({ severity }) => severity !== "info");
  row(`healthy: ${title}`, "issue 4", report.gate?.verdict, "", worst);
  check(report.gate?.verdict === "pass" && !worst, `${title}: expected to pass without a warning`);
}
const count = `${brokenClusters.length + 1} broken clusters, ${healthyClusters.length} healthy ones`;
console.log(`\n${count}: ${wrong === 0 ? "each is told as it is." : `${wrong} are not told as they are.`}`);
process.exitCode = wrong === 0 ? 0 : 1;

/**
 * @param {string} title
 * @param {string} source
 * @param {string | undefined} verdict
 * @param {string} why
 * @param {{ id: string, seen: string, remedy: string } | undefined} finding
 */
function row(title, source, verdict, why, finding) {
  const cells = [
    title,
    source,
    `${verdict}${why}`,
    finding?.id ?? "",
    finding?.seen ?? "",
    finding?.remedy ?? "",
  ];
  console.log(`| ${cells.map(cell).join(" | ")} |`);
  return finding;
}

/** @param {string} text */
function cell(text) {
  const short = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  return short.replaceAll("|", "\\|");
}

/**
 * @param {boolean} isWell
 * @param {string} otherwise
 */
function check(isWell, otherwise) {
  if (isWell) return;
  wrong += 1;
  console.error(`WRONG: ${otherwise}`);
}

/** What an endpoint serves is seen over a network alone: by the built bundle. */
async function servedOther() {
  const world = World.simple();
  for (const one of [settings(tls), broken("tls-served-other")]) await one(world);
  const azure = await serve(new Emulator(world));
  const { outputs, log } = await startStep({
    entry: path.join(root, "dist/verify-extension.js"),
    action: path.join(root, "verify-extension/action.yml"),
    inputs: {
      "azure-environment": azure.url,
      "client-id": world.application.clientId,
      "tenant-id": world.tenantId,
      "subscription-id": world.subscriptionId,
      "cluster-name": "aks1",
      "cluster-resource-group": "rg1",
      "wait-for": "0s",
    },
    env: {
      NODE_EXTRA_CA_CERTS: azure.caFile,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${azure.url}/_github/oidc/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: world.github.requestToken,
    },
  }).finished;
  await azure.close();
  if (!outputs["findings"]) throw new Error(log);
  return { verdict: outputs["verdict"], finding: JSON.parse(outputs["findings"])[0] };
}
