import { describe, expect, test } from "@jest/globals";
import { Refusal } from "../../src/azure/errors.ts";
import { createPipeline } from "../../src/azure/pipeline.ts";
import { Wire } from "../../src/azure/wire.ts";
import { DirectApi } from "../../src/kubernetes/cluster-api.ts";
import { readKubeconfig } from "../../src/kubernetes/kubeconfig.ts";
import { Failure } from "../../src/model/failure.ts";
import { bareWorld } from "../actions/deploy-scenes.ts";
import { aksId } from "../support/scene.ts";
import { type Scripted, scriptedClient } from "../support/scripted-client.ts";
import { virtually } from "../support/virtual-time.ts";
import { connected } from "./talking.ts";

/** The API of the AKS cluster of a world, by its kubeconfig. */
async function apiOf(world = bareWorld()) {
  const { azure } = await virtually(() => connected(world));
  const access = readKubeconfig(await world.kubeconfigOf(aksId(world), { user: "token" }));
  const api = new DirectApi("test", azure.wire, access, async () => access.token);
  return { world, api };
}

/** An API server that answers from a script. */
function scriptedApi(answer: (url: URL, nth: number) => Scripted) {
  const { client, requests } = scriptedClient(({ url }, nth) => answer(new URL(url), nth));
  const pipeline = createPipeline({
    client,
    deadline: Date.now() + 3_600_000,
    userAgent: "test/1",
    correlationId: "c",
    log: () => undefined,
    debug: () => undefined,
  });
  const wire = new Wire(pipeline, client, new AbortController().signal);
  const access = { server: "https://k.test/prefix", tls: {}, secrets: [] };
  return { api: new DirectApi("test", wire, access, async () => "planted-token"), requests };
}

const named = ({ metadata }: { metadata: { name: string } }) => metadata.name;
const items = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ metadata: { name: `p${from + index}` } }));

describe("a list is read in pages", () => {
  test("of 100, to the last one, each page made small as it comes", async () => {
    const { world, api } = await apiOf();
    world.addExtension(aksId(world));
    world.kubernetes(aksId(world)).knobs.podCount = 234;
    const names = await virtually(() => api.list("/api/v1/namespaces/azureml/pods", named));
    expect(names.length).toBeGreaterThanOrEqual(234);
    expect(new Set(names).size).toBe(names.length);
    const pages = world.exchanges.filter(({ url }) => url.includes("/pods"));
    expect(pages).toHaveLength(3);
    expect(pages.every(({ url }) => new URL(url).searchParams.get("limit") === "100")).toBe(true);
  });

  test("also behind a prefix, and with a query of its own", async () => {
    const { api, requests } = scriptedApi((url) =>
      url.searchParams.get("continue") === "a/b+c="
        ? { status: 200, body: { items: items(2, 1), metadata: { continue: "" } } }
        : { status: 200, body: { items: items(0, 2), metadata: { continue: "a/b+c=" } } },
    );
    expect(await virtually(() => api.list("/api/v1/pods?labelSelector=a", named))).toEqual([
      "p0",
      "p1",
      "p2",
    ]);
    expect(requests.map(({ url }) => new URL(url).pathname)).toEqual(Array(2).fill("/prefix/api/v1/pods"));
    expect(requests.every(({ url }) => new URL(url).searchParams.get("labelSelector") === "a")).toBe(true);
    expect(requests.map(({ authorization }) => authorization)).toEqual(Array(2).fill("Bearer planted-token"));
  });

  test("that is empty has no items, or null (issue 4)", async () => {
    for (const body of [{ items: null, metadata: {} }, { metadata: {} }, { items: [] }]) {
      const { api } = scriptedApi(() => ({ status: 200, body }));
      expect(await virtually(() => api.list("/api/v1/pods", named))).toEqual([]);
    }
  });

  test.each(["once", "always"] as const)(
    "whose place is too old (410, %s) is read all the same",
    async (expireContinue) => {
      const { world, api } = await apiOf();
      world.addExtension(aksId(world));
      Object.assign(world.kubernetes(aksId(world)).knobs, { podCount: 1_234 });
      const all = await virtually(() => api.list("/api/v1/namespaces/azureml/pods", named));
      world.kubernetes(aksId(world)).knobs.expireContinue = expireContinue;
      const going = virtually(() => api.list("/api/v1/namespaces/azureml/pods", named));
      if (expireContinue === "once") expect((await going).toSorted()).toEqual(all.toSorted());
      // Where it never ends well, it ends.
      else expect(await going.catch((error: Failure) => error.code)).toEqual("KubernetesExpired");
    },
  );
});

describe("an answer of the API server", () => {
  test.each([
    [404, "NotFound", undefined],
    [403, "Forbidden", /role/],
    [401, "Unauthorized", /token or certificate/],
  ])("%i is a refusal with the server's own words", async (status, reason, remedy) => {
    const { api } = scriptedApi(() => ({ status, body: { kind: "Status", reason, message: "so\nit is" } }));
    const failure = (await virtually(() =>
      api.get("/api/v1/nodes?limit=1").catch((error: unknown) => error),
    )) as Refusal;
    expect(failure).toBeInstanceOf(Refusal);
    expect([failure.status, failure.code]).toEqual([status, `Kubernetes${reason}`]);
    expect(failure.message).toBe(`so it is (GET /api/v1/nodes: status ${status})`);
    if (remedy) expect(failure.remedy).toMatch(remedy);
  });

  test.each<[string, Scripted]>([
    ["a page of a proxy", { status: 200, body: "<html>sign in</html>" }],
    ["nothing", { status: 200 }],
    ["a number", { status: 200, body: "5" }],
  ])("that is %s does not come from one", async (_what, answer) => {
    const { api } = scriptedApi(() => answer);
    const failure = await virtually(() => api.get("/api/v1/nodes").catch((error: unknown) => error));
    expect(failure).toBeInstanceOf(Failure);
    expect((failure as Failure).code).toBe("NoAnswer");
  });

  test("with status 503 is asked for again", async () => {
    const { api } = scriptedApi((_url, nth) =>
      nth < 3 ? { status: 503, body: {} } : { status: 200, body: { kind: "Node" } },
    );
    expect(await virtually(() => api.get("/api/v1/nodes/a"))).toEqual({ kind: "Node" });
  });

  test("that is a log is text", async () => {
    const { api } = scriptedApi(() => ({
      status: 200,
      headers: { "content-type": "text/plain" },
      body: '{"level":"info"}\nplain\n',
    }));
    expect(await virtually(() => api.text("/log"))).toBe('{"level":"info"}\nplain\n');
  });
});

describe("the review of what the caller may do", () => {
  test("asks for one namespace", async () => {
    const { api } = await apiOf();
    const review = await virtually(() => api.rules("azureml"));
    expect(review).toMatchObject({ incomplete: false, resourceRules: [{ verbs: ["*"], resources: ["*"] }] });
  });

  test("is asked for again where its answer is lost, since it changes nothing", async () => {
    const { api, requests } = scriptedApi((_url, nth) =>
      nth < 3
        ? { broken: "ECONNRESET" }
        : { status: 201, body: { status: { incomplete: true, resourceRules: [] } } },
    );
    expect(await virtually(() => api.rules("azureml"))).toEqual({ incomplete: true, resourceRules: [] });
    expect(requests).toHaveLength(3);
  });
});
