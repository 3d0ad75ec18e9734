import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Failure } from "../../../src/model/failure.ts";
import { preflightRules } from "../../../src/rules/preflight/index.ts";
import { judge } from "../../../src/rules/rule.ts";
import { absent, aks, arc, denied, there } from "../facts.ts";
import { anyKind, extension, failedWith, type Kind, node, workload } from "../gate/facts.ts";
import { briefly, ready, said, sized } from "./facts.ts";

const onArc: Kind = { cluster: "arc", generation: "today" };

test("a cluster that is ready passes in silence, AKS and Arc", () => {
  expect(briefly()).toEqual([]);
  expect(briefly({ kind: onArc })).toEqual([]);
});

describe("nodes", () => {
  const nodes = (...all: ReturnType<typeof node>[]) => ({ inCluster: { nodes: there(all) } });
  const small = { inferenceRouterHA: "false" };

  test("none that can take a pod is an error", () => {
    expect(briefly(nodes())).toEqual(["error nodes-usable"]);
    const tainted = node("a", { taints: [{ key: "dedicated", value: "gpu", effect: "NoSchedule" }] });
    expect(said(nodes(tainted))[0]?.remedy).toContain("ml.azure.com/amlarc");
    expect(briefly(nodes(tainted))).toEqual(["error nodes-usable"]);
  });

  test("taints that are tolerated, or only a wish, keep nobody away", () => {
    const open = node("a", {
      taints: [
        { key: "ml.azure.com/amlarc", value: "true", effect: "NoSchedule" },
        { key: "x", value: "", effect: "PreferNoSchedule" },
      ],
    });
    expect(briefly({ ...nodes(open), plain: small })).not.toContain("error nodes-usable");
  });

  test("one that is not ready is a warning", () => {
    expect(
      briefly(nodes(node("node-1"), node("node-2"), node("node-3"), node("d", { ready: false }))),
    ).toEqual(["warning nodes-ready"]);
  });

  test("ARM alone won't do (extension 9)", () => {
    const arm = ["node-1", "node-2", "node-3"].map((name) => node(name, { architecture: "arm64" }));
    expect(briefly(nodes(...arm))).toEqual(["error nodes-linux-amd64"]);
    expect(said(nodes(...arm))[0]?.seen).toContain("linux/arm64");
  });

  test("the selector must match some, escaped dots and all (AML-Kubernetes#158)", () => {
    expect(briefly({ plain: { "nodeSelector.pool": "gpu" } })).toEqual(["error nodes-selected"]);
    expect(briefly({ plain: { "nodeSelector.kubernetes\\.io/os": "linux" } })).toEqual([]);
  });

  test("a highly available router needs three (E40002)", () => {
    const two = nodes(node("node-1"), node("node-2"));
    expect(briefly(two)).toEqual(["error nodes-for-router"]);
    expect(said(two)[0]?.remedy).toContain("inferenceRouterHA=false");
    expect(briefly({ ...two, plain: small })).toEqual([]);
    expect(briefly({ ...two, plain: { enableInference: "False" } })).toEqual([]);
    // Fewer than three by Azure's count: it is switched off by itself (extension 1c).
    const counted = aks({ agentPoolProfiles: [{ count: 2 }] });
    expect(briefly({ ...two, cluster: counted })).toEqual([]);
    const grows = aks({ agentPoolProfiles: [{ count: 3, enableAutoScaling: true }] });
    expect(briefly({ ...two, cluster: grows })).toEqual(["warning nodes-for-router"]);
  });

  test("Windows nodes that nothing keeps pods from are warned of (AML-Kubernetes#137)", () => {
    const windows = node("win-1", { os: "windows", labels: { "kubernetes.io/os": "windows" } });
    const all = [node("node-1"), node("node-2"), node("node-3")];
    expect(briefly(nodes(...all, windows))).toEqual(["warning nodes-windows"]);
    const tainted = { ...windows, taints: [{ key: "os", value: "windows", effect: "NoSchedule" }] };
    expect(briefly(nodes(...all, tainted))).toEqual([]);
    expect(
      briefly({ ...nodes(...all, windows), plain: { "nodeSelector.kubernetes.io/os": "linux" } }),
    ).toEqual([]);
  });
});

describe("capacity, by the component table (extension 5a)", () => {
  const on = (nodes: ReturnType<typeof node>[], plain: Record<string, string> = {}, more: object = {}) =>
    said({
      plain: { inferenceRouterHA: "false", ...plain },
      inCluster: { nodes: there(nodes), used: there(new Map()) },
      ...more,
    });
  const training = { enableInference: "False" };

  // The page's own minimum: training 410m and 1492Mi; both 1910m and 2884Mi, of which 30m and 20Mi are the ingress' and relay's.
  test("the documented minimum fits, and one less does not", () => {
    expect(on([sized("a", 410, 1_492)], training)).toEqual([]);
    expect(on([sized("a", 409, 1_492)], training)[0]?.id).toBe("capacity");
    expect(on([sized("a", 410, 1_491)], training)[0]?.id).toBe("capacity");
    expect(on([sized("a", 1_780, 2_440)], { enableTraining: "False" })).toEqual([]);
    expect(on([sized("a", 1_910, 2_884)])).toEqual([]);
  });

  test("the largest pod must fit on some node, and is named", () => {
    const nodes = ["a", "b", "c", "d"].map((name) => sized(name, 800, 4_000));
    expect(on(nodes)[0]?.seen).toBe(
      "No node has room for azureml-fe-v2, which asks for 900m CPU and 800Mi memory; the freest, a, has 800m CPU and 4000Mi memory left.",
    );
  });

  test("the sum must fit, and both sums are told", () => {
    const [short] = on([sized("a", 1_000, 1_000)]);
    expect(short?.seen).toBe(
      "The extension asks for 1910m CPU and 2884Mi memory; the 1 node that it may use has 1000m CPU and 1000Mi memory left.",
    );
  });

  test("what is scattered is a warning", () => {
    const nodes = [
      sized("a", 1_000, 9_000),
      ...["b", "c", "d", "e", "f", "g"].map((name) => sized(name, 195, 9_000)),
    ];
    expect(on(nodes, { enableTraining: "False" }).map(({ severity }) => severity)).toEqual(["warning"]);
  });

  test("what runs already is subtracted", () => {
    const used = there(new Map([["a", { cpu: 3_000, memory: 0 }]]));
    const given = {
      plain: { inferenceRouterHA: "false" },
      inCluster: { nodes: there([sized("a", 4_000, 9_000)]), used },
    };
    expect(briefly(given)).toEqual(["error capacity"]);
  });

  test("a cluster that grows by itself is only told; one whose use is unknown is not judged", () => {
    const grows = { cluster: aks({ agentPoolProfiles: [{ count: 1, enableAutoScaling: true }] }) };
    expect(on([sized("a", 100, 100)], {}, grows).map(({ severity, id }) => `${severity} ${id}`)).toEqual([
      "info capacity",
    ]);
    expect(
      briefly({
        inCluster: { nodes: there([sized("a", 1, 1), sized("b", 1, 1), sized("c", 1, 1)]), used: denied },
      }),
    ).toEqual(["warning cluster-reads"]);
  });

  test("an update of what runs asks for no more room", () => {
    const inCluster = { nodes: there([sized("a", 1, 1)]) };
    expect(briefly({ extensions: there([extension(anyKind)]), inCluster })).toEqual([]);
  });
});

describe("others in the cluster", () => {
  const beside = (name: string, plain: Record<string, string> = {}) =>
    briefly({ plain, inCluster: { others: there([workload(name, { namespace: "other" })]) } });

  test("X6: an installed device plugin is told with the setting to change", () => {
    expect(beside("nvidia-device-plugin-daemonset")).toEqual([]);
    expect(beside("nvidia-device-plugin-daemonset", { installNvidiaDevicePlugin: "True" })).toEqual([
      "error nvidia-plugin-of-others",
    ]);
  });

  test("Volcano and the Prometheus operator", () => {
    expect(beside("volcano-controllers")).toEqual(["error volcano-of-others"]);
    expect(beside("volcano-controllers", { installVolcano: "false" })).toEqual([]);
    expect(beside("volcano-controllers", { enableTraining: "False" })).toEqual([]);
    expect(beside("prometheus-operator")).toEqual(["error prometheus-operator-of-others"]);
    expect(beside("prometheus-operator", { installPromOp: "False" })).toEqual([]);
  });

  test("what the extension brought itself is no conflict", () => {
    const others = there([workload("azureml-prometheus-operator")]);
    expect(briefly({ inCluster: { others } })).toEqual([]);
  });

  test("a failed extension that is made anew takes only what is asked for now", () => {
    const failed = extension(anyKind, failedWith("x"), { installNvidiaDevicePlugin: "True" });
    const given = {
      extensions: there([failed]),
      inCluster: { others: there([workload("nvidia-device-plugin", { namespace: "kube-system" })]) },
    };
    expect(briefly(given)).toEqual(["error nvidia-plugin-of-others"]);
    expect(briefly({ ...given, onFailed: "recreate" })).toEqual([]);
  });

  test("leftovers of the legacy router (extension 8)", () => {
    const legacyRouter = there([{ kind: "Secret", namespace: "default", name: "azuremlfessl" }]);
    expect(briefly({ inCluster: { legacyRouter } })).toEqual(["error legacy-router"]);
    expect(briefly({ inCluster: { legacyRouter }, plain: { "scoringFe.enableUpgrade": "true" } })).toEqual(
      [],
    );
    expect(briefly({ inCluster: { legacyRouter }, plain: { enableInference: "False" } })).toEqual([]);
  });

  test("a namespace on its way out, or held by an extension that Azure does not know", () => {
    const namespace = there({ name: "azureml", phase: "Terminating", held: [] });
    expect(said({ inCluster: { namespace } })[0]).toMatchObject({
      id: "namespace-terminating",
      pending: true,
    });
    expect(
      briefly({
        inCluster: { namespace },
        extensions: there([extension(anyKind, { provisioningState: "Deleting" })]),
      }),
    ).toEqual([]);
    const workloads = there([workload("gateway")]);
    expect(said({ inCluster: { workloads } })[0]?.remedy).toContain("Azure Arc resource");
    expect(briefly({ inCluster: { workloads } })).toEqual(["error namespace-occupied"]);
  });
});

describe("X8: OpenShift", () => {
  test("the exact commands for those who lack the grant", () => {
    const privileged = there(["system:serviceaccounts:azureml", "system:serviceaccount:azure-arc:other"]);
    const [only, ...rest] = said({ kind: onArc, inCluster: { privileged } });
    expect(rest).toEqual([]);
    expect(only?.remedy).toBe(
      "Run: `oc adm policy add-scc-to-user privileged system:serviceaccount:azure-arc:azure-arc-kube-aad-proxy-sa`.",
    );
    const none = said({ kind: onArc, inCluster: { privileged: there([]) } })[0];
    expect(none?.remedy.match(/oc adm policy/g)).toHaveLength(10);
    expect(none?.seen).toContain("system:serviceaccount:azureml:azureml-kube-state-metrics");
  });
});

describe("Azure", () => {
  test("X7: providers and permission", () => {
    const providers = there([{ namespace: "Microsoft.Relay", registrationState: "NotRegistered" }]);
    expect(said({ providers })[0]?.remedy).toContain("az provider register -n Microsoft.Relay --wait");
    expect(briefly({ providers })).toEqual(["error providers-registered"]);
    const registering = there([{ namespace: "Microsoft.Relay", registrationState: "Registering" }]);
    expect(briefly({ providers: registering })).toEqual(["warning providers-registered"]);
    expect(briefly({ providers: denied })).toEqual(["warning providers-registered"]);
    expect(briefly({ permissions: there([{ actions: ["*/read"] }]) })).toEqual([
      "error permission-extensions-write",
    ]);
    expect(briefly({ permissions: denied })).toEqual([]);
  });

  test("the cluster is there, runs, and is used one way", () => {
    expect(briefly({ cluster: { kind: "aks", seen: absent } })).toEqual(["error cluster-exists"]);
    expect(briefly({ cluster: aks({ powerState: { code: "Stopped" } }) })).toEqual(["error cluster-running"]);
    const labels = { "kubernetes.azure.com/cluster": "MC_x" };
    const nodes = there(["node-1", "node-2", "node-3"].map((name) => node(name, { labels })));
    expect(briefly({ kind: onArc, inCluster: { nodes } })).toEqual(["warning cluster-used-both-ways"]);
  });

  test("E40003: an internal load balancer is for AKS, below Arc as well", () => {
    const plain = { internalLoadBalancerProvider: "azure" };
    const aksBelow = arc({ totalNodeCount: 3, distribution: "aks_workload" });
    expect(briefly({ kind: onArc, plain })).toEqual(["error internal-load-balancer"]);
    expect(briefly({ kind: onArc, plain, cluster: aksBelow })).toEqual([]);
  });

  test("E40001: a load balancer where nothing shows one", () => {
    const generic = arc({ totalNodeCount: 3, distribution: "generic" });
    expect(briefly({ kind: onArc, cluster: generic })).toEqual(["warning load-balancer-possible"]);
    expect(
      briefly({ kind: onArc, cluster: generic, plain: { inferenceRouterServiceType: "NodePort" } }),
    ).toEqual([]);
  });

  test("versions (extension 4)", () => {
    expect(briefly({ wanted: { version: "1.1.9" } })).toEqual([]);
    const [unknown] = said({ wanted: { version: "1.9.9" } });
    expect(unknown?.id).toBe("version-offered");
    expect(unknown?.remedy).toContain("1.1.84, 1.1.9");
    expect(briefly({ versions: there([]), wanted: { releaseTrain: "nightly" } })).toEqual([
      "error version-offered",
    ]);
    expect(briefly({ versions: there([]) })).toEqual(["warning version-offered"]);
    expect(briefly({ versions: denied })).toEqual(["warning version-offered"]);
    const unsupported = there([
      {
        properties: {
          version: "1.1.84",
          unsupportedKubernetesVersions: {
            managedCluster: [{ distributions: ["aks"], unsupportedVersions: ["<=1.29"] }],
          },
        },
      },
    ]);
    expect(briefly({ versions: unsupported })).toEqual(["error kubernetes-supported"]);
  });

  test("E40007: the secret of `sslSecret` must be there, unless a PEM pair wins", () => {
    const plain = { sslSecret: "tls", sslCname: "ml.example.com" };
    expect(briefly({ plain, inCluster: { tlsSecret: absent } })).toEqual(["error tls-secret"]);
    const pair = { "scoringFe.sslCert": "x", "scoringFe.sslKey": "y" };
    expect(briefly({ plain, protected: pair, inCluster: { tlsSecret: absent } })).toEqual([]);
  });
});

describe("what can't be read fails nothing", () => {
  test("without a way in that is said, and why", () => {
    expect(briefly({ inside: absent })).toEqual(["info cluster-looked-into"]);
    const refused = said({ inside: { is: "denied", why: new Failure("x", "no\nroute") } });
    expect(refused.map(({ severity }) => severity)).toEqual(["warning"]);
    expect(refused[0]?.seen).toContain("no route.");
  });

  test("rules never throw, whatever is absent or denied, and no refusal is an error", () => {
    const blind = fc.constant(denied);
    const parts = [
      "nodes",
      "namespace",
      "workloads",
      "others",
      "legacyRouter",
      "used",
      "tlsSecret",
      "privileged",
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(anyKind, onArc),
        fc.dictionary(fc.constantFrom(...parts), blind),
        fc.record(
          {
            versions: blind,
            permissions: blind,
            providers: blind,
            inside: blind,
            extensions: blind,
            cluster: fc.constant("denied"),
          },
          { requiredKeys: [] },
        ),
        (kind, inCluster, { cluster, ...outside }) => {
          const given = ready({ kind, inCluster, ...outside });
          const seen = cluster ? { ...given, cluster: { kind: kind.cluster, seen: denied } } : given;
          const findings = judge(preflightRules, seen);
          expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
        },
      ),
    );
  });
});
