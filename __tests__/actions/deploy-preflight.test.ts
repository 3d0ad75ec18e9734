import { describe, expect, test } from "@jest/globals";
import { type JsonObject, makeCertificate, type World } from "../../emulator/index.ts";
import { aksId, arcId } from "../support/scene.ts";
import { forbid } from "../support/world-facts.ts";
import {
  bareScene,
  change,
  changes,
  done,
  ending,
  extensionId,
  http,
  lines,
  onArc,
  propertiesOf,
  type Stage,
  settingsOf,
  training,
} from "./deploy-scenes.ts";

/** A world in which a rule finds an error, the inputs for it, and those with which it would go well. */
interface Case {
  readonly what: string;
  readonly rule: string;
  readonly prepare: (world: World) => void;
  readonly inputs?: Record<string, string>;
  readonly arc?: true;
  readonly says: RegExp;
  /** Settings that the remedy names. */
  readonly mended?: Record<string, string>;
}

const pools = (world: World) => propertiesOf(world, aksId(world))?.["agentPoolProfiles"] as JsonObject[];
const firstPool = (world: World, more: JsonObject) => Object.assign(pools(world)[0] ?? {}, more);

const errors: readonly Case[] = [
  {
    what: "a cluster that is not there (X1)",
    rule: "cluster-exists",
    prepare: (world) => void world.store.delete(aksId(world)),
    says: /aks1/,
  },
  {
    what: "an AKS cluster that is stopped (X7)",
    rule: "cluster-running",
    prepare: (world) => change(world, aksId(world), { powerState: { code: "Stopped" } }),
    says: /az aks start/,
  },
  {
    what: "an Arc cluster that is offline (X7)",
    rule: "cluster-connected",
    prepare: (world) => change(world, arcId(world), { connectivityStatus: "Offline" }),
    arc: true,
    says: /Offline.*agents/s,
  },
  {
    what: "an AKS cluster with a service principal",
    rule: "cluster-managed-identity",
    prepare: (world) => {
      change(world, aksId(world), { servicePrincipalProfile: { clientId: "x" } });
      Object.assign(world.resource(aksId(world))?.body ?? {}, { identity: { type: "None" } });
    },
    says: /--enable-managed-identity/,
  },
  {
    what: "a provider that is not registered (X7)",
    rule: "providers-registered",
    prepare: (world) => void world.providerStates.set("microsoft.kubernetesconfiguration", "NotRegistered"),
    says: /az provider register -n Microsoft\.KubernetesConfiguration --wait/,
  },
  {
    what: "no right to write extensions",
    rule: "permission-extensions-write",
    prepare: (world) => forbid(world, "Microsoft.KubernetesConfiguration/extensions/write"),
    says: /Microsoft\.KubernetesConfiguration\/extensions\/write.*Kubernetes Extension Contributor/s,
  },
  {
    what: "an NVIDIA device plugin of others (X6)",
    rule: "nvidia-plugin-of-others",
    prepare: (world) => world.breakCluster(aksId(world), "nvidia-plugin-of-others"),
    inputs: { config: "installNvidiaDevicePlugin=True" },
    says: /nvidia-device-plugin-daemonset.*installNvidiaDevicePlugin=False/s,
    mended: { installNvidiaDevicePlugin: "False" },
  },
  {
    what: "a Volcano of others",
    rule: "volcano-of-others",
    prepare: (world) => world.breakCluster(aksId(world), "volcano-of-others"),
    says: /volcano-system\/volcano-.*installVolcano=false/s,
    mended: { installVolcano: "false" },
  },
  {
    what: "a Prometheus operator of others (E45002)",
    rule: "prometheus-operator-of-others",
    prepare: (world) => world.breakCluster(aksId(world), "prometheus-operator-of-others"),
    says: /monitoring\/prometheus-operator.*installPromOp=false/s,
    mended: { installPromOp: "false" },
  },
  {
    what: "leftovers of the legacy router (E45004, E45005)",
    rule: "legacy-router",
    prepare: (world) => world.breakCluster(aksId(world), "legacy-router"),
    inputs: http,
    says: /azuremlfessl.*kubectl delete/s,
    mended: { ...fromLines(http.config), "scoringFe.enableUpgrade": "True" },
  },
  {
    what: "OpenShift without the privileged security context (X8)",
    rule: "openshift-privileged",
    prepare: (world) => {
      change(world, arcId(world), { distribution: "openshift" });
      world.breakCluster(arcId(world), "openshift-without-scc");
      world.store.delete(extensionId(arcId(world)));
    },
    arc: true,
    inputs: { "extension-name": "team-ml" },
    says: /azureml:team-ml-kube-state-metrics.*oc adm policy add-scc-to-user privileged system:serviceaccount:azure-arc:azure-arc-kube-aad-proxy-sa/s,
  },
  {
    what: "two nodes for a highly available router (E40002)",
    rule: "nodes-for-router",
    prepare: (world) => firstPool(world, { count: 2 }),
    inputs: { ...http, config: `${http.config}\ninferenceRouterHA=True` },
    says: /three nodes.*there are 2.*inferenceRouterHA=false/s,
    mended: { ...fromLines(http.config), inferenceRouterHA: "false" },
  },
  {
    what: "three nodes of which two match the selector (AML-Kubernetes#271)",
    rule: "nodes-for-router",
    prepare: (world) => {
      firstPool(world, { count: 2, nodeLabels: { use: "ml" } });
      pools(world).push({ ...pools(world)[0], name: "other", nodeLabels: {} });
    },
    inputs: { ...http, config: `${http.config}\nnodeSelector.use=ml` },
    says: /three nodes that match.*there are 2/s,
    mended: { ...fromLines(http.config), "nodeSelector.use": "ml", inferenceRouterHA: "False" },
  },
  {
    what: "a selector that no node matches (AML-Kubernetes#158)",
    rule: "nodes-selected",
    prepare: () => undefined,
    inputs: { config: "nodeSelector.pool=gpu" },
    says: /pool=gpu.*kubectl label node/s,
  },
  {
    what: "taints that the extension does not tolerate",
    rule: "nodes-usable",
    prepare: (world) => firstPool(world, { nodeTaints: ["dedicated=other:NoSchedule"] }),
    says: /taint/,
  },
  {
    what: "too little room (extension.md 5a)",
    rule: "capacity",
    prepare: (world) => world.breakCluster(aksId(world), "insufficient-cpu"),
    inputs: http,
    says: /azureml-fe-v2|asks for/,
  },
  {
    what: "a namespace that finalizers hold",
    rule: "namespace-terminating",
    prepare: (world) => {
      world.breakCluster(aksId(world), "namespace-terminating");
      world.store.delete(extensionId(aksId(world)));
    },
    says: /finalizers/,
  },
];

function fromLines(text: string): Record<string, string> {
  return Object.fromEntries(text.split("\n").map((line) => line.split("=") as [string, string]));
}

async function inputsOf(stage: Stage, one: Case): Promise<Record<string, string>> {
  if (!one.arc) return { ...training, ...one.inputs };
  const there = stage.world.resource(arcId(stage.world)) !== undefined;
  const kubeconfig = there ? await stage.world.kubeconfigOf(arcId(stage.world), { user: "token" }) : "";
  return { ...training, ...one.inputs, ...onArc(stage.world), kubeconfig };
}

const errorIds = (run: { report: { findings: readonly { severity: string; id: string }[] } }) =>
  run.report.findings.filter(({ severity }) => severity === "error").map(({ id }) => id);

describe("a rule that fails stops the run before the first write, with what was seen and what to do", () => {
  test.each(errors.map((one) => [`${one.rule}: ${one.what}`, one] as const))("%s", async (_name, one) => {
    const stage = bareScene();
    one.prepare(stage.world);
    const run = await stage.deploy(await inputsOf(stage, one));
    expect({ exit: run.exit, changed: run.host.said.outputs["changed"], changes: changes(stage) }).toEqual({
      exit: 1,
      changed: "false",
      changes: [],
    });
    expect(errorIds(run)).toContain(one.rule);
    const { message, remedy, code } = run.report.error ?? {};
    expect(code).toBe(one.rule === "cluster-exists" ? "ClusterNotFound" : "PreflightFailed");
    expect(`${message} ${remedy}`).toMatch(one.says);
    expect(run.host.said.errors).toHaveLength(1);
  });

  test.each(errors.filter(({ mended }) => mended).map((one) => [one.what, one] as const))(
    "%s: what the remedy says helps",
    async (_what, one) => {
      const stage = bareScene();
      one.prepare(stage.world);
      const inputs = { ...(await inputsOf(stage, one)), config: lines(one.mended ?? {}) };
      const run = await stage.deploy(inputs);
      expect(errorIds(run)).toEqual([]);
      expect(ending(run)).toEqual(done);
    },
  );

  test("a healthy cluster gives not one finding, on AKS and on Arc", async () => {
    const stage = bareScene();
    const kubeconfig = await stage.world.kubeconfigOf(arcId(stage.world), { user: "certificate" });
    const runs = [
      await stage.deploy(http),
      await stage.deploy({ ...http, ...onArc(stage.world), kubeconfig }),
    ];
    expect(runs.map(({ report }) => report.findings)).toEqual([[], []]);
    expect(runs.map(ending)).toEqual([done, done]);
  });
});

describe("the rules", () => {
  const blocked = () => {
    const stage = bareScene();
    stage.world.breakCluster(aksId(stage.world), "nvidia-plugin-of-others");
    return { stage, inputs: { ...training, config: "installNvidiaDevicePlugin=True" } };
  };

  test("with preflight: warn are told, and the run goes on to Azure's own answer", async () => {
    const { stage, inputs } = blocked();
    const run = await stage.deploy({ ...inputs, preflight: "warn" });
    expect(errorIds(run)).toEqual(["nvidia-plugin-of-others"]);
    expect(ending(run)).toMatchObject({ exit: 1, changed: "true", code: "ExtensionFailed" });
  });

  test("with preflight: off are not told", async () => {
    const { stage, inputs } = blocked();
    const run = await stage.deploy({ ...inputs, preflight: "off" });
    expect(run.report.findings).toEqual([]);
    expect(changes(stage)).toHaveLength(1);
  });

  test("stop no run that has nothing to write", async () => {
    const stage = bareScene();
    await stage.deploy(training);
    stage.world.exchanges.length = 0;
    firstPool(stage.world, { count: 1 });
    stage.world.breakCluster(aksId(stage.world), "volcano-of-others");
    expect((await stage.deploy(training)).exit).toBe(0);
    expect(changes(stage)).toEqual([]);
  });

  test("several at once are told in one error", async () => {
    const stage = bareScene();
    stage.world.providerStates.set("microsoft.kubernetesconfiguration", "NotRegistered");
    stage.world.breakCluster(aksId(stage.world), "volcano-of-others");
    stage.world.breakCluster(aksId(stage.world), "prometheus-operator-of-others");
    const run = await stage.deploy(training);
    expect(errorIds(run)).toEqual([
      "providers-registered",
      "volcano-of-others",
      "prometheus-operator-of-others",
    ]);
    expect(run.report.error?.message).toMatch(/^3 preflight rules fail\./);
  });
});

describe("what can't be looked at is said, and stops nothing", () => {
  test.each<[string, (world: World) => void, RegExp]>([
    [
      "no right to the credentials",
      (world) => forbid(world, "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action"),
      /inside of the cluster can't be read/,
    ],
    [
      "a private cluster without run-command",
      (world) =>
        change(world, aksId(world), {
          apiServerAccessProfile: { enablePrivateCluster: true, disableRunCommand: true },
        }),
      /private and has run-command disabled/,
    ],
    [
      "an API server that lets nobody in from here",
      (world) =>
        change(world, aksId(world), { apiServerAccessProfile: { authorizedIPRanges: ["1.2.3.4/32"] } }),
      /can't be read/,
    ],
    [
      "no right to nodes",
      (world) => world.kubernetesDeny(aksId(world), { verb: "list", resource: "nodes" }),
      /may not list nodes/,
    ],
    [
      "no right to read permissions",
      (world) => forbid(world, "Microsoft.Authorization/permissions/read"),
      /^$/,
    ],
    [
      "no right to the versions",
      (world) => forbid(world, "Microsoft.KubernetesConfiguration/extensionTypes/read"),
      /versions that Azure offers can't be read/,
    ],
    [
      "no right to the providers",
      (world) => forbid(world, "Microsoft.Resources/subscriptions/providers/read"),
      /^$|registration of the resource providers can't be read/,
    ],
  ])("%s", async (_what, prepare, told) => {
    const stage = bareScene();
    prepare(stage.world);
    const run = await stage.deploy(training);
    expect({ ...ending(run), errors: run.host.said.errors }).toEqual({ ...done, errors: [] });
    const warned = run.report.findings.filter(({ severity }) => severity === "warning");
    expect(warned.map(({ seen }) => seen).join("\n")).toMatch(told);
  });

  test("a missing rule of a role in the cluster is named (issue 4, point 2)", async () => {
    const stage = bareScene();
    stage.world.kubernetesDeny(aksId(stage.world), { verb: "list", resource: "nodes" });
    const run = await stage.deploy(training);
    expect(run.report.findings.map(({ remedy }) => remedy).join()).toContain(
      'apiGroups: [""], resources: ["nodes"], verbs: ["list"]',
    );
    // It was known before it was asked for.
    expect(stage.world.exchanges.filter(({ url }) => url.includes("/api/v1/nodes"))).toEqual([]);
  });

  test.each(["reset", "hang", "truncated", "html"] as const)(
    "a review whose answer is lost is asked for again (%s): the rules inside the cluster still hold (X6)",
    async (kind) => {
      const stage = bareScene();
      stage.world.breakCluster(aksId(stage.world), "nvidia-plugin-of-others");
      stage.world.faults.push({ match: { url: /selfsubjectrulesreviews/ }, kind });
      const run = await stage.deploy({ ...training, config: "installNvidiaDevicePlugin=True" });
      expect(errorIds(run)).toEqual(["nvidia-plugin-of-others"]);
      expect(changes(stage)).toEqual([]);
    },
  );
});

describe("ways into the cluster (issue 4, point 2)", () => {
  test.each<[string, (world: World) => void, RegExp]>([
    ["user credentials", () => undefined, /AKS user credentials/],
    [
      "an Entra token where the kubeconfig wants kubelogin",
      (world) => change(world, aksId(world), { aadProfile: { managed: true } }),
      /AKS user credentials/,
    ],
    [
      "run-command where the cluster is private",
      (world) => change(world, aksId(world), { apiServerAccessProfile: { enablePrivateCluster: true } }),
      /run-command/,
    ],
    [
      "run-command where it is private and wants Entra tokens",
      (world) =>
        change(world, aksId(world), {
          apiServerAccessProfile: { enablePrivateCluster: true },
          aadProfile: { managed: true },
        }),
      /run-command/,
    ],
  ])("%s", async (_what, prepare, way) => {
    const stage = bareScene();
    prepare(stage.world);
    stage.world.breakCluster(aksId(stage.world), "nvidia-plugin-of-others");
    const run = await stage.deploy({ ...training, config: "installNvidiaDevicePlugin=True" });
    expect(errorIds(run)).toEqual(["nvidia-plugin-of-others"]);
    expect(run.host.said.log.join("\n")).toMatch(new RegExp(`inside the cluster: read .*${way.source}`));
    expect(stage.world.violations).toEqual([]);
  });

  test("the file that KUBECONFIG names, for Arc too (X6)", async () => {
    const stage = bareScene();
    stage.world.breakCluster(arcId(stage.world), "nvidia-plugin-of-others");
    const kubeconfig = await stage.world.kubeconfigOf(arcId(stage.world), { user: "both" });
    const run = await stage.deploy(
      { ...training, ...onArc(stage.world), config: "installNvidiaDevicePlugin=True" },
      { environment: { KUBECONFIG: "kube/config" }, files: { "kube/config": kubeconfig } },
    );
    expect(errorIds(run)).toEqual(["nvidia-plugin-of-others"]);
  });

  test("none on Arc without a kubeconfig, which is said", async () => {
    const stage = bareScene();
    const run = await stage.deploy({ ...training, ...onArc(stage.world) });
    expect(run.report.findings.map(({ id, severity }) => `${severity} ${id}`)).toEqual([
      "info cluster-looked-into",
    ]);
    expect(stage.world.exchanges.filter(({ host }) => host === "kubernetes")).toEqual([]);
  });

  test("a kubeconfig that can't be used is wrong input, or where a variable names it a warning; its content is not shown", async () => {
    const planted = "planted-content-of-a-kubeconfig-0123456789";
    const broken = `users: [{name: ${planted}, user: {token: [}`;
    const given = await bareScene().deploy({ ...training, kubeconfig: broken });
    expect(ending(given)).toMatchObject({ exit: 1, code: "InvalidInput" });
    expect(given.report.error?.details).toEqual([expect.stringMatching(/^kubeconfig: .*YAML/)]);
    const found = await bareScene().deploy(training, {
      environment: { KUBECONFIG: "config" },
      files: { config: broken },
    });
    expect(ending(found)).toEqual(done);
    expect(found.report.findings.map(({ seen }) => seen)).toEqual([
      expect.stringContaining("The kubeconfig is no YAML."),
    ]);
    for (const { host } of [given, found]) expect(JSON.stringify(host.said)).not.toContain(planted);
  });

  test("a kubeconfig of another cluster: its authority vouches for nobody here", async () => {
    const stage = bareScene();
    const stranger = await makeCertificate({ names: ["nobody"] });
    const kubeconfig = await stage.world.kubeconfigOf(aksId(stage.world), { user: "both" });
    const wrong = kubeconfig.replace(
      /certificate-authority-data: \S+/,
      `certificate-authority-data: ${Buffer.from(stranger.certificate).toString("base64")}`,
    );
    expect(wrong).not.toBe(kubeconfig);
    const run = await stage.deploy({ ...training, kubeconfig: wrong });
    expect(run.report.findings.map(({ seen }) => seen)).toEqual([
      expect.stringContaining("SELF_SIGNED_CERT_IN_CHAIN"),
    ]);
    expect(stage.world.exchanges.filter(({ host }) => host === "kubernetes")).toEqual([]);
  });
});

test.each(["constraint", "rolebinding"] as const)(
  "OpenShift's grants count, made by a %s (X8)",
  async (grantedBy) => {
    const stage = bareScene();
    const id = arcId(stage.world);
    change(stage.world, id, { distribution: "openshift" });
    stage.world.clusters.of(id).knobs.grantedBy = grantedBy;
    const kubeconfig = await stage.world.kubeconfigOf(id, { user: "token" });
    if (grantedBy === "rolebinding") {
      const blocked = await stage.deploy({ ...training, ...onArc(stage.world), kubeconfig });
      const missing = blocked.report.error?.message.match(/system:serviceaccount:azureml:[\w-]+/g) ?? [];
      expect(missing.length).toBeGreaterThan(5);
      // Namespace azureml is yet to come, so that the binding is the cluster's.
      const name = "system:openshift:scc:privileged";
      const subjects = missing.map((subject) => ({
        kind: "ServiceAccount",
        namespace: "azureml",
        name: subject.split(":").at(-1) ?? "",
      }));
      stage.world.kubernetes(id).put({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
        subjects,
      });
    }
    const run = await stage.deploy({ ...training, ...onArc(stage.world), kubeconfig });
    expect({ ...ending(run), errors: errorIds(run) }).toEqual({ ...done, errors: [] });
    expect(settingsOf(stage.world, extensionId(id))?.["openshift"]).toBe("true");
  },
);
