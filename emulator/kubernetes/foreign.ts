import type { JsonObject } from "../json.ts";
import { type Plan, type PlannedNode, type Workload, workload, zulu } from "./plan.ts";

/** What others have put into a cluster: operators, workloads, and what an earlier Azure ML left. */

export function foreignDeployments(plan: Plan, namespace: string, names: readonly string[]): void {
  plan.namespaces.set(namespace, { phase: "Active", held: [] });
  plan.workloads.push(...names.map((name) => foreign(plan, { kind: "Deployment", namespace, name })));
}

export function foreignDaemonSet(plan: Plan, namespace: string, name: string): void {
  plan.workloads.push(foreign(plan, { kind: "DaemonSet", namespace, name }));
}

function foreign(
  plan: Plan,
  given: Pick<Workload, "kind" | "namespace" | "name"> & Partial<Workload>,
): Workload {
  return workload({ createdAt: plan.facts.since, tolerates: ["*"], ...given, labels: { app: given.name } });
}

/** Somebody's work that fills the nodes; it was there first, so it is placed first. */
export function hog(plan: Plan, takes: (node: PlannedNode) => { cpu: number; memory: number }): void {
  const namespace = "team-batch";
  plan.namespaces.set(namespace, { phase: "Active", held: [] });
  const linux = plan.nodes.filter(({ windows }) => !windows);
  for (const [index, node] of linux.entries()) {
    const hostname = node.labels["kubernetes.io/hostname"] ?? node.name;
    const name = `cruncher-${index}`;
    const nodeSelector = { "kubernetes.io/hostname": hostname };
    plan.workloads.unshift(
      foreign(plan, { kind: "Deployment", namespace, name, nodeSelector, ...takes(node) }),
    );
  }
}

/** The eight objects that Azure ML's legacy router leaves in namespace `default` (extension 8). */
export function legacyRouter(plan: Plan, data: JsonObject): void {
  const inDefault = (apiVersion: string, kind: string, name: string, rest: JsonObject = {}): JsonObject => ({
    apiVersion,
    kind,
    metadata: { name, namespace: "default", creationTimestamp: zulu(plan.facts.since) },
    ...rest,
  });
  const port = { name: "http", port: 80, targetPort: 5001, protocol: "TCP" };
  const selector = { app: "azureml-fe" };
  plan.workloads.push(
    foreign(plan, { kind: "Deployment", namespace: "default", name: "azureml-fe", replicas: 1, cpu: 100 }),
  );
  plan.objects.push(
    inDefault("v1", "ServiceAccount", "azureml-fe"),
    inDefault("v1", "Service", "azureml-fe", {
      spec: { type: "LoadBalancer", clusterIP: "10.0.77.1", selector, ports: [{ ...port, nodePort: 31081 }] },
      status: { loadBalancer: { ingress: [{ ip: "20.50.1.77" }] } },
    }),
    inDefault("v1", "Service", "azureml-fe-int-http", {
      spec: { type: "ClusterIP", clusterIP: "10.0.77.2", selector, ports: [port] },
      status: { loadBalancer: {} },
    }),
    inDefault("v1", "Secret", "azuremlfessl", { type: "Opaque", data }),
    inDefault("v1", "ConfigMap", "azuremlfeconfig", { data: { "config.json": "{}" } }),
  );
  legacyRouterRole(plan);
}

export function legacyRouterRole(plan: Plan): void {
  const creationTimestamp = zulu(plan.facts.since);
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "azureml-fe-role" };
  const subjects = [{ kind: "ServiceAccount", name: "azureml-fe", namespace: "default" }];
  plan.objects.push(
    { apiVersion, kind: "ClusterRole", metadata: { name: "azureml-fe-role", creationTimestamp }, rules: [] },
    {
      apiVersion,
      kind: "ClusterRoleBinding",
      metadata: { name: "azureml-fe-binding", creationTimestamp },
      roleRef,
      subjects,
    },
  );
}
