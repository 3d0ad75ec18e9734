import { describe, expect, test } from "@jest/globals";
import { effectiveSettings } from "../../src/model/effective-settings.ts";
import { expectedWorkloads, findWorkload } from "../../src/model/workloads.ts";

const both = { enableTraining: "true", enableInference: "TRUE" };
const names = (...given: Parameters<typeof expectedWorkloads>) =>
  expectedWorkloads(...given)
    .filter(({ optional }) => !optional)
    .map(({ name }) => name);
const shared = [
  "gateway",
  "metrics-controller-manager",
  "ml-kube-state-metrics",
  "ml-prometheus-operator",
  "prometheus-prom-prometheus",
];

describe("K3: what an extension of today has (extension 5a)", () => {
  test("for training, on AKS", () => {
    expect(names("1.1.84", { enableTraining: "True" }, "aks", "ml")).toEqual([
      ...shared,
      "aml-operator",
      "volcano-admission",
      "volcano-controllers",
      "volcano-scheduler",
    ]);
  });

  test("for inference, on AKS with the ingress and on Arc with the relay", () => {
    const inference = [
      "inference-operator-controller-manager",
      "amlarc-identity-controller",
      "amlarc-identity-proxy",
      "azureml-fe-v2",
    ];
    const settings = { enableInference: "True" };
    expect(names("1.1.84", settings, "aks", "ml")).toEqual([
      ...shared,
      ...inference,
      "azureml-ingress-nginx-controller",
    ]);
    expect(names("1.1.84", settings, "arc", "ml")).toEqual([...shared, "relayserver", ...inference]);
  });

  test("less and more by settings, legacy names too", () => {
    expect(
      names(null, { ...both, installVolcano: "false", installPromOp: "False" }, "aks", "ml"),
    ).not.toContain("volcano-scheduler");
    expect(names(null, { ...both, "volcanoScheduler.enable": "false" }, "aks", "ml")).not.toContain(
      "volcano-scheduler",
    );
    expect(names(null, { ...both, installPromOp: "False" }, "aks", "ml")).not.toContain(
      "ml-prometheus-operator",
    );
    const gpu = names(
      null,
      { ...both, installDcgmExporter: "true", installNvidiaDevicePlugin: "true" },
      "aks",
      "ml",
    );
    expect(gpu).toEqual(expect.arrayContaining(["ml-dcgm-exporter", "nvidia-device-plugin-daemonset"]));
    expect(names(null, { ...both, "nginxIngress.enabled": "false" }, "aks", "ml")).not.toContain(
      "azureml-ingress-nginx-controller",
    );
  });

  test("three routers unless told otherwise, by either name", () => {
    const routers = (settings: Record<string, string>) =>
      expectedWorkloads(null, { ...both, ...settings }, "aks", "ml").find(
        ({ name }) => name === "azureml-fe-v2",
      )?.replicas;
    expect(routers({})).toBe(3);
    expect(routers({ inferenceRouterHA: "false" })).toBe(1);
    expect(routers({ inferenceLoadBalancerHA: "False" })).toBe(1);
    expect(routers({ inferenceLoadBalancerHA: "False", inferenceRouterHA: "true" })).toBe(3);
  });

  test("fluent-bit may be there or not (extension 14)", () => {
    const fluent = expectedWorkloads("1.1.84", both, "aks", "ml").find(({ name }) => name === "fluent-bit");
    expect(fluent).toMatchObject({ optional: true, kind: "DaemonSet" });
  });
});

describe("K3: what an extension of 2021 had (extension 5b)", () => {
  test("the relay on AKS too, and the router without its number", () => {
    expect(names("1.0.58", both, "aks", "ml")).toEqual([
      "relayserver",
      "gateway",
      "cluster-status-reporter",
      ...shared.slice(1),
      "aml-operator",
      "frameworkcontroller",
      "azureml-fe",
      "inference-operator-controller-manager",
      "amlarc-identity-controller",
      "amlarc-identity-proxy",
    ]);
  });

  test.each(["1.0.51", "1.0.88", "1.1.4"])("%s is of 2021", (version) => {
    expect(names(version, both, "aks", "ml")).toContain("azureml-fe");
  });
  test.each(["1.1.5", "1.1.84", "2.0.0", "77", "", "unknown", null, undefined])(
    "%j is of today",
    (version) => {
      expect(names(version, both, "aks", "ml")).toContain("azureml-fe-v2");
    },
  );
});

test("without settings nobody knows, and only what is always there is expected", () => {
  expect(names("1.1.84", null, "aks", "ml")).toEqual(shared);
});

test("names that carry the extension's name are found by their end, others exactly", () => {
  const [gateway, , metrics] = expectedWorkloads(null, both, "aks", "ml");
  if (!gateway || !metrics) throw new Error("they are expected");
  expect(findWorkload(metrics, "ml", [{ name: "other-kube-state-metrics" }])?.name).toBe(
    "other-kube-state-metrics",
  );
  expect(findWorkload(metrics, "ml", [{ name: "kube-state-metrics" }])?.name).toBe("kube-state-metrics");
  expect(findWorkload(gateway, "ml", [{ name: "my-gateway" }])).toBeUndefined();
});

describe("what settings come to (extension 1c, 2b)", () => {
  const of = (settings: Record<string, string>) => effectiveSettings(settings, "aks");
  test("service types of both ages", () => {
    expect(of({ inferenceRouterServiceType: "nodeport" }).routerService).toBe("NodePort");
    expect(of({ privateEndpointNodeport: "True" }).routerService).toBe("NodePort");
    expect(of({ privateEndpointILB: "True" })).toMatchObject({
      routerService: "LoadBalancer",
      internalLoadBalancer: true,
    });
    expect(of({}).routerService).toBeUndefined();
  });
  test("a certificate shows by its name, since it is hidden itself", () => {
    expect(of({ sslCname: "ml.example.com" }).scheme).toBe("https");
    expect(of({ sslSecret: "tls" }).scheme).toBe("https");
    expect(of({ allowInsecureConnections: "true" }).scheme).toBe("http");
    expect(of({ allowInsecureConnections: "true", sslCname: " " }).scheme).toBe("http");
    expect(of({}).scheme).toBeUndefined();
  });
  test("inherited names are no settings, and junk is no flag", () => {
    expect(of({ enableTraining: "yes" }).training).toBe(false);
    expect(Object.keys(of({ "nodeSelector.a\\.b/c": "d" }).nodeSelector)).toEqual(["a.b/c"]);
  });
});
