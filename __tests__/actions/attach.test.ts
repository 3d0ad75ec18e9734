import { describe, expect, test } from "@jest/globals";
import type { World } from "../../emulator/index.ts";
import { aksId, arcId, scene } from "../support/scene.ts";
import { computeId, computePart, computeState } from "../support/world-facts.ts";

const identity = (name: string, world: World) =>
  `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;

describe("attach", () => {
  test.each([
    ["an AKS cluster", aksId],
    ["an Arc cluster", arcId],
  ])(
    "attaches %s by its resource id, in the namespace default, and reads it back (L1)",
    async (_what, clusterOf) => {
      const { world, attach, written } = scene();
      const clusterId = clusterOf(world);
      const { exit, host, report } = await attach({ "cluster-resource-id": clusterId });
      expect({ exit, errors: host.said.errors }).toEqual({ exit: 0, errors: [] });
      expect(written()).toEqual([`PUT ${computeId(world)} 201`]);
      expect(computePart(world, "properties")).toMatchObject({
        computeType: "Kubernetes",
        resourceId: clusterId,
        provisioningState: "Succeeded",
        properties: { namespace: "default" },
      });
      expect(report.verdict).toBe("done");
      expect(world.violations).toEqual([]);
    },
  );

  test("tells every safe output (L5, L4)", async () => {
    const { world, attach } = scene();
    const { host } = await attach();
    expect(host.said.outputs).toMatchObject({
      changed: "true",
      state: "Succeeded",
      "compute-name": "gpu",
      "resource-group": "rg1",
      "workspace-name": "ws1",
      "compute-id": computeId(world),
      findings: "[]",
      report: "memory:attach.json",
    });
    expect(host.said.outputs).not.toHaveProperty("error-code");
    expect(host.said.outputs).not.toHaveProperty("principal-id");
  });

  test("attaches into the namespace that is given (L1)", async () => {
    const { world, attach } = scene();
    expect((await attach({ namespace: "team-a" })).exit).toBe(0);
    expect(computePart(world, "properties", "properties", "namespace")).toBe("team-a");
  });

  test("finds the resource id in any case (arm-contract 8)", async () => {
    const { world, attach } = scene();
    const given = aksId(world).toLowerCase();
    expect((await attach({ "cluster-resource-id": given })).exit).toBe(0);
    expect(computePart(world, "properties", "resourceId")).toContain(
      "/Microsoft.ContainerService/managedClusters/",
    );
  });

  test.each([
    ["an AKS cluster", { "cluster-name": "aks1" }, aksId],
    ["an AKS cluster with its type", { "cluster-name": "aks1", "cluster-type": "managedClusters" }, aksId],
    ["an Arc cluster", { "cluster-name": "arc1", "cluster-type": "connectedClusters" }, arcId],
  ])("attaches %s by name and resource group (A1, L1)", async (_what, named, clusterOf) => {
    const { world, attach } = scene();
    const inputs = { "cluster-resource-id": "", "cluster-resource-group": "rg1", ...named };
    expect((await attach(inputs)).exit).toBe(0);
    expect(computePart(world, "properties", "resourceId")).toBe(clusterOf(world));
  });

  test("takes the workspace from environment variables, and an input wins over its variable (design 4)", async () => {
    const { world, attach, requests } = scene();
    const inputs = { "subscription-id": "", "workspace-name": "" };
    const environment = {
      AZURE_SUBSCRIPTION_ID: world.subscriptionId,
      AZURE_RESOURCE_GROUP: "another-group",
      AZURE_WORKSPACE_NAME: "ws1",
    };
    expect((await attach(inputs, { environment })).exit).toBe(0);
    expect(computeState(world)).toBe("Succeeded");
    expect(requests().join("\n")).not.toContain("another-group");
  });
});

describe("the identity of a compute", () => {
  test("is none unless one is asked for (L2)", async () => {
    const { world, attach } = scene();
    await attach();
    expect(computePart(world, "identity")).toBeUndefined();
  });

  test("system_assigned: its principal is an output (L2, L5)", async () => {
    const { world, attach } = scene();
    const { exit, host } = await attach({ "identity-type": "system_assigned" });
    expect(exit).toBe(0);
    expect(computePart(world, "identity", "type")).toBe("SystemAssigned");
    expect(host.said.outputs["principal-id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(host.said.outputs["principal-id"]).toBe(computePart(world, "identity", "principalId"));
  });

  test("user_assigned: one identity, and its principal is an output (L2, L5)", async () => {
    const { world, attach } = scene();
    const id = identity("one", world);
    const { exit, host, report } = await attach({
      "identity-type": "user_assigned",
      "user-assigned-identities": id,
    });
    expect({ exit, findings: report.findings }).toEqual({ exit: 0, findings: [] });
    expect(computePart(world, "identity")).toMatchObject({ type: "UserAssigned" });
    expect(host.said.outputs["principal-id"]).toBe(
      computePart(world, "identity", "userAssignedIdentities", id, "principalId"),
    );
    expect(host.said.outputs["principal-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each([",", "\n", " , "])(
    "user_assigned: of several given apart by %j only the first is used, with a warning (L2)",
    async (between) => {
      const { world, attach } = scene();
      const ids = [identity("first", world), identity("second", world)];
      const inputs = { "identity-type": "user_assigned", "user-assigned-identities": ids.join(between) };
      const { exit, host, report } = await attach(inputs);
      expect(exit).toBe(0);
      expect(Object.keys(computePart(world, "identity", "userAssignedIdentities") as object)).toEqual(ids);
      expect(report.findings).toMatchObject([
        { id: "identity-first-only", severity: "warning", source: "L2" },
      ]);
      expect(report.findings[0]?.seen).toContain(ids[0]);
      expect(host.said.outputs["principal-id"]).toBe(
        computePart(world, "identity", "userAssignedIdentities", ids[0] ?? "", "principalId"),
      );
    },
  );

  test("two identities in another order and case are the same identities (L3, arm-contract 8)", async () => {
    const { world, attach, written } = scene();
    const [one, two] = [identity("one", world), identity("two", world)];
    await attach({ "identity-type": "user_assigned", "user-assigned-identities": `${one},${two}` });
    const again = `${two.toUpperCase().replace("/SUBSCRIPTIONS/", "/subscriptions/")},${one}`;
    const { exit, host } = await attach({
      "identity-type": "user_assigned",
      "user-assigned-identities": again,
    });
    expect({ exit, changed: host.said.outputs["changed"] }).toEqual({ exit: 0, changed: "false" });
    expect(written()).toHaveLength(1);
  });
});

describe("the input file", () => {
  const file = (world: World) => `
$schema: https://azuremlschemas.azureedge.net/latest/kubernetesCompute.schema.json
type: Kubernetes
name: from-file
description: GPUs of team a
resource_id: ${aksId(world)}
namespace: team-a
identity:
  type: user_assigned
  user_assigned_identities:
    - ${identity("one", world)}
    - resource_id: ${identity("two", world)}
`;

  test("gives every key that az ml compute attach --file takes (peers 1.3)", async () => {
    const { world, attach } = scene();
    const inputs = { "compute-name": "", "cluster-resource-id": "", file: "compute.yml" };
    const { exit, host } = await attach(inputs, { files: { "compute.yml": file(world) } });
    expect({ exit, errors: host.said.errors }).toEqual({ exit: 0, errors: [] });
    const compute = world.resource(computeId(world, "from-file"))?.body;
    expect(compute).toMatchObject({
      identity: {
        type: "UserAssigned",
        userAssignedIdentities: {
          [identity("one", world)]: expect.any(Object),
          [identity("two", world)]: expect.any(Object),
        },
      },
      properties: {
        computeType: "Kubernetes",
        resourceId: aksId(world),
        description: "GPUs of team a",
        properties: { namespace: "team-a" },
      },
    });
    expect(host.said.outputs["compute-name"]).toBe("from-file");
  });

  test("gives way to the inputs (peers 1.5)", async () => {
    const { world, attach } = scene();
    const inputs = { file: "compute.yml", namespace: "team-b" };
    expect((await attach(inputs, { files: { "compute.yml": file(world) } })).exit).toBe(0);
    expect(computePart(world, "properties", "properties", "namespace")).toBe("team-b");
    expect(computePart(world, "properties", "description")).toBe("GPUs of team a");
    expect(world.resource(computeId(world, "from-file"))).toBeUndefined();
  });

  test.each([
    ["an unknown key", "namespaces: x", "namespaces: unknown key"],
    ["an unknown key of identity", "identity:\n  kind: x", "identity.kind: unknown key"],
    ["a value of another type", "namespace: [x]", "namespace: "],
    ["text that is no YAML", "name: 'x", "file: given"],
  ])("with %s is refused before any request (peers 1.3)", async (_what, content, said) => {
    const { world, attach } = scene();
    const { exit, host, report } = await attach(
      { file: "compute.yml" },
      { files: { "compute.yml": content } },
    );
    expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "InvalidInput" });
    expect(host.said.errors).toHaveLength(1);
    expect(report.error?.details.join("\n")).toContain(said);
    expect(world.exchanges).toEqual([]);
  });

  test("that can't be read is refused, together with all other problems of the inputs (design 4)", async () => {
    const { world, attach } = scene();
    const inputs = {
      file: "missing.yml",
      timeout: "soon",
      namespace: "Team_A",
      "identity-type": "user",
    };
    const { report } = await attach(inputs);
    const inputsNamed = report.error?.details.map((line) => line.split(":")[0]);
    expect(inputsNamed?.sort()).toEqual(["file", "identity-type", "namespace", "timeout"]);
    expect(world.exchanges).toEqual([]);
  });
});

describe("dry-run", () => {
  test("writes nothing and gives the plan, body included, as an output (design 1)", async () => {
    const { world, attach, written } = scene();
    const { exit, host, report } = await attach({ "dry-run": "true", namespace: "team-a" });
    expect({ exit, verdict: report.verdict, written: written() }).toEqual({
      exit: 0,
      verdict: "planned",
      written: [],
    });
    expect(host.said.outputs).toMatchObject({ changed: "false", state: "Absent" });
    expect(JSON.parse(host.said.outputs["plan"] ?? "")).toMatchObject({
      steps: [
        {
          kind: "create-compute",
          body: { properties: { resourceId: aksId(world), properties: { namespace: "team-a" } } },
        },
      ],
    });
    expect(report.steps.map(({ result }) => result)).toEqual(["not-started"]);
    expect(computeState(world)).toBe("Absent");
  });

  test("the body of the plan is the body that is sent (design 1)", async () => {
    const { world, attach } = scene();
    const { report } = await attach({ "dry-run": "true" });
    await attach();
    const put = world.exchanges.find(({ method }) => method === "PUT");
    expect(JSON.parse(put?.requestBody ?? "")).toEqual(report.plan?.steps[0]?.body);
  });

  test("of what is there already has an empty plan", async () => {
    const { attach } = scene();
    await attach();
    const { exit, report } = await attach({ "dry-run": "true" });
    expect({ exit, verdict: report.verdict, steps: report.plan?.steps }).toEqual({
      exit: 0,
      verdict: "unchanged",
      steps: [],
    });
  });
});

describe("wait: false", () => {
  test("returns once Azure accepted, and tells the state as it then is (L4)", async () => {
    const { world, attach } = scene();
    const { exit, host, report } = await attach({ wait: "false" });
    expect({ exit, verdict: report.verdict, state: computeState(world) }).toEqual({
      exit: 0,
      verdict: "accepted",
      state: "Creating",
    });
    expect(host.said.outputs).toMatchObject({ changed: "true", state: "Creating" });
  });

  test("of a compute that another run is creating returns at once too (L4)", async () => {
    const { world, attach, written } = scene();
    await attach({ wait: "false" });
    const { exit, host } = await attach({ wait: "false" });
    expect({ exit, state: computeState(world) }).toEqual({ exit: 0, state: "Creating" });
    expect(host.said.outputs).toMatchObject({ changed: "false", state: "Creating" });
    expect(written()).toHaveLength(1);
  });

  test("of a compute that shows late does not say that it is absent (L4, testbed 9)", async () => {
    const { world, attach } = scene();
    world.knobs.replicationLagSeconds = 30;
    const { exit, host } = await attach({ wait: "false" });
    expect(exit).toBe(0);
    expect(host.said.outputs).toMatchObject({ changed: "true", state: "Creating" });
  });
});
