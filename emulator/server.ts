import { X509Certificate } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { makeCertificates, sharedInProcess } from "./certificates.ts";
import type { Emulator } from "./emulator.ts";
import type { Answer } from "./http.ts";
import { serveRouter } from "./kubernetes/router.ts";

export interface Served {
  /** Everything that is Azure: Entra ID, Resource Manager, GitHub's OIDC endpoint, the control API. */
  url: string;
  /** PEM of the authority, for `NODE_EXTRA_CA_CERTS` or `REQUESTS_CA_BUNDLE`. */
  caFile: string;
  /** The foreign host that some `Location` headers name. */
  foreignUrl: string;
  /** Where the API servers of all clusters are; their authority is another, and stands in the kubeconfigs. */
  kubernetesUrl: string;
  close(): Promise<void>;
}

/** Serves an emulator over HTTPS on 127.0.0.1, with an authority that lives as long as the process does. */
export async function serve(emulator: Emulator, options: { port?: number } = {}): Promise<Served> {
  const certificates = await sharedInProcess("served", () => makeCertificates());
  const { clusters } = emulator.world;
  const tls = { cert: certificates.certificate, key: certificates.privateKey };
  const own = await listen(
    tls,
    options.port ?? 0,
    exchange(emulator, () => emulator.origin),
  );
  const foreign = await listen(
    tls,
    0,
    exchange(emulator, () => emulator.foreignOrigin),
  );
  const kubernetes = await listenForClusters(emulator);
  const router = await serveRouter(emulator.world);
  emulator.origin = originOf(own);
  emulator.foreignOrigin = originOf(foreign);
  clusters.origin = originOf(kubernetes);
  clusters.router = router.address;
  const folder = await mkdtemp(join(tmpdir(), "azureml-clusters-emulator-"));
  const caFile = join(folder, "ca.pem");
  await writeFile(caFile, certificates.authority);
  return {
    url: emulator.origin,
    caFile,
    foreignUrl: emulator.foreignOrigin,
    kubernetesUrl: clusters.origin,
    close: async () => {
      await Promise.all([stop(own), stop(foreign), stop(kubernetes), router.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The API servers of all clusters behind one port. They ask for a client certificate, and judge it themselves. */
async function listenForClusters(emulator: Emulator): Promise<Server> {
  const { clusters } = emulator.world;
  const { certificate: cert, privateKey: key } = await clusters.serverCertificate();
  const tls = { cert, key, ca: clusters.authority, requestCert: true, rejectUnauthorized: false };
  return listen(
    tls,
    0,
    exchange(emulator, () => clusters.origin ?? ""),
  );
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

function listen(tls: ServerOptions, port: number, listener: Listener): Promise<Server> {
  const server = createServer(tls, listener);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve(server);
    });
  });
}

function originOf(server: Server): string {
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A request that hangs by a fault keeps its socket open: those are closed as well. */
function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function exchange(emulator: Emulator, origin: () => string): Listener {
  return async (request, response) => {
    try {
      const answer = await emulator.handle({
        method: request.method ?? "GET",
        url: `${origin()}${request.url ?? "/"}`,
        headers: singleHeaders(request),
        body: await textOf(request),
        clientCertificate: presented(request),
      });
      await send(answer, request, response);
    } catch (error) {
      // A bug of the emulator, or a client that went away in the middle of its request.
      const message = error instanceof Error ? error.message : String(error);
      if (!response.headersSent) response.writeHead(500, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { code: "EmulatorBug", message } }));
    }
  };
}

/** What each connection presented. */
const seen = new WeakMap<TLSSocket, string>();

/** The client's certificate; TLS has seen that the client holds its key. */
function presented({ socket }: IncomingMessage): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const known = seen.get(socket);
  if (known !== undefined) return known || undefined;
  const raw = socket.getPeerCertificate().raw;
  const certificate = raw ? new X509Certificate(raw).toString() : "";
  seen.set(socket, certificate);
  return certificate || undefined;
}

async function send(answer: Answer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (answer.kind === "hang") return;
  if (answer.kind === "reset") {
    request.socket.destroy();
    return;
  }
  if (answer.kind === "truncated") {
    const length = String(Buffer.byteLength(answer.body) + 64);
    response.writeHead(answer.status, { ...answer.headers, "content-length": length });
    response.write(answer.body, () => request.socket.destroy());
    return;
  }
  if (answer.more) {
    response.writeHead(answer.status, answer.headers);
    response.write(answer.body);
    const chunks = answer.more[Symbol.asyncIterator]();
    // Whoever hangs up listens no more.
    response.once("close", () => chunks.return?.());
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) response.write(next.value);
    response.end();
    return;
  }
  const hasBody = answer.body !== "" && request.method !== "HEAD";
  const length = hasBody ? { "content-length": String(Buffer.byteLength(answer.body)) } : {};
  response.writeHead(answer.status, { ...answer.headers, ...length });
  response.end(hasBody ? answer.body : undefined);
}

function singleHeaders(request: IncomingMessage): Record<string, string> {
  const entries = Object.entries(request.headers).map(([name, value]) => [
    name,
    [value ?? ""].flat().join(", "),
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
