import { expect, test } from "@jest/globals";
import { play, shown } from "../support/play.ts";
import { httpsCluster, lookingAt } from "./verify-clusters.ts";

test("K1 to K3: pass, warn and fail, and what each comes to by `fail-on`; a check run tells the same", () =>
  play("verify-verdicts", async ({ world, azure, verify }) => {
    httpsCluster(world, "well");
    httpsCluster(world, "ill", { broken: ["crash-loop"] });
    const env = {
      GITHUB_API_URL: `${azure.url}/_github/api`,
      GITHUB_REPOSITORY: world.github.repository,
      GITHUB_SHA: "5".repeat(40),
      GITHUB_WORKFLOW_REF: `${world.github.repository}/.github/workflows/gate.yml@refs/heads/main`,
    };
    const run = (name: string, failOn: string) =>
      verify({
        env,
        inputs: {
          ...lookingAt(name),
          "fail-on": failOn,
          "github-token": world.github.token,
          "check-name": `${name} ${failOn}`,
        },
      });
    // The AKS cluster of the world serves plain HTTP to everybody (X4).
    const [pass, passStrict, warn, warnStrict, fail, failNever] = await Promise.all([
      run("well", "error"),
      run("well", "warning"),
      run("aks1", "error"),
      run("aks1", "warning"),
      run("ill", "error"),
      run("ill", "never"),
    ]);
    const all = [pass, passStrict, warn, warnStrict, fail, failNever];
    expect(all.map(({ exitCode, outputs }) => `${outputs["verdict"]} ${exitCode}`)).toEqual([
      "pass 0",
      "pass 0",
      "warn 0",
      "warn 1",
      "fail 1",
      "fail 0",
    ]);
    for (const { outputs } of all)
      expect(outputs).toMatchObject({
        state: "Succeeded",
        "extension-name": "azureml",
        "extension-version": "1.1.84",
        "latest-version": "1.1.84",
      });
    expect(pass.outputs).toMatchObject({ findings: "[]" });
    expect(Object.keys(pass.outputs)).not.toContain("diagnostics");
    expect(Object.keys(pass.outputs)).not.toContain("error-code");
    expect(warn.outputs["diagnostics"]).toMatch(/azureml-clusters.diagnostics-/);
    expect(JSON.parse(warn.outputs["findings"] ?? "")).toMatchObject([
      { id: "router-public-http", severity: "warning" },
    ]);
    expect(fail.outputs).toMatchObject({ "error-code": "VerificationFailed" });
    expect(JSON.parse(fail.outputs["findings"] ?? "")[0]).toMatchObject({
      id: "pods-running",
      severity: "error",
    });
    expect(all.map(({ annotations }) => annotations.map(({ level }) => level))).toEqual([
      [],
      [],
      [],
      ["error"],
      ["error"],
      [],
    ]);
    expect(fail.annotations[0]).toMatchObject({
      title: "verify-extension failed",
      message: expect.stringMatching(
        /^VerificationFailed: .*inference-operator-controller-manager-\S+: container manager ends again and again/,
      ),
    });
    const checks = new Map(world.checkRuns.map(({ name, conclusion }) => [name, conclusion]));
    expect(Object.fromEntries(checks)).toEqual({
      "well error": "success",
      "well warning": "success",
      "aks1 error": "neutral",
      "aks1 warning": "failure",
      "ill error": "failure",
      "ill never": "neutral",
    });
    expect(shown(pass, world)).toMatchSnapshot("pass");
  }));
