import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as core from "@actions/core";
import { Failure } from "../model/failure.ts";
import type { Host } from "./host.ts";
import { cancellation, readJsonFiles, writeFolderPrivately, writePrivately, writeWhere } from "./process.ts";

/** GitHub Actions as the host of a run. Listens to SIGINT and SIGTERM from the moment it is made. */
export function githubHost(): Host {
  const signal = cancellation();
  return {
    name: "github",
    environment: process.env,
    cancellation: signal,
    input: (name) => core.getInput(name),
    readFile: (path) => readFile(path, "utf8"),
    readJsonFiles: (path) => readJsonFiles(process.env["GITHUB_WORKSPACE"], path),
    info: (line) => core.info(harmless(line)),
    debug: (line) => core.debug(line),
    group: (title, lines) => {
      core.startGroup(harmless(title));
      for (const line of lines) core.info(harmless(line));
      core.endGroup();
    },
    error: (title, message) => core.error(message, { title }),
    mask: (secret) => core.setSecret(secret),
    clean: (text) => text,
    output: (name, value) => core.setOutput(name, value),
    summary: async (markdown) => {
      if (process.env["GITHUB_STEP_SUMMARY"]) await core.summary.addRaw(markdown, true).write();
    },
    // Beside the workspace folder, so that no later step commits or packs it.
    writeReport: (name, json) => writePrivately(temporary(), name, ".json", json),
    writeFile: (path, content) => writeWhere(process.env["GITHUB_WORKSPACE"], path, content),
    writePage: (path, data, render) => writeWhere(process.env["GITHUB_WORKSPACE"], path, render(data)),
    writeFolder: (name, files) => writeFolderPrivately(temporary(), name, files),
    saveState: (name, value) => core.saveState(name, value),
    state: (name) => core.getState(name),
    idToken,
    checkRun: async (run) => {
      core.setSecret(run.token);
      // Only who gives a token waits for the GitHub client to load.
      const { writeCheckRun } = await import("./check-run.ts");
      return writeCheckRun(run, signal);
    },
    issue: async (issue) => {
      core.setSecret(issue.token);
      const { keepIssue } = await import("./issue.ts");
      return keepIssue(issue, signal);
    },
  };
}

function temporary(): string {
  return process.env["RUNNER_TEMP"] ?? tmpdir();
}

/**
 * Text of others printed so that the runner takes no line of it for a command. It reads `::command::` at the
 * start of a line and the older `##[command]` anywhere in one.
 */
function harmless(text: string): string {
  // The runner's white space is .NET's, which has U+0085 as well.
  return text.replace(/^([\s\u0085]*):(?=:)/gm, "$1:\u200b").replaceAll("##[", "#\u200b#[");
}

async function idToken(audience: string): Promise<string> {
  if (!process.env["ACTIONS_ID_TOKEN_REQUEST_URL"]) {
    throw new Failure("NoIdToken", "The job has no OIDC token to sign in with.", {
      remedy:
        "Add `permissions: id-token: write` to the job, or leave `client-id` out to sign in another way.",
      link: "https://docs.github.com/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-azure",
    });
  }
  try {
    return await core.getIDToken(audience);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Failure("NoIdToken", `GitHub gave no OIDC token: ${message}`, {
      cause,
      remedy:
        "Run the job again; if it goes on, check `permissions: id-token: write` and GitHub's status page.",
    });
  }
}
