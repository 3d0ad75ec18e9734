import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { toJsonLines } from "../../emulator/index.ts";
import { type JsonObject, objectAt, textAt, valueAt } from "../../emulator/json.ts";
import { clusterTalk, entraToken } from "./kubernetes-talk.ts";
import { API } from "./talk.ts";

type Talk = ReturnType<typeof clusterTalk>;

const properties = ({ world, clusterId }: Talk) => objectAt(world.store.get(clusterId)?.body, "properties");
const credential = (one: Talk, query = "") =>
  one.arm("POST", `${one.clusterId}/listClusterUserCredential${query}`, { api: API.aks });
const errorOf = (said: { status: number; body: unknown }) =>
  `${said.status} ${textAt(said.body as JsonObject, "error", "code")}`;

interface Kubeconfig {
  clusters: { cluster: { server: string } }[];
  users: { user: JsonObject }[];
}

function kubeconfigIn(body: unknown): Kubeconfig {
  const [first] = (body as { kubeconfigs: { name: string; value: string }[] }).kubeconfigs;
  expect(first?.name).toBe("clusterUser");
  return parse(Buffer.from(first?.value ?? "", "base64").toString("utf8")) as Kubeconfig;
}

describe("listClusterUserCredential (arm-contract 2)", () => {
  test("certificate and token for local accounts", async () => {
    const one = clusterTalk();
    const { users, clusters } = kubeconfigIn((await credential(one)).body);
    expect(Object.keys(users[0]?.user ?? {})).toEqual([
      "client-certificate-data",
      "client-key-data",
      "token",
    ]);
    expect(clusters[0]?.cluster.server).toBe("https://aks1-dns.hcp.eastus.emulator.test:443");
    const authorization = `Bearer ${String(users[0]?.user["token"])}`;
    expect((await one.ask("GET", "/version", { headers: { authorization } })).status).toBe(200);
  });

  test("the exec plugin where Entra is on, whatever the local accounts", async () => {
    const one = clusterTalk();
    properties(one)["aadProfile"] = { managed: true };
    const { users } = kubeconfigIn((await credential(one)).body);
    expect(Object.keys(users[0]?.user ?? {})).toEqual(["exec"]);
    expect(errorOf(await credential(one, "?format=azure"))).toBe("400 BadRequest");
    expect((await credential(one, "?format=exec")).status).toBe(200);
    expect(errorOf(await credential(one, "?format=other"))).toBe("400 InvalidParameter");
  });

  test("refused where local accounts are off and nothing else is on", async () => {
    const one = clusterTalk();
    properties(one)["disableLocalAccounts"] = true;
    expect(errorOf(await credential(one))).toBe("400 BadRequest");
  });

  test("a private cluster's name is private, unless the public one is asked for", async () => {
    const one = clusterTalk();
    properties(one)["apiServerAccessProfile"] = { enablePrivateCluster: true };
    const server = async (query = "") =>
      kubeconfigIn((await credential(one, query)).body).clusters[0]?.cluster.server;
    expect(await server()).toBe("https://aks1-dns.privatelink.eastus.azmk8s.invalid:443");
    expect(await server("?server-fqdn=public")).toBe("https://aks1-dns.hcp.eastus.emulator.test:443");
  });

  test("needs its right, and names the cluster as the scope", async () => {
    const one = clusterTalk();
    one.world.revoke(one.world.application.clientId);
    one.world.grant(one.world.application.clientId, ["*/read"]);
    const said = await credential(one);
    expect(errorOf(said)).toBe("403 AuthorizationFailed");
    expect(said.text).toContain(
      "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action",
    );
    expect(said.text).toContain(`over scope '${one.clusterId}'`);
  });

  test("none of it is recorded", async () => {
    const one = clusterTalk();
    await credential(one);
    const lines = toJsonLines(one.world.exchanges);
    expect(lines).toContain("listClusterUserCredential");
    expect([...one.world.secrets].filter((secret) => secret.length > 20 && lines.includes(secret))).toEqual(
      [],
    );
  });
});

describe("runCommand (arm-contract 2)", () => {
  async function run(one: Talk, command: string, more: JsonObject = {}) {
    const body = { command, ...more };
    const accepted = await one.arm("POST", `${one.clusterId}/runCommand`, { api: API.aks, body });
    if (accepted.status !== 202) return { accepted, exitCode: undefined, logs: "" };
    const where = accepted.headers["location"] ?? "";
    expect(await one.arm("GET", where)).toMatchObject({ status: 202 });
    one.world.clock.advance(one.world.knobs.runCommandSeconds * 1000);
    const { status, body: result } = await one.arm("GET", where);
    expect(status).toBe(200);
    const { exitCode, logs } = objectAt(result as JsonObject, "properties");
    return { accepted, exitCode, logs: String(logs), result };
  }

  test("prints what a path answers", async () => {
    const { exitCode, logs, result } = await run(clusterTalk(), "kubectl get --raw '/api/v1/nodes?limit=1'");
    expect(exitCode).toBe(0);
    expect(JSON.parse(logs)).toMatchObject({ kind: "NodeList", metadata: { remainingItemCount: 2 } });
    expect(result).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      properties: { provisioningState: "Succeeded" },
    });
  });

  test("several at once, and errors as kubectl words them", async () => {
    const one = clusterTalk();
    one.world.kubernetesDeny(one.clusterId, { verb: "list", resource: "pods" });
    const lines = [
      "echo 'first'",
      "kubectl get --raw '/api/v1/namespaces/azureml/pods' 2>&1 || true",
      `kubectl get --raw "/api/v1/namespaces/none"; echo 'last'`,
    ];
    const { exitCode, logs } = await run(one, lines.join("\n"));
    expect(exitCode).toBe(0);
    expect(logs).toBe(
      `first\nError from server (Forbidden): pods is forbidden: User "system:serviceaccount:aks-command:default" cannot list resource "pods" in API group "" in the namespace "azureml"\nlast\nError from server (NotFound): namespaces "none" not found\n`,
    );
  });

  test("&& stops at the first that fails", async () => {
    const { exitCode, logs } = await run(
      clusterTalk(),
      "kubectl get --raw '/none' && echo 'no'; echo yes && kubectl get --raw '/none'",
    );
    expect(exitCode).toBe(1);
    expect(logs).not.toContain("no\n");
    expect(logs).toContain("yes");
  });

  test.each(["gzip -c | base64 -w0", "gzip | base64"])("packed by %s", async (pipe) => {
    const { exitCode, logs } = await run(
      clusterTalk(),
      `(kubectl get --raw '/version'; echo 'end') | ${pipe}`,
    );
    expect(exitCode).toBe(0);
    const text = gunzipSync(Buffer.from(logs, "base64")).toString("utf8");
    expect(text).toMatch(/"gitVersion":"v1.33.4".*\nend\n$/);
  });

  test.each([
    "kubectl delete namespace azureml",
    "helm list",
    "kubectl get --raw '/version' | jq .",
    "rm -rf /; echo 'x'",
  ])("nothing else is understood: %s", async (command) => {
    expect((await run(clusterTalk(), command)).exitCode).toBe(127);
  });

  test("what is too long is cut", async () => {
    const one = clusterTalk();
    one.world.kubernetes(one.clusterId).knobs.podCount = 200;
    const { logs } = await run(one, "kubectl get --raw '/api/v1/namespaces/azureml/pods'");
    expect(Buffer.byteLength(logs)).toBe(512 * 1024);
  });

  test("it reaches a private cluster, and a stopped one not", async () => {
    const one = clusterTalk();
    properties(one)["apiServerAccessProfile"] = { enablePrivateCluster: true };
    expect((await run(one, "kubectl get --raw '/version'")).exitCode).toBe(0);
    properties(one)["powerState"] = { code: "Stopped" };
    expect(errorOf((await run(one, "echo 'x'")).accepted)).toBe("409 OperationNotAllowed");
  });

  test("it can be switched off", async () => {
    const one = clusterTalk();
    properties(one)["apiServerAccessProfile"] = { disableRunCommand: true };
    expect(errorOf((await run(one, "echo 'x'")).accepted)).toBe("400 BadRequest");
  });

  test("where Entra is on it needs the caller's token, and acts as he", async () => {
    const one = clusterTalk();
    properties(one)["aadProfile"] = { managed: true };
    expect(errorOf((await run(one, "echo 'x'")).accepted)).toBe("400 BadRequest");
    one.world.kubernetesDeny(one.clusterId, { verb: "list", resource: "nodes" });
    const clusterToken = await entraToken(one);
    const { logs } = await run(one, "kubectl get --raw '/api/v1/nodes'", { clusterToken });
    expect(logs).toContain(one.world.directory.get(one.world.application.clientId)?.objectId);
    expect(toJsonLines(one.world.exchanges)).not.toContain(clusterToken);
  });

  test("a body that is none, an id that nobody knows", async () => {
    const one = clusterTalk();
    const said = await one.arm("POST", `${one.clusterId}/runCommand`, {
      api: API.aks,
      body: { comand: "x" },
    });
    expect(said.text).toContain("'comand' is not a known property; 'command' is required");
    expect(errorOf(await one.arm("GET", `${one.clusterId}/commandResults/x`, { api: API.aks }))).toBe(
      "404 NotFound",
    );
  });

  test("the objects that a command reads are those of the cluster", async () => {
    const one = clusterTalk();
    const { logs } = await run(one, "kubectl get --raw /api/v1/namespaces/azureml/services/azureml-fe");
    expect(valueAt(JSON.parse(logs) as JsonObject, "spec", "type")).toBe("LoadBalancer");
  });
});
