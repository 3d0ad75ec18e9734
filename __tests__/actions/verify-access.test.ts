import { describe, expect, test } from "@jest/globals";
import { makeAuthority } from "../../emulator/certificates.ts";
import type { World } from "../../emulator/index.ts";
import { aks, arc, broken, cluster, compute, kubeconfig, verifying } from "../support/catalogue-worlds.ts";
import { aksId, arcId } from "../support/scene.ts";
import { asked, verifyIn } from "./verify-scenes.ts";

const privateCluster = cluster({ apiServerAccessProfile: { enablePrivateCluster: true } });
const entra = cluster({ aadProfile: { managed: true } });

describe("the way into a cluster (issue 4, point 2)", () => {
  test.each(["token", "certificate"] as const)("a kubeconfig with a %s", async (user) => {
    const run = await verifyIn([...aks, kubeconfig("aks", user)]);
    expect(run.report.gate).toMatchObject({ verdict: "pass", way: "the kubeconfig given" });
    expect(asked(run.world, /listClusterUserCredential|runCommand/)).toEqual([]);
  });

  test("a kubeconfig of kubelogin: its token is for the AKS server alone, and is fetched once", async () => {
    const run = await verifyIn([...aks, entra, kubeconfig("aks", "kubelogin")]);
    expect(run.report.gate).toMatchObject({ verdict: "pass", way: "the kubeconfig given" });
    const scopes = run.world.exchanges.flatMap(({ requestBody }) =>
      /scope=/.test(requestBody) ? [new URLSearchParams(requestBody).get("scope")] : [],
    );
    expect(scopes).toHaveLength(2);
    expect(scopes[1]).toContain("6dae42f8-4368-4678-94ff-3960e28e3630/.default");
    expect(run.world.violations).toEqual([]);
  });

  test("the file that KUBECONFIG names, unless the input is given", async () => {
    const content = (world: World) => world.kubeconfigOf(arcId(world), { user: "token" });
    const byFile = await verifyIn([verifying("arc")], async (world) => ({
      environment: { KUBECONFIG: "/home/me/.kube/config" },
      files: { "/home/me/.kube/config": await content(world) },
    }));
    expect(byFile.report.gate?.way).toBe("the kubeconfig given");
    const byInput = await verifyIn(arc, async () => ({ environment: { KUBECONFIG: "/not/there" } }));
    expect(byInput.report.gate).toMatchObject({ verdict: "pass", way: "the kubeconfig given" });
  });

  test("a KUBECONFIG that can't be read is invalid input", async () => {
    const run = await verifyIn([verifying("arc")], async () => ({
      environment: { KUBECONFIG: "/not/there" },
    }));
    expect(run.report.error).toMatchObject({ code: "InvalidInput" });
    expect(run.world.exchanges).toEqual([]);
  });

  test("a private cluster: one command, no request to its API server", async () => {
    const run = await verifyIn([...aks, privateCluster]);
    expect(run.report.gate).toMatchObject({ verdict: "pass", way: expect.stringContaining("run-command") });
    expect(asked(run.world, /\/runCommand$/)).toHaveLength(1);
    expect(run.world.exchanges.filter(({ host }) => host === "kubernetes")).toEqual([]);
  });

  test("a private cluster with Entra: the command runs as who signs in", async () => {
    const run = await verifyIn([...aks, privateCluster, entra]);
    expect(run.report.gate).toMatchObject({ verdict: "pass", way: expect.stringContaining("run-command") });
  });

  test("an Arc cluster without a kubeconfig is judged by Azure alone, and the report says so", async () => {
    const run = await verifyIn([verifying("arc"), broken("out-of-memory", "arc")]);
    expect(run.report.findings).toContainEqual(
      expect.objectContaining({
        id: "cluster-looked-into",
        severity: "info",
        remedy: expect.stringContaining("Give the input `kubeconfig`"),
      }),
    );
    const inside = ["pods-running", "workloads-ready", "nodes-ready", "tls-secret", "health-report"];
    const unseen = run.report.gate?.checks.filter(({ id }) => inside.includes(id)) ?? [];
    expect(unseen.map(({ result }) => result)).toEqual(inside.map(() => "unknown"));
    expect(run.host.said.summaries.join()).toContain("Azure alone was asked");
  });

  test("a compute alone tells its cluster", async () => {
    const run = await verifyIn([...aks, compute(), withoutCluster]);
    expect(run.report.gate?.verdict).toBe("pass");
    expect(run.report.target.clusterId).toBe(aksId(run.world));
    const none = await verifyIn([...aks, compute({ resourceId: null }), withoutCluster]);
    expect(none.report.error).toMatchObject({
      code: "ComputeNotFound",
      remedy: expect.stringMatching(/compute-name/),
    });
  });
});

const withoutCluster = () => ({ "cluster-resource-id": "" });

describe("a way that leads nowhere", () => {
  test.each([
    ["no YAML", "{"],
    ["something else", "foo"],
    ["no kubeconfig", "apiVersion: v1\nkind: Secret\n"],
  ])("%s is invalid input: no request is sent (invariant 10)", async (_what, content) => {
    const run = await verifyIn([...aks, () => ({ kubeconfig: content })]);
    expect(run.report.error).toMatchObject({ code: "InvalidInput" });
    expect(run.report.error?.details.join()).toContain("kubeconfig");
    expect(run.world.exchanges).toEqual([]);
  });

  test.each([
    ["a program that nobody runs here", (text: string) => text, "exec-other"],
    [
      "an unchecked certificate",
      (text: string) => text.replace(/certificate-authority-data: .*/, "insecure-skip-tls-verify: true"),
      "token",
    ],
    ["a server in clear", (text: string) => text.replace("server: https:", "server: http:"), "token"],
    [
      "files of another machine",
      (text: string) => text.replace(/token: .*/, "tokenFile: /home/me/token"),
      "token",
    ],
  ] as const)("a kubeconfig with %s is invalid input (invariant 10)", async (_what, change, user) => {
    const run = await verifyIn([
      ...aks,
      async (world) => ({ kubeconfig: change(await world.kubeconfigOf(aksId(world), { user })) }),
    ]);
    expect(run.report.error).toMatchObject({ code: "InvalidInput" });
    expect(run.report.error?.details.join()).toContain("kubeconfig");
    expect(run.world.exchanges).toEqual([]);
  });

  test("another authority than the server's: the remedy speaks of the kubeconfig", async () => {
    const { certificate } = await makeAuthority("stranger");
    const authority = `certificate-authority-data: ${Buffer.from(certificate).toString("base64")}`;
    const run = await verifyIn([
      ...aks,
      async (world) => {
        const own = await world.kubeconfigOf(aksId(world), { user: "token" });
        return { kubeconfig: own.replace(/certificate-authority-data: .*/, authority) };
      },
    ]);
    expect(run.report.findings[0]).toMatchObject({
      id: "cluster-looked-into",
      seen: expect.stringContaining("self-signed certificate"),
      remedy: expect.stringContaining("certificate-authority-data"),
    });
    expect(asked(run.world, /selfsubjectrulesreviews/)).toEqual([]);
  });

  test.each(["hang", "reset"] as const)(
    "a cluster that lets nobody in (%s) is judged by Azure within two minutes",
    async (how) => {
      const run = await verifyIn([
        ...aks,
        cluster({ apiServerAccessProfile: { authorizedIPRanges: ["203.0.113.0/24"] } }),
        (world) => void Object.assign(world.knobs, { apiServerFromOutside: how }),
      ]);
      expect(run.report.gate?.verdict).toBe("warn");
      expect(run.report.findings[0]).toMatchObject({ id: "cluster-looked-into", severity: "warning" });
      expect(run.report.milliseconds).toBeLessThan(120_000);
    },
  );

  test.each([
    ["may not be fetched", "AuthorizationFailed", 403],
    ["are refused", "BadRequest", 400],
  ])("user credentials that %s are told with what to do", async (_what, code, status) => {
    const fault = {
      match: { url: /listClusterUserCredential/ },
      kind: "status",
      status,
      code,
      count: 9,
    } as const;
    const run = await verifyIn([...aks, (world) => void world.faults.push(fault)]);
    expect(run.report.gate?.verdict).toBe("warn");
    expect(run.report.findings[0]).toMatchObject({ id: "cluster-looked-into", severity: "warning" });
    expect(run.report.findings[0]?.remedy).not.toBe("");
  });
});

describe("what a role in the cluster does not allow", () => {
  test.each([
    ["list", "nodes", "", "", "nodes"],
    ["get", "namespaces", "", "", "namespace azureml"],
    ["list", "deployments", "azureml", "apps", "workloads"],
    ["list", "statefulsets", "azureml", "apps", "workloads"],
    ["list", "pods", "azureml", "", "pods"],
    ["list", "events", "azureml", "", "events"],
    ["list", "services", "azureml", "", "services"],
    ["get", "configmaps", "azureml", "", "health report"],
    ["get", "secrets", "azureml", "", "secret of `sslSecret`"],
  ])(
    "%s %s: a warning names the rule, and all the rest is judged",
    async (verb, resource, space, group, what) => {
      const run = await verifyIn([
        ...aks,
        broken("load-balancer-pending"),
        broken("nvidia-plugin-of-others"),
        (world) =>
          void world.kubernetesDeny(aksId(world), { verb, resource, ...(space && { namespace: space }) }),
      ]);
      const unread = run.report.findings.filter(({ id }) => id === "cluster-reads");
      expect(unread).toHaveLength(1);
      expect(unread[0]).toMatchObject({
        severity: "warning",
        unread: true,
        seen: expect.stringContaining(what),
      });
      expect(unread[0]?.remedy).toContain(
        `{apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"]}`,
      );
      if (resource !== "services") expect(run.report.findings[0]?.id).toBe("router-address");
    },
  );

  test("nothing may be read: every missing rule is named at once", async () => {
    const run = await verifyIn([
      ...aks,
      (world) => void world.kubernetesDeny(aksId(world), { verb: "*", resource: "*" }),
    ]);
    const told = run.report.findings.map(({ remedy }) => remedy).join("\n");
    expect(run.report.gate?.verdict).toBe("warn");
    for (const resource of ["nodes", "pods", "services", "deployments", "configmaps"])
      expect(told).toContain(resource);
  });

  test("what is not allowed is not asked for", async () => {
    const denial = { verb: "list", resource: "pods", namespace: "azureml" };
    const run = await verifyIn([...aks, (world) => void world.kubernetesDeny(aksId(world), denial)]);
    expect(asked(run.world, /namespaces\/azureml\/pods$/)).toEqual([]);
  });

  test("logs that may not be read do not keep the rest of the diagnostics away (W1)", async () => {
    const run = await verifyIn([
      ...aks,
      broken("crash-loop"),
      (world) => void world.kubernetesDeny(aksId(world), { verb: "get", resource: "pods/log" }),
    ]);
    expect(run.report.error?.code).toBe("VerificationFailed");
    expect(Object.keys(run.host.said.files)).toContain("diagnostics/pods.json");
  });
});
