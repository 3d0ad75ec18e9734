import { X509Certificate } from "node:crypto";
import type { AddressInfo, Server as NetServer } from "node:net";
import { createServer as createPlain } from "node:net";
import { createSecureContext, createServer, type Server } from "node:tls";
import { afterEach, describe, expect, test } from "@jest/globals";
import { makeCertificate } from "../../emulator/index.ts";
import { servedCertificate } from "../../src/kubernetes/endpoint.ts";

const servers: NetServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const listening = (server: NetServer) =>
  new Promise<number>((resolve) => {
    servers.push(server);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
const look = (port: number, signal = new AbortController().signal) =>
  servedCertificate("127.0.0.1", port, "ml.example.com", signal);

describe("the certificate that an address serves", () => {
  test("is told even where nobody would trust it: expired, for another name, signed by itself", async () => {
    const pair = await makeCertificate({ names: ["other.example"], notAfter: new Date(Date.now() - 1_000) });
    const names: string[] = [];
    const served = { cert: pair.certificate, key: pair.privateKey };
    const server: Server = createServer(
      {
        ...served,
        SNICallback: (name, chosen) => {
          names.push(name);
          chosen(null, createSecureContext(served));
        },
      },
      (socket) => void socket.on("error", () => undefined),
    );
    server.on("tlsClientError", () => undefined);
    const port = await listening(server);
    const seen = await look(port);
    expect(seen).toMatchObject({ is: "present", value: { address: `127.0.0.1:${port}` } });
    const told = seen.is === "present" ? new X509Certificate(seen.value.certificate) : undefined;
    expect(told?.fingerprint256).toBe(new X509Certificate(pair.certificate).fingerprint256);
    expect(names).toEqual(["ml.example.com"]);
  });

  test("is absent where nobody listens, or no TLS is spoken", async () => {
    const closed = await listening(createPlain());
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await look(closed)).toEqual({ is: "absent" });
    const plain = await listening(
      createPlain((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
    );
    expect(await look(plain)).toEqual({ is: "absent" });
  });

  test("is given up with the run", async () => {
    const silent = await listening(createPlain(() => undefined));
    const controller = new AbortController();
    const going = look(silent, controller.signal);
    controller.abort();
    expect(await going).toEqual({ is: "absent" });
  });
});
