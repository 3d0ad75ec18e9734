import { describe, expect, test } from "@jest/globals";
import { tlsPair } from "../support/tls-pair.ts";
import { clusterTalk } from "./kubernetes-talk.ts";
import { aksCompute, errorOf, failureOf, innerOf, later, legacyTalk } from "./legacy-talk.ts";
import { API, type Said, talk } from "./talk.ts";

/** What updates of components need of Azure and of clusters (issue 5). */

const pair = await tlsPair();
const other = await tlsPair({ cname: "other.contoso.com" });
const tls = ({ certificate, key, cname }: typeof pair) => ({
  sslConfiguration: { status: "Enabled", cert: certificate, key, cname },
});

describe("tags of a workspace (resources.json, tags)", () => {
  const tagsAt = (one = talk()) => {
    const path = `${one.ids.workspace}/providers/Microsoft.Resources/tags/default`;
    const patch = (operation: string, tags: Record<string, unknown>) =>
      one.arm("PATCH", path, { api: API.resources, body: { operation, properties: { tags } } });
    return { ...one, path, patch };
  };
  const tagsOf = (said: Said) => (said.body as { properties: { tags: object } }).properties.tags;

  test("are merged, replaced and deleted; names know no case, and another value stays", async () => {
    const { patch, arm, ids, path } = tagsAt();
    expect(tagsOf(await patch("Merge", { team: "ml", Cost: "1" }))).toEqual({ team: "ml", Cost: "1" });
    expect(tagsOf(await patch("Merge", { COST: "2" }))).toEqual({ team: "ml", COST: "2" });
    expect(tagsOf(await patch("Delete", { cost: "1" }))).toEqual({ team: "ml", COST: "2" });
    expect(tagsOf(await patch("Delete", { cost: "2" }))).toEqual({ team: "ml" });
    expect(tagsOf(await patch("Replace", { a: "b" }))).toEqual({ a: "b" });
    expect(tagsOf(await arm("GET", path, { api: API.resources }))).toEqual({ a: "b" });
    const workspace = await arm("GET", ids.workspace, { api: API.ml });
    expect((workspace.body as { tags: object }).tags).toEqual({ a: "b" });
  });

  test.each([
    ["a value of 257 characters", "Merge", { a: "x".repeat(257) }],
    ["a name of 513 characters", "Merge", { ["x".repeat(513)]: "a" }],
    ["a name with a slash", "Merge", { "a/b": "c" }],
    ["an empty name", "Merge", { "": "c" }],
    ["51 tags", "Merge", Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`t${n}`, "x"]))],
    ["an operation that there is not", "merge", { a: "b" }],
    ["a number", "Merge", { a: 1 }],
  ])("refuse %s", async (_, operation, tags) => {
    const { patch, path, arm } = tagsAt();
    expect((await patch(operation, tags)).status).toBe(400);
    expect(tagsOf(await arm("GET", path, { api: API.resources }))).toEqual({});
  });

  test("take 256 characters, 50 tags, and a right of their own", async () => {
    const { patch, world } = tagsAt();
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`t${n}`, "x".repeat(256)]));
    expect((await patch("Merge", many)).status).toBe(200);
    world.revoke(world.application.clientId);
    world.grant(world.application.clientId, ["*"], ["Microsoft.Resources/tags/write"]);
    expect(errorOf(await patch("Merge", {})).code).toBe("AuthorizationFailed");
  });
});

describe("the router of a legacy compute (extension 8)", () => {
  const router = (one: ReturnType<typeof legacyTalk>, id = one.ids.aks) => {
    const cluster = one.world.kubernetes(id);
    const names = ["ServiceAccount", "Deployment", "Service", "Secret", "ConfigMap"]
      .flatMap((kind) => cluster.all(kind, "default").map((object) => ({ kind, object })))
      .map(({ kind, object }) => `${kind} ${(object["metadata"] as { name: string }).name}`)
      .filter((name) => /azureml/.test(name));
    const wide = ["ClusterRole", "ClusterRoleBinding"].filter((kind) =>
      cluster.all(kind).some((object) => /azureml-fe/.test(JSON.stringify(object["metadata"]))),
    );
    return [...names, ...wide].sort();
  };
  const served = (one: ReturnType<typeof legacyTalk>) => {
    const secret = one.world.kubernetes(one.ids.aks).get("Secret", "default", "azuremlfessl");
    const { "cert.pem": text = "" } = (secret?.["data"] ?? {}) as Record<string, string>;
    return Buffer.from(text, "base64").toString();
  };
  const attached = async (inner: object = tls(pair)) => {
    const one = legacyTalk();
    await one.settled("legacy", aksCompute(one.ids.aks, inner as Record<string, unknown>));
    return one;
  };
  const EIGHT = [
    ...["ClusterRole", "ClusterRoleBinding", "ConfigMap azuremlfeconfig", "Deployment azureml-fe"],
    ...["Secret azuremlfessl", "Service azureml-fe", "Service azureml-fe-int-http"],
    "ServiceAccount azureml-fe",
  ];

  test("is eight objects, and a detach leaves them", async () => {
    const one = await attached();
    expect(router(one)).toEqual(EIGHT);
    expect(served(one)).toBe(pair.certificate);
    await one.detach("legacy");
    expect((await one.getCompute("legacy")).status).toBe(404);
    expect(router(one)).toEqual(EIGHT);
  });

  test("has no secret without a certificate of one's own, and fewer replicas for tests", async () => {
    const one = await attached({ clusterPurpose: "DevTest" });
    expect(router(one)).toEqual(EIGHT.filter((name) => !name.startsWith("Secret")));
    const deployment = one.world.kubernetes(one.ids.aks).get("Deployment", "default", "azureml-fe");
    expect(deployment).toMatchObject({ spec: { replicas: 1 }, status: { readyReplicas: 1 } });
  });

  test.each([
    ["serve-old", pair.certificate, "is Succeeded"],
    ["replace", other.certificate, "is Succeeded"],
    ["fail", pair.certificate, "azuremlfessl"],
  ] as const)("another certificate over what was left: knob %s", async (knob, holds, ends) => {
    const one = await attached();
    one.world.knobs.attachOverOldCertificate = knob;
    await one.detach("legacy");
    const said = await one.settled("legacy", aksCompute(one.ids.aks, tls(other)));
    expect(failureOf(said)).toContain(ends);
    expect(served(one)).toBe(holds);
  });

  test("is gone after a detach, and gets another address, where knobs say so", async () => {
    const one = await attached();
    one.world.knobs.routerAfterDetach = "removed";
    const before = innerOf(await one.getCompute("legacy"))["systemServices"];
    await one.detach("legacy");
    expect(router(one)).toEqual([]);
    one.world.knobs.scoringIpAfterAttach = "new";
    const said = await one.settled("legacy", aksCompute(one.ids.aks, tls(other)));
    expect(served(one)).toBe(other.certificate);
    const after = innerOf(said)["systemServices"];
    expect(after).not.toEqual(before);
    expect(
      innerOf(await one.settled("legacy", aksCompute(one.ids.aks, tls(other))))["systemServices"],
    ).toEqual(after);
  });

  test("has a service that stays after its DELETE until its load balancer is gone", async () => {
    const given = legacyTalk();
    const { world, ids, ask } = clusterTalk("aks", given);
    await given.settled("legacy", aksCompute(ids.aks, tls(pair)));
    const path = "/api/v1/namespaces/default/services/azureml-fe";
    const deleted = await ask("DELETE", path);
    expect(deleted).toMatchObject({
      status: 200,
      body: { metadata: { finalizers: ["service.kubernetes.io/load-balancer-cleanup"] } },
    });
    expect((await ask("DELETE", path)).body).toEqual(deleted.body);
    later(world, world.knobs.balancerCleanupSeconds - 2);
    expect((await ask("GET", path)).status).toBe(200);
    later(world, 3);
    expect((await ask("GET", path)).status).toBe(404);
    expect((await ask("DELETE", `${path}-int-http`)).status).toBe(200);
    expect((await ask("GET", `${path}-int-http`)).status).toBe(404);
  });

  test("of a compute that is seeded is there too", () => {
    const one = legacyTalk();
    const resourceId = one.world.addManagedCluster({ resourceGroup: "rg1", name: "seeded" });
    one.world.addAksCompute(one.ids.workspace, { name: "seeded", resourceId, ...tls(pair) });
    expect(router(one, resourceId)).toEqual(EIGHT);
  });
});

describe("work in a workspace (machineLearningServices.json 2024-04-01)", () => {
  const names = (said: Said) => (said.body as { value: { name: string }[] }).value.map(({ name }) => name);

  test("jobs, online endpoints and their deployments are listed, page by page", async () => {
    const { world, ids, arm } = talk();
    const compute = `${ids.workspace}/computes/gpu`;
    world.knobs.pageSize = 1;
    world.addJob(ids.workspace, "one", { computeId: compute });
    world.addJob(ids.workspace, "two", { computeId: compute, status: "Completed" });
    world.addOnlineEndpoint(ids.workspace, "chat", {
      compute,
      deployments: { blue: "Succeeded", green: "Updating" },
    });
    const jobs = await arm("GET", `${ids.workspace}/jobs`, { api: "2024-04-01" });
    expect(names(jobs)).toEqual(["one"]);
    const { nextLink } = jobs.body as { nextLink: string };
    const rest = await arm("GET", nextLink);
    expect(rest.body).toMatchObject({ value: [{ name: "two", properties: { status: "Completed" } }] });
    const endpoints = await arm("GET", `${ids.workspace}/onlineEndpoints`, { api: "2024-04-01" });
    expect(endpoints.body).toMatchObject({ value: [{ name: "chat", properties: { compute } }] });
    world.knobs.pageSize = 100;
    const below = `${ids.workspace}/onlineEndpoints/chat/deployments`;
    const deployments = await arm("GET", below, { api: "2024-04-01" });
    expect(deployments.body).toMatchObject({
      value: [{ name: "blue" }, { name: "green", properties: { provisioningState: "Updating" } }],
    });
    const missing = `${ids.workspace}/onlineEndpoints/nobody/deployments`;
    expect((await arm("GET", missing, { api: "2024-04-01" })).status).toBe(404);
  });

  test("a binding of Trusted Access tells when it was made", async () => {
    const { world, ids, arm } = talk();
    const createdAt = "2024-05-01T00:00:00Z";
    world.addTrustedAccessRoleBinding(ids.aks, { sourceResourceId: ids.workspace, createdAt });
    const said = await arm("GET", `${ids.aks}/trustedAccessRoleBindings`, { api: "2024-02-01" });
    expect(said.body).toMatchObject({ value: [{ systemData: { createdAt } }] });
  });
});

describe("an upgrade of the extension that fails (extension 3)", () => {
  test("is rolled back: the version before runs on, and the report says so", async () => {
    const one = clusterTalk();
    const { world, ids, arm } = one;
    const id = `${ids.aks}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`;
    Object.assign(world.resource(id)?.body["properties"] ?? {}, { currentVersion: "1.1.44" });
    world.breakages.set(ids.aks.toLowerCase(), [{ kind: "webhook-without-endpoints" }]);
    const body = { properties: { autoUpgradeMinorVersion: false, version: "1.1.84" } };
    expect((await arm("PATCH", id, { api: "2023-05-01", body })).status).toBe(202);
    later(world);
    const after = await arm("GET", id, { api: "2023-05-01" });
    expect(after.body).toMatchObject({
      properties: { provisioningState: "Failed", currentVersion: "1.1.44" },
    });
    const said = await one.ask("GET", "/api/v1/namespaces/azureml/configmaps/arcml-healthcheck");
    expect(Object.keys((said.body as { data: object }).data)).toContain("reports-pre-rollback");
  });
});

describe("a client in a process of its own", () => {
  test.each([
    ["before", 404],
    ["after", 201],
  ] as const)("is killed %s the effect of a request, and hears nothing", async (phase, status) => {
    const one = clusterTalk();
    let deaths = 0;
    one.world.killClient = () => {
      deaths += 1;
    };
    one.world.faults.push({ match: { method: "POST", url: "/leases" }, phase, kind: "kill" });
    const path = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
    const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "one" } };
    expect((await one.ask("POST", path, { body })).kind).toBe("hang");
    expect(deaths).toBe(1);
    expect((await one.ask("GET", `${path}/one`)).status).toBe(status === 201 ? 200 : 404);
  });

  test("sees the clock of the API server, by which leases are judged", async () => {
    const one = clusterTalk();
    later(one.world, 3600);
    const { date } = (await one.ask("GET", "/version")).headers;
    expect(Math.abs(Date.parse(date ?? "") - one.world.clock.now())).toBeLessThan(5_000);
  });
});
