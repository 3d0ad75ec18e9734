import { describe, expect, test } from "@jest/globals";
import type { JsonObject } from "../../emulator/json.ts";
import { AZUREML, clusterTalk, status } from "./kubernetes-talk.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";
const SECRETS = "/api/v1/namespaces/default/secrets";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases";

const APPLY = { "content-type": "application/apply-patch+yaml" };

type Asked = ReturnType<typeof clusterTalk>["ask"];

const apply = (ask: Asked, manager: string, data: JsonObject, query = "") =>
  ask("PATCH", `${MAPS}/mine?fieldManager=${manager}${query}`, {
    headers: APPLY,
    body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "mine" }, data },
  });

const dataOf = (said: { body: unknown }) => (said.body as { data: JsonObject }).data;
const versionOf = (said: { body: unknown }) =>
  (said.body as { metadata: { resourceVersion: string } }).metadata.resourceVersion;

describe("creating and replacing", () => {
  test("an object is born once, with uid and version", async () => {
    const { ask } = clusterTalk();
    const body = { metadata: { name: "mine" }, data: { a: "1" } };
    const made = await ask("POST", MAPS, { body });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      kind: "ConfigMap",
      metadata: {
        name: "mine",
        namespace: "default",
        uid: expect.any(String),
        resourceVersion: expect.any(String),
      },
    });
    expect(status(await ask("POST", MAPS, { body }))).toBe(
      '409 AlreadyExists: configmaps "mine" already exists',
    );
  });

  test("a write on an old version is refused", async () => {
    const { ask } = clusterTalk();
    const made = await ask("POST", MAPS, { body: { metadata: { name: "mine" }, data: { a: "1" } } });
    const put = (resourceVersion: string, a: string) =>
      ask("PUT", `${MAPS}/mine`, { body: { metadata: { name: "mine", resourceVersion }, data: { a } } });
    const second = await put(versionOf(made), "2");
    expect(second.status).toBe(200);
    expect(status(await put(versionOf(made), "3"))).toBe(
      '409 Conflict: Operation cannot be fulfilled on configmaps "mine": the object has been modified; please apply your changes to the latest version and try again',
    );
    expect((await put("", "4")).status).toBe(200);
    expect(dataOf(await ask("GET", `${MAPS}/mine`))).toEqual({ a: "4" });
  });

  test("a lease is locked: an update must name its version, and a PUT may create it", async () => {
    const { ask } = clusterTalk();
    const lease = (holderIdentity: string, resourceVersion?: string) => ({
      metadata: { name: "lock", ...(resourceVersion && { resourceVersion }) },
      spec: { holderIdentity, leaseDurationSeconds: 60 },
    });
    const made = await ask("PUT", `${LEASES}/lock`, { body: lease("one") });
    expect(made.status).toBe(201);
    expect((await ask("PUT", `${LEASES}/lock`, { body: lease("two") })).status).toBe(422);
    expect((await ask("PUT", `${LEASES}/lock`, { body: lease("two", versionOf(made)) })).status).toBe(200);
    expect((await ask("PUT", `${LEASES}/lock`, { body: lease("three", versionOf(made)) })).status).toBe(409);
    expect((await ask("PUT", `${MAPS}/none`, { body: { metadata: { name: "none" } } })).status).toBe(404);
  });

  test("a secret is base64, not too long, and one more secret of the world", async () => {
    const { ask, world } = clusterTalk();
    const made = await ask("POST", SECRETS, {
      body: { metadata: { name: "s" }, stringData: { key: "hidden words" } },
    });
    const encoded = Buffer.from("hidden words").toString("base64");
    expect(made.body).toMatchObject({ type: "Opaque", data: { key: encoded } });
    expect(made.body).not.toHaveProperty("stringData");
    expect(world.secrets).toContain(encoded);
    const post = (data: JsonObject) => ask("POST", SECRETS, { body: { metadata: { name: "t" }, data } });
    expect((await post({ key: "not base64!" })).status).toBe(400);
    expect((await post({ key: Buffer.alloc(1_048_577).toString("base64") })).status).toBe(422);
  });

  test.each([
    ["a name that is none", { metadata: { name: "No_Name" } }, 422],
    ["no name", { metadata: {} }, 422],
    ["another kind", { kind: "Secret", metadata: { name: "x" } }, 400],
    ["another namespace", { metadata: { name: "x", namespace: "azureml" } }, 400],
    ["no object", "[]", 400],
  ])("%s is refused", async (_what, body, expected) => {
    expect((await clusterTalk().ask("POST", MAPS, { body })).status).toBe(expected);
  });

  test("nothing is created in a namespace that isn't there, or is going", async () => {
    const { ask, world, clusterId } = clusterTalk();
    const body = { metadata: { name: "x" } };
    expect(status(await ask("POST", "/api/v1/namespaces/none/configmaps", { body }))).toBe(
      '404 NotFound: namespaces "none" not found',
    );
    world.breakCluster(clusterId, "namespace-terminating");
    expect(status(await ask("POST", `${AZUREML}/configmaps`, { body }))).toContain(
      "unable to create new content in namespace azureml because it is being terminated",
    );
  });

  test("a dry run changes nothing", async () => {
    const { ask } = clusterTalk();
    const body = { metadata: { name: "mine" }, data: {} };
    expect((await ask("POST", `${MAPS}?dryRun=All`, { body })).status).toBe(201);
    expect((await ask("GET", `${MAPS}/mine`)).status).toBe(404);
  });
});

describe("server-side apply", () => {
  test("creates, changes, and leaves the version alone where nothing changes", async () => {
    const { ask } = clusterTalk();
    const made = await apply(ask, "one", { a: "1" });
    expect(made.status).toBe(201);
    const same = await apply(ask, "one", { a: "1" });
    expect(same.status).toBe(200);
    expect(versionOf(same)).toBe(versionOf(made));
    const changed = await apply(ask, "one", { a: "2", b: "1" });
    expect(dataOf(changed)).toEqual({ a: "2", b: "1" });
    expect(versionOf(changed)).not.toBe(versionOf(made));
    // What a manager sends no longer is gone.
    expect(dataOf(await apply(ask, "one", { b: "1" }))).toEqual({ b: "1" });
  });

  test("a field of somebody else is a conflict, unless one insists", async () => {
    const { ask } = clusterTalk();
    await apply(ask, "one", { a: "1", b: "1" });
    const refused = await apply(ask, "two", { a: "2" });
    expect(status(refused)).toBe('409 Conflict: Apply failed with 1 conflict: conflict with "one": .data.a');
    expect(refused.body).toMatchObject({
      details: { causes: [{ reason: "FieldManagerConflict", field: ".data.a" }] },
    });
    expect(status(await apply(ask, "two", { a: "2", b: "2" }))).toContain("Apply failed with 2 conflicts");
    expect((await apply(ask, "two", { a: "1" })).status).toBe(200);
    expect(dataOf(await apply(ask, "two", { a: "2" }, "&force=true"))).toEqual({ a: "2", b: "1" });
    // It was taken away from the first, so dropping it there does not remove it.
    expect(dataOf(await apply(ask, "one", { b: "1" }))).toEqual({ a: "2", b: "1" });
  });

  test("a plain write owns what it changed", async () => {
    const { ask } = clusterTalk();
    await apply(ask, "one", { a: "1" });
    const body = { metadata: { name: "mine" }, data: { a: "9" } };
    await ask("PUT", `${MAPS}/mine?fieldManager=editor`, { body });
    expect(status(await apply(ask, "one", { a: "1" }))).toContain('conflict with "editor" using v1: .data.a');
  });

  test("needs a manager and its own content type", async () => {
    const { ask } = clusterTalk();
    const body = { metadata: { name: "mine" } };
    expect((await ask("PATCH", `${MAPS}/mine`, { headers: APPLY, body })).status).toBe(422);
    expect((await ask("PATCH", `${MAPS}/mine?fieldManager=x`, { body })).status).toBe(415);
    const yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: mine\ndata:\n  a: '1'\n";
    expect(dataOf(await ask("PATCH", `${MAPS}/mine?fieldManager=x`, { headers: APPLY, body: yaml }))).toEqual(
      { a: "1" },
    );
  });
});

describe("deleting", () => {
  test("an object, once, and only as it is known", async () => {
    const { ask } = clusterTalk();
    const made = await apply(ask, "one", { a: "1" });
    const wrong = { preconditions: { resourceVersion: "1" } };
    expect((await ask("DELETE", `${MAPS}/mine`, { body: wrong })).status).toBe(409);
    const right = { preconditions: { resourceVersion: versionOf(made) } };
    expect((await ask("DELETE", `${MAPS}/mine`, { body: right })).body).toMatchObject({ status: "Success" });
    expect((await ask("DELETE", `${MAPS}/mine`)).status).toBe(404);
  });

  test("the eight objects of the legacy router, and what belongs to them (extension 8)", async () => {
    const { ask, names, world, clusterId } = clusterTalk();
    world.breakCluster(clusterId, "legacy-router");
    const roles = "/apis/rbac.authorization.k8s.io/v1";
    const eight = [
      "/api/v1/namespaces/default/serviceaccounts/azureml-fe",
      "/apis/apps/v1/namespaces/default/deployments/azureml-fe",
      "/api/v1/namespaces/default/services/azureml-fe",
      "/api/v1/namespaces/default/services/azureml-fe-int-http",
      `${roles}/clusterroles/azureml-fe-role`,
      `${roles}/clusterrolebindings/azureml-fe-binding`,
      "/api/v1/namespaces/default/secrets/azuremlfessl",
      "/api/v1/namespaces/default/configmaps/azuremlfeconfig",
    ];
    expect((await ask("GET", eight[6] ?? "")).body).toMatchObject({
      data: { "cert.pem": expect.any(String), "key.pem": expect.any(String) },
    });
    for (const path of eight) expect([path, (await ask("DELETE", path)).status]).toEqual([path, 200]);
    // The load balancer of the router takes a while to go.
    world.clock.advance(world.knobs.balancerCleanupSeconds * 1000);
    for (const path of eight) expect([path, (await ask("GET", path)).status]).toEqual([path, 404]);
    expect(await names("/api/v1/namespaces/default/pods")).toEqual([]);
  });

  test("nothing else of the kinds that nobody writes", async () => {
    const { ask } = clusterTalk();
    expect((await ask("DELETE", "/apis/apps/v1/namespaces/azureml/deployments/gateway")).status).toBe(405);
    expect((await ask("DELETE", `${AZUREML}/services/azureml-fe`)).status).toBe(405);
  });

  test("a namespace goes with all that is in it", async () => {
    const { ask } = clusterTalk();
    await ask("POST", "/api/v1/namespaces", { body: { metadata: { name: "mine" } } });
    await ask("POST", "/api/v1/namespaces/mine/configmaps", { body: { metadata: { name: "x" } } });
    expect((await ask("DELETE", "/api/v1/namespaces/mine")).status).toBe(200);
    expect((await ask("GET", "/api/v1/namespaces/mine/configmaps/x")).status).toBe(404);
  });
});
