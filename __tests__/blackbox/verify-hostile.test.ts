import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "@jest/globals";
import type { Element, Nodes } from "xast";
import { fromXml } from "xast-util-from-xml";
import type { JsonObject, World } from "../../emulator/index.ts";
import { readMarkdown } from "../report/read-markdown.ts";
import { play } from "../support/play.ts";
import { httpsCluster, lookingAt } from "./verify-clusters.ts";

/** What some reader of ours takes for more than text; each begins a line of its own. */
const poisons = [
  "::error title=pwned::by a pod",
  "::set-output name=verdict::pass",
  "##[error]pwned",
  "##vso[task.setvariable variable=verdict]pass",
  "::add-mask::azureml",
  "::stop-commands::x",
  "<script>alert(1)</script> <img src=x onerror=alert(1)> </details>",
  "[click](https://evil.example) ![x](https://evil.example/x.png) @octocat",
  "`code` | cell | **bold** \\ ~~~ ``` ]]> <!-- & &amp;",
  'a["x"] --> b:::pass; click a href "https://evil.example" %%{init: {}}%%',
  "[[ATTACHMENT|/etc/passwd]]",
  "\u001b[31mred\u001b[0m \u0007 \u202Eright-to-left \u2028 \u0085::error::next line",
];

test("text of others does no harm in log, outputs, summary, JUnit, check run and diagnostics", () =>
  play("verify-hostile", async ({ world, azure, verify }) => {
    const id = httpsCluster(world, "ill");
    await poisoned(world, id);
    const workspace = mkdtempSync(path.join(tmpdir(), "workspace-"));
    const run = await verify({
      env: {
        GITHUB_API_URL: `${azure.url}/_github/api`,
        GITHUB_REPOSITORY: world.github.repository,
        GITHUB_SHA: "5".repeat(40),
        GITHUB_WORKSPACE: workspace,
      },
      inputs: { ...lookingAt("ill"), "junit-path": "gate.xml", "github-token": world.github.token },
    });
    const junit = readFileSync(path.join(workspace, "gate.xml"), "utf8");
    rmSync(workspace, { recursive: true });

    // The texts are there, so that there is something to be taken for more.
    for (const word of ["set-output", "task.setvariable", "alert(1)", "octocat", "ATTACHMENT"])
      expect(run.log).toContain(word);

    // The log: one annotation, which is ours, and no command of others.
    expect(run.annotations.map(({ level, title }) => `${level} ${title}`)).toEqual([
      "error verify-extension failed",
    ]);
    expect(run.outputs).toMatchObject({ verdict: "fail", "error-code": "VerificationFailed" });
    expect(run.env).toEqual({});
    expect(run.masks).not.toContain("azureml");
    expect(run.stdout).not.toContain("\u001b");
    expect(run.log).not.toContain("\u001b");

    // The page: no markup of others.
    const { kinds, links } = readMarkdown(run.summary);
    expect([...kinds].filter((kind) => ["image", "definition", "footnoteReference"].includes(kind))).toEqual(
      [],
    );
    expect(links.filter((url) => !/^https:\/\/(?:learn\.microsoft|kubernetes|github)\./.test(url))).toEqual(
      [],
    );
    // Within code nothing is markup, nor is what is escaped.
    expect(run.summary.replaceAll(/`+[^`\n]*`+/g, "")).not.toMatch(
      /(?<!\\)<(?!\/?(?:details|summary|br)\b)[a-z]/i,
    );
    expect(run.summary).not.toContain("\u001b");
    expect(world.checkRuns).toMatchObject([{ conclusion: "failure" }]);

    // JUnit: it is XML, and names no file to upload.
    expect(elementsOf(fromXml(junit)).filter(({ name }) => !known.includes(name))).toEqual([]);
    expect(junit).not.toMatch(/\[\[\s*ATTACHMENT/i);

    // Diagnostics: plain names in one folder.
    const diagnostics = Object.keys(run.files).filter((name) => name.includes("diagnostics-"));
    expect(diagnostics.length).toBeGreaterThan(6);
    for (const name of diagnostics) expect(name).toMatch(/^azureml-clusters\/diagnostics-[\w-]+\/[\w.-]+$/);
  }));

const known = [
  "testsuites",
  "testsuite",
  "testcase",
  "failure",
  "skipped",
  "error",
  "system-out",
  "properties",
];

function elementsOf(node: Nodes): Element[] {
  const own = node.type === "element" ? [node] : [];
  return "children" in node ? [...own, ...node.children.flatMap((child) => elementsOf(child))] : own;
}

/** Pods, events, nodes and a health report of somebody who knows what reads their texts. */
async function poisoned(world: World, clusterId: string): Promise<void> {
  await world.clusters.prepare();
  const kubernetes = world.kubernetes(clusterId);
  const put = (kind: string, name: string, { metadata, ...rest }: JsonObject) =>
    kubernetes.put({ ...rest, kind, metadata: { name, namespace: "azureml", ...(metadata as JsonObject) } });
  poisons.forEach((poison, index) => {
    const text = `first line\n${poison}\n${poison}`;
    put("Pod", `pulls-${index}`, pod({ waiting: { reason: "ErrImagePull", message: text } }, poison));
    const last = { terminated: { reason: `Error\n${poison}`, exitCode: 1, message: text } };
    put(
      "Pod",
      `falls-${index}`,
      pod({ waiting: { reason: "CrashLoopBackOff", message: text } }, poison, last),
    );
    put("Event", `event-${index}`, {
      involvedObject: { kind: "Deployment", namespace: "azureml", name: `made-${index}\n${poison}` },
      ...{ type: "Warning", reason: "FailedCreate", message: text, lastTimestamp: new Date().toISOString() },
    });
  });
  const lines = poisons.map(
    (poison) => `Status: Failed Name: service ErrorCode: E40000 ErrorMessage: ${poison}`,
  );
  put("ConfigMap", "arcml-healthcheck", { data: { "reports-test": `Report:\n${lines.join("\n")}\n` } });
  const [node] = kubernetes.all("Node");
  const { status, ...rest } = structuredClone(node ?? {});
  const conditions = [{ type: "Ready", status: "False", message: poisons.join("\n") }];
  const name = `node-${poisons.join("\n")}`;
  kubernetes.put({
    ...rest,
    kind: "Node",
    metadata: { name },
    status: { ...(status as JsonObject), conditions },
  });
}

function pod(state: JsonObject, image: string, lastState: JsonObject = {}): JsonObject {
  const name = `container\n${image}`;
  return {
    metadata: { labels: { poison: image }, creationTimestamp: new Date(0).toISOString() },
    spec: { nodeName: "node-0", containers: [{ name, image }] },
    status: {
      phase: "Running",
      conditions: [{ type: "Ready", status: "False" }],
      containerStatuses: [{ name, image, ready: false, restartCount: 3, state, lastState }],
    },
  };
}
