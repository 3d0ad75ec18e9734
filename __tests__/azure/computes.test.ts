import { describe, expect, test } from "@jest/globals";
import type { Droppable, JsonObject, World } from "../../emulator/index.ts";
import { Refusal } from "../../src/azure/errors.ts";
import { type Compute, stateOf } from "../../src/model/compute.ts";
import { aksId, workspaceId } from "../support/scene.ts";
import { virtually } from "../support/virtual-time.ts";
import { gateway } from "./emulated.ts";

const seen = (world: World) =>
  world.exchanges.map(({ method, url, status }) => `${method} ${new URL(url).pathname} ${status}`);

/** What Azure takes and no model of Microsoft's client knows. */
const settings: JsonObject = {
  namespace: "team-a",
  defaultInstanceType: "gpu",
  instanceTypes: {
    gpu: {
      nodeSelector: { "kubernetes.azure.com/agentpool": "gpu", empty: null },
      tolerations: [{ key: "sku", operator: "Equal", value: "gpu", effect: "NoSchedule" }],
      resources: { requests: { cpu: "4", "nvidia.com/gpu": null }, limits: { memory: "16Gi" } },
      aFieldOfTomorrow: { deep: [1, 2.5, true, null, "ä"] },
    },
  },
};

/** The body of a compute without what only the service may write (arm-contract 1.3, 1.4). */
function writable(compute: Compute): Compute {
  const { id: _id, name: _name, properties, ...envelope } = compute;
  const { type: _type, systemData: _systemData, ...rest } = envelope as JsonObject;
  const own = Object.fromEntries(
    Object.entries(properties).filter(
      ([name]) => !/^(provisioning(State|Errors)|createdOn|modifiedOn|isAttachedCompute)$/.test(name),
    ),
  );
  return { ...rest, properties: own as unknown as Compute["properties"] };
}

describe("a compute", () => {
  test("that is put back keeps every field it came with: `tolerations` of an instance type survives (design 8)", async () => {
    const { world, computes } = gateway();
    const id = world.addCompute(workspaceId(world), {
      name: "gpu",
      tags: { team: "a" },
      properties: {
        resourceId: aksId(world),
        description: "kept",
        disableLocalAuth: true,
        properties: settings,
      },
    });
    const before = world.resource(id)?.body["properties"] as JsonObject;
    const got = await virtually(() => computes.get("gpu"));
    expect(got.properties.properties).toMatchObject(settings);
    expect(got).toMatchObject({ tags: { team: "a" } });

    const body = writable(got);
    await virtually(() => computes.put("gpu", body));
    const put = world.exchanges.find(({ method }) => method === "PUT");
    expect(JSON.parse(put?.requestBody ?? "null")).toEqual(body);
    expect(JSON.parse(put?.requestBody ?? "null")).toMatchObject({ properties: { properties: settings } });

    const after = world.resource(id)?.body["properties"] as JsonObject;
    expect(after["properties"]).toMatchObject(before["properties"] as JsonObject);
    expect(await virtually(() => computes.get("gpu"))).toMatchObject({
      properties: { properties: got.properties.properties },
    });
    expect(after).toMatchObject({ resourceId: aksId(world), description: "kept", disableLocalAuth: true });
    expect(world.resource(id)?.body["tags"]).toEqual({ team: "a" });
  });

  test("that is not there is a 404 that says so, and a workspace that is not another", async () => {
    const { computes } = gateway();
    const failure = virtually(() => computes.get("gpu"));
    await expect(failure).rejects.toBeInstanceOf(Refusal);
    await expect(failure).rejects.toMatchObject({ status: 404, code: "NotFound" });
  });

  test("that may not be read tells what Azure said", async () => {
    const { world, computes } = gateway();
    world.revoke(world.application.clientId);
    await expect(virtually(() => computes.get("gpu"))).rejects.toMatchObject({
      status: 403,
      code: "AuthorizationFailed",
      requestId: expect.any(String),
    });
  });

  test("reads through trouble like every other request, though Microsoft's client asks", async () => {
    const { world, computes } = gateway();
    world.addCompute(workspaceId(world), { name: "gpu", properties: { resourceId: aksId(world) } });
    world.faults.push({ match: { url: /computes/ }, kind: "reset" });
    world.faults.push({ match: { url: /computes/ }, nth: 2, kind: "html" });
    world.faults.push({ match: { url: /computes/ }, nth: 3, kind: "truncated" });
    world.faults.push({ match: { url: /computes/ }, nth: 4, kind: "truncated", clean: true });
    world.faults.push({ match: { url: /computes/ }, nth: 5, kind: "status", status: 429, retryAfter: 3 });
    expect(stateOf(await virtually(() => computes.get("gpu")))).toBe("Succeeded");
    expect(seen(world)).toHaveLength(6);
  });

  test("is never signed twice, and Microsoft's client adds no question of its own", async () => {
    const { world, computes } = gateway();
    world.addCompute(workspaceId(world), { name: "gpu", properties: { resourceId: aksId(world) } });
    await virtually(() => computes.get("gpu"));
    expect(seen(world)).toEqual([`GET ${workspaceId(world)}/computes/gpu 200`]);
    expect(world.exchanges.map(({ requestHeaders }) => requestHeaders["authorization"])).toEqual([
      "Bearer ***",
    ]);
    const versions = world.exchanges.map(({ url }) => new URL(url).searchParams.getAll("api-version"));
    expect(versions).toEqual([["2025-12-01"]]);
  });

  test("D1: is detached, never deleted, and the answer names the operation", async () => {
    const { world, computes } = gateway();
    world.addCompute(workspaceId(world), { name: "gpu", properties: { resourceId: aksId(world) } });
    const answer = await virtually(() => computes.detach("gpu"));
    expect(answer.status).toBe(202);
    expect(answer.header("azure-asyncoperation")).toContain("computeOperationsStatus");
    const [{ method, url } = { method: "", url: "https://none" }] = world.exchanges;
    expect(method).toBe("DELETE");
    expect(new URL(url).searchParams.get("underlyingResourceAction")).toBe("Detach");
    expect(world.violations).toEqual([]);
    expect(world.resource(aksId(world))).toBeDefined();
  });

  test("D2: that is gone already answers 204, which is no failure", async () => {
    const { computes } = gateway();
    expect((await virtually(() => computes.detach("gpu"))).status).toBe(204);
  });

  test("comes as Azure keeps it, though it lost what was sent (peers 0.1)", async () => {
    const { world, computes } = gateway();
    const lost: Droppable[] = ["namespace"];
    world.knobs.dropSettings = lost;
    const properties = {
      computeType: "Kubernetes",
      resourceId: aksId(world),
      properties: { namespace: "team-a" },
    };
    await virtually(() => computes.put("gpu", { location: "eastus", properties }));
    const kept = (await virtually(() => computes.get("gpu"))).properties.properties;
    expect(kept?.namespace).toBe("default");
  });
});
