import { describe, expect, test } from "@jest/globals";
import type { World } from "../../emulator/index.ts";
import { API, attachBody, type Said, type Talk, talk } from "./talk.ts";

const name = "gpu";
const url = ({ ids }: Talk) => `${ids.workspace}/computes/${name}`;
const put = (one: Talk, body: unknown = attachBody(one.ids.aks)) =>
  one.arm("PUT", url(one), { api: API.ml, body });
const get = (one: Talk) => one.arm("GET", url(one), { api: API.ml });
const detach = (one: Talk, action = "Detach") =>
  one.arm("DELETE", `${url(one)}?underlyingResourceAction=${action}`, { api: API.ml });
const poll = (one: Talk, accepted: Said) =>
  one.arm("GET", accepted.headers["azure-asyncoperation"] ?? "none");
const later = (world: World, seconds = 60) => world.clock.advance(seconds * 1000);
const properties = (said: Said) => (said.body as { properties: Record<string, unknown> }).properties;

describe("attach", () => {
  test("starts as Creating, ends as Succeeded, with what the service adds", async () => {
    const one = talk();
    const accepted = await put(one, { ...attachBody(one.ids.aks), identity: { type: "SystemAssigned" } });
    expect(accepted.status).toBe(201);
    expect(accepted.body).toMatchObject({ tags: null, properties: { provisioningState: "Creating" } });
    expect(properties(accepted)["createdOn"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00$/);
    expect((await poll(one, accepted)).body).toEqual({ status: "InProgress" });
    expect(properties(await get(one))["provisioningState"]).toBe("Creating");
    later(one.world);
    expect((await poll(one, accepted)).body).toEqual({ status: "Succeeded", percentComplete: 100 });
    expect((await get(one)).body).toMatchObject({
      id: url(one),
      tags: {},
      identity: { type: "SystemAssigned", principalId: expect.any(String), tenantId: one.world.tenantId },
      properties: {
        provisioningState: "Succeeded",
        isAttachedCompute: true,
        disableLocalAuth: false,
        provisioningErrors: null,
        resourceId: one.ids.aks,
        properties: {
          namespace: "ml",
          defaultInstanceType: "defaultinstancetype",
          relayConnectionString: null,
        },
      },
    });
  });

  test("the namespace is `default` when none is given", async () => {
    const one = talk();
    await put(one, { properties: { computeType: "Kubernetes", resourceId: one.ids.arc } });
    expect(properties(await get(one))["properties"]).toMatchObject({ namespace: "default" });
  });

  test("each user-assigned identity gets its ids", async () => {
    const one = talk();
    const id = `${one.ids.group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u`;
    await put(one, {
      ...attachBody(one.ids.aks),
      identity: { type: "UserAssigned", userAssignedIdentities: { [id]: {} } },
    });
    expect((await get(one)).body).toMatchObject({
      identity: {
        userAssignedIdentities: { [id]: { principalId: expect.any(String), clientId: expect.any(String) } },
      },
    });
  });

  test("a second write while the first goes on is refused", async () => {
    const one = talk();
    await put(one);
    expect((await put(one)).status).toBe(409);
    expect((await detach(one)).status).toBe(409);
    later(one.world);
    expect((await put(one)).status).toBe(201);
  });

  test("connection strings are secrets, and shown only by a knob", async () => {
    const one = talk();
    const secret = "Endpoint=sb://relay.emulator.test/;SharedAccessKey=planted";
    await put(one, attachBody(one.ids.aks, { properties: { relayConnectionString: secret } }));
    expect(one.world.secrets.has(secret)).toBe(true);
    expect((await get(one)).text).not.toContain(secret);
    one.world.knobs.revealConnectionStrings = true;
    expect((await get(one)).text).toContain(secret);
  });

  test("cert and key of a legacy compute are not returned", async () => {
    const one = talk();
    const ssl = { status: "Enabled", cert: "CERT", key: "KEY", cname: "a.test" };
    await put(one, attachBody(one.ids.aks, { computeType: "AKS", properties: { sslConfiguration: ssl } }));
    expect(properties(await get(one))["properties"]).toMatchObject({
      sslConfiguration: { status: "Enabled", cert: null, key: null, cname: "a.test" },
    });
  });
});

describe("attach ends as Failed", () => {
  type Arrange = (one: Talk) => { cluster: string; computeType?: string };
  const aks = (one: Talk, more: object, extension = true) => {
    const cluster = one.world.addManagedCluster({
      resourceGroup: "rg1",
      name: "other",
      properties: { ...more },
    });
    if (extension) one.world.addExtension(cluster);
    return { cluster };
  };

  test.each<[string, string, Arrange]>([
    ["a cluster that is not there", "ClusterNotFound", (one) => ({ cluster: `${one.ids.aks}x` })],
    ["a resource that is no cluster", "ClusterNotFound", (one) => ({ cluster: one.ids.workspace })],
    ["a stopped AKS", "ClusterNotReachable", (one) => aks(one, { powerState: { code: "Stopped" } })],
    ["local accounts off", "BadRequest", (one) => aks(one, { disableLocalAccounts: true })],
    [
      "a private AKS",
      "ClusterNotReachable",
      (one) => aks(one, { apiServerAccessProfile: { enablePrivateCluster: true } }),
    ],
    [
      "authorized ranges",
      "ClusterNotReachable",
      (one) => aks(one, { apiServerAccessProfile: { authorizedIPRanges: ["10.0.0.0/8"] } }),
    ],
    ["no extension", "ExtensionNotInstalled", (one) => aks(one, {}, false)],
    [
      "a failed extension",
      "ExtensionNotInstalled",
      (one) => {
        const { cluster } = aks(one, {}, false);
        one.world.addExtension(cluster, { provisioningState: "Failed" });
        return { cluster };
      },
    ],
    [
      "an offline Arc",
      "ClusterNotReachable",
      (one) => ({
        cluster: one.world.addConnectedCluster({
          resourceGroup: "rg1",
          name: "off",
          properties: { connectivityStatus: "Offline" },
        }),
      }),
    ],
    ["AKS compute on Arc", "BadRequest", (one) => ({ cluster: one.ids.arc, computeType: "AKS" })],
    [
      "AKS in another subscription",
      "BadRequest",
      (one) => {
        const subscriptionId = "55555555-5555-4555-8555-555555555555";
        one.world.addSubscription({ subscriptionId });
        return {
          cluster: one.world.addManagedCluster({ resourceGroup: "far", name: "far", subscriptionId }),
        };
      },
    ],
  ])("%s", async (_what, code, arrange) => {
    const one = talk();
    const { cluster, computeType = "Kubernetes" } = arrange(one);
    const accepted = await put(one, attachBody(cluster, { computeType, properties: {} }));
    expect(accepted.status).toBe(201);
    later(one.world);
    const details = [{ code, details: [{ code: `${code}Detail` }] }];
    expect((await poll(one, accepted)).body).toMatchObject({
      status: "Failed",
      error: { code: "BadRequest", details },
    });
    expect(properties(await get(one))).toMatchObject({
      provisioningState: "Failed",
      provisioningErrors: [{ error: { code: "BadRequest", details } }],
    });
  });

  test.each([
    ["Kubernetes", "Succeeded"],
    ["AKS", "Failed"],
  ])("Trusted Access opens a locked AKS for %s: %s", async (computeType, state) => {
    const one = talk();
    const { cluster } = aks(one, { disableLocalAccounts: true });
    one.world.addTrustedAccessRoleBinding(cluster, { sourceResourceId: one.ids.workspace });
    await put(one, attachBody(cluster, { computeType, properties: {} }));
    later(one.world);
    expect(properties(await get(one))["provisioningState"]).toBe(state);
  });

  test("Trusted Access of another workspace or role does not help", async () => {
    const one = talk();
    const { cluster } = aks(one, { disableLocalAccounts: true });
    one.world.addTrustedAccessRoleBinding(cluster, { name: "a", sourceResourceId: `${one.ids.workspace}2` });
    one.world.addTrustedAccessRoleBinding(cluster, {
      name: "b",
      sourceResourceId: one.ids.workspace,
      roles: ["x/y/z"],
    });
    await put(one, attachBody(cluster));
    later(one.world);
    expect(properties(await get(one))["provisioningState"]).toBe("Failed");
  });

  test("as the knob has it", async () => {
    const one = talk();
    const error = {
      code: "InternalServerError",
      message: "boom",
      details: [{ code: "Deep", message: "deeper" }],
    };
    one.world.knobs.createOutcome = { status: "Canceled", error };
    const accepted = await put(one);
    later(one.world);
    expect((await poll(one, accepted)).body).toEqual({ status: "Canceled", error });
    expect(properties(await get(one))).toMatchObject({
      provisioningState: "Canceled",
      provisioningErrors: [{ error }],
    });
  });
});

describe("PUT over a compute that exists", () => {
  const existing = (one: Talk) =>
    one.world.addCompute(one.ids.workspace, {
      name,
      properties: { resourceId: one.ids.aks, properties: { namespace: "old" } },
    });
  const namespaceOf = async (one: Talk) =>
    (properties(await get(one))["properties"] as { namespace: string }).namespace;

  test("overwrites", async () => {
    const one = talk();
    existing(one);
    expect((await put(one)).status).toBe(201);
    later(one.world);
    expect(await namespaceOf(one)).toBe("ml");
  });

  test("silently changes nothing and reports success", async () => {
    const one = talk();
    existing(one);
    one.world.knobs.putExisting = "silent";
    const accepted = await put(one);
    expect(properties(accepted)["properties"]).toMatchObject({ namespace: "ml" });
    later(one.world);
    expect((await poll(one, accepted)).body).toMatchObject({ status: "Succeeded" });
    expect(await namespaceOf(one)).toBe("old");
  });

  test("is refused", async () => {
    const one = talk();
    existing(one);
    one.world.knobs.putExisting = "refuse";
    expect((await put(one)).status).toBe(400);
    expect(await namespaceOf(one)).toBe("old");
  });

  test("meets what somebody else put there a moment before", async () => {
    const one = talk();
    one.world.knobs.intruder = {
      properties: { resourceId: one.ids.arc, properties: { namespace: "theirs" } },
    };
    one.world.knobs.putExisting = "silent";
    await put(one);
    later(one.world);
    expect(properties(await get(one))).toMatchObject({
      resourceId: one.ids.arc,
      properties: { namespace: "theirs" },
    });
    expect(one.world.knobs.intruder).toBeUndefined();
  });
});

test.each([
  ["namespace", { properties: { properties: { namespace: "default" } } }],
  ["description", { properties: { provisioningState: "Succeeded" } }],
] as const)("a reported success may have lost the %s", async (setting, expected) => {
  const one = talk();
  one.world.knobs.dropSettings = [setting];
  await put(one, attachBody(one.ids.aks, { description: "mine" }));
  later(one.world);
  const said = await get(one);
  expect(said.body).toMatchObject(expected);
  if (setting === "description") expect(said.text).not.toContain("mine");
});

test("a reported success may have lost the identity", async () => {
  const one = talk();
  one.world.knobs.dropSettings = ["identity"];
  await put(one, { ...attachBody(one.ids.aks), identity: { type: "SystemAssigned" } });
  later(one.world);
  expect((await get(one)).body).not.toHaveProperty("identity");
});

describe("what GET shows may come late or early", () => {
  test("replication lag: not found at first", async () => {
    const one = talk();
    one.world.knobs.replicationLagSeconds = 5;
    await put(one);
    expect((await get(one)).status).toBe(404);
    later(one.world, 5);
    expect((await get(one)).status).toBe(200);
  });

  test("the resource lags behind the monitor", async () => {
    const one = talk();
    one.world.knobs.resourceLagSeconds = 5;
    const accepted = await put(one);
    later(one.world, 10);
    expect((await poll(one, accepted)).body).toMatchObject({ status: "Succeeded" });
    expect(properties(await get(one))["provisioningState"]).toBe("Creating");
    later(one.world, 5);
    expect(properties(await get(one))["provisioningState"]).toBe("Succeeded");
  });

  test("the resource leads", async () => {
    const one = talk();
    one.world.knobs.resourceLeadSeconds = 5;
    const accepted = await put(one);
    later(one.world, 5);
    expect(properties(await get(one))["provisioningState"]).toBe("Succeeded");
    expect((await poll(one, accepted)).body).toEqual({ status: "InProgress" });
  });

  test("a stuck operation never ends", async () => {
    const one = talk();
    one.world.knobs.stuck = true;
    const accepted = await put(one);
    later(one.world, 1_000_000);
    expect((await poll(one, accepted)).status).toBe(401);
    const fresh = await one.token();
    const status = await one.say("GET", accepted.headers["azure-asyncoperation"] ?? "", {
      authorization: `Bearer ${fresh}`,
    });
    expect(status.body).toEqual({ status: "InProgress" });
  });
});

describe("detach", () => {
  const attached = () => {
    const one = talk();
    one.world.addCompute(one.ids.workspace, { name, properties: { resourceId: one.ids.aks } });
    return one;
  };

  test("goes through Deleting to 404, and the cluster lives", async () => {
    const one = attached();
    const accepted = await detach(one);
    expect(accepted).toMatchObject({ status: 202, text: "" });
    expect(properties(await get(one))["provisioningState"]).toBe("Deleting");
    later(one.world);
    expect((await poll(one, accepted)).body).toMatchObject({ status: "Succeeded" });
    expect((await get(one)).status).toBe(404);
    expect(one.world.resource(one.ids.aks)).toBeDefined();
    expect(one.world.violations).toEqual([]);
  });

  test("Delete destroys the cluster and everything on it, and is a violation", async () => {
    const one = attached();
    await detach(one, "Delete");
    later(one.world);
    expect(one.world.resource(one.ids.aks)).toBeUndefined();
    expect(
      one.world.resource(`${one.ids.aks}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`),
    ).toBeUndefined();
    expect(one.world.violations).toEqual([expect.stringContaining("underlyingResourceAction=Delete")]);
  });

  test.each([
    [200, 200],
    [204, 404],
  ] as const)("answered with %s", async (answer, afterwards) => {
    const one = attached();
    one.world.knobs.detachAnswer = answer;
    expect((await detach(one)).status).toBe(answer);
    expect((await get(one)).status).toBe(afterwards);
  });

  test("may fail, and leaves the compute behind as Failed", async () => {
    const one = attached();
    one.world.knobs.detachOutcome = {
      status: "Failed",
      error: { code: "Conflict", message: "jobs are running" },
    };
    const accepted = await detach(one);
    later(one.world);
    expect((await poll(one, accepted)).body).toMatchObject({ status: "Failed", error: { code: "Conflict" } });
    expect(properties(await get(one))["provisioningState"]).toBe("Failed");
  });
});

test("keys are listed for AKS computes, refused for Kubernetes ones", async () => {
  const one = talk();
  one.world.addCompute(one.ids.workspace, {
    name,
    properties: { computeType: "AKS", resourceId: one.ids.aks },
  });
  one.world.addCompute(one.ids.workspace, { name: "k8s", properties: { resourceId: one.ids.aks } });
  const keys = (which: string) =>
    one.arm("POST", `${one.ids.workspace}/computes/${which}/listKeys`, { api: API.ml });
  const said = await keys(name);
  expect(said.body).toMatchObject({ computeType: "AKS", userKubeConfig: expect.any(String) });
  expect((await keys("k8s")).status).toBe(400);
  expect((await keys("none")).status).toBe(404);
});

test("lists come in pages with absolute links, and end", async () => {
  const one = talk();
  for (const letter of ["a", "b", "c", "d", "e"])
    one.world.addCompute(one.ids.workspace, { name: `gpu${letter}` });
  one.world.knobs.pageSize = 2;
  const names: string[] = [];
  let next: string | undefined = `${one.emulator.origin}${one.ids.workspace}/computes?api-version=${API.ml}`;
  while (next !== undefined) {
    const said = await one.arm("GET", next);
    const body = said.body as { value: { name: string }[]; nextLink?: string };
    names.push(...body.value.map((each) => each.name));
    next = body.nextLink;
  }
  expect(names).toEqual(["gpua", "gpub", "gpuc", "gpud", "gpue"]);
});
