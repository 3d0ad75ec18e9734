import { connect as connectSocket, createServer, type Server } from "node:net";
import { createDefaultHttpClient } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Emulator, makeCertificate, type Served, serve } from "../../emulator/index.ts";
import { Unsettled } from "../../src/azure/errors.ts";
import { createPipeline } from "../../src/azure/pipeline.ts";
import { type Tls, Wire } from "../../src/azure/wire.ts";
import { readKubeconfig } from "../../src/kubernetes/kubeconfig.ts";
import { Failure } from "../../src/model/failure.ts";
import { bareWorld } from "../actions/deploy-scenes.ts";
import { aksId } from "../support/scene.ts";
import { type Scripted, scriptedClient } from "../support/scripted-client.ts";
import { virtually } from "../support/virtual-time.ts";

const stranger = await makeCertificate({ names: ["127.0.0.1"] });

/** A wire over a network, and what it says of retries. */
function wireOver(client: Parameters<typeof createPipeline>[0]["client"], signal?: AbortSignal) {
  const log: string[] = [];
  const pipeline = createPipeline({
    client,
    deadline: Date.now() + 3_600_000,
    userAgent: "test/1",
    correlationId: "c",
    log: (line) => void log.push(line),
    debug: () => undefined,
  });
  return { wire: new Wire(pipeline, client, signal ?? new AbortController().signal), log };
}

const scripted = (answer: (nth: number) => Scripted) => {
  const { client, requests } = scriptedClient((_request, nth) => answer(nth));
  return { ...wireOver(client), requests };
};

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof Failure) return thrown;
  throw new Error(
    `no Failure, but ${thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : "none"}`,
  );
}

describe("a POST that changes nothing", () => {
  test("is sent again like a read; any other is not", async () => {
    const lostOnce = (nth: number): Scripted =>
      nth === 1 ? { broken: "ECONNRESET" } : { status: 200, body: {} };
    const again = scripted(lostOnce);
    const call = { method: "POST", url: "https://x.test/a", body: {} } as const;
    const answer = await virtually(() => again.wire.send({ ...call, repeatable: true }));
    expect({ status: answer.status, sent: again.requests.length }).toEqual({ status: 200, sent: 2 });
    const once = scripted(lostOnce);
    const failure = await failureOf(virtually(() => once.wire.send(call)));
    expect(failure).toBeInstanceOf(Unsettled);
    expect(once.requests).toHaveLength(1);
  });

  test("is not sent again because another one may be", async () => {
    const { wire, requests } = scripted(() => ({ status: 503 }));
    const call = { method: "POST", url: "https://x.test/a", body: {} } as const;
    await virtually(() => wire.send({ ...call, repeatable: true }));
    const repeated = requests.length;
    await virtually(() => wire.send(call));
    expect(repeated).toBeGreaterThan(2);
    expect(requests).toHaveLength(repeated + 1);
  });
});

test("an answer to a request for text is text, whatever it looks like", async () => {
  const { wire } = scripted(() => ({
    status: 200,
    headers: { "content-type": "text/plain" },
    body: "not { JSON",
  }));
  const answer = await virtually(() =>
    wire.send({ method: "GET", url: "https://x.test/log", headers: { accept: "text/plain" } }),
  );
  expect(answer.body).toBe("not { JSON");
});

test("the end of the run ends a request, by the run's own reason", async () => {
  const { client } = scriptedClient(() => ({ broken: "ECONNRESET" }));
  const controller = new AbortController();
  const { wire } = wireOver(client, controller.signal);
  const reason = new Failure("Cancelled", "enough");
  const going = virtually(async () => {
    setTimeout(() => controller.abort(reason), 500);
    return wire.send({ method: "GET", url: "https://x.test/a" });
  });
  await expect(going).rejects.toBe(reason);
});

describe("the server's certificate, over real sockets (issue 4, point 2: always checked)", () => {
  const world = bareWorld();
  const state = {} as { azure: Served; server: string; tls: Tls; token: string };

  beforeAll(async () => {
    state.azure = await serve(new Emulator(world));
    const kubeconfig = readKubeconfig(await world.kubeconfigOf(aksId(world), { user: "both" }));
    Object.assign(state, { server: kubeconfig.server, tls: kubeconfig.tls, token: kubeconfig.token });
  });
  afterAll(() => state.azure.close());

  const ask = (tls: Tls | undefined) => {
    const { wire, log } = wireOver(createDefaultHttpClient());
    const headers = { authorization: `Bearer ${state.token}` };
    const going = wire.send({ method: "GET", url: `${state.server}/api/v1/nodes`, tls, headers });
    return { going, log };
  };
  const reached = () => world.exchanges.filter(({ host }) => host === "kubernetes").length;

  test("that the kubeconfig's authority vouches for is taken", async () => {
    expect((await ask(state.tls).going).status).toBe(200);
  });

  test.each<[string, () => Tls | undefined]>([
    ["with no authority of one's own", () => undefined],
    ["with the authority of another cluster", () => ({ ...state.tls, ca: stranger.certificate })],
    ["for another name", () => ({ ...state.tls, servername: "kubernetes.example" })],
  ])("%s is refused at once, and nothing is sent", async (_what, tls) => {
    const before = reached();
    const { going, log } = ask(tls());
    const failure = await failureOf(going);
    expect(failure.code).toBe("NoAnswer");
    expect(failure.message).toMatch(/certificate|CERT|altnames/i);
    // A certificate that is not trusted now won't be in a minute.
    expect(log).toEqual([]);
    expect(reached()).toBe(before);
  });

  test("is checked behind a proxy too, which sees nothing but the host's name", async () => {
    const asked: string[] = [];
    const proxy = await connectProxy(asked);
    const address = proxy.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const before = { ...process.env };
    process.env["HTTPS_PROXY"] = `http://127.0.0.1:${port}`;
    delete process.env["NO_PROXY"];
    delete process.env["no_proxy"];
    try {
      expect((await ask({ ...state.tls }).going).status).toBe(200);
      expect(asked.length).toBeGreaterThan(0);
      const failure = await failureOf(ask({ ...state.tls, ca: stranger.certificate }).going);
      expect(failure.message).toMatch(/certificate|CERT/i);
    } finally {
      process.env = before;
      proxy.close();
    }
  });
});

/** A proxy that opens tunnels and tells where to. */
function connectProxy(asked: string[]): Promise<Server> {
  const proxy = createServer((client) => {
    client.once("data", (head) => {
      const [, host = "", port = ""] = /^CONNECT ([^:]+):(\d+)/.exec(head.toString()) ?? [];
      asked.push(`${host}:${port}`);
      const server = connectSocket(Number(port), host, () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        client.pipe(server).pipe(client);
      });
      server.on("error", () => client.destroy());
      client.on("error", () => server.destroy());
    });
  });
  return new Promise((resolve) => proxy.listen(0, "127.0.0.1", () => resolve(proxy)));
}
