import { createHash } from "node:crypto";
import { type JsonObject, textAt } from "../json.ts";
import type { World } from "../world.ts";
import { breakPlan } from "./breaking.ts";
import type { KubernetesCluster } from "./cluster.ts";
import { componentsOf, EXTENSION_NAMESPACE, privilegedAccounts } from "./components.ts";
import { crowd } from "./crowd.ts";
import { type ClusterFacts, factsOf } from "./facts.ts";
import { healthConfig, healthConfigMap, reportsOf } from "./health.ts";
import { nodeObject, nodesOf } from "./nodes.ts";
import { keyOfObject, metadataOf } from "./objects.ts";
import { type Plan, type PlannedEvent, type Workload, workload, zulu } from "./plan.ts";
import { typeOfKind } from "./resource-types.ts";
import { Scheduler } from "./scheduler.ts";
import { endpointsOf, servicesOf } from "./services.ts";
import {
  arcConfig,
  clusterObjects,
  helmRelease,
  namespaceObject,
  ownNamespaces,
  securityContext,
  serviceAccount,
  systemWorkloads,
} from "./surroundings.ts";
import { heldData, legacyData } from "./tls.ts";
import { renderWorkload } from "./workloads.ts";

/** Makes the objects of a cluster follow the world: its nodes, its extension, what is broken in it. */
export function followWorld(world: World, cluster: KubernetesCluster): void {
  const facts = factsOf(world, cluster);
  const seen = fingerprint(world, facts);
  if (cluster.followed === seen) return;
  cluster.followed = seen;
  const { objects, logs } = facts ? contentsOf(world, facts) : { objects: [], logs: new Map() };
  const keyed = objects.map((object) => {
    const { namespace, name } = metadataOf(object);
    return [keyOfObject(typeOfKind(textAt(object, "kind") ?? ""), namespace, name), object] as const;
  });
  cluster.objects.follow(new Map(keyed));
  cluster.logs = logs;
}

/** Changes when anything changes that the contents follow from. */
function fingerprint(world: World, facts: ClusterFacts | undefined): string {
  const extension = facts?.extension;
  const settings = extension && [extension.settings.all(), extension.protectedSettings.all()];
  const { router } = world.clusters;
  const made = facts && [heldData(world, facts), legacyData(world)];
  return JSON.stringify([facts, settings, router, made]);
}

interface Contents {
  objects: JsonObject[];
  logs: Map<string, string[]>;
}

function contentsOf(world: World, facts: ClusterFacts): Contents {
  const plan = healthyPlan(world, facts);
  breakPlan(plan, legacyData(world));
  const scheduler = new Scheduler(plan.nodes);
  const rendered = plan.workloads.map((one) => ({ one, ...renderWorkload(plan, scheduler, one) }));
  const shown = rendered.filter(({ one }) => isThere(facts, one));
  const pods = shown.flatMap((one) => one.pods);
  const services = plan.objects.filter(({ kind }) => kind === "Service");
  // Pods that Helm took away again have left their events behind: the API server keeps those for an hour.
  const events = [...plan.events, ...rendered.flatMap((one) => one.events)];
  const objects = [
    ...[...plan.namespaces].map(([name, { phase, held }]) => namespaceObject(facts, name, phase, held)),
    ...[...plan.namespaces.keys()].map((name) => serviceAccount(facts, name, "default")),
    ...plan.nodes.map((node) => nodeObject(facts, node)),
    ...plan.objects,
    ...endpointsOf(services, pods),
    ...shown.flatMap((one) => one.objects),
    ...crowd(facts),
    ...events.map((event) => eventObject(facts, event)),
  ];
  return {
    objects: objects.filter((one) => plan.namespaces.has(metadataOf(one).namespace || "default")),
    logs: new Map(rendered.flatMap((one) => [...one.logs])),
  };
}

/** extension 3: a failed installation is taken away again; what is being deleted is still there. */
function hasWorkloads(facts: ClusterFacts): boolean {
  return facts.extension !== undefined && facts.extension.state !== "uninstalled" && !isGoing(facts);
}

/** An extension that was deleted takes its namespace along; meanwhile nothing new gets in (extension 3). */
function isGoing({ terminating, extension }: ClusterFacts): boolean {
  return terminating && extension?.state !== "installed";
}

/** The pod of the health check is no part of the release: it stays when the rest is taken away. */
function isThere(facts: ClusterFacts, { namespace, kind }: Workload): boolean {
  return namespace !== EXTENSION_NAMESPACE || kind === "Pod" || hasWorkloads(facts);
}

function healthyPlan(world: World, facts: ClusterFacts): Plan {
  const { extension } = facts;
  const names = [...ownNamespaces(facts), ...(extension || isGoing(facts) ? [EXTENSION_NAMESPACE] : [])];
  const plan: Plan = {
    facts,
    namespaces: new Map(names.map((name) => [name, { phase: "Active", held: [] }])),
    nodes: nodesOf(facts),
    workloads: systemWorkloads(facts),
    objects: [...securityContext(facts), ...arcConfig(facts)],
    events: [],
    reports: extension ? reportsOf(facts, extension) : new Map(),
  };
  if (isGoing(facts)) {
    const held = ["Some resources are remaining: pods. has 2 resource instances"];
    plan.namespaces.set(EXTENSION_NAMESPACE, { phase: "Terminating", held });
  }
  if (extension) addExtension(world, plan);
  return plan;
}

function addExtension(world: World, plan: Plan): void {
  const { facts } = plan;
  const { extension } = facts;
  if (!extension) return;
  plan.workloads.push(...componentsOf(facts, extension).map((one, index) => starting(facts, one, index)));
  plan.workloads.push(healthcheck(plan));
  plan.objects.push(healthConfigMap(plan, extension), healthConfig(extension), ...tlsSecret(world, facts));
  if (!hasWorkloads(facts)) return;
  const accounts = privilegedAccounts(extension.name).filter((name) => name !== "default");
  plan.objects.push(
    ...clusterObjects(facts, extension),
    ...servicesOf(facts, extension, world.clusters.router),
    ...accounts.map((name) => serviceAccount(facts, EXTENSION_NAMESPACE, name)),
    helmRelease(extension, 1, extension.state === "installing" ? "pending-install" : "deployed"),
  );
}

/** While the extension is being written, a part of its pods has not started yet. */
function starting(facts: ClusterFacts, one: Workload, index: number): Workload {
  if (facts.extension?.state !== "installing" || index % 2 === 0) return one;
  return { ...one, state: { is: "waiting", reason: "ContainerCreating" } };
}

/** Support asks for its log (extension 6), so it stays. That it has completed by then is a guess. */
function healthcheck({ facts, reports }: Plan): Workload {
  const before = [
    ...(reports.get("reports-pre-install") ?? []),
    ...(reports.get("reports-pre-upgrade") ?? []),
  ];
  const exitCode = before.some(({ failure }) => failure) ? 1 : 0;
  return workload({
    kind: "Pod",
    namespace: EXTENSION_NAMESPACE,
    name: "healthcheck",
    cpu: 10,
    createdAt: facts.extension?.createdAt ?? facts.since,
    tolerates: ["*"],
    state: { is: "completed", exitCode },
  });
}

/** The secret that `sslSecret` names (extension 2a). */
function tlsSecret(world: World, facts: ClusterFacts): JsonObject[] {
  const held = heldData(world, facts);
  if (!held) return [];
  const { name, data } = held;
  const metadata = { name, namespace: EXTENSION_NAMESPACE, creationTimestamp: zulu(facts.since) };
  return [{ apiVersion: "v1", kind: "Secret", type: "Opaque", metadata, data }];
}

function eventObject(facts: ClusterFacts, event: PlannedEvent): JsonObject {
  const { namespace, kind, name, type, reason, message, count, component } = event;
  const id = createHash("sha256").update(`${kind} ${name} ${reason}`).digest("hex").slice(0, 16);
  const apiVersion = kind === "Pod" || kind === "Service" ? "v1" : "apps/v1";
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name}.${id}`, namespace, creationTimestamp: zulu(facts.since) },
    involvedObject: { kind, namespace, name, apiVersion },
    type,
    reason,
    message,
    count,
    firstTimestamp: zulu(facts.since),
    lastTimestamp: zulu(Math.max(facts.since, facts.eventsAt)),
    eventTime: null,
    source: { component },
    reportingComponent: component,
    reportingInstance: "",
  };
}
