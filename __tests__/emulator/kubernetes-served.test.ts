import { request as httpRequest } from "node:http";
import { Agent, request as httpsRequest, type RequestOptions } from "node:https";
import { connect } from "node:tls";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { Emulator, makeCertificate, type Served, serve, World } from "../../emulator/index.ts";
import { type JsonObject, objectAt, valueAt } from "../../emulator/json.ts";

let world: World;
let served: Served;
let aks: string;
let arc: string;

beforeAll(async () => {
  world = World.simple();
  const group = `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers`;
  aks = `${group}/Microsoft.ContainerService/managedClusters/aks1`;
  arc = `${group}/Microsoft.Kubernetes/connectedClusters/arc1`;
  served = await serve(new Emulator(world));
});
afterAll(() => served.close());

interface Kubeconfig {
  clusters: { cluster: { server: string; "certificate-authority-data": string } }[];
  users: { user: Record<string, string> }[];
}

async function access(clusterId: string, user: "certificate" | "token") {
  const config = parse(await world.kubeconfigOf(clusterId, { user })) as Kubeconfig;
  const text = (base64: string | undefined) => Buffer.from(base64 ?? "", "base64").toString("utf8");
  const { cluster } = config.clusters[0] ?? {};
  const signIn = config.users[0]?.user ?? {};
  return {
    server: cluster?.server ?? "",
    ca: text(cluster?.["certificate-authority-data"]),
    cert: text(signIn["client-certificate-data"]),
    key: text(signIn["client-key-data"]),
    token: signIn["token"] ?? "",
  };
}

function ask(
  url: string,
  options: RequestOptions,
): Promise<{ status: number; body: JsonObject; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, { agent: new Agent(), ...options }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += String(chunk);
      });
      response.on("end", () => {
        const body = text.startsWith("{") && !text.includes("}\n{") ? (JSON.parse(text) as JsonObject) : {};
        resolve({ status: response.statusCode ?? 0, body, text });
      });
    });
    request.on("error", reject);
    request.end();
  });
}

const PODS = "/api/v1/namespaces/azureml/pods?limit=2";

test("a client certificate signs in over HTTPS, and none of somebody else", async () => {
  const { server, ca, cert, key } = await access(aks, "certificate");
  expect(server).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/clusters\/\d+$/);
  const said = await ask(`${server}${PODS}`, { ca, cert, key });
  expect(said).toMatchObject({ status: 200, body: { kind: "PodList" } });
  expect((await ask(`${server}${PODS}`, { ca })).status).toBe(401);
  const stranger = await makeCertificate({
    names: [],
    subject: "CN=masterclient,O=system:masters",
    usage: "client",
  });
  const theirs = { cert: stranger.certificate, key: stranger.privateKey };
  expect((await ask(`${server}${PODS}`, { ca, ...theirs })).status).toBe(401);
});

test("a token does, and each cluster has its own path", async () => {
  const one = await access(aks, "token");
  const other = await access(arc, "token");
  expect(other.server).not.toBe(one.server);
  const headers = (token: string) => ({ ca: one.ca, headers: { authorization: `Bearer ${token}` } });
  const said = await ask(`${other.server}/api/v1/nodes`, headers(other.token));
  expect(valueAt(said.body, "items")).toHaveLength(3);
  expect((await ask(`${other.server}/api/v1/nodes`, headers(one.token))).status).toBe(401);
});

test("the clusters have an authority of their own: Azure's does not vouch for them", async () => {
  const { readFile } = await import("node:fs/promises");
  const { server } = await access(aks, "token");
  const ca = await readFile(served.caFile, "utf8");
  await expect(ask(`${server}/version`, { ca })).rejects.toThrow(/certificate/);
});

test("a watch tells what happens while it lasts", async () => {
  const { server, ca, token } = await access(aks, "token");
  const path = "/api/v1/namespaces?watch=true&timeoutSeconds=1";
  const watching = ask(`${server}${path}`, { ca, headers: { authorization: `Bearer ${token}` } });
  world.kubernetes(aks).put({ kind: "Namespace", metadata: { name: "while-watching" } });
  const types = (await watching).text
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as JsonObject)["type"]);
  expect(new Set(types)).toEqual(new Set(["ADDED"]));
  expect(types.length).toBeGreaterThan(5);
});

test("a private or stopped cluster has a name that nobody resolves", async () => {
  const properties = objectAt(world.store.get(arc)?.body, "properties");
  properties["powerState"] = { code: "Stopped" };
  const { server, ca } = await access(arc, "token");
  expect(new URL(server).hostname).toMatch(/\.invalid$/);
  await expect(ask(`${server}/version`, { ca })).rejects.toMatchObject({
    code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
  });
  delete properties["powerState"];
});

interface Shown {
  names: string;
  protocol: string;
}

function handshake(port: number, servername?: string): Promise<Shown> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, rejectUnauthorized: false, ...(servername && { servername }) };
    const socket = connect(options, () => {
      const { subjectaltname = "" } = socket.getPeerCertificate();
      resolve({ names: subjectaltname, protocol: socket.getProtocol() ?? "" });
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

const routerPort = () => {
  const service = world.kubernetes(aks).get("Service", "azureml", "azureml-fe");
  const [port] = valueAt(service, "spec", "ports") as { name: string; port: number }[];
  expect(valueAt(service, "status", "loadBalancer", "ingress")).toEqual([{ ip: "127.0.0.1" }]);
  return port ?? { name: "", port: 0 };
};

test("the router answers where its service says: over HTTP as it was seeded", async () => {
  const { name, port } = routerPort();
  expect(name).toBe("http");
  const status = await new Promise((resolve, reject) => {
    httpRequest({ host: "127.0.0.1", port }, ({ statusCode }) => resolve(statusCode))
      .on("error", reject)
      .end();
  });
  expect(status).toBe(200);
});

test("over TLS it shows what the secret holds, or another certificate", async () => {
  world.breakCluster(aks, "tls-secret-wrong-name");
  await world.clusters.prepare();
  const { name, port } = routerPort();
  expect(name).toBe("https");
  expect(await handshake(port)).toEqual({ names: "DNS:wrong.example.org", protocol: "TLSv1.2" });
  world.breakCluster(aks, "tls-served-other");
  expect(await handshake(port, "ml.example.com")).toMatchObject({ names: "DNS:other.example.net" });
  world.breakages.clear();
  await world.clusters.prepare();
  expect(await handshake(port, "ml.example.com")).toMatchObject({ names: "DNS:ml.example.com" });
});

test("over TLS it shows the PEM pair of the settings", async () => {
  const { certificate, privateKey } = await makeCertificate({ names: ["pem.example.com"], key: "rsa" });
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const [extension] = world.store.list("Microsoft.KubernetesConfiguration/extensions", aks);
  Object.assign(objectAt(extension?.body, "properties", "configurationProtectedSettings"), {
    "scoringFe.sslCert": base64(certificate),
    "scoringFe.sslKey": base64(privateKey),
  });
  expect(await handshake(routerPort().port)).toMatchObject({ names: "DNS:pem.example.com" });
});
