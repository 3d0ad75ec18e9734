import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { type BreakageKind, breakageTable } from "../../emulator/index.ts";
import { type JsonObject, objectAt, textAt, valueAt } from "../../emulator/json.ts";
import { APPS, AZUREML, clusterTalk, nameOf } from "./kubernetes-talk.ts";

type Talk = ReturnType<typeof clusterTalk>;

function broken(kind: BreakageKind, which: "aks" | "arc" = "aks", before?: (one: Talk) => void): Talk {
  const one = clusterTalk(which);
  before?.(one);
  one.world.breakCluster(one.clusterId, kind);
  return one;
}

const extensionOf = ({ world, clusterId }: Talk) =>
  objectAt(
    world.store.get(`${clusterId}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`)?.body,
    "properties",
  );
const reports = async ({ ask }: Talk) => {
  const map = (await ask("GET", `${AZUREML}/configmaps/arcml-healthcheck`)).body as JsonObject;
  return objectAt(map, "data") as Record<string, string>;
};
const messages = async ({ items }: Talk) =>
  (await items(`${AZUREML}/events?fieldSelector=type%3DWarning`)).map(
    (event) => `${event["reason"]}: ${event["message"]}`,
  );
/** Pods of the extension that are not ready, with what each waits for or ended with. */
const ailing = async ({ items }: Talk) =>
  (await items(`${AZUREML}/pods`)).flatMap((pod) => {
    const [status] = (valueAt(pod, "status", "containerStatuses") ?? []) as JsonObject[];
    if (status?.["ready"] === true || textAt(pod, "status", "phase") === "Succeeded") return [];
    const waiting = textAt(status, "state", "waiting", "reason") ?? textAt(pod, "status", "phase");
    const last = textAt(status, "lastState", "terminated", "reason");
    return [[nameOf(pod), waiting, last].filter(Boolean).join(" ")];
  });

const KINDS = Object.keys(breakageTable) as BreakageKind[];
const CODES = KINDS.filter((kind) => /^E\d+$/.test(kind));

describe("codes of the health report (extension 6)", () => {
  test.each(CODES)("%s is told in the report", async (code) => {
    const one = broken(code);
    const { failsInstall, report } = breakageTable[code];
    const told = await reports(one);
    const key = failsInstall ? "reports-pre-install" : "reports-test";
    expect(told[key]).toContain(
      `Status: Failed Name: ${report?.check} ErrorCode: ${code} ErrorMessage: ${report?.message}\n`,
    );
    expect(told[key]).toContain("TroubleShootingGuide: https://aka.ms/arcmltsg\n");
    expect(extensionOf(one)["provisioningState"]).toBe(failsInstall ? "Failed" : "Succeeded");
  });

  test("what blocks has been taken away again; report, events and the check's pod stay", async () => {
    const one = broken("E40001");
    expect(extensionOf(one)).toMatchObject({
      provisioningState: "Failed",
      currentVersion: null,
      errorInfo: {
        code: "InstallationFailed",
        message: expect.stringContaining(
          "uninstalled due to atomic being set: failed pre-install: pod healthcheck failed",
        ),
      },
      statuses: [{ level: "Error", message: expect.stringContaining("Helm installation failed") }],
    });
    expect(await one.names(`${APPS}/deployments`)).toEqual([]);
    expect(await one.items(`${AZUREML}/services`)).toEqual([]);
    expect(await ailing(one)).toEqual(["healthcheck Failed"]);
    expect(Object.keys(await reports(one))).toEqual(["reports-pre-install", "reports-pre-delete"]);
  });

  test("a healthy cluster has nothing to tell", async () => {
    for (const which of ["aks", "arc"] as const) {
      const one = clusterTalk(which);
      expect(await ailing(one)).toEqual([]);
      expect(await messages(one)).toEqual([]);
      for (const text of Object.values(await reports(one))) expect(text).not.toContain("Failed");
    }
  });
});

describe("what pods and events show (K2, extension 11)", () => {
  test.each<[BreakageKind, RegExp, RegExp | undefined]>([
    ["image-pull", /^aml-operator-\S+ ImagePullBackOff$/, /^Failed: Failed to pull image .*403 Forbidden$/],
    [
      "crash-loop",
      /^inference-operator-\S+ CrashLoopBackOff Error$/,
      /^BackOff: Back-off restarting failed container/,
    ],
    ["out-of-memory", /^azureml-ingress-nginx-controller-\S+ CrashLoopBackOff OOMKilled$/, undefined],
    [
      "insufficient-cpu",
      /^azureml-fe-v2-\S+ Pending$/,
      /^FailedScheduling: 0\/3 nodes are available: 3 Insufficient cpu\. preemption: 0\/3/,
    ],
    ["insufficient-memory", /^azureml-fe-v2-\S+ Pending$/, /3 Insufficient memory\./],
    ["untolerated-taint", /Pending$/, /3 node\(s\) had untolerated taint \{dedicated: gpu\}/],
    [
      "daemonset-unschedulable",
      /^fluent-bit-\S+ Pending$/,
      /0\/4 nodes are available: 1 Insufficient cpu, 3 node\(s\) didn't satisfy plugin\(s\) \[NodeAffinity\]/,
    ],
    ["windows-node-picked", /^gateway-\S+ ImagePullBackOff$/, /no match for platform in manifest/],
    [
      "tls-secret-missing",
      /^azureml-fe-v2-\S+ ContainerCreating$/,
      /^FailedMount: .*secret "azureml-tls" not found$/,
    ],
    [
      "nodes-not-ready",
      /^(azureml-fe-v2-\S+ Pending|fluent-bit-\S+ Running)$/,
      /untolerated taint \{node\.kubernetes\.io\/unreachable: \}/,
    ],
    ["E45001", /^metrics-controller-manager-\S+ CrashLoopBackOff Error$/, undefined],
    ["E45003", /ImagePullBackOff$/, /i\/o timeout$/],
  ])("%s", async (kind, pod, event) => {
    const one = broken(kind);
    const sick = await ailing(one);
    expect(sick.length).toBeGreaterThan(0);
    for (const line of sick) expect(line).toMatch(pod);
    if (event) expect((await messages(one)).join("\n")).toMatch(new RegExp(event.source, "m"));
  });

  test("another workload can be named", async () => {
    const one = clusterTalk();
    one.world.breakCluster(one.clusterId, "out-of-memory", { workload: "gateway" });
    expect(await ailing(one)).toEqual([expect.stringMatching(/^gateway-\S+ CrashLoopBackOff OOMKilled$/)]);
  });

  test("an unschedulable pod says so itself", async () => {
    const one = broken("insufficient-cpu");
    const [pod] = await one.items(`${AZUREML}/pods?fieldSelector=status.phase%3DPending`);
    expect(valueAt(pod, "status", "conditions")).toMatchObject([
      {
        type: "PodScheduled",
        status: "False",
        reason: "Unschedulable",
        message: expect.stringContaining("Insufficient cpu"),
      },
    ]);
  });

  test("who takes the room can be seen", async () => {
    expect(await broken("insufficient-cpu").names("/api/v1/namespaces/team-batch/pods")).toHaveLength(3);
  });

  test("the router's deployment counts what is ready", async () => {
    const { body } = await broken("nodes-not-ready").ask("GET", `${APPS}/deployments/azureml-fe-v2`);
    expect(body).toMatchObject({
      spec: { replicas: 3 },
      status: { readyReplicas: 1, unavailableReplicas: 2 },
    });
  });

  test("the Relay's pod on Arc", async () => {
    expect(await ailing(broken("relay-pod-down", "arc"))).toEqual([
      expect.stringMatching(/^relayserver-\S+ CrashLoopBackOff/),
    ]);
  });
});

describe("what is not there, or not whole", () => {
  test("a workload", async () => {
    expect(await broken("workload-missing").names(`${APPS}/deployments`)).not.toContain("gateway");
  });

  test("the router's service", async () => {
    expect(await broken("router-service-missing").names(`${AZUREML}/services`)).not.toContain("azureml-fe");
  });

  test("an address for it", async () => {
    const one = broken("load-balancer-pending");
    const { body } = await one.ask("GET", `${AZUREML}/services/azureml-fe`);
    expect(valueAt(body, "status", "loadBalancer", "ingress")).toBeUndefined();
    expect((await messages(one)).join()).toContain("SyncLoadBalancerFailed: Error syncing load balancer");
  });

  test("pods of the ingress, and nobody behind its service", async () => {
    const one = broken("ingress-without-pods");
    expect(await one.items(`${AZUREML}/pods?labelSelector=app%3Dazureml-ingress-nginx-controller`)).toEqual(
      [],
    );
    expect((await messages(one)).join()).toContain("FailedCreate: Error creating: pods");
    const { body } = await one.ask("GET", `${AZUREML}/endpoints/azureml-ingress-nginx-controller-admission`);
    expect(body).not.toHaveProperty("subsets");
  });

  test("endpoints of the webhook at the first installation (AML-Kubernetes#297)", async () => {
    const one = broken("webhook-without-endpoints");
    expect(textAt(extensionOf(one), "errorInfo", "message")).toContain("no endpoints available for service");
    const hooks = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
    expect(await one.names(hooks)).toEqual(["azureml-ingress-nginx-admission"]);
  });

  test("keys that only the CLI knows of (terraform-provider-azurerm#24547)", async () => {
    const settings = objectAt(extensionOf(broken("missing-derived-keys")), "configurationSettings");
    expect(settings).not.toHaveProperty("cluster_name");
    expect(settings).not.toHaveProperty(["nginxIngress.enabled"]);
  });
});

describe("TLS (extension 8)", () => {
  async function held(kind: BreakageKind) {
    const one = broken(kind);
    const { body } = await one.ask("GET", `${AZUREML}/secrets/azureml-tls`);
    const text = (key: string) => Buffer.from(String(valueAt(body, "data", key)), "base64").toString("utf8");
    return { one, certificate: new X509Certificate(text("cert.pem")), key: text("key.pem") };
  }

  test("settings ask for it where they did not", async () => {
    const { one } = await held("tls-secret-expired");
    expect(objectAt(extensionOf(one), "configurationSettings")).toMatchObject({
      sslSecret: "azureml-tls",
      "scoringFe.sslSecret": "azureml-tls",
      allowInsecureConnections: "False",
    });
  });

  test("no secret", async () => {
    expect((await broken("tls-secret-missing").ask("GET", `${AZUREML}/secrets/azureml-tls`)).status).toBe(
      404,
    );
  });

  test("expired", async () => {
    const { certificate, one } = await held("tls-secret-expired");
    expect(Date.parse(certificate.validTo)).toBeLessThan(one.world.clock.now());
  });

  test("for another name", async () => {
    const { certificate } = await held("tls-secret-wrong-name");
    expect(certificate.checkHost("ml.example.com")).toBeUndefined();
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
  });

  test("with another key", async () => {
    const { createPrivateKey } = await import("node:crypto");
    const { certificate, key } = await held("tls-secret-key-mismatch");
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(false);
    const good = await held("tls-served-other");
    expect(good.certificate.checkPrivateKey(createPrivateKey(good.key))).toBe(true);
  });
});

describe("around the extension", () => {
  test.each<[BreakageKind, string, string[]]>([
    [
      "volcano-of-others",
      "/apis/apps/v1/namespaces/volcano-system/deployments",
      ["volcano-admission", "volcano-controllers", "volcano-scheduler"],
    ],
    [
      "prometheus-operator-of-others",
      "/apis/apps/v1/namespaces/monitoring/deployments",
      ["prometheus-operator"],
    ],
    ["E45002", "/apis/apps/v1/namespaces/monitoring/deployments", ["prometheus-operator"]],
  ])("%s", async (kind, path, names) => {
    expect(await broken(kind).names(path)).toEqual(names);
  });

  test("somebody's device plugin fails an installation that brings one (X6)", async () => {
    const plugins = "/apis/apps/v1/namespaces/kube-system/daemonsets";
    const without = broken("nvidia-plugin-of-others");
    expect(await without.names(plugins)).toContain("nvidia-device-plugin-daemonset");
    expect(extensionOf(without)["provisioningState"]).toBe("Succeeded");
    const own = broken("nvidia-plugin-of-others", "aks", (one) => {
      objectAt(extensionOf(one), "configurationSettings")["installNvidiaDevicePlugin"] = "True";
    });
    expect(extensionOf(own)["provisioningState"]).toBe("Failed");
  });

  test("a legacy router is let be where the settings say so (extension 8)", async () => {
    const beside = broken("legacy-router", "aks", (one) => {
      objectAt(extensionOf(one), "configurationSettings")["scoringFe.enableUpgrade"] = "true";
    });
    expect(extensionOf(beside)["provisioningState"]).toBe("Succeeded");
    expect(extensionOf(broken("legacy-router"))["provisioningState"]).toBe("Failed");
  });

  test("the namespace is stuck on its way out, with the reasons", async () => {
    const one = broken("namespace-terminating");
    expect((await one.ask("GET", "/api/v1/namespaces/azureml")).body).toMatchObject({
      metadata: { deletionTimestamp: expect.any(String) },
      status: {
        phase: "Terminating",
        conditions: [{ type: "NamespaceContentRemaining" }, { type: "NamespaceFinalizersRemaining" }],
      },
    });
    expect(textAt(extensionOf(one), "errorInfo", "message")).toContain("because it is being terminated");
  });

  test("a role of somebody else stands in the way (AML-Kubernetes#162)", async () => {
    const one = broken("ownership-conflict");
    const { body } = await one.ask(
      "GET",
      "/apis/rbac.authorization.k8s.io/v1/clusterroles/azureml-ingress-nginx",
    );
    expect(objectAt(body as JsonObject, "metadata")).not.toHaveProperty("annotations");
    expect(textAt(extensionOf(one), "errorInfo", "message")).toContain("invalid ownership metadata");
  });

  test("Helm waits for itself, and what runs runs on", async () => {
    const one = broken("helm-pending");
    const secrets = await one.items(`${AZUREML}/secrets?fieldSelector=type%3Dhelm.sh%2Frelease.v1`);
    expect(secrets.map((one) => objectAt(one, "metadata", "labels")["status"])).toEqual([
      "deployed",
      "pending-upgrade",
    ]);
    expect(await one.names(`${APPS}/deployments`)).toContain("gateway");
    expect(extensionOf(one)).toMatchObject({ provisioningState: "Failed", currentVersion: "1.1.84" });
  });

  test("OpenShift without grants makes no pods (X8)", async () => {
    const one = broken("openshift-without-scc", "arc", ({ world, clusterId }) => {
      objectAt(world.store.get(clusterId)?.body, "properties")["distribution"] = "openshift";
    });
    const path = "/apis/security.openshift.io/v1/securitycontextconstraints/privileged";
    expect(((await one.ask("GET", path)).body as { users: string[] }).users.join()).not.toContain(
      ":azureml:",
    );
    expect((await messages(one)).join()).toContain(
      "unable to validate against any security context constraint",
    );
  });

  test("too few nodes for HA", async () => {
    const nodes = await broken("E40002").items("/api/v1/nodes");
    expect(nodes.filter((node) => valueAt(node, "spec", "taints") !== undefined)).toHaveLength(1);
  });
});

test.each(KINDS)(
  "%s changes something that can be seen, and breaks no cluster without extension",
  async (kind) => {
    const seen = async (one: Talk) => {
      const { world, clusterId } = one;
      await world.clusters.prepare();
      const extension = world.store.list("Microsoft.KubernetesConfiguration/extensions", clusterId);
      const objects = [
        "Namespace",
        "Node",
        "Pod",
        "Event",
        "Service",
        "Secret",
        "ConfigMap",
        "Deployment",
        "DaemonSet",
      ];
      const more = ["ClusterRole", "SecurityContextConstraints"];
      const { kubernetes } = { kubernetes: world.kubernetes(clusterId) };
      return JSON.stringify([
        extension,
        [...objects, ...more].map((name) =>
          kubernetes.all(name).map((one) => ({ ...one, metadata: nameOf(one) })),
        ),
      ]);
    };
    const prepared = (withExtension: boolean) => {
      const one = clusterTalk("arc");
      objectAt(one.world.store.get(one.clusterId)?.body, "properties")["distribution"] = "openshift";
      one.world.addCompute(one.ids.workspace, {
        name: "gpu",
        properties: { resourceId: one.clusterId, properties: { namespace: "ml" } },
      });
      if (!withExtension)
        one.world.store.delete(
          `${one.clusterId}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`,
        );
      return one;
    };
    const one = prepared(true);
    objectAt(extensionOf(one), "configurationSettings")["nginxIngress.enabled"] = "true";
    const before = await seen(one);
    one.world.breakCluster(one.clusterId, kind);
    const differs = (await seen(one)) !== before;
    // What the router serves can't be seen in the cluster: kubernetes-served.test.ts asks the router itself.
    expect(differs).toBe(true);
    const bare = prepared(false);
    bare.world.breakCluster(bare.clusterId, kind);
    expect(await bare.items(`${AZUREML}/pods`)).toEqual([]);
  },
);
