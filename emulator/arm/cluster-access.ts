import { providerError } from "../errors.ts";
import { empty, json, type Reply } from "../http.ts";
import { uuid } from "../ids.ts";
import { objectAt, textAt, valueAt } from "../json.ts";
import type { CommandRun, User } from "../kubernetes/cluster.ts";
import { type KubeconfigWish, kubeconfigText } from "../kubernetes/kubeconfig.ts";
import { runShell } from "../kubernetes/kubectl.ts";
import { entraUser, takesEntra } from "../kubernetes/sign-in.ts";
import type { StoredResource } from "../store.ts";
import type { Call } from "./call.ts";
import { param } from "./call.ts";
import { retryAfter } from "./long-running.ts";
import { pathOf, require } from "./reading.ts";
import { object, problems, text } from "./shape.ts";

/** Ways into an AKS cluster (arm-contract 2): credentials of a user, and commands that Azure runs for one. */

const RUN_COMMAND = object({ command: text, context: text, clusterToken: text }, ["command"]);

/** A run-command comes with all rights (AKS documentation, "command invoke"), under a name of its own. */
const RUNNER: User = {
  name: "system:serviceaccount:aks-command:default",
  groups: ["system:masters", "system:authenticated"],
};

/**
 * `POST listClusterUserCredential`: a certificate and a token where the cluster has local accounts, an exec plugin
 * where Entra is on. `format=azure` ended with Kubernetes 1.26 (arm-contract 2).
 */
export function listClusterUserCredential(call: Call): Reply {
  const { world, request } = call;
  const cluster = require(call, clusterIdOf(call));
  const format = request.url.searchParams.get("format");
  if (format !== null && !["exec", "azure"].includes(format)) {
    throw providerError(400, "InvalidParameter", `The value '${format}' of parameter 'format' is not valid.`);
  }
  const entra = takesEntra(world, cluster.id);
  if (entra && format === "azure" && !isBefore126(cluster)) {
    const message = "The azure auth plugin was removed from kubectl v1.26; use format 'exec'.";
    throw providerError(400, "BadRequest", message);
  }
  if (!entra && objectAt(cluster.body, "properties")["disableLocalAccounts"] === true) {
    const message =
      "Getting static credential is not allowed because this cluster is set to disable local accounts.";
    throw providerError(400, "BadRequest", message);
  }
  const fqdn = request.url.searchParams.get("server-fqdn");
  const wish: KubeconfigWish = { user: entra ? "kubelogin" : "both", ...(fqdn !== null && { fqdn }) };
  const value = Buffer.from(kubeconfigText(world, cluster.id, wish)).toString("base64");
  return json(200, { kubeconfigs: [{ name: "clusterUser", value }] });
}

function isBefore126(cluster: StoredResource): boolean {
  const version = textAt(cluster.body, "properties", "currentKubernetesVersion") ?? "1.33.4";
  return Number(version.split(".")[1]) < 26;
}

/** `POST runCommand`: 202 with a `Location` (arm-contract 2). */
export function runCommand(call: Call): Reply {
  const { world, body, origin } = call;
  const cluster = require(call, clusterIdOf(call));
  const found = problems(RUN_COMMAND, body);
  if (found.length > 0) throw providerError(400, "BadRequest", `${found.join("; ")}.`);
  refuseCommand(cluster);
  const user = runnerOf(call, cluster);
  const known = world.clusters.current(cluster.id);
  const { exitCode, output } = runShell(world, known, user, textAt(body, "command") ?? "");
  const startedAt = world.clock.now();
  const finishedAt = startedAt + world.knobs.runCommandSeconds * 1000;
  const logs = Buffer.from(output).subarray(0, world.knobs.runCommandLogBytes).toString("utf8");
  const id = uuid().replaceAll("-", "");
  known.commands.set(id, { id, exitCode, logs, startedAt, finishedAt });
  const location = `${origin}${cluster.id}/commandResults/${id}?api-version=${call.apiVersion}`;
  return empty(202, { location, ...retryAfter(call) });
}

/** Both wordings are a guess: no file says how Azure refuses. */
function refuseCommand(cluster: StoredResource): void {
  const properties = objectAt(cluster.body, "properties");
  if (valueAt(properties, "apiServerAccessProfile", "disableRunCommand") === true) {
    throw providerError(400, "BadRequest", "Run command is disabled on this managed cluster.");
  }
  if (valueAt(properties, "powerState", "code") === "Stopped") {
    throw providerError(
      409,
      "OperationNotAllowed",
      "The managed cluster is stopped; start it to run a command.",
    );
  }
}

/** Where Entra is on, the Azure CLI sends the caller's token for the AKS server application, and the command is his. */
function runnerOf(call: Call, cluster: StoredResource): User {
  const { world, body } = call;
  if (!takesEntra(world, cluster.id)) return RUNNER;
  const user = entraUser(world, cluster.id, textAt(body, "clusterToken"));
  if (user) return user;
  throw providerError(
    400,
    "BadRequest",
    "A valid 'clusterToken' is required for clusters with Entra integration.",
  );
}

/** `GET commandResults/{id}`: 202 while the command runs. */
export function getCommandResult(call: Call): Reply {
  const { world, request } = call;
  const cluster = require(call, clusterIdOf(call));
  const run = world.clusters.of(cluster.id).commands.get(param(call, "commandId"));
  if (!run) throw providerError(404, "NotFound", "The command result was not found.");
  if (world.clock.now() < run.finishedAt) {
    return empty(202, { location: request.url.href, ...retryAfter(call) });
  }
  return json(200, { id: run.id, properties: resultOf(call, run) });
}

function resultOf({ world }: Call, { exitCode, logs, startedAt, finishedAt }: CommandRun) {
  const times = { startedAt: world.clock.zulu(startedAt), finishedAt: world.clock.zulu(finishedAt) };
  return { provisioningState: "Succeeded", exitCode, ...times, logs };
}

function clusterIdOf(call: Call): string {
  return pathOf(call).replace(/\/(listClusterUserCredential|runCommand|commandResults\/[^/]+)$/i, "");
}
