import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { main } from "../../src/console/main.ts";
import { doors } from "../../src/model/doors.ts";

const commands = [...Object.keys(doors), "doctor", "completion"];
const folder = mkdtempSync(path.join(tmpdir(), "completion-"));
const scripts: Record<string, string> = {};

beforeAll(async () => {
  mkdirSync(path.join(folder, "a folder"));
  writeFileSync(path.join(folder, "a file.yml"), "");
  for (const shell of ["bash", "zsh", "fish", "pwsh"]) scripts[shell] = await script(shell);
  writeFileSync(path.join(folder, "bash.sh"), scripts["bash"] ?? "");
});
afterAll(() => rmSync(folder, { recursive: true }));

async function script(shell: string): Promise<string> {
  let text = "";
  const stdout = { write: (part: string) => (text += part), on: () => stdout };
  const context = {
    load: async () => expect(true).toBe(false),
    environment: {},
    stdin: process.stdin,
    stdout,
    stderr: stdout,
  };
  expect(await main(["completion", shell], context as never)).toBe(0);
  return text;
}

/** What bash would offer, with the words split as bash splits them. */
function offered(...words: string[]): string[] {
  const split = words.flatMap((word) => word.split(/(?=[=@])|(?<=[=@])/));
  const quoted = ["azureml-clusters", ...split].map((word) => `'${word}'`).join(" ");
  const lines = [
    `source ${path.join(folder, "bash.sh")}`,
    `COMP_WORDS=(${quoted})`,
    `COMP_CWORD=${split.length}`,
    "_azureml_clusters 2>/dev/null",
    `printf "%s\\n" "\${COMPREPLY[@]}"`,
  ];
  const text = execFileSync("bash", ["--norc", "-c", lines.join("\n")], { cwd: folder, encoding: "utf8" });
  return text.split("\n").filter((line) => line !== "" && line !== "bash.sh");
}

describe("in bash", () => {
  test("commands are offered, and options of the command", () => {
    expect(offered("")).toEqual([...commands, "--help", "--version"]);
    expect(offered("det")).toEqual(["detach"]);
    expect(offered("attach", "--cluster-r")).toEqual(["--cluster-resource-id", "--cluster-resource-group"]);
    expect(offered("detach", "--cluster-r")).toEqual([]);
    expect(offered("attach", "--gi")).toEqual([]);
    expect(offered("completion", "")).toEqual(["bash", "zsh", "fish", "pwsh", "--help", "-h"]);
    expect(offered("attach", "--no-w")).toEqual(["--no-wait"]);
  });

  test.each([
    [
      ["attach", "--identity-type", ""],
      ["none", "system_assigned", "user_assigned"],
    ],
    [["attach", "--identity-type", "u"], ["user_assigned"]],
    [
      ["attach", "-o", ""],
      ["table", "json", "yaml"],
    ],
    [["attach", "--output=j"], ["json"]],
    [
      ["attach", "--output="],
      ["table", "json", "yaml"],
    ],
    [["verify-extension", "--fail-on", "w"], ["warning"]],
    [["attach", "--compute-name", ""], []],
    [
      ["attach", "--file", "a f"],
      ["a file.yml", "a folder"],
    ],
    [["deploy-extension", "--ssl-key-pem", "@", "a fi"], ["a file.yml"]],
  ])("%j", (words, words2) => {
    expect(offered(...words).toSorted()).toEqual(words2.toSorted());
  });

  test("no secret's input that means nothing in a terminal is offered", () => {
    expect(offered("verify-extension", "--git")).toEqual([]);
  });
});

test.each(["zsh", "fish", "pwsh"])(
  "%s knows every command and option, and quotes what they mean",
  (shell) => {
    const text = scripts[shell] ?? "";
    for (const name of commands) expect(text).toContain(name);
    for (const [name, { inputs }] of Object.entries(doors)) {
      const shown = Object.keys(inputs).filter((input) => !["github-token", "check-name"].includes(input));
      for (const input of shown) expect(`${name}: ${text}`).toContain(input);
    }
    // An apostrophe of a text would end the quotes.
    const unescaped = text.replaceAll("'\\''", "").replaceAll("\\'", "").replaceAll("''", "");
    expect(unescaped.split("'").length % 2).toBe(1);
  },
);
