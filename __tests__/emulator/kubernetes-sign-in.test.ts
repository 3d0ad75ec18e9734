import { createPipelineRequest } from "@azure/core-rest-pipeline";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { makeAuthority, makeCertificate } from "../../emulator/certificates.ts";
import type { JsonObject } from "../../emulator/json.ts";
import { inProcessClient } from "../support/in-process.ts";
import { clusterTalk, entraToken, status } from "./kubernetes-talk.ts";
import { talk } from "./talk.ts";

const PODS = "/api/v1/namespaces/azureml/pods";

interface Kubeconfig {
  clusters: { cluster: { server: string; "certificate-authority-data": string } }[];
  users: { user: JsonObject }[];
}

async function kubeconfig(
  user: "certificate" | "token" | "kubelogin" | "exec-other",
  which: "aks" | "arc" = "aks",
) {
  const one = clusterTalk(which);
  const config = parse(await one.world.kubeconfigOf(one.clusterId, { user })) as Kubeconfig;
  const text = (key: string) => Buffer.from(String(config.users[0]?.user[key]), "base64").toString("utf8");
  return { one, config, text };
}

describe("who gets in", () => {
  test("nobody without credentials, not even to the version", async () => {
    const { ask } = clusterTalk();
    const none = { headers: { authorization: "" } };
    expect(status(await ask("GET", PODS, none))).toBe("401 Unauthorized: Unauthorized");
    expect((await ask("GET", "/version", none)).status).toBe(401);
    expect((await ask("GET", PODS, { headers: { authorization: "Bearer nonsense" } })).status).toBe(401);
  });

  test("the token of the local account", async () => {
    const { one, config } = await kubeconfig("token");
    const authorization = `Bearer ${String(config.users[0]?.user["token"])}`;
    expect((await one.ask("GET", PODS, { headers: { authorization } })).status).toBe(200);
  });

  test("the client certificate, and none of another authority", async () => {
    const { one, text } = await kubeconfig("certificate");
    expect((await one.ask("GET", PODS, { clientCertificate: text("client-certificate-data") })).status).toBe(
      200,
    );
    const authority = await makeAuthority("stranger");
    const subject = "CN=masterclient,O=system:masters";
    const forged = await makeCertificate({ names: [], subject, usage: "client", authority });
    expect((await one.ask("GET", PODS, { clientCertificate: forged.certificate })).status).toBe(401);
  });

  test("no certificate that has expired", async () => {
    const { one, text } = await kubeconfig("certificate");
    one.world.clock.advance(3 * 365 * 24 * 3_600_000);
    expect((await one.ask("GET", PODS, { clientCertificate: text("client-certificate-data") })).status).toBe(
      401,
    );
  });

  test("one cluster's token opens no other", async () => {
    const both = talk();
    const aks = clusterTalk("aks", both);
    const arc = clusterTalk("arc", both);
    const authorization = `Bearer ${both.world.clusters.of(aks.clusterId).token}`;
    expect((await arc.ask("GET", PODS, { headers: { authorization } })).status).toBe(401);
  });

  test("an Entra token for the AKS server application, where Entra is on", async () => {
    const one = clusterTalk();
    const authorization = `Bearer ${await entraToken(one)}`;
    const ask = () => one.ask("GET", PODS, { headers: { authorization } });
    expect((await ask()).status).toBe(401);
    properties(one)["aadProfile"] = { managed: true };
    expect((await ask()).status).toBe(200);
    one.world.clock.advance(3_600_001);
    expect((await ask()).status).toBe(401);
  });

  test("no Entra token for Resource Manager, and to send one here is a violation", async () => {
    const one = clusterTalk();
    properties(one)["aadProfile"] = { managed: true };
    const authorization = `Bearer ${await entraToken(one, one.emulator.origin)}`;
    expect((await one.ask("GET", PODS, { headers: { authorization } })).status).toBe(401);
    expect(one.world.violations).toEqual([
      `A token for ${one.emulator.origin} was sent to https://aks1-dns.hcp.eastus.emulator.test`,
    ]);
  });

  test("no local account where they are disabled", async () => {
    const { one, text } = await kubeconfig("certificate");
    properties(one)["disableLocalAccounts"] = true;
    expect((await one.ask("GET", PODS)).status).toBe(401);
    expect((await one.ask("GET", PODS, { clientCertificate: text("client-certificate-data") })).status).toBe(
      401,
    );
  });
});

describe("what a kubeconfig says", () => {
  test("kubelogin gets its token for the AKS server application", async () => {
    const { config } = await kubeconfig("kubelogin");
    expect(config.users[0]?.user["exec"]).toMatchObject({
      command: "kubelogin",
      args: expect.arrayContaining(["--server-id", "6dae42f8-4368-4678-94ff-3960e28e3630"]),
    });
  });

  test("another plugin is another plugin", async () => {
    const { config } = await kubeconfig("exec-other", "arc");
    expect(config.users[0]?.user["exec"]).not.toMatchObject({ command: "kubelogin" });
    expect(config.clusters[0]?.cluster.server).toBe("https://arc1.arc.emulator.test:443");
  });

  test("its secrets are known as such, in every form", async () => {
    const { one, config, text } = await kubeconfig("certificate");
    const key = String(config.users[0]?.user["client-key-data"]);
    for (const secret of [key, text("client-key-data")]) expect(one.world.secrets).toContain(secret);
    const whole = await one.world.kubeconfigOf(one.clusterId, { user: "token" });
    expect(one.world.secrets).toContain(Buffer.from(whole).toString("base64"));
  });
});

describe("in process, TLS is kept as over sockets", () => {
  async function send(tlsSettings: Record<string, string>, token?: string) {
    const one = clusterTalk();
    const config = parse(await one.world.kubeconfigOf(one.clusterId, { user: "token" })) as Kubeconfig;
    const cluster = config.clusters[0]?.cluster;
    const ca = Buffer.from(String(cluster?.["certificate-authority-data"]), "base64").toString("utf8");
    const request = createPipelineRequest({ url: `${cluster?.server}${PODS}` });
    request.tlsSettings = { ca, ...tlsSettings };
    request.headers.set("authorization", `Bearer ${token ?? String(config.users[0]?.user["token"])}`);
    return inProcessClient(one.emulator).sendRequest(request);
  }

  test("with the authority of the kubeconfig", async () => {
    expect((await send({})).status).toBe(200);
  });

  test("the authority must be the cluster's", async () => {
    const { certificate } = await makeAuthority("stranger");
    await expect(send({ ca: certificate })).rejects.toMatchObject({ code: "SELF_SIGNED_CERT_IN_CHAIN" });
  });

  test("a client certificate needs its own key", async () => {
    const one = await makeCertificate({ names: ["a"] });
    const other = await makeCertificate({ names: ["b"] });
    const pair = { cert: one.certificate, key: other.privateKey };
    await expect(send(pair)).rejects.toMatchObject({ code: "ERR_OSSL_X509_KEY_VALUES_MISMATCH" });
  });

  test.each([
    ["private", { apiServerAccessProfile: { enablePrivateCluster: true } }],
    ["stopped", { powerState: { code: "Stopped" } }],
  ])("a %s cluster has no address", async (_what, changes) => {
    const one = clusterTalk();
    Object.assign(properties(one), changes);
    const config = parse(await one.world.kubeconfigOf(one.clusterId, { user: "token" })) as Kubeconfig;
    const request = createPipelineRequest({ url: `${config.clusters[0]?.cluster.server}${PODS}` });
    await expect(inProcessClient(one.emulator).sendRequest(request)).rejects.toMatchObject({
      code: "ENOTFOUND",
    });
  });

  test("authorized ranges let nobody else in", async () => {
    const one = clusterTalk();
    properties(one)["apiServerAccessProfile"] = { authorizedIPRanges: ["1.2.3.0/24"] };
    expect((await one.ask("GET", PODS)).kind).toBe("hang");
    one.world.knobs.apiServerFromOutside = "reset";
    expect((await one.ask("GET", PODS)).kind).toBe("reset");
    one.world.knobs.apiServerFromOutside = "allow";
    expect((await one.ask("GET", PODS)).status).toBe(200);
  });
});

describe("access control", () => {
  test("refuses as the API server words it", async () => {
    const { ask, world, clusterId } = clusterTalk();
    world.kubernetesDeny(clusterId, { verb: "list", resource: "pods", namespace: "azureml" });
    world.kubernetesDeny(clusterId, { verb: "*", resource: "nodes" });
    world.kubernetesDeny(clusterId, { verb: "get", resource: "secrets" });
    world.kubernetesDeny(clusterId, { verb: "list", resource: "deployments" });
    world.kubernetesDeny(clusterId, { verb: "get", resource: "pods/log" });
    expect(status(await ask("GET", PODS))).toBe(
      '403 Forbidden: pods is forbidden: User "masterclient" cannot list resource "pods" in API group "" in the namespace "azureml"',
    );
    expect(status(await ask("GET", "/api/v1/nodes"))).toBe(
      '403 Forbidden: nodes is forbidden: User "masterclient" cannot list resource "nodes" in API group "" at the cluster scope',
    );
    expect(status(await ask("GET", "/api/v1/namespaces/azureml/secrets/tls"))).toContain(
      'secrets "tls" is forbidden: User "masterclient" cannot get resource "secrets" in API group "" in the namespace "azureml"',
    );
    expect(status(await ask("GET", "/apis/apps/v1/deployments"))).toContain(
      'deployments.apps is forbidden: User "masterclient" cannot list resource "deployments" in API group "apps" at the cluster scope',
    );
    expect(status(await ask("GET", `${PODS}/healthcheck/log`))).toContain('cannot get resource "pods/log"');
    expect((await ask("GET", "/api/v1/namespaces/default/pods")).status).toBe(200);
    expect((await ask("GET", `${PODS}/healthcheck`)).status).toBe(200);
  });

  test("says beforehand what it would refuse", async () => {
    const { ask, world, clusterId } = clusterTalk();
    world.kubernetesDeny(clusterId, { verb: "list", resource: "pods", namespace: "azureml" });
    const may = async (resourceAttributes: object) => {
      const body = { kind: "SelfSubjectAccessReview", spec: { resourceAttributes } };
      const said = await ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", { body });
      expect(said.status).toBe(201);
      return (said.body as { status: { allowed: boolean } }).status.allowed;
    };
    expect(await may({ verb: "list", resource: "pods", namespace: "azureml" })).toBe(false);
    expect(await may({ verb: "*", resource: "*", namespace: "azureml" })).toBe(false);
    expect(await may({ verb: "list", resource: "pods", namespace: "default" })).toBe(true);
    expect(await may({ verb: "list", resource: "pods" })).toBe(true);
    expect(await may({ verb: "get", resource: "pods", subresource: "log", namespace: "azureml" })).toBe(true);
  });

  test("lists its rules", async () => {
    const { ask, world, clusterId } = clusterTalk();
    const rules = async () => {
      const body = { kind: "SelfSubjectRulesReview", spec: { namespace: "azureml" } };
      const said = await ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", { body });
      return (said.body as { status: { resourceRules: JsonObject[]; incomplete: boolean } }).status;
    };
    expect((await rules()).resourceRules).toEqual([{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }]);
    world.kubernetesDeny(clusterId, { verb: "list", resource: "pods", namespace: "azureml" });
    const { resourceRules } = await rules();
    expect(resourceRules).toContainEqual({ verbs: ["get", "watch"], apiGroups: [""], resources: ["pods"] });
    expect(resourceRules).toContainEqual({
      verbs: ["get", "list", "watch"],
      apiGroups: [""],
      resources: ["nodes"],
    });
  });
});

describe("what is recorded", () => {
  test("holds no secret, and none of it goes to the referee of Resource Manager", async () => {
    const { ask, world } = clusterTalk();
    const body = { metadata: { name: "mine" }, stringData: { password: "correct horse battery" } };
    await ask("POST", "/api/v1/namespaces/default/secrets", { body });
    await ask("GET", "/api/v1/namespaces/default/secrets");
    const told = world.exchanges.filter(({ host }) => host === "kubernetes");
    expect(told).toHaveLength(2);
    expect(JSON.stringify(told)).not.toContain("correct horse");
    expect(JSON.stringify(told)).not.toContain(Buffer.from("correct horse battery").toString("base64"));
  });

  test("faults are worded as an API server words them", async () => {
    const { ask, world } = clusterTalk();
    world.faults.push({ match: { url: "/pods" }, kind: "status", status: 429 });
    const said = await ask("GET", PODS);
    expect(status(said)).toContain("429 TooManyRequests");
    expect(said.headers["retry-after"]).toBe("1");
    expect((await ask("GET", PODS)).status).toBe(200);
  });
});

function properties({
  world,
  clusterId,
}: {
  world: ReturnType<typeof talk>["world"];
  clusterId: string;
}): JsonObject {
  return world.store.get(clusterId)?.body["properties"] as JsonObject;
}
