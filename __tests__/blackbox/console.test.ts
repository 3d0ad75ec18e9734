import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Emulator, type Served, serve, World } from "../../emulator/index.ts";
import type { Examination } from "../../src/model/examination.ts";
import type { Report } from "../../src/model/report.ts";
import { aksId } from "../support/scene.ts";
import { leaks } from "../support/secret-scanner.ts";
import { type ConsoleRun, runConsole } from "../support/three-hosts.ts";

const script = path.join(import.meta.dirname, "../../dist/console.js");
const world = World.simple();
let azure: Served;
let env: Record<string, string>;
const seen: ConsoleRun[] = [];

beforeAll(async () => {
  world.knobs.computeSeconds = { create: 0.5, detach: 0.5 };
  azure = await serve(new Emulator(world));
  env = {
    NODE_EXTRA_CA_CERTS: azure.caFile,
    AZURE_TENANT_ID: world.tenantId,
    AZURE_CLIENT_ID: world.application.clientId,
    AZURE_CLIENT_SECRET: world.application.secret,
    AZURE_SUBSCRIPTION_ID: world.subscriptionId,
    AZURE_RESOURCE_GROUP: "rg1",
    AZURE_WORKSPACE_NAME: "ws1",
  };
});
afterAll(async () => {
  await azure.close();
  for (const { stdout, stderr } of seen) expect(leaks({ stdout, stderr }, world.secrets)).toEqual([]);
  expect(world.violations).toEqual([]);
});

async function run(
  args: readonly string[],
  more: { env?: Record<string, string>; node?: string } = {},
): Promise<ConsoleRun> {
  const ended = await runConsole(
    [...args, "--azure-environment", azure.url],
    { ...env, ...more.env },
    "",
    more.node,
  );
  seen.push(ended);
  return ended;
}

const attach = (name: string) => ["attach", "--cluster-resource-id", aksId(world), "--compute-name", name];

test("attach: plain lines in a pipe, nothing left behind; a second time nothing is written", async () => {
  const first = await run(attach("gpu1"));
  expect([first.exitCode, first.stderr, first.left]).toEqual([0, "", []]);
  expect(first.stdout).not.toContain("\u001b");
  expect(first.stdout).toMatch(/✓ attach: done, state Succeeded/);
  const second = await run([...attach("gpu1"), "--output", "json"]);
  expect(JSON.parse(second.stdout) as Report).toMatchObject({ verdict: "unchanged", changed: false });
  expect(second.stderr).toContain("Signed in to AzureEmulator");
});

test("a failure's report is whole on standard output, and in the file that was asked for", async () => {
  const { exitCode, stdout, left } = await run([
    ...attach("gpu2"),
    "--namespace",
    "b",
    "-o",
    "json",
    "--cluster-resource-id",
    "--report-path",
    "report.json",
  ]);
  expect([exitCode, left]).toEqual([2, ["report.json"]]);
  expect((JSON.parse(stdout) as Report).error?.code).toBe("InvalidInput");
});

test("Ctrl+C leaves within 5 s and says how to go on; the same command then does", async () => {
  world.knobs.computeSeconds = { create: 4, detach: 0.5 };
  const cwd = mkdtempSync(path.join(tmpdir(), "console-"));
  const args = [script, ...attach("gpu3"), "--azure-environment", azure.url, "-o", "json"];
  const child = spawn(process.execPath, args, { cwd, env: { PATH: process.env["PATH"], HOME: cwd, ...env } });
  let [stdout, stderr, interrupted] = ["", "", false];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
    if (interrupted || !stderr.includes("Creating")) return;
    interrupted = true;
    child.kill("SIGINT");
    // What is still there then has no exit code.
    setTimeout(() => child.kill("SIGKILL"), 5_000).unref();
  });
  const [code] = (await once(child, "close")) as [number | null];
  expect([code, readdirSync(cwd)]).toEqual([130, []]);
  rmSync(cwd, { recursive: true });
  expect(JSON.parse(stdout) as Report).toMatchObject({
    verdict: "cancelled",
    error: { code: "Cancelled", remedy: expect.stringContaining("Run the same step again") },
  });
  world.knobs.computeSeconds = { create: 0.5, detach: 0.5 };
  const again = await run([...attach("gpu3"), "-o", "json"]);
  expect(again.exitCode).toBe(0);
  expect(world.exchanges.filter(({ method, url }) => method === "PUT" && url.includes("/gpu3"))).toHaveLength(
    1,
  );
});

describe("doctor", () => {
  test("is well, and sends nothing but reads", async () => {
    world.exchanges.length = 0;
    const { exitCode, stdout, left } = await run([
      "doctor",
      "--cluster-resource-id",
      aksId(world),
      "-o",
      "json",
    ]);
    const examination = JSON.parse(stdout) as Examination;
    expect(examination.looks.filter(({ result }) => result !== "good")).toEqual([]);
    expect([exitCode, examination.healthy, left]).toEqual([0, true, []]);
    expect(world.exchanges.filter(({ method }) => ["PUT", "PATCH", "DELETE"].includes(method))).toEqual([]);
  });

  test("tells what is broken with its exit code", async () => {
    const { exitCode, stdout } = await run(["doctor", "--workspace-name", "nope"]);
    expect([exitCode, stdout]).toEqual([
      1,
      expect.stringMatching(/✗ +workspace +There is no workspace "nope"/),
    ]);
  });
});

test("a secret by a pipe or a variable is seen nowhere, and one in clear is refused", async () => {
  const secret = "planted-value-of-a-setting";
  world.secrets.add(secret);
  const deploy = [
    "deploy-extension",
    "--cluster-resource-id",
    aksId(world),
    "--workloads",
    "training",
    "--dry-run",
    "--verbose",
  ];
  const variable = await run(deploy, { env: { AZUREML_CLUSTERS_CONFIG_PROTECTED: `planted.key=${secret}` } });
  const clear = await run([...deploy, "--config-protected", `planted.key=${secret}`]);
  expect([variable.exitCode, clear.exitCode]).toEqual([expect.any(Number), 2]);
  expect(variable.stdout).toContain("deploy-extension:");
  expect(clear.stdout).toContain("AZUREML_CLUSTERS_CONFIG_PROTECTED");
});

test("a reader that goes away ends no run", async () => {
  const cwd = mkdtempSync(path.join(tmpdir(), "console-"));
  const args = [script, ...attach("gpu4"), "--azure-environment", azure.url];
  const child = spawn(process.execPath, args, { cwd, env: { PATH: process.env["PATH"], HOME: cwd, ...env } });
  child.stdout.once("data", () => child.stdout.destroy());
  const [code] = (await once(child, "close")) as [number];
  rmSync(cwd, { recursive: true });
  expect(code).toBe(0);
  expect(
    world.resource(
      `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.MachineLearningServices/workspaces/ws1/computes/gpu4`,
    ),
  ).toBeDefined();
});

test.each([
  ["this Node", process.execPath],
  ["the Node that runs npm", process.env["npm_node_execpath"] ?? process.execPath],
])("help and doctor start on %s", async (_title, node) => {
  const help = await run(["attach", "--help"], { node });
  expect([help.exitCode, help.stderr, help.stdout]).toEqual([
    0,
    "",
    expect.stringContaining("--compute-name <name>"),
  ]);
  expect((await run(["doctor", "-o", "yaml"], { node })).exitCode).toBe(0);
});
