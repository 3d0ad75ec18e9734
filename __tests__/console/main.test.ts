import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { commands, refuse } from "../../src/actions/commands.ts";
import { doctor } from "../../src/actions/doctor.ts";
import { main } from "../../src/console/main.ts";
import { consoleHost } from "../../src/host/console.ts";
import type { Host } from "../../src/host/host.ts";
import { type ActionName, doors } from "../../src/model/doors.ts";
import { manual } from "../../src/model/manual.ts";
import type { Report } from "../../src/model/report.ts";
import { FakeScreen } from "../support/screens.ts";

const actions = Object.keys(doors) as ActionName[];
const signals = ["SIGINT", "SIGTERM"] as const;
let before: Record<string, unknown[]>;
beforeEach(() => {
  before = Object.fromEntries(signals.map((signal) => [signal, process.listeners(signal)]));
});
afterEach(() => {
  for (const signal of signals) {
    const added = process.listeners(signal).filter((listener) => !before[signal]?.includes(listener));
    for (const listener of added) process.removeListener(signal, listener);
  }
});

class Screen extends FakeScreen {
  on(): this {
    return this;
  }
}

interface Called {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What the action was given, where it came to run. */
  readonly inputs: Readonly<Record<string, string>> | undefined;
}

/** Calls the command with actions that only keep what they are given; wrong calls are refused as they are. */
async function call(
  argv: readonly string[],
  environment: Record<string, string> = {},
  input?: string,
): Promise<Called> {
  const [stdout, stderr] = [new Screen(false), new Screen(false)];
  const stdin = Object.assign(Readable.from(input === undefined ? [] : [input]), {
    isTTY: input === undefined,
  });
  let inputs: Record<string, string> | undefined;
  const keeping = (name: ActionName) => async (host: Host) => {
    const given = Object.keys(doors[name].inputs).map((input) => [input, host.input(input)] as const);
    inputs = Object.fromEntries(given.filter(([, value]) => value !== ""));
    return 0 as const;
  };
  const kept = Object.fromEntries(actions.map((name) => [name, { ...commands[name], run: keeping(name) }]));
  const context = {
    load: async () => ({ commands: kept as typeof commands, refuse, doctor, consoleHost }),
    ...{ environment, stdin, stdout, stderr },
  };
  const code = await main(argv, context as never);
  return { code, out: stdout.text, err: stderr.text, inputs };
}

const folder = mkdtempSync(path.join(tmpdir(), "main-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string) => {
  writeFileSync(path.join(folder, name), content);
  return path.join(folder, name);
};

describe("what is generated from the action.yml files", () => {
  test("every action has a command, and every input of it an option", async () => {
    for (const name of actions) {
      const { code, out } = await call([name, "--help"]);
      expect(code).toBe(0);
      const shown = manual[name].inputs.filter(
        (input) => !["github-token", "check-name"].includes(input.name),
      );
      for (const input of shown) expect(out).toContain(`--${input.name}`);
      const given = manual[name].inputs.filter(({ kind, secret }) => kind !== "flag" && !secret);
      const values = Object.fromEntries(given.map((input) => [input.name, `value of ${input.name}`]));
      const argv = Object.entries(values).flatMap(([input, value]) => [`--${input}`, value]);
      expect((await call([name, ...argv])).inputs).toMatchObject(values);
    }
  });

  test("defaults are those of the action, but that nothing is collected unasked", async () => {
    const { inputs } = await call(["attach"]);
    expect(inputs).toEqual({
      "azure-environment": "AzureCloud",
      "compute-type": "kubernetes",
      "on-difference": "fail",
      journal: "cluster",
      resume: "auto",
      "if-locked": "wait",
      "dry-run": "false",
      preflight: "enforce",
      timeout: "30m",
      wait: "true",
    });
    expect((await call(["verify-extension"])).inputs).toMatchObject({ diagnostics: "false" });
    expect((await call(["verify-extension", "--diagnostics"])).inputs).toMatchObject({ diagnostics: "true" });
  });

  test("whatever sounds like a secret is one", () => {
    const all = actions.flatMap((name) => manual[name].inputs);
    const secret = new Set(all.filter((input) => input.secret).map(({ name }) => name));
    const sounding = all.filter(({ name }) =>
      /key-pem|token|secret|password|protected|kubeconfig/.test(name),
    );
    expect(sounding.filter(({ name }) => !secret.has(name))).toEqual([]);
    expect([...secret].sort()).toEqual(["config-protected", "github-token", "kubeconfig", "ssl-key-pem"]);
  });

  test.each([40, 80, 200])("no line of a page of help is broken badly in %d columns", async (columns) => {
    for (const name of [...actions, "doctor"]) {
      const stdout = new Screen(true, columns);
      const context = {
        load: async () => expect(true).toBe(false),
        environment: { NO_COLOR: "1" },
        stdin: process.stdin,
        stdout,
        stderr: stdout,
      };
      expect(await main([name, "--help"], context as never)).toBe(0);
      const lines = stdout.text.split("\n");
      // A long word stays whole, so that it can be copied.
      const tooLong = lines.filter(
        (line) => line.length > Math.max(columns, 80) && line.trim().includes(" "),
      );
      expect(tooLong).toEqual([]);
      expect(stdout.text).not.toContain("undefined");
    }
  });
});

describe("switches", () => {
  test.each([
    [["--dry-run"], { "dry-run": "true" }],
    [["--dry-run", "false"], { "dry-run": "false" }],
    [["--dry-run=TRUE"], { "dry-run": "TRUE" }],
    [["--no-dry-run"], { "dry-run": "false" }],
    [["--no-wait"], { wait: "false" }],
    [["--wait", "false"], { wait: "false" }],
    [["--wait"], { wait: "true" }],
  ])("%j", async (argv, inputs) => {
    expect((await call(["attach", ...argv])).inputs).toMatchObject(inputs);
  });
});

describe("values", () => {
  test("several are several lines, in one option or in many", async () => {
    const argv = ["deploy-extension", "--config", "a=b", "c=d e", "--config", "f=g"];
    expect((await call(argv)).inputs).toMatchObject({ config: "a=b\nc=d e\nf=g" });
  });

  test("an option of the command wins over one of the program", async () => {
    expect((await call(["deploy-extension", "--version", "1.1.84"])).inputs).toMatchObject({
      version: "1.1.84",
    });
    const { out, code } = await call(["--version"]);
    expect([out.trim(), code]).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+$/), 0]);
  });

  test("@file and - are their content", async () => {
    const pem = file("cert.pem", "-----BEGIN CERTIFICATE-----\nx\n");
    const argv = [
      "deploy-extension",
      "--ssl-cert-pem",
      `@${pem}`,
      "--ssl-key-pem",
      "-",
      "--config",
      `@${file("config", "a=b\n")}`,
      "c=d",
    ];
    expect((await call(argv, {}, "planted-key\n")).inputs).toMatchObject({
      "ssl-cert-pem": "-----BEGIN CERTIFICATE-----\nx",
      "ssl-key-pem": "planted-key",
      config: "a=b\nc=d",
    });
  });

  test("letters are those of the Azure CLI", async () => {
    const { inputs } = await call(["detach", "-g", "rg", "-w", "ws"]);
    expect(inputs).toMatchObject({ "resource-group": "rg", "workspace-name": "ws" });
  });

  test("a secret comes from its variable too, and the command line wins", async () => {
    const environment = { AZUREML_CLUSTERS_SSL_KEY_PEM: "of the variable" };
    expect((await call(["deploy-extension"], environment)).inputs).toMatchObject({
      "ssl-key-pem": "of the variable",
    });
    const argv = ["deploy-extension", "--ssl-key-pem", `@${file("key", "of the file")}`];
    expect((await call(argv, environment)).inputs).toMatchObject({ "ssl-key-pem": "of the file" });
  });
});

describe("a wrong call is refused, with everything that is wrong with it", () => {
  const pem = "-----BEGIN PRIVATE KEY-----\nplanted-literal\n-----END PRIVATE KEY-----";

  test.each([
    ["--config-protected", "key=planted-literal"],
    ["--ssl-key-pem", pem],
    ["--kubeconfig", "/home/planted-literal"],
    ["--kubeconfig", "-planted-literal"],
  ])("%s takes no secret in clear, in no form, and repeats none", async (option, value) => {
    for (const argv of [[option, value], [`${option}=${value}`], [option, "@-", value]]) {
      for (const output of ["table", "json", "yaml"]) {
        const { code, out, err, inputs } = await call(["deploy-extension", ...argv, "-o", output], {}, "x");
        expect([code, inputs]).toEqual([2, undefined]);
        expect(out + err).not.toContain("planted-literal");
      }
    }
    const { out } = await call(["deploy-extension", `${option}=${value}`]);
    expect(out).toContain(`AZUREML_CLUSTERS_${option.slice(2).toUpperCase().replaceAll("-", "_")}`);
  });

  test("problems of the call and of the inputs are told together, once for each input", async () => {
    const argv = [
      "attach",
      "--compute-nam",
      "gpu",
      "--timeout",
      "--namespace",
      "A_B",
      "--cluster-resource-id",
      "x",
      "y",
      "-o",
      "json",
    ];
    const { code, out } = await call(argv);
    expect(code).toBe(2);
    const { error, plan, verdict } = JSON.parse(out) as Report;
    expect([error?.code, verdict, plan]).toEqual(["InvalidInput", "failed", undefined]);
    const told = error?.details.map((line) => line.replace(/[:;].*/s, ""));
    expect(told?.toSorted()).toEqual([
      ...["--cluster-resource-id", "--compute-nam", "--timeout", "compute-name", "namespace"],
      ...["resource-group", "subscription-id", "workspace-name"],
    ]);
    expect(error?.details[0]).toBe("--compute-nam: there is no such option. Did you mean --compute-name?");
  });

  test.each([
    [["attach", "--nothing-like-it"], "--nothing-like-it: there is no such option."],
    [["attach", "gpu"], "gpu: belongs to no option."],
    [["attach", "--output", "xml"], "--output: takes table, json, yaml."],
    [["attach", "--report-path"], "--report-path: takes the path of one file."],
    [["attach", "--compute-name", `@${path.join(folder, "missing")}`], "can't be read"],
    [
      ["deploy-extension", "--ssl-key-pem", "-", "--kubeconfig", "-"],
      "standard input is given to another option already",
    ],
    [["doctor", "--subscription-id", "5"], '--subscription-id: given "5"'],
    [["doctor", "--workspace", "x"], "--workspace: there is no such option."],
  ])("%j", async (argv, text) => {
    const { code, out } = await call(argv, {}, "x");
    expect([code, out]).toEqual([2, expect.stringContaining(text)]);
  });

  test("standard input that is a terminal gives no secret", async () => {
    const { code, out } = await call(["deploy-extension", "--ssl-key-pem", "-"]);
    expect([code, out]).toEqual([2, expect.stringContaining("standard input is a terminal")]);
  });

  test("an unknown command has the nearest one named", async () => {
    const { code, err } = await call(["atach"]);
    expect([code, err]).toEqual([2, expect.stringContaining("attach")]);
  });

  test("--no-color is taken before the command and behind it", async () => {
    for (const argv of [
      ["--no-color", "attach", "--timeout", "x"],
      ["attach", "--timeout", "x", "--no-color"],
    ]) {
      const stdout = new Screen(true);
      const context = {
        load: async () => ({ commands, refuse, doctor, consoleHost }),
        ...{ environment: {}, stdin: process.stdin, stdout, stderr: stdout },
      };
      expect(await main(argv, context as never)).toBe(2);
      expect(stdout.text).not.toContain("\u001b");
    }
  });

  test("without a command there is help", async () => {
    const { code, out } = await call([]);
    expect(code).toBe(0);
    for (const name of [...actions, "doctor", "completion"]) expect(out).toContain(name);
  });
});
