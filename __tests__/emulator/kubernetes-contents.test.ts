import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { type JsonObject, objectAt, textAt, valueAt } from "../../emulator/json.ts";
import { APPS, AZUREML, clusterTalk, nameOf } from "./kubernetes-talk.ts";
import { API, talk } from "./talk.ts";

type Talk = ReturnType<typeof clusterTalk>;

/** A cluster whose extension has these settings besides the seeded ones, and this version. */
function withSettings(
  settings: JsonObject,
  version = "1.1.84",
  which: "aks" | "arc" = "aks",
  name = "azureml",
): Talk {
  const one = clusterTalk(which);
  const extensions = `${one.clusterId}/providers/Microsoft.KubernetesConfiguration/extensions`;
  one.world.store.delete(`${extensions}/azureml`);
  one.world.addExtension(one.clusterId, {
    name,
    properties: { currentVersion: version, configurationSettings: settings },
  });
  return one;
}

const sorted = (...names: string[]) => names.sort();
const deployments = async ({ names }: Talk) => (await names(`${APPS}/deployments`)).sort();
const daemonSets = async ({ names }: Talk) => (await names(`${APPS}/daemonsets`)).sort();
const statefulSets = ({ names }: Talk) => names(`${APPS}/statefulsets`);
const get = async ({ ask }: Talk, path: string) => (await ask("GET", path)).body as JsonObject;

const BOTH = [
  "gateway",
  "metrics-controller-manager",
  "{ext}-kube-state-metrics",
  "{ext}-prometheus-operator",
];
const TRAINING = ["aml-operator", "volcano-admission", "volcano-controllers", "volcano-scheduler"];
const INFERENCE = [
  "inference-operator-controller-manager",
  "amlarc-identity-controller",
  "amlarc-identity-proxy",
  "azureml-fe-v2",
];
const INGRESS = ["azureml-ingress-nginx-controller"];
const RELAY = ["relayserver"];
const expected = (ext: string, ...groups: string[][]) =>
  sorted(...groups.flat().map((name) => name.replace("{ext}", ext)));

describe("today's generation (K3, extension 5a)", () => {
  const training = { enableTraining: "True", enableInference: "False" };
  const inference = { enableTraining: "False", enableInference: "True" };
  const both = { enableTraining: "True", enableInference: "True" };

  test.each([
    ["training on AKS", training, "aks", [TRAINING]],
    ["inference on AKS", inference, "aks", [INFERENCE, INGRESS]],
    ["both on AKS", both, "aks", [TRAINING, INFERENCE, INGRESS]],
    ["training on Arc", training, "arc", [TRAINING, RELAY]],
    ["inference on Arc", inference, "arc", [INFERENCE, RELAY]],
    ["both on Arc", both, "arc", [TRAINING, INFERENCE, RELAY]],
    ["without Volcano", { ...training, installVolcano: "False" }, "aks", [["aml-operator"]]],
    [
      "without Volcano, by its old name",
      { ...training, "volcanoScheduler.enable": "false" },
      "aks",
      [["aml-operator"]],
    ],
    ["without ingress", { ...inference, "nginxIngress.enabled": "false" }, "aks", [INFERENCE]],
  ] as const)("%s", async (_what, settings, which, groups) => {
    const one = withSettings(settings, "1.1.84", which, "ml");
    expect(await deployments(one)).toEqual(expected("ml", BOTH, ...groups.map((group) => [...group])));
    expect(await statefulSets(one)).toEqual(["prometheus-prom-prometheus"]);
    expect(await daemonSets(one)).toEqual(["fluent-bit"]);
  });

  test("an operator of somebody else is reused", async () => {
    const one = withSettings({ ...training, installPromOp: "false" });
    expect(await deployments(one)).not.toContain("azureml-prometheus-operator");
  });

  test("what is optional comes when asked for", async () => {
    const one = withSettings({ installNvidiaDevicePlugin: "TRUE", installDcgmExporter: "true" });
    expect(await daemonSets(one)).toEqual([
      "azureml-dcgm-exporter",
      "fluent-bit",
      "nvidia-device-plugin-daemonset",
    ]);
    one.world.kubernetes(one.clusterId).knobs.fluentBit = "sidecar";
    expect(await daemonSets(one)).not.toContain("fluent-bit");
  });

  test("the router has three replicas, or one", async () => {
    const replicas = async (settings: JsonObject) =>
      valueAt(
        await get(withSettings(settings), `${APPS}/deployments/azureml-fe-v2`),
        "status",
        "readyReplicas",
      );
    expect(await replicas({})).toBe(3);
    expect(await replicas({ inferenceRouterHA: "False" })).toBe(1);
    expect(await replicas({ inferenceLoadBalancerHA: "false" })).toBe(1);
  });

  test("requests are those of the table", async () => {
    const one = clusterTalk();
    const asks = async (app: string) => {
      const [pod = {}] = await one.items(`${AZUREML}/pods?labelSelector=app%3D${app}`);
      const [container] = valueAt(pod, "spec", "containers") as JsonObject[];
      return valueAt(container, "resources", "requests");
    };
    expect(await asks("azureml-fe-v2")).toEqual({ cpu: "900m", memory: "800Mi" });
    expect(await asks("gateway")).toEqual({ cpu: "50m", memory: "256Mi" });
  });

  test("a pod belongs to a replica set, and that to its deployment", async () => {
    const one = clusterTalk();
    const [pod = {}] = await one.items(`${AZUREML}/pods?labelSelector=azuremlappname%3Dazureml-fe`);
    const [owner] = objectAt(pod, "metadata")["ownerReferences"] as JsonObject[];
    const set = await get(one, `${APPS}/replicasets/${String(owner?.["name"])}`);
    expect(textAt(set, "metadata", "uid")).toBe(owner?.["uid"]);
    expect(objectAt(set, "metadata")["ownerReferences"]).toMatchObject([
      { kind: "Deployment", name: "azureml-fe-v2" },
    ]);
    expect(textAt(pod, "spec", "nodeName")).toMatch(/^aks-nodepool1-/);
  });
});

describe("the generation of 2021 (extension 5b)", () => {
  const old = "1.0.51";
  const common = [
    "relayserver",
    "gateway",
    "cluster-status-reporter",
    "metrics-controller-manager",
    "{ext}-kube-state-metrics",
    "{ext}-prometheus-operator",
  ];

  test("both workloads, the Relay on AKS as well", async () => {
    const one = withSettings({}, old);
    const named = ["aml-operator", "nfd-master", "csi-blob-controller"];
    const serving = ["azureml-fe", ...INFERENCE.filter((name) => name !== "azureml-fe-v2")];
    expect(await deployments(one)).toEqual(expected("azureml", common, named, serving));
    expect(await daemonSets(one)).toEqual([
      "csi-blob-node",
      "fluent-bit",
      "k8s-host-device-plugin-daemonset",
      "nfd-worker",
    ]);
    expect(await statefulSets(one)).toEqual(["frameworkcontroller", "prometheus-prom-prometheus"]);
  });

  test("inference alone", async () => {
    const one = withSettings({ enableTraining: "false" }, old);
    expect(await daemonSets(one)).toEqual(["fluent-bit", "k8s-host-device-plugin-daemonset"]);
    expect(await statefulSets(one)).toEqual(["prometheus-prom-prometheus"]);
  });

  test("its legacy settings are understood (extension 2b)", async () => {
    const type = async (settings: JsonObject) =>
      get(withSettings(settings, old), `${AZUREML}/services/azureml-fe`);
    expect(await type({ privateEndpointNodeport: "true" })).toMatchObject({ spec: { type: "NodePort" } });
    expect(await type({ privateEndpointILB: "true" })).toMatchObject({
      metadata: { annotations: { "service.beta.kubernetes.io/azure-load-balancer-internal": "true" } },
    });
  });

  test("the health report had another name", async () => {
    const one = withSettings({}, old);
    expect(await one.names(`${AZUREML}/configmaps`)).toContain("amlarc-healthcheck");
    const map = await get(one, `${AZUREML}/configmaps/amlarc-healthcheck`);
    expect(Object.keys(objectAt(map, "data"))).toContain("reports-test-success");
  });

  test.each([
    ["1.0.58", "azureml-fe"],
    ["1.0.88", "azureml-fe"],
    ["1.1.4", "azureml-fe"],
    ["1.1.5", "azureml-fe-v2"],
    ["1.2.0", "azureml-fe-v2"],
    ["2.0.0", "azureml-fe-v2"],
  ])("%s has the router %s", async (version, router) => {
    expect(await deployments(withSettings({}, version))).toContain(router);
  });
});

describe("the router's service", () => {
  test.each([
    ["LoadBalancer", { type: "LoadBalancer" }],
    ["nodeport", { type: "NodePort" }],
    ["ClusterIP", { type: "ClusterIP" }],
  ])("%s", async (inferenceRouterServiceType, spec) => {
    const service = await get(withSettings({ inferenceRouterServiceType }), `${AZUREML}/services/azureml-fe`);
    expect(service["spec"]).toMatchObject(spec);
    const ingress = valueAt(service, "status", "loadBalancer", "ingress");
    expect(ingress).toEqual(spec.type === "LoadBalancer" ? [{ ip: "20.50.1.10" }] : undefined);
  });

  test("an internal load balancer has a private address", async () => {
    const one = withSettings({ internalLoadBalancerProvider: "azure" });
    const service = await get(one, `${AZUREML}/services/azureml-fe`);
    expect(valueAt(service, "status", "loadBalancer", "ingress")).toEqual([{ ip: "10.224.0.99" }]);
  });

  test("a secret of the cluster holds a certificate for the name, with its key (extension 2a)", async () => {
    const one = withSettings({
      sslSecret: "tls",
      sslCname: "ml.contoso.com",
      allowInsecureConnections: "False",
    });
    const service = await get(one, `${AZUREML}/services/azureml-fe`);
    expect(valueAt(service, "spec", "ports")).toMatchObject([{ name: "https", port: 443 }]);
    const secret = await get(one, `${AZUREML}/secrets/tls`);
    const pem = Buffer.from(String(valueAt(secret, "data", "cert.pem")), "base64").toString("utf8");
    expect(new X509Certificate(pem).checkHost("ml.contoso.com")).toBe("ml.contoso.com");
    // extension 8: the full chain, server first.
    expect(pem.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });
});

describe("nodes", () => {
  test("follow the pools of an AKS cluster", async () => {
    const one = clusterTalk();
    objectAt(one.world.store.get(one.clusterId)?.body, "properties")["agentPoolProfiles"] = [
      { name: "system", count: 1, vmSize: "Standard_D4s_v3", osType: "Linux", nodeLabels: { purpose: "ml" } },
      {
        name: "gpu",
        count: 2,
        vmSize: "Standard_NC6s_v3",
        osType: "Linux",
        nodeTaints: ["sku=gpu:NoSchedule"],
      },
      { name: "win", count: 1, vmSize: "Standard_D2s_v3", osType: "Windows" },
    ];
    const nodes = await one.items("/api/v1/nodes");
    expect(nodes.map(nameOf)).toHaveLength(4);
    const by = (text: string) => nodes.find((node) => nameOf(node).includes(text)) ?? {};
    expect(by("system")).toMatchObject({
      metadata: { labels: { purpose: "ml", agentpool: "system" } },
      status: { capacity: { cpu: "4", memory: "16777216Ki" }, allocatable: { cpu: "3860m" } },
    });
    expect(by("gpu")).toMatchObject({
      spec: { taints: [{ key: "sku", value: "gpu", effect: "NoSchedule" }] },
      status: { capacity: { "nvidia.com/gpu": "1" } },
    });
    expect(by("akswin")).toMatchObject({ status: { nodeInfo: { operatingSystem: "windows" } } });
    const hosts = (await one.items(`${AZUREML}/pods`)).map((pod) => textAt(pod, "spec", "nodeName"));
    expect(hosts.some((host) => host?.includes("win"))).toBe(false);
  });

  test("follow the count of an Arc cluster", async () => {
    const one = clusterTalk("arc");
    objectAt(one.world.store.get(one.clusterId)?.body, "properties")["totalNodeCount"] = 5;
    expect(await one.items("/api/v1/nodes")).toHaveLength(5);
  });

  test("pods go where the node selector lets them", async () => {
    const one = withSettings({ "nodeSelector.agentpool": "nodepool1" });
    expect((await one.items(`${AZUREML}/events`)).length).toBe(0);
    const astray = withSettings({ "nodeSelector.Purpose": "ml" });
    const events = await astray.items(`${AZUREML}/events`);
    expect(events[0]?.["message"]).toBe(
      "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
    );
  });
});

describe("OpenShift (X8)", () => {
  test("has the grants that the extension needs, under its name", async () => {
    const one = withSettings({}, "1.1.84", "arc", "ml");
    const path = "/apis/security.openshift.io/v1/securitycontextconstraints/privileged";
    expect((await one.ask("GET", path)).status).toBe(404);
    objectAt(one.world.store.get(one.clusterId)?.body, "properties")["distribution"] = "openshift";
    const { users } = (await get(one, path)) as { users: string[] };
    expect(users).toContain("system:serviceaccount:azureml:ml-kube-state-metrics");
    expect(users).toContain("system:serviceaccount:azure-arc:azure-arc-kube-aad-proxy-sa");
    one.world.kubernetes(one.clusterId).knobs.grantedBy = "rolebinding";
    expect(((await get(one, path)) as { users: string[] }).users.join()).not.toContain(":azureml:");
    const bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/azureml/rolebindings";
    const [binding = {}] = await one.items(bindings);
    expect(nameOf(binding)).toBe("system:openshift:scc:privileged");
    expect(binding["subjects"]).toContainEqual({
      kind: "ServiceAccount",
      name: "azureml-fe-v2",
      namespace: "azureml",
    });
  });
});

describe("the extension's way through life", () => {
  const id = (clusterId: string) =>
    `${clusterId}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`;

  test("none: no namespace", async () => {
    const one = clusterTalk();
    one.world.store.delete(id(one.clusterId));
    expect(await one.names("/api/v1/namespaces")).not.toContain("azureml");
    expect(await one.items(`${AZUREML}/pods`)).toEqual([]);
  });

  test("written, installed, deleted: the cluster follows in time", async () => {
    const given = talk();
    const one = clusterTalk("aks", given);
    const url = id(one.clusterId);
    given.world.store.delete(url);
    const properties = {
      extensionType: "Microsoft.AzureML.Kubernetes",
      scope: { cluster: { releaseNamespace: "azureml" } },
      configurationSettings: {
        enableTraining: "True",
        "nginxIngress.enabled": "true",
        "relayserver.enabled": "false",
      },
    };
    await given.arm("PUT", url, { api: API.extensions, body: { properties } });
    const phases = async () => {
      const pods = await one.items(`${AZUREML}/pods?fieldSelector=metadata.name!%3Dhealthcheck`);
      return [...new Set(pods.map((pod) => textAt(pod, "status", "phase")))].sort();
    };
    expect(await phases()).toEqual(["Pending", "Running"]);
    given.world.clock.advance(60_000);
    expect(await phases()).toEqual(["Running"]);
    await given.arm("DELETE", url, { api: API.extensions });
    expect(await phases()).toEqual(["Running"]);
    given.world.clock.advance(given.world.knobs.extensionSeconds.delete * 1000);
    expect(await get(one, "/api/v1/namespaces/azureml")).toMatchObject({ status: { phase: "Terminating" } });
    given.world.clock.advance(3_600_000);
    expect((await one.ask("GET", "/api/v1/namespaces/azureml")).status).toBe(404);
  });

  test("a failed upgrade is rolled back: the old one runs on (extension 3)", async () => {
    const one = withSettings({}, "1.1.44");
    Object.assign(objectAt(one.world.store.get(id(one.clusterId))?.body, "properties"), {
      provisioningState: "Failed",
    });
    expect(await deployments(one)).toContain("gateway");
    const map = await get(one, `${AZUREML}/configmaps/arcml-healthcheck`);
    expect(Object.keys(objectAt(map, "data"))).toEqual(["reports-pre-upgrade", "reports-pre-rollback"]);
  });

  test("namespaces of attached computes are there", async () => {
    const one = clusterTalk();
    const seed = {
      name: "gpu",
      properties: { resourceId: one.clusterId, properties: { namespace: "team-ml" } },
    };
    one.world.addCompute(one.ids.workspace, seed);
    expect(await one.names("/api/v1/namespaces")).toContain("team-ml");
    one.world.breakCluster(one.clusterId, "compute-namespace-missing");
    expect(await one.names("/api/v1/namespaces")).not.toContain("team-ml");
  });

  test("what a client wrote stays while the rest changes", async () => {
    const one = clusterTalk();
    await one.ask("POST", `${AZUREML}/configmaps`, { body: { metadata: { name: "mine" } } });
    one.world.breakCluster(one.clusterId, "crash-loop");
    expect(await one.names(`${AZUREML}/configmaps`)).toContain("mine");
    one.world.store.delete(id(one.clusterId));
    expect(await one.names(`${AZUREML}/configmaps`)).toEqual([]);
  });

  test("only what has changed gets a new version", async () => {
    const one = clusterTalk();
    const version = async (path: string) => textAt(await get(one, path), "metadata", "resourceVersion");
    const gateway = await version(`${APPS}/deployments/gateway`);
    const operator = await version(`${APPS}/deployments/aml-operator`);
    one.world.breakCluster(one.clusterId, "image-pull");
    expect(await version(`${APPS}/deployments/gateway`)).toBe(gateway);
    expect(await version(`${APPS}/deployments/aml-operator`)).not.toBe(operator);
  });
});

describe("a crowd", () => {
  test("fills the namespace with pods of real size", async () => {
    const one = clusterTalk();
    one.world.kubernetes(one.clusterId).knobs.podCount = 5000;
    const pods = await one.items(`${AZUREML}/pods?labelSelector=ml.azure.com/job-name`);
    expect(pods).toHaveLength(2000);
    expect(JSON.stringify(pods[0]).length).toBeGreaterThan(6000);
    one.world.kubernetes(one.clusterId).knobs.podsFail = true;
    const [first = {}] = await one.items(`${AZUREML}/pods?limit=1&labelSelector=ml.azure.com/job-name`);
    expect(valueAt(first, "status", "containerStatuses")).toMatchObject([{ ready: false, restartCount: 12 }]);
  });
});
