import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import { fromXml } from "xast-util-from-xml";
import { play } from "../support/play.ts";
import { httpsCluster, lookingAt } from "./verify-clusters.ts";

const root = path.join(import.meta.dirname, "../..");

test("W1: diagnostics, JSON report, JUnit and check run of a cluster that does not pass", () =>
  play("verify-reports", async ({ world, azure, verify }) => {
    httpsCluster(world, "ill", { broken: ["crash-loop", "tls-secret-expired"] });
    const workspace = mkdtempSync(path.join(tmpdir(), "workspace-"));
    const env = {
      GITHUB_API_URL: `${azure.url}/_github/api`,
      GITHUB_REPOSITORY: world.github.repository,
      GITHUB_SHA: "5".repeat(40),
      GITHUB_WORKFLOW_REF: `${world.github.repository}/.github/workflows/gate.yml@refs/heads/main`,
      GITHUB_WORKSPACE: workspace,
    };
    const inputs = {
      ...lookingAt("ill"),
      "report-path": "out/gate.json",
      "junit-path": "out/gate.xml",
      "github-token": world.github.token,
    };
    const refused = { ...env, GITHUB_API_URL: `${azure.url}/_github/nowhere` };
    const [run, without] = await Promise.all([
      verify({ env, inputs }),
      verify({ env: refused, inputs: { ...lookingAt("ill"), "github-token": world.github.token } }),
    ]);
    const report = readFileSync(path.join(workspace, "out/gate.json"), "utf8");
    const junit = readFileSync(path.join(workspace, "out/gate.xml"), "utf8");
    rmSync(workspace, { recursive: true });

    const folder = Object.keys(run.files).filter((name) => /diagnostics-/.test(name));
    const names = folder.map((name) => name.replace(/^.*?diagnostics-[^/]+\//, ""));
    expect(names).toEqual(
      expect.arrayContaining([
        "extension.json",
        "pods.json",
        "events.txt",
        "workloads.json",
        "services.json",
        "nodes.json",
      ]),
    );
    // Names of folders are flattened, so that any file system and any upload takes them.
    expect(names.filter((name) => /^logs_.*manager\.previous\.log$/.test(name))).toHaveLength(1);
    expect(folder.every((name) => Buffer.byteLength(run.files[name] ?? "") < 512 * 1024)).toBe(true);

    const schema = JSON.parse(readFileSync(path.join(root, "schemas/report.schema.json"), "utf8")) as object;
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    expect({ valid: validate(JSON.parse(report)), errors: validate.errors }).toEqual({
      valid: true,
      errors: null,
    });
    expect(JSON.stringify(fromXml(junit))).toContain("tls-secret");

    const told = {
      path: ".github/workflows/gate.yml",
      annotation_level: "failure",
      message: expect.stringMatching(/expired on .*What to do:/s),
    };
    expect(world.checkRuns).toMatchObject([
      {
        name: "azureml-clusters",
        head_sha: "5".repeat(40),
        conclusion: "failure",
        output: {
          title: "verify-extension azureml: Fail",
          annotations: expect.arrayContaining([expect.objectContaining(told)]),
        },
      },
    ]);
    // A check run that GitHub does not take costs no verdict.
    expect(without.outputs).toMatchObject({ verdict: "fail", "error-code": "VerificationFailed" });
    expect(without.log).toMatch(/check run/i);
  }));
