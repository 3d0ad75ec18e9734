import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { oneLine } from "../model/arm-error.ts";
import { asFailure, Failure } from "../model/failure.ts";
import type { Host } from "./host.ts";
import {
  cancellation,
  exit,
  readJsonFiles,
  writeFolderPrivately,
  writePrivately,
  writeWhere,
} from "./process.ts";

/**
 * Microsoft's library. As soon as it is loaded it writes commands, makes a key file, and takes inputs and credentials
 * out of the environment; so it is given to what needs it, and only a task loads it.
 */
export type TaskLibrary = typeof import("azure-pipelines-task-lib");

/**
 * Runs an action as a task, and tells the agent how it ended: by a command, since the agent takes every exit code but
 * 0 for trouble of its own (azure-pipelines-agent, NodeHandler).
 */
export async function runTask(run: (host: Host) => Promise<0 | 1>): Promise<void> {
  const { default: task } = await import("azure-pipelines-task-lib");
  let result = task.TaskResult.Failed;
  try {
    if ((await run(azurePipelinesHost(task))) === 0) result = task.TaskResult.Succeeded;
  } catch (thrown) {
    const { code, message, remedy } = asFailure(thrown);
    task.error(oneLine(`${code}: ${message} ${remedy ?? ""}`));
  }
  task.setResult(result, "");
  exit(0);
}

/**
 * Azure Pipelines as the host of a run. Listens to SIGINT and SIGTERM from the moment it is made.
 * @throws Failure `UnsupportedServiceConnection`.
 */
export function azurePipelinesHost(task: TaskLibrary): Host {
  const connection = serviceConnection(task);
  const info = (line: string) => void process.stdout.write(`${line}\n`);
  return {
    name: "azure-pipelines",
    environment: { ...connection.defaults, ...process.env, ...connection.credential },
    cancellation: cancellation(),
    input: (name) => (task.getInput(camelCase(name)) ?? connection.inputs[name] ?? "").trim(),
    readFile: (path) => readFile(path, "utf8"),
    readJsonFiles: (path) => readJsonFiles(process.env["SYSTEM_DEFAULTWORKINGDIRECTORY"], path),
    info: (line) => info(harmless(line)),
    debug: (line) => task.debug(harmless(line)),
    group: (title, lines) => {
      info(`##[group]${harmless(title)}`);
      for (const line of lines) info(harmless(line));
      info("##[endgroup]");
    },
    error: (title, message) => task.error(harmless(`${title}: ${message}`)),
    mask: (secret) => {
      // The agent hides what it is told line by line, and the library refuses more than one.
      for (const line of secret.split(/[\r\n]+/)) task.setSecret(line);
    },
    clean: (text) => text,
    output: (name, value) => task.setVariable(camelCase(name), value, false, true),
    summary: async (markdown) => {
      // The file's name is the heading that people see.
      const file = join(await mkdtemp(join(temporary(), "azureml-clusters-")), "Azure ML clusters.md");
      await writeFile(file, markdown, { mode: 0o600 });
      task.uploadSummary(file);
    },
    writeReport: (name, json) => writePrivately(temporary(), name, ".json", json),
    writeFile: (path, content) => writeWhere(process.env["SYSTEM_DEFAULTWORKINGDIRECTORY"], path, content),
    writePage: (path, data, render) =>
      writeWhere(process.env["SYSTEM_DEFAULTWORKINGDIRECTORY"], path, render(data)),
    writeFolder: (name, files) => writeFolderPrivately(temporary(), name, files),
    saveState: (name, value) => task.setTaskVariable(camelCase(name), value),
    state: (name) => task.getTaskVariable(camelCase(name)) ?? "",
    idToken: async () => {
      throw new Failure("NoIdToken", "A task of Azure Pipelines has no OIDC token of its own.", {
        remedy: "Give `azureSubscription`, a service connection with workload identity federation.",
      });
    },
  };
}

/** Names of inputs and outputs as task.json may have them: `^[A-Za-z][A-Za-z0-9]*$` (tasks.schema.json). */
function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * Text of others printed so that the agent takes no line of it for a command: `##vso[` anywhere in one, of which the
 * library does the same, and the `##[` of its log viewer. The agent's search is by culture, so that a character of no
 * width in between would not stop it (azure-pipelines-agent, Command.TryParse).
 */
function harmless(text: string): string {
  return text.replace(/##(?=vso|\[)/g, "##_");
}

/** The job's own folder, which the agent empties at its end; no later step commits or packs what is in it. */
function temporary(): string {
  return process.env["AGENT_TEMPDIRECTORY"] ?? tmpdir();
}

type Variables = Readonly<Record<string, string | undefined>>;

/** What a service connection gives to a run. */
interface ServiceConnection {
  /** The variables that sign in with it. */
  readonly credential: Variables;
  /** Variables that the job's own win over. */
  readonly defaults: Variables;
  /** Inputs that those of the task win over. */
  readonly inputs: Variables;
}

/** The service connection that the task was given, if any. @throws Failure `UnsupportedServiceConnection`. */
function serviceConnection(task: TaskLibrary): ServiceConnection {
  const id = task.getInput("azureSubscription");
  if (!id) return { credential: {}, defaults: {}, inputs: {} };
  const cloud = task.getEndpointDataParameter(id, "environment", true);
  const resourceManager = cloud === "AzureStack" ? task.getEndpointUrl(id, true) : cloud;
  return {
    credential: credential(task, id),
    defaults: { AZURE_SUBSCRIPTION_ID: task.getEndpointDataParameter(id, "subscriptionid", true) },
    inputs: { "azure-environment": resourceManager },
  };
}

/** By the names of Microsoft's AzureCLI@2: schemes and parameters of a connection of the type AzureRM. */
function credential(task: TaskLibrary, id: string): Variables {
  const { scheme, parameters } = authorization(task, id);
  const { tenantid, serviceprincipalid, serviceprincipalkey, authenticationtype = "no type" } = parameters;
  if (scheme === "WorkloadIdentityFederation") {
    return {
      AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: id,
      AZURESUBSCRIPTION_CLIENT_ID: serviceprincipalid,
      AZURESUBSCRIPTION_TENANT_ID: tenantid,
      SYSTEM_ACCESSTOKEN: authorization(task, "SYSTEMVSSCONNECTION").parameters["accesstoken"],
    };
  }
  if (scheme === "ServicePrincipal" && serviceprincipalkey) {
    return {
      AZURE_CLIENT_ID: serviceprincipalid,
      AZURE_TENANT_ID: tenantid,
      AZURE_CLIENT_SECRET: serviceprincipalkey,
    };
  }
  throw new Failure(
    "UnsupportedServiceConnection",
    `The service connection's scheme is ${scheme || "unknown"} (${authenticationtype}), with which no task signs in.`,
    {
      remedy:
        "Give `azureSubscription` a service connection with workload identity federation or a client secret. On an agent in Azure, leave it out to sign in with the managed identity.",
    },
  );
}

/** Read as a whole: the library would write a single parameter to the debug log, secrets too. */
function authorization(task: TaskLibrary, id: string): { scheme: string; parameters: Variables } {
  const { scheme = "", parameters = {} } = task.getEndpointAuthorization(id, true) ?? {};
  const lowerCased = Object.entries(parameters).map(([name, value]) => [name.toLowerCase(), value]);
  return { scheme, parameters: Object.fromEntries(lowerCased) };
}
