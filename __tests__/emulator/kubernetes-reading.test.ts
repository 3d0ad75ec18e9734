import { createPipelineRequest } from "@azure/core-rest-pipeline";
import { describe, expect, test } from "@jest/globals";
import { type JsonObject, textAt } from "../../emulator/json.ts";
import { inProcessClient } from "../support/in-process.ts";
import { virtually } from "../support/virtual-time.ts";
import { AZUREML, clusterTalk, nameOf, status } from "./kubernetes-talk.ts";

interface List {
  kind: string;
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
  items: JsonObject[];
}

describe("discovery", () => {
  test("version, groups and resources", async () => {
    const { ask } = clusterTalk();
    expect((await ask("GET", "/version")).body).toMatchObject({
      major: "1",
      minor: "33",
      gitVersion: "v1.33.4",
    });
    expect((await ask("GET", "/api")).body).toMatchObject({ kind: "APIVersions", versions: ["v1"] });
    const groups = (await ask("GET", "/apis")).body as { groups: { name: string }[] };
    expect(groups.groups.map(({ name }) => name)).toContain("coordination.k8s.io");
    const { resources } = (await ask("GET", "/api/v1")).body as { resources: JsonObject[] };
    expect(resources).toContainEqual(
      expect.objectContaining({ name: "pods", namespaced: true, kind: "Pod" }),
    );
    expect(resources).toContainEqual(expect.objectContaining({ name: "pods/log" }));
    expect((await ask("GET", "/readyz")).text).toBe("ok");
  });

  test("custom resources while their definition is there", async () => {
    const { ask, world, clusterId } = clusterTalk();
    const types = "/apis/amlarc.azureml.com/v1alpha1/instancetypes";
    // extension 5a: the default instance type is implicit and not listed.
    expect((await ask("GET", types)).body).toMatchObject({ kind: "InstanceTypeList", items: [] });
    world.store.delete(`${clusterId}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`);
    expect(status(await ask("GET", types))).toBe(
      "404 NotFound: the server could not find the requested resource",
    );
    expect((await ask("GET", "/apis/amlarc.azureml.com/v1alpha1")).status).toBe(404);
  });

  test.each([
    ["an unknown kind", "/api/v1/widgets"],
    ["an unknown group", "/apis/example.com/v1/things"],
    ["an unknown version", "/apis/apps/v1beta1/deployments"],
    ["a namespaced object without its namespace", "/api/v1/pods/x"],
    ["a node in a namespace", "/api/v1/namespaces/azureml/nodes"],
    ["an unknown part of a pod", `${AZUREML}/pods/healthcheck/exec`],
  ])("%s is not found", async (_what, path) => {
    const said = await clusterTalk().ask("GET", path);
    expect(status(said)).toBe("404 NotFound: the server could not find the requested resource");
  });

  test("a missing object is named", async () => {
    const { ask } = clusterTalk();
    expect(status(await ask("GET", `${AZUREML}/pods/nobody`))).toBe('404 NotFound: pods "nobody" not found');
    expect(status(await ask("GET", "/apis/apps/v1/namespaces/azureml/deployments/x"))).toBe(
      '404 NotFound: deployments.apps "x" not found',
    );
  });

  test("a misspelled parameter is loud, a method that isn't served is refused", async () => {
    const { ask } = clusterTalk();
    expect((await ask("GET", `${AZUREML}/pods?labelselector=a`)).status).toBe(400);
    expect((await ask("DELETE", `${AZUREML}/pods/healthcheck`)).status).toBe(405);
    expect((await ask("POST", `${AZUREML}/pods`, { body: {} })).status).toBe(405);
  });
});

describe("lists", () => {
  test("say the kind once, and know their version", async () => {
    const { ask } = clusterTalk();
    const list = (await ask("GET", `${AZUREML}/pods`)).body as unknown as List;
    expect(list.kind).toBe("PodList");
    expect(list.items[0]).not.toHaveProperty("kind");
    expect(Number(list.metadata.resourceVersion)).toBeGreaterThan(0);
    expect((await ask("GET", `${AZUREML}/pods/healthcheck`)).body).toMatchObject({
      kind: "Pod",
      apiVersion: "v1",
    });
  });

  test("are paged by tokens that nobody reads", async () => {
    const { ask } = clusterTalk();
    const whole = ((await ask("GET", `${AZUREML}/pods`)).body as unknown as List).items.map(nameOf);
    const pages: string[][] = [];
    let next: string | undefined;
    do {
      const more = next === undefined ? "" : `&continue=${encodeURIComponent(next)}`;
      const page = (await ask("GET", `${AZUREML}/pods?limit=8${more}`)).body as unknown as List;
      pages.push(page.items.map(nameOf));
      next = page.metadata.continue;
      expect(page.metadata.remainingItemCount).toBe(next && whole.length - pages.flat().length);
    } while (next !== undefined);
    expect(pages.flat()).toEqual(whole);
    expect(pages.map(({ length }) => length)).toEqual([8, 8, whole.length - 16]);
  });

  test("a token keeps to the list it came from, as it was", async () => {
    const { ask, world, clusterId } = clusterTalk();
    const first = (await ask("GET", `${AZUREML}/pods?limit=18`)).body as unknown as List;
    const token = encodeURIComponent(first.metadata.continue ?? "");
    world.breakCluster(clusterId, "workload-missing", { workload: "volcano-scheduler" });
    const rest = (await ask("GET", `${AZUREML}/pods?limit=18&continue=${token}`)).body as unknown as List;
    expect(rest.items.map(nameOf).join()).toContain("volcano-scheduler");
    expect(rest.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    expect((await ask("GET", `/api/v1/pods?limit=5&continue=${token}`)).status).toBe(400);
    expect((await ask("GET", `${AZUREML}/pods?continue=nonsense`)).status).toBe(400);
  });

  test("a token can grow too old, and another leads on", async () => {
    const { ask, world, clusterId } = clusterTalk();
    world.kubernetes(clusterId).knobs.expireContinue = "once";
    const first = (await ask("GET", `${AZUREML}/pods?limit=10`)).body as unknown as List;
    const token = (one: List) => encodeURIComponent(one.metadata.continue ?? "");
    const gone = await ask("GET", `${AZUREML}/pods?limit=10&continue=${token(first)}`);
    expect(gone.body).toMatchObject({ code: 410, reason: "Expired" });
    const rest = await ask("GET", `${AZUREML}/pods?continue=${token(gone.body as unknown as List)}`);
    expect((rest.body as unknown as List).items.length).toBeGreaterThan(0);
  });

  test("show metadata alone to who asks for that", async () => {
    const { ask } = clusterTalk();
    const headers = { accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1" };
    const { kind, items } = (await ask("GET", `${AZUREML}/pods`, { headers })).body as unknown as List;
    expect(kind).toBe("PartialObjectMetadataList");
    expect(Object.keys(items[0] ?? {})).toEqual(["kind", "apiVersion", "metadata"]);
  });

  test("span the cluster, in order of namespace and name", async () => {
    const { items } = clusterTalk();
    const namespaces = (await items("/api/v1/pods")).map(
      (one) => (one["metadata"] as JsonObject)["namespace"],
    );
    expect([...new Set(namespaces)]).toEqual(["azureml", "kube-system"]);
  });
});

describe("selectors", () => {
  test.each([
    ["labelSelector=azuremlappname%3Dazureml-fe", 3],
    ["labelSelector=azuremlappname%3D%3Dazureml-fe,app%3Dgateway", 0],
    ["labelSelector=azuremlappname", 3],
    ["labelSelector=app%20in%20(gateway,fluent-bit)", 4],
    ["labelSelector=app!%3Dgateway,azuremlappname", 3],
    ["fieldSelector=metadata.name%3Dhealthcheck", 1],
    ["fieldSelector=status.phase!%3DRunning", 1],
  ])("%s", async (query, count) => {
    expect(await clusterTalk().items(`${AZUREML}/pods?${query}`)).toHaveLength(count);
  });

  test("events are found by what they speak of", async () => {
    const { items, world, clusterId } = clusterTalk();
    world.breakCluster(clusterId, "insufficient-cpu");
    world.breakCluster(clusterId, "crash-loop");
    const all = await items(`${AZUREML}/events?fieldSelector=type%3DWarning`);
    const [first = {}] = all;
    const name = textAt(first, "involvedObject", "name");
    const some = await items(`${AZUREML}/events?fieldSelector=involvedObject.name%3D${name}`);
    expect(some).toHaveLength(1);
    expect(all.length).toBeGreaterThan(1);
  });

  test("a field that a kind doesn't have is refused", async () => {
    const { ask } = clusterTalk();
    expect(status(await ask("GET", `${AZUREML}/pods?fieldSelector=type%3DWarning`))).toContain(
      "field label not supported: type",
    );
    expect((await ask("GET", `${AZUREML}/pods?labelSelector=a%3D%3D%3Db`)).status).toBe(400);
  });
});

describe("watching", () => {
  const watch = async (path: string, change: (one: ReturnType<typeof clusterTalk>) => void) => {
    const one = clusterTalk();
    const { world, emulator, clusterId } = one;
    await world.clusters.prepare();
    const request = createPipelineRequest({ url: `https://aks1-dns.hcp.eastus.emulator.test${path}` });
    request.headers.set("authorization", `Bearer ${world.clusters.of(clusterId).token}`);
    request.tlsSettings = { ca: world.clusters.authority };
    setTimeout(() => change(one), 3000);
    const { bodyAsText } = await inProcessClient(emulator).sendRequest(request);
    const lines = (bodyAsText ?? "").trim().split("\n");
    return lines.map((line) => JSON.parse(line) as { type: string; object: JsonObject });
  };

  test("tells what is there, and what changes meanwhile", async () => {
    const events = await virtually(() =>
      watch("/api/v1/namespaces?watch=true&timeoutSeconds=10", ({ world, clusterId }) => {
        world.breakCluster(clusterId, "volcano-of-others");
        world.kubernetes(clusterId).put({ kind: "Namespace", metadata: { name: "mine" } });
      }),
    );
    expect(events.map(({ type, object }) => `${type} ${nameOf(object)}`)).toEqual([
      "ADDED azureml",
      "ADDED default",
      "ADDED kube-node-lease",
      "ADDED kube-public",
      "ADDED kube-system",
      "ADDED volcano-system",
      "ADDED mine",
    ]);
  });

  test("starts from a version, and refuses one that is too old", async () => {
    const one = clusterTalk();
    const list = (await one.ask("GET", "/api/v1/namespaces")).body as unknown as List;
    const from = `/api/v1/namespaces?watch=1&timeoutSeconds=4&resourceVersion=${list.metadata.resourceVersion}`;
    const events = await virtually(() =>
      watch(from, ({ world, clusterId }) => world.kubernetes(clusterId).remove("Namespace", "", "default")),
    );
    expect(events.map(({ type, object }) => `${type} ${nameOf(object)}`)).toEqual(["DELETED default"]);
    const old = await one.ask("GET", "/api/v1/namespaces?watch=1&resourceVersion=5");
    expect(JSON.parse(old.text)).toMatchObject({ type: "ERROR", object: { code: 410, reason: "Expired" } });
  });
});

describe("logs", () => {
  test("the end of one, cut to so many bytes", async () => {
    const { ask } = clusterTalk();
    const log = await ask("GET", `${AZUREML}/pods/healthcheck/log?tailLines=3`);
    expect(log.text.trim().split("\n")).toHaveLength(3);
    expect(log.headers["content-type"]).toBe("text/plain");
    expect((await ask("GET", `${AZUREML}/pods/healthcheck/log?limitBytes=25`)).text).toHaveLength(25);
  });

  test("a pod with several containers wants to know which", async () => {
    const { ask } = clusterTalk();
    const path = `${AZUREML}/pods/prometheus-prom-prometheus-0/log`;
    expect(status(await ask("GET", path))).toContain(
      "a container name must be specified for pod prometheus-prom-prometheus-0, choose one of: [prometheus config-reloader]",
    );
    expect((await ask("GET", `${path}?container=config-reloader`)).status).toBe(200);
    expect((await ask("GET", `${path}?container=other`)).status).toBe(400);
  });

  test("what a container said before it ended, or that there is none", async () => {
    const { ask, items, world, clusterId } = clusterTalk();
    expect(status(await ask("GET", `${AZUREML}/pods/healthcheck/log?previous=true`))).toContain(
      'previous terminated container "healthcheck" in pod "healthcheck" not found',
    );
    world.breakCluster(clusterId, "crash-loop");
    world.breakCluster(clusterId, "image-pull");
    const podOf = async (app: string) =>
      nameOf((await items(`${AZUREML}/pods?labelSelector=app%3D${app}`))[0] ?? {});
    const crashed = await podOf("inference-operator-controller-manager");
    const log = await ask("GET", `${AZUREML}/pods/${crashed}/log?previous=true&tailLines=1`);
    expect(log.text).toContain("unable to start manager");
    expect(status(await ask("GET", `${AZUREML}/pods/${await podOf("aml-operator")}/log`))).toContain(
      "is waiting to start: trying and failing to pull image",
    );
  });

  test("may repeat a secret, where a test plants that", async () => {
    const { ask, world, clusterId } = clusterTalk();
    world.kubernetes(clusterId).knobs.leakyLogs = true;
    const { text } = await ask("GET", `${AZUREML}/pods/healthcheck/log`);
    expect(text).toContain(world.application.secret);
    expect(JSON.stringify(world.exchanges)).not.toContain(world.application.secret);
  });
});
