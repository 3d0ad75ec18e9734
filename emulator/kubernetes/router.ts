import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { createSecureContext, type SecureContext } from "node:tls";
import { makeCertificate, type PemPair, sharedInProcess } from "../certificates.ts";
import type { World } from "../world.ts";
import { type ClusterFacts, factsOf, isBroken } from "./facts.ts";
import type { RouterAddress } from "./services.ts";
import { heldName, strangerName, tlsOf } from "./tls.ts";

/** What stands for the scoring endpoint of every cluster: one port for HTTP, one for HTTPS. */
export interface ServedRouter {
  address: RouterAddress;
  close(): Promise<void>;
}

const ADDRESS = "127.0.0.1";

/** Serves the router on 127.0.0.1. Over TLS it shows the certificate that the settings or the secret hold. */
export async function serveRouter(world: World): Promise<ServedRouter> {
  const answer: RequestListener = (_request, response) => {
    response.writeHead(200, { "content-type": "text/plain" });
    response.end("azureml-fe\n");
  };
  const nobodys = await sharedInProcess("nobody's", () => makeCertificate({ names: [ADDRESS] }));
  const secure = createHttpsServer(
    {
      ...pems(nobodys),
      // extension 8: TLS 1.2 only.
      maxVersion: "TLSv1.2",
      SNICallback: (name, done) => done(null, context(held(world, name) ?? nobodys, nobodys)),
    },
    answer,
  );
  // Who connects by address names no host: he too gets what is held at that moment.
  secure.prependListener("connection", () => {
    const pair = held(world);
    secure.setSecureContext({ ...pems(usable(pair) ? pair : nobodys), maxVersion: "TLSv1.2" });
  });
  const http = await listening(createHttpServer(answer));
  const https = await listening(secure);
  return {
    address: { address: ADDRESS, http: portOf(http), https: portOf(https) },
    close: async () => {
      await Promise.all([stopped(http), stopped(https)]);
    },
  };
}

/** The certificate of the cluster whose router goes by a name, or of the first that serves TLS. */
function held(world: World, name?: string): PemPair | undefined {
  let first: ClusterFacts | undefined;
  // One after the other, up to the one that is looked for: in a fleet all of them would take long.
  for (const { id } of world.clusters.all()) {
    const facts = factsOf(world, world.clusters.of(id));
    const tls = facts && tlsOf(facts);
    if (!facts || !tls) continue;
    if (name === undefined || tls.cname === name) return servedBy(world, facts);
    first ??= facts;
  }
  return first && servedBy(world, first);
}

function servedBy(world: World, facts: ClusterFacts): PemPair | undefined {
  const tls = tlsOf(facts);
  if (!tls) return undefined;
  if (isBroken(facts, "tls-served-other")) return world.clusters.certificate(strangerName(tls.cname));
  return tls.pem ?? world.clusters.certificate(heldName(facts, tls.cname));
}

function context(pair: PemPair, otherwise: PemPair): SecureContext {
  return createSecureContext(pems(usable(pair) ? pair : otherwise));
}

/** A pair that doesn't fit, or is no PEM at all, can't be served. */
function usable(pair: PemPair | undefined): pair is PemPair {
  try {
    return pair !== undefined && createSecureContext(pems(pair)) !== undefined;
  } catch {
    return false;
  }
}

function pems({ certificate, privateKey }: PemPair): { cert: string; key: string } {
  return { cert: certificate, key: privateKey };
}

function listening<T extends Server>(server: T): Promise<T> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, ADDRESS, () => resolve(server));
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function stopped(server: Server & { closeAllConnections?: () => void }): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections?.();
  });
}
