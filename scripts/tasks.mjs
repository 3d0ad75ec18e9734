/**
 * The tasks of Azure Pipelines, one for each action, generated from the action.yml files: azure-pipelines/tasks/<action>/
 * task.json, and in vss-extension.json what lists them. Here stands only what an action.yml has no words for. `--check`
 * writes nothing and names what would change. The form is that of Microsoft's tasks.schema.json (azure-pipelines-task-lib).
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { parse } from "yaml";

/**
 * @typedef {{ description: string, required?: boolean, default?: string }} Field
 * @typedef {{ description: string, inputs: Record<string, Field>, outputs: Record<string, Field> }} Manifest
 * @typedef {{ id: string, friendlyName: string, subject?: string }} Task
 * @typedef {{ type?: string, options?: Record<string, string>, properties?: Record<string, string>, groupName?: string,
 *   visibleRule?: string, defaultValue?: string, helpMarkDown?: string }} Shown
 */
/** An id stays with its task for ever: pipelines and agents know the task by it. @type {Record<string, Task>} */
const TASKS = {
  attach: { id: "263c3e03-7d49-4729-936f-370101f54e4f", friendlyName: "Attach a cluster to Azure ML" },
  "create-cluster": {
    id: "67a1655f-12a2-416e-8885-ee7fa5534841",
    friendlyName: "Create an AKS cluster for Azure ML",
    subject: "clusterName",
  },
  "deploy-extension": {
    id: "6a01a70d-5f42-4d97-9314-35961eee6b90",
    friendlyName: "Deploy the Azure ML extension",
    subject: "clusterName",
  },
  ensure: {
    id: "7fdfbc33-4f6d-43c2-ad1a-4acca6bb0f67",
    friendlyName: "Ensure Azure ML computes on clusters",
  },
  detach: { id: "99282689-97a1-41d7-958b-531d11c24cbd", friendlyName: "Detach a cluster from Azure ML" },
  discover: {
    id: "8777f52d-a43f-40a6-ace2-634222b7a8ed",
    friendlyName: "Discover clusters of Azure ML",
    subject: "find",
  },
  "list-versions": {
    id: "3df7f8d6-a797-4f3d-8c8d-ee1390c4efb0",
    friendlyName: "List versions for Azure ML",
    subject: "clusterName",
  },
  "merge-reports": {
    id: "f802734c-fec3-415f-b934-eefd8911f996",
    friendlyName: "Merge reports of Azure ML clusters",
    subject: "reports",
  },
  "update-components": {
    id: "f49baec5-c8a1-4797-92ae-e87789d74661",
    friendlyName: "Update the Azure ML components",
  },
  "verify-extension": {
    id: "562319b5-c076-4ddd-bdd8-3979d655cc40",
    friendlyName: "Verify the Azure ML extension",
    subject: "clusterName",
  },
};
const GROUPS = {
  cluster: "Cluster",
  tls: "HTTPS",
  identity: "Identity of the compute",
  network: "Network",
  creation: "A cluster that is created",
  advanced: "Advanced",
};
/** Given by the service connection, or known to GitHub alone. */
const LEFT_OUT = ["client-id", "tenant-id", "github-token", "check-name", "issue-title", "issue-label"];
const pickList = (/** @type {string[]} */ ...options) => ({
  type: "pickList",
  options: Object.fromEntries(options.map((option) => [option, option])),
});
/**
 * What a form shows of an input beside its description; one that is not here is a line of text or a box to tick.
 * @type {Record<string, Shown>}
 */
const INPUTS = {
  "azure-environment": {
    ...pickList("AzureCloud", "AzureUSGovernment", "AzureChinaCloud"),
    properties: { EditableOptions: "True" },
    groupName: "advanced",
    // Not the action's own: the service connection knows its cloud.
    defaultValue: "",
    helpMarkDown: "Default, that of the service connection, else `AzureCloud`.",
  },
  "subscription-id": { helpMarkDown: "Without it, the service connection's." },
  find: pickList("computes", "clusters"),
  "subscription-ids": { type: "multiLine" },
  regions: { type: "multiLine" },
  workspaces: { type: "multiLine" },
  states: { type: "multiLine" },
  "matrix-for": { ...pickList("github", "azure-pipelines"), groupName: "advanced" },
  targets: { type: "multiLine", groupName: "advanced" },
  concurrency: { groupName: "advanced" },
  "max-failures": { groupName: "advanced" },
  waves: { groupName: "advanced" },
  via: pickList("aks", "workspace"),
  "vnet-resource-group": { groupName: "network" },
  "vnet-name": { groupName: "network" },
  "subnet-name": { groupName: "network" },
  "service-cidr": { groupName: "network" },
  "dns-service-ip": { groupName: "network" },
  "docker-bridge-cidr": { groupName: "network", visibleRule: "via = workspace" },
  "outbound-type": {
    ...pickList("loadBalancer", "userDefinedRouting", "managedNATGateway"),
    groupName: "network",
    visibleRule: "via = aks",
  },
  "enable-private-cluster": { groupName: "network", visibleRule: "via = aks" },
  "api-server-authorized-ip-ranges": {
    type: "multiLine",
    groupName: "network",
    visibleRule: "via = aks",
  },
  tags: { type: "multiLine", groupName: "advanced", visibleRule: "via = aks" },
  "compute-type": { ...pickList("kubernetes"), groupName: "advanced" },
  "cluster-resource-id": { groupName: "cluster" },
  "cluster-name": { groupName: "cluster", visibleRule: 'clusterResourceId = ""' },
  "cluster-resource-group": { groupName: "cluster", visibleRule: 'clusterResourceId = ""' },
  "cluster-type": {
    ...pickList("managedClusters", "connectedClusters"),
    groupName: "cluster",
    visibleRule: 'clusterResourceId = ""',
  },
  namespace: { groupName: "cluster" },
  "identity-type": { ...pickList("none", "system_assigned", "user_assigned"), groupName: "identity" },
  "user-assigned-identities": {
    type: "multiLine",
    groupName: "identity",
    visibleRule: "identityType = user_assigned",
  },
  file: { groupName: "advanced" },
  "on-difference": { ...pickList("fail", "replace"), groupName: "advanced" },
  "allow-created": { groupName: "advanced" },
  prune: { groupName: "advanced" },
  "create-cluster": { groupName: "creation" },
  kubeconfig: { type: "multiLine", groupName: "cluster" },
  "extension-name": { groupName: "advanced" },
  config: { type: "multiLine" },
  "config-protected": { type: "multiLine" },
  "ssl-cert-pem": { type: "multiLine", groupName: "tls" },
  "ssl-key-pem": { type: "multiLine", groupName: "tls" },
  version: { groupName: "advanced" },
  "release-train": { groupName: "advanced" },
  "auto-upgrade": { groupName: "advanced" },
  "allow-disruption": { groupName: "advanced" },
  "only-if-outdated": { groupName: "advanced" },
  "max-version": { groupName: "advanced" },
  "skip-if-newer-than": { groupName: "advanced" },
  reattach: { ...pickList("auto", "always", "never"), groupName: "advanced" },
  journal: { ...pickList("cluster", "none"), groupName: "advanced" },
  resume: { ...pickList("auto", "discard"), groupName: "advanced" },
  "if-locked": { ...pickList("wait", "fail"), groupName: "advanced" },
  "on-failed": { ...pickList("fail", "recreate"), groupName: "advanced" },
  "fail-on": pickList("error", "warning", "never"),
  diagnostics: { groupName: "advanced" },
  preflight: { ...pickList("enforce", "warn", "off"), groupName: "advanced" },
  timeout: { groupName: "advanced" },
  wait: { groupName: "advanced" },
};
const CONNECTION = {
  name: "azureSubscription",
  aliases: ["connectedServiceNameARM"],
  type: "connectedService:AzureRM",
  label: "Azure Resource Manager connection",
  required: false,
  helpMarkDown:
    "Service connection to sign in with: workload identity federation or a client secret. Without it the environment, then a session of the Azure CLI, then the managed identity of an agent in Azure is used.",
};
const EXTENSION = "azure-pipelines/vss-extension.json";

process.chdir(path.join(import.meta.dirname, ".."));
const checking = process.argv.includes("--check");
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
/** The door of the root action is in no folder; it is called by what it does. */
const ROOT = "ensure";
const doorOf = (/** @type {string} */ action) => (action === ROOT ? "action.yml" : `${action}/action.yml`);
const actions = [...readdirSync("."), ROOT].sort().filter((action) => existsSync(doorOf(action)));
/** @type {string[]} */
const problems = [];
for (const action of actions) bring(`azure-pipelines/tasks/${action}/task.json`, taskJson(action));
bring(EXTENSION, extension());
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${actions.length} tasks, ${checking ? "nothing to change" : "written"}`);

/** @param {string} action */
function taskJson(action) {
  const task = TASKS[action];
  if (task === undefined) throw new Error(`scripts/tasks.mjs has no id for ${action}: make a new one`);
  /** @type {Manifest} */
  const { description, inputs, outputs } = parse(readFileSync(doorOf(action), "utf8"));
  const names = Object.keys(inputs).filter((name) => !LEFT_OUT.includes(name));
  const fields = Object.entries(inputs)
    .filter(([name]) => names.includes(name))
    .map(([name, field]) => input(name, field, names));
  const [Major, Minor, Patch] = version.split(".").map(Number);
  const handlers = (/** @type {string} */ target) => ({ Node24: { target }, Node20_1: { target } });
  return {
    id: task.id,
    name: `AzureMLClusters${capitalized(camelCase(action))}`,
    friendlyName: task.friendlyName,
    description,
    author: "azureml-clusters",
    category: "Deploy",
    visibility: ["Build", "Release"],
    runsOn: ["Agent", "DeploymentGroup"],
    version: { Major, Minor, Patch },
    // The first that has Node 20; of the handlers below an agent takes the newest that it has.
    minimumAgentVersion: "3.232.1",
    instanceNameFormat: `${task.friendlyName}: $(${task.subject ?? "computeName"})`,
    showEnvironmentVariables: true,
    groups: groups(fields),
    inputs: [CONNECTION, ...fields],
    outputVariables: Object.entries(outputs).map(([name, field]) => ({
      name: camelCase(name),
      description: field.description,
    })),
    restrictions: { settableVariables: { allowed: Object.keys(outputs).map(camelCase) } },
    execution: handlers("main.js"),
    postjobexecution: handlers("after.js"),
  };
}

/**
 * @param {string} name
 * @param {Field} field
 * @param {string[]} names
 */
function input(name, { description, required = false, default: value = "" }, names) {
  const { helpMarkDown, visibleRule, ...rest } = { helpMarkDown: "", ...INPUTS[name] };
  // A rule that names an input of another task would hide the field for ever.
  const [subject = ""] = (visibleRule ?? "").split(" ");
  const shown = { ...rest, ...(names.map(camelCase).includes(subject) && { visibleRule }) };
  return {
    name: camelCase(name),
    type: ["true", "false"].includes(value) ? "boolean" : "string",
    label: capitalized(name.replaceAll("-", " ")),
    required,
    defaultValue: value,
    helpMarkDown: `${inCamelCase(description.trim(), names)} ${helpMarkDown}`.trim(),
    ...shown,
  };
}

/**
 * An action's words about its inputs, with their names as the task has them.
 * @param {string} text
 * @param {string[]} names
 */
function inCamelCase(text, names) {
  return text.replaceAll(/`([^`]+)`/g, (whole, word) =>
    names.includes(word) ? `\`${camelCase(word)}\`` : whole,
  );
}

/** The groups that a task has inputs in. @param {{ groupName?: string }[]} fields */
function groups(fields) {
  const used = Object.entries(GROUPS).filter(([name]) => fields.some(({ groupName }) => groupName === name));
  return used.map(([name, displayName]) => ({ name, displayName, isExpanded: name !== "advanced" }));
}

function extension() {
  const manifest = JSON.parse(readFileSync(EXTENSION, "utf8"));
  return {
    ...manifest,
    version,
    files: actions.map((action) => ({ path: action })),
    contributions: actions.map((action) => ({
      id: action,
      type: "ms.vss-distributed-task.task",
      targets: ["ms.vss-distributed-task.tasks"],
      properties: { name: action },
    })),
  };
}

/** @param {string} name */
function camelCase(name) {
  return name.replaceAll(/-(.)/g, (_, letter) => letter.toUpperCase());
}

/** @param {string} text */
function capitalized(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/**
 * @param {string} file
 * @param {object} content
 */
function bring(file, content) {
  const biome = createRequire(import.meta.url).resolve("@biomejs/biome/bin/biome");
  const format = [biome, "format", `--stdin-file-path=${file}`];
  const input = JSON.stringify(content, null, 2);
  const text = execFileSync(process.execPath, format, { input, encoding: "utf8" });
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  if (checking)
    return void problems.push(`${file} is not what the action.yml files give. Run: npm run tasks`);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
