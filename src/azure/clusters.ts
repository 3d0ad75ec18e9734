import { Failure } from "../model/failure.ts";
import { apiVersions } from "./api-versions.ts";
import type { Arm } from "./arm.ts";
import { nextPoll } from "./operation.ts";
import { pause } from "./pause.ts";
import type { Answer } from "./wire.ts";

/** The kubeconfig of a user of an AKS cluster. It is a secret. (arm-contract 2) */
export async function clusterUserKubeconfig(arm: Arm, id: string): Promise<string> {
  const answer = await arm.send({
    method: "POST",
    path: `${id}/listClusterUserCredential`,
    apiVersion: apiVersions.managedClusters,
    repeatable: true,
  });
  const { kubeconfigs } = (answer.body ?? {}) as { kubeconfigs?: readonly { value?: string }[] };
  const value = kubeconfigs?.[0]?.value;
  if (!value) {
    throw new Failure("NoKubeconfig", "Azure gave no kubeconfig for the AKS cluster.", {
      remedy: "Give one as `kubeconfig`.",
    });
  }
  return Buffer.from(value, "base64").toString("utf8");
}

/** What a command in a cluster printed. */
export interface CommandResult {
  readonly logs: string;
}

/**
 * Runs a command in an AKS cluster, and waits for what it prints (arm-contract 2): as who the token is for, which
 * clusters with Entra want, else as an administrator.
 * @throws Failure `RunCommandFailed`.
 */
export async function runCommand(
  arm: Arm,
  id: string,
  command: string,
  clusterToken?: string,
): Promise<CommandResult> {
  const accepted = await arm.send({
    method: "POST",
    path: `${id}/runCommand`,
    apiVersion: apiVersions.managedClusters,
    body: { command, ...(clusterToken && { clusterToken }) },
    repeatable: true,
  });
  const began = Date.now();
  let answer: Answer = accepted;
  while (answer.status === 202) {
    await pause(nextPoll(began, answer), arm.signal);
    const result: string | undefined = answer.header("location") ?? accepted.header("location");
    if (!result) throw failed("Azure does not say where its result is.");
    answer = await arm.send({ method: "GET", path: result });
  }
  const { properties } = (answer.body ?? {}) as {
    properties?: { provisioningState?: string; logs?: string | null; reason?: string | null };
  };
  if (properties?.provisioningState !== "Succeeded") {
    throw failed(properties?.reason ?? `It is ${properties?.provisioningState ?? "in no known state"}.`);
  }
  return { logs: properties.logs ?? "" };
}

function failed(reason: string): Failure {
  return new Failure("RunCommandFailed", `The command in the cluster did not end well: ${reason}`, {
    remedy: "Check that a node has room for its pod (namespace aks-command), or give a `kubeconfig`.",
  });
}
