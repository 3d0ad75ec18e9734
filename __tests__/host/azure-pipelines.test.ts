import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import type { Host } from "../../src/host/host.ts";
import { Failure } from "../../src/model/failure.ts";
import { parseCommand } from "../support/agent.ts";

const folder = mkdtempSync(path.join(tmpdir(), "agent-"));
process.env["AGENT_TEMPDIRECTORY"] = folder;
const written: string[] = [];
jest.spyOn(process.stdout, "write").mockImplementation((chunk) => {
  written.push(String(chunk));
  return true;
});
// The library writes, and a key file, as soon as it is loaded.
const { default: task } = await import("azure-pipelines-task-lib");
const { default: library } = await import("azure-pipelines-task-lib/internal.js");
const { azurePipelinesHost } = await import("../../src/host/azure-pipelines.ts");

const signals = ["SIGINT", "SIGTERM"] as const;
let before: Record<string, unknown[]>;

afterAll(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  before = Object.fromEntries(signals.map((signal) => [signal, process.listeners(signal)]));
});
afterEach(() => {
  for (const signal of signals) {
    const added = process.listeners(signal).filter((listener) => !before[signal]?.includes(listener));
    for (const listener of added) process.removeListener(signal, listener);
  }
  for (const name of Object.keys(process.env)) {
    if (/^(INPUT|ENDPOINT|VSTS)_/.test(name)) delete process.env[name];
  }
});

/** A host in a job with these variables; what the library says of them as it takes them in is not kept. */
function hostWith(variables: Readonly<Record<string, string>> = {}): Host {
  Object.assign(process.env, variables);
  library._loadData();
  const host = azurePipelinesHost(task);
  written.length = 0;
  return host;
}

const stdout = () => written.join("");
const commands = () =>
  stdout()
    .split("\n")
    .flatMap((line) => parseCommand(line) ?? [])
    .filter(({ name }) => name !== "task.debug");

const piece = fc.oneof(
  fc.constantFrom(
    "##vso[task.complete result=Succeeded;]x",
    "##vso[",
    "##vso",
    "###vso[",
    "##[error]x",
    "##[",
    "#",
  ),
  fc.constantFrom("[", "]", ";", "\n", "\r\n", "\r", " ", "%", "%0A", "%0D", "%5D", "%AZP25", "%25", "text"),
  fc.string(),
);
const untrusted = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
/** The lines in which the agent or its log viewer finds a command. */
const found = (text: string) => text.split(/\r\n|\r|\n/).filter((line) => /##(vso|\[)/.test(line));
/** What a person reads, whatever was put between the marks of a command. */
const read = (text: string) => text.replaceAll("##_", "##");

describe("untrusted text is no command", () => {
  test.each([
    "##vso[task.complete result=Failed;]x",
    "a ##vso[x.y]",
    "###vso[x.y]z",
    "##vso",
    "x ##[error]y",
  ])("%j", (text) => {
    hostWith().info(text);
    expect(found(stdout())).toEqual([]);
    expect(read(stdout())).toBe(`${text}\n`);
  });

  test("in no line of the log, whatever the text; a person reads nearly what it was", () => {
    const host = hostWith();
    fc.assert(
      fc.property(untrusted, (text) => {
        written.length = 0;
        host.info(text);
        expect(found(stdout())).toEqual([]);
        expect(read(stdout())).toBe(`${read(text)}\n`);
      }),
    );
  });

  test("nor in a group, whose only commands are its own", () => {
    const host = hostWith();
    fc.assert(
      fc.property(untrusted, fc.array(untrusted, { maxLength: 3 }), (title, lines) => {
        written.length = 0;
        host.group(title, lines);
        const own = found(stdout());
        expect(own).toHaveLength(2);
        expect(own[0]).toMatch(/^##\[group\]/);
        expect(own[1]).toBe("##[endgroup]");
      }),
    );
  });

  test("nor in an error or a debug line: each is one command, and its text comes back whole", () => {
    const host = hostWith();
    fc.assert(
      fc.property(untrusted, untrusted, (title, message) => {
        written.length = 0;
        host.error(title, message);
        host.debug(message);
        const lines = stdout().split("\n").slice(0, -1).map(parseCommand);
        expect(lines).toEqual([
          expect.objectContaining({ name: "task.issue" }),
          expect.objectContaining({ name: "task.debug" }),
        ]);
        expect(read(lines[0]?.data ?? "")).toBe(read(`${title}: ${message}`));
        expect(read(lines[1]?.data ?? "")).toBe(read(message));
      }),
    );
  });
});

describe("what a task is given", () => {
  test("inputs by their names in task.json, trimmed; empty when they are not given", () => {
    const host = hostWith({ INPUT_COMPUTENAME: "  gpu \n", INPUT_FILE: "" });
    expect([host.input("compute-name"), host.input("file"), host.input("dry-run")]).toEqual(["gpu", "", ""]);
  });

  test("files, environment, and what the main step kept", async () => {
    const file = path.join(folder, "compute.yml");
    writeFileSync(file, "name: größer\n");
    const host = hostWith({ VSTS_TASKVARIABLE_UNDERWAY: "attach" });
    expect(await host.readFile(file)).toBe("name: größer\n");
    expect([host.state("under-way"), host.state("other"), host.name]).toEqual([
      "attach",
      "",
      "azure-pipelines",
    ]);
    expect(host.environment["AGENT_TEMPDIRECTORY"]).toBe(folder);
  });

  test("no OIDC token of its own, but a way to sign in", async () => {
    await expect(hostWith().idToken("api://AzureADTokenExchange")).rejects.toMatchObject({
      code: "NoIdToken",
      remedy: expect.stringContaining("azureSubscription"),
    });
  });
});

const id = "12345678-1234-4234-8234-123456789012";

/** A service connection, as the agent gives it. */
function connection(
  scheme: string,
  parameters: Readonly<Record<string, string>>,
  data: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    INPUT_AZURESUBSCRIPTION: id,
    [`ENDPOINT_URL_${id}`]: "https://management.stack.test/",
    [`ENDPOINT_AUTH_${id}`]: JSON.stringify({ scheme, parameters }),
    ENDPOINT_AUTH_SYSTEMVSSCONNECTION: JSON.stringify({
      scheme: "OAuth",
      parameters: { AccessToken: "planted-job-token" },
    }),
    ...Object.fromEntries(
      Object.entries(data).map(([name, value]) => [`ENDPOINT_DATA_${id}_${name}`, value]),
    ),
  };
}

describe("a service connection", () => {
  test("with workload identity federation gives the variables of Microsoft's own tasks", () => {
    const { environment } = hostWith(
      connection("WorkloadIdentityFederation", { tenantid: "tenant", serviceprincipalid: "client" }),
    );
    expect(environment).toMatchObject({
      AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: id,
      AZURESUBSCRIPTION_CLIENT_ID: "client",
      AZURESUBSCRIPTION_TENANT_ID: "tenant",
      SYSTEM_ACCESSTOKEN: "planted-job-token",
    });
  });

  test("with a client secret gives that, however its parameters are spelled, and over other variables", () => {
    const parameters = { tenantId: "tenant", servicePrincipalId: "client", servicePrincipalKey: "planted" };
    const { environment } = hostWith({
      ...connection("ServicePrincipal", parameters),
      AZURE_CLIENT_ID: "another",
    });
    expect(environment).toMatchObject({
      AZURE_CLIENT_ID: "client",
      AZURE_TENANT_ID: "tenant",
      AZURE_CLIENT_SECRET: "planted",
    });
    delete process.env["AZURE_CLIENT_ID"];
  });

  test("writes no secret, not to the debug log either", () => {
    written.length = 0;
    Object.assign(
      process.env,
      connection("ServicePrincipal", {
        tenantid: "t",
        serviceprincipalid: "c",
        serviceprincipalkey: "planted-key",
      }),
    );
    library._loadData();
    azurePipelinesHost(task);
    expect(stdout()).toContain("ENDPOINT_AUTH_");
    expect(stdout()).not.toContain("planted");
  });

  const federated = ["WorkloadIdentityFederation", { tenantid: "t", serviceprincipalid: "c" }] as const;

  test("knows its cloud, unless the task says another", () => {
    const government = connection(...federated, { ENVIRONMENT: "AzureUSGovernment" });
    expect(hostWith(government).input("azure-environment")).toBe("AzureUSGovernment");
    const told = { ...government, INPUT_AZUREENVIRONMENT: "AzureCloud" };
    expect(hostWith(told).input("azure-environment")).toBe("AzureCloud");
    const stack = connection(...federated, { ENVIRONMENT: "AzureStack" });
    expect(hostWith(stack).input("azure-environment")).toBe("https://management.stack.test/");
  });

  test("gives its subscription, unless a variable says another", () => {
    const given = connection(...federated, { SUBSCRIPTIONID: "the-connection's" });
    expect(hostWith(given).environment["AZURE_SUBSCRIPTION_ID"]).toBe("the-connection's");
    const told = hostWith({ ...given, AZURE_SUBSCRIPTION_ID: "the-variable's" });
    expect(told.environment["AZURE_SUBSCRIPTION_ID"]).toBe("the-variable's");
    delete process.env["AZURE_SUBSCRIPTION_ID"];
  });

  test.each([
    ["ServicePrincipal", { authenticationType: "spnCertificate" }, "ServicePrincipal (spnCertificate)"],
    ["ManagedServiceIdentity", {}, "ManagedServiceIdentity (no type)"],
    ["", {}, "unknown (no type)"],
  ])("of the scheme %j is refused, with what to do", (scheme, parameters, named) => {
    expect(() => hostWith(connection(scheme, parameters))).toThrow(Failure);
    expect(() => hostWith(connection(scheme, parameters))).toThrow(
      expect.objectContaining({
        code: "UnsupportedServiceConnection",
        message: expect.stringContaining(named),
        remedy: expect.stringContaining("azureSubscription"),
      }),
    );
  });
});

describe("what a task leaves", () => {
  test("outputs and state under their names as variables, whatever they hold", () => {
    const host = hostWith();
    const value = 'a\nb ##vso[task.complete result=Failed;]x;] "quoted" %0A %AZP25 ä';
    host.output("compute-id", value);
    host.saveState("under-way", "attach");
    expect(commands()).toEqual([
      {
        name: "task.setvariable",
        properties: { variable: "computeId", isOutput: "true", issecret: "false" },
        data: value,
      },
      {
        name: "task.settaskvariable",
        properties: { variable: "underWay", issecret: "false" },
        data: "attach",
      },
    ]);
    expect(host.state("under-way")).toBe("attach");
  });

  test("a secret is told to the agent line by line, as the library wants it", () => {
    hostWith().mask("planted\r\nsecret\n");
    expect(commands().map(({ name, data }) => [name, data])).toEqual([
      ["task.setsecret", "planted"],
      ["task.setsecret", "secret"],
    ]);
  });

  test("the page, for its owner's eyes, under the heading that people see", async () => {
    await hostWith().summary("### One");
    const [{ name, data } = { name: "", data: "" }] = commands();
    expect([name, path.basename(data)]).toEqual(["task.uploadsummary", "Azure ML clusters.md"]);
    expect(path.relative(folder, data)).not.toMatch(/^\.\./);
    expect(readFileSync(data, "utf8")).toBe("### One");
    expect(statSync(data).mode & 0o077).toBe(0);
  });

  test("the report, in the job's folder, for its owner's eyes, under a new name each time", async () => {
    const host = hostWith();
    const [one, two] = [await host.writeReport("attach", '{"a":1}'), await host.writeReport("attach", "{}")];
    expect(one).not.toBe(two);
    expect(path.relative(folder, one).split(path.sep)).toEqual([
      "azureml-clusters",
      expect.stringMatching(/^attach-[0-9a-f-]{36}\.json$/),
    ]);
    expect(readFileSync(one, "utf8")).toBe('{"a":1}');
    expect(statSync(one).mode & 0o077).toBe(0);
  });

  test("a file that the user named, in the job's working folder", async () => {
    const before = process.env["SYSTEM_DEFAULTWORKINGDIRECTORY"];
    process.env["SYSTEM_DEFAULTWORKINGDIRECTORY"] = path.join(folder, "s");
    try {
      const file = await hostWith().writeFile("out/junit.xml", "<a/>");
      expect(file).toBe(path.join(folder, "s", "out", "junit.xml"));
      expect(readFileSync(file, "utf8")).toBe("<a/>");
    } finally {
      if (before === undefined) delete process.env["SYSTEM_DEFAULTWORKINGDIRECTORY"];
      else process.env["SYSTEM_DEFAULTWORKINGDIRECTORY"] = before;
    }
  });

  test("a folder of files, in the job's folder, for its owner's eyes (W1)", async () => {
    const made = await hostWith().writeFolder("diagnostics", { "pods.txt": "one" });
    expect(path.dirname(made)).toBe(path.join(folder, "azureml-clusters"));
    expect(readFileSync(path.join(made, "pods.txt"), "utf8")).toBe("one");
    expect(statSync(made).mode & 0o077).toBe(0);
  });
});

test.each(signals)("%s aborts the run with a failure that names it", (signal) => {
  jest.useFakeTimers();
  const exit = jest.spyOn(process, "exit").mockImplementation((() => undefined) as () => never);
  try {
    const { cancellation } = hostWith();
    expect(cancellation.aborted).toBe(false);
    process.emit(signal);
    expect(cancellation.reason).toMatchObject({ code: "Cancelled", message: `Cancelled by ${signal}.` });
    jest.advanceTimersByTime(5_000);
    expect(exit).toHaveBeenCalledWith(1);
  } finally {
    exit.mockRestore();
    jest.useRealTimers();
  }
});
