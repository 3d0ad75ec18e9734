import type { Extension } from "../model/azure-resources.ts";
import { type ClusterContents, extensionNamespace } from "../model/cluster-contents.ts";
import type { Container, Pod } from "../model/kubernetes.ts";
import { type Observed, present } from "../model/observed.ts";
import type { ClusterApi } from "./cluster-api.ts";

/** Pods whose logs are taken, and how much of each: what a person reads, not what a cluster holds. */
const mostPods = 20;
const lines = 200;
const bytes = 64 * 1024;

/** Pods that support asks the logs of, whatever their state (extension.md 6), and the router's (W1). */
const alwaysTold = /^healthcheck|^azureml-fe/;

/**
 * What helps to find out more than a verdict says: objects as they were read, events, tails of logs (W1). Files by
 * name; bounded, and without secrets of ours. Others that a log holds are for the host's redaction.
 */
export async function collectDiagnostics(
  contents: ClusterContents | undefined,
  extension: Extension | undefined,
  api: ClusterApi | undefined,
): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  if (extension) files["extension.json"] = json(withoutProtected(extension));
  if (!contents) return files;
  const pods = present(contents.pods) ?? [];
  files["pods.json"] = json(told(contents.pods, ailingFirst));
  files["events.txt"] = eventLines(contents);
  files["workloads.json"] = json(told(contents.workloads));
  files["services.json"] = json(told(contents.services));
  files["nodes.json"] = json(told(contents.nodes));
  files["health-report.txt"] = reportText(contents);
  const logs = api ? await Promise.all(chosen(pods).flatMap((pod) => podLogs(api, pod))) : [];
  return { ...files, ...Object.fromEntries(logs.filter(([, text]) => text !== "")) };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** Azure shows blanks in their place, if anything; the names are enough. */
function withoutProtected(extension: Extension): unknown {
  const { configurationProtectedSettings, ...properties } = extension.properties;
  const names = Object.keys(configurationProtectedSettings ?? {});
  return { ...extension, properties: { ...properties, configurationProtectedSettings: names } };
}

/** A list of at most some hundred, or why it could not be read. */
function told<T>(
  seen: Observed<readonly T[]>,
  order: (items: readonly T[]) => readonly T[] = (items) => items,
) {
  if (seen.is === "present") return order(seen.value).slice(0, 300);
  return seen.is === "denied" ? seen.why.message : "none";
}

function ailingFirst(pods: readonly Pod[]): readonly Pod[] {
  return [...pods].sort((one, other) => Number(ails(other)) - Number(ails(one)));
}

function ails(pod: Pod): boolean {
  return pod.phase !== "Succeeded" && (!pod.ready || pod.containers.some(({ restarts }) => restarts > 0));
}

function eventLines({ events }: ClusterContents): string {
  if (events.is !== "present") return events.is === "denied" ? events.why.message : "";
  const latest = [...events.value].sort((one, other) => other.seen - one.seen).slice(0, 500);
  return latest
    .map(
      ({ type, reason, kind, name, count, message, seen }) =>
        `${new Date(seen).toISOString()} ${type} ${reason} ${kind}/${name} x${count} ${message}\n`,
    )
    .join("");
}

function reportText({ healthReport }: ClusterContents): string {
  const texts = Object.entries(present(healthReport) ?? {});
  return texts.map(([key, text]) => `== ${key}\n${text}\n`).join("\n");
}

function chosen(pods: readonly Pod[]): readonly Pod[] {
  return ailingFirst(pods.filter((pod) => ails(pod) || alwaysTold.test(pod.name))).slice(0, mostPods);
}

/** The log of each container, and that of its life before where it was started again. */
function podLogs(api: ClusterApi, pod: Pod): Promise<readonly [string, string]>[] {
  return pod.containers
    .filter(hasRun)
    .flatMap((container) => [
      log(api, pod, container, false),
      ...(container.restarts > 0 ? [log(api, pod, container, true)] : []),
    ]);
}

function hasRun({ waiting, restarts }: Container): boolean {
  return !waiting || restarts > 0;
}

async function log(
  api: ClusterApi,
  pod: Pod,
  { name }: Container,
  previous: boolean,
): Promise<readonly [string, string]> {
  const query = `container=${name}&tailLines=${lines}&limitBytes=${bytes}${previous ? "&previous=true" : ""}`;
  const path = `/api/v1/namespaces/${extensionNamespace}/pods/${pod.name}/log?${query}`;
  const text = await api.text(path).catch((error: Error) => error.message);
  return [`logs/${pod.name}.${name}${previous ? ".previous" : ""}.log`, text];
}
