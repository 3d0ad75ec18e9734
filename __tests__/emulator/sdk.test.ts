import { AzureMachineLearningWorkspaces, type ComputeResource } from "@azure/arm-machinelearning";
import { createHttpHeaders, createPipelineRequest, RestError } from "@azure/core-rest-pipeline";
import { ClientAssertionCredential, ClientSecretCredential } from "@azure/identity";
import { describe, expect, test } from "@jest/globals";
import { type Fault, githubAssertion } from "../../emulator/index.ts";
import { inProcessClient } from "../support/in-process.ts";
import { talk } from "./talk.ts";

/** Microsoft's own clients, unchanged, against the emulator: they know nothing of it (testbed 5). */
function clients() {
  const one = talk();
  const { world, emulator } = one;
  const httpClient = inProcessClient(emulator);
  const identity = { authorityHost: emulator.origin, disableInstanceDiscovery: true, httpClient };
  const { clientId, secret } = world.application;
  const credential = new ClientSecretCredential(world.tenantId, clientId, secret, identity);
  const machineLearning = new AzureMachineLearningWorkspaces(credential, world.subscriptionId, {
    endpoint: emulator.origin,
    credentialScopes: `${emulator.origin}/.default`,
    httpClient,
  });
  return { ...one, httpClient, identity, machineLearning };
}

describe("@azure/arm-machinelearning and @azure/identity", () => {
  test("attach, list, get and detach", async () => {
    const { machineLearning, world, ids } = clients();
    world.knobs.computeSeconds = { create: 0.05, detach: 0.05 };
    const parameters: ComputeResource = {
      location: "eastus",
      identity: { type: "SystemAssigned" },
      properties: { computeType: "Kubernetes", resourceId: ids.aks, properties: { namespace: "ml" } },
    };
    const attached = await machineLearning.computeOperations.beginCreateOrUpdateAndWait(
      "rg1",
      "ws1",
      "gpu",
      parameters,
      {
        updateIntervalInMs: 10,
      },
    );
    expect(attached).toMatchObject({
      name: "gpu",
      properties: { provisioningState: "Succeeded", isAttachedCompute: true },
    });
    const names: (string | undefined)[] = [];
    for await (const compute of machineLearning.computeOperations.list("rg1", "ws1"))
      names.push(compute.name);
    expect(names).toEqual(["gpu"]);
    await machineLearning.computeOperations.beginDeleteAndWait("rg1", "ws1", "gpu", "Detach", {
      updateIntervalInMs: 10,
    });
    await expect(machineLearning.computeOperations.get("rg1", "ws1", "gpu")).rejects.toMatchObject({
      statusCode: 404,
    });
    expect(world.violations).toEqual([]);
    expect(world.resource(ids.aks)).toBeDefined();
  });

  test("a failed attach is an error", async () => {
    const { machineLearning, world, ids } = clients();
    world.knobs.computeSeconds.create = 0.01;
    const parameters: ComputeResource = {
      properties: { computeType: "Kubernetes", resourceId: `${ids.aks}x` },
    };
    const attach = machineLearning.computeOperations.beginCreateOrUpdateAndWait(
      "rg1",
      "ws1",
      "gpu",
      parameters,
      {
        updateIntervalInMs: 10,
      },
    );
    await expect(attach).rejects.toThrow(/failed/i);
  });

  test("pages are followed", async () => {
    const { machineLearning, world, ids } = clients();
    world.knobs.pageSize = 2;
    for (const letter of ["a", "b", "c", "d", "e"]) world.addCompute(ids.workspace, { name: `gpu${letter}` });
    let count = 0;
    for await (const _compute of machineLearning.computeOperations.list("rg1", "ws1")) count++;
    expect(count).toBe(5);
  });

  test("a client assertion signs in", async () => {
    const { world, emulator, identity } = clients();
    const credential = new ClientAssertionCredential(
      world.tenantId,
      world.application.clientId,
      async () => githubAssertion(world, "api://AzureADTokenExchange"),
      identity,
    );
    const token = await credential.getToken(`${emulator.origin}/.default`);
    expect(world.secrets.has(token.token)).toBe(true);
  });

  test("a wrong secret is what Entra says", async () => {
    const { world, emulator, identity } = clients();
    const credential = new ClientSecretCredential(
      world.tenantId,
      world.application.clientId,
      "wrong",
      identity,
    );
    await expect(credential.getToken(`${emulator.origin}/.default`)).rejects.toThrow(/AADSTS7000215/);
  });
});

describe("the in-process client", () => {
  const ask = (
    fault: Omit<Fault, "match">,
    options: { timeout?: number; abortSignal?: AbortSignal } = {},
  ) => {
    const { emulator, httpClient, world } = clients();
    world.faults.push({ ...fault, match: {} });
    const url = `${emulator.origin}/metadata/endpoints?api-version=2022-09-01`;
    return httpClient.sendRequest(createPipelineRequest({ url, headers: createHttpHeaders(), ...options }));
  };

  test("a reset is a RestError with ECONNRESET", async () => {
    const error = await ask({ kind: "reset" }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RestError);
    expect(error).toMatchObject({ code: "ECONNRESET" });
  });

  test("a body that breaks off is a parse error, as with the real client", async () => {
    await expect(ask({ kind: "truncated" })).rejects.toMatchObject({
      name: "RestError",
      code: RestError.PARSE_ERROR,
    });
    await expect(ask({ kind: "truncated", clean: true })).resolves.toMatchObject({ status: 200 });
  });

  test("a request that hangs ends by its timeout, or by the caller", async () => {
    await expect(ask({ kind: "hang" }, { timeout: 20 })).rejects.toMatchObject({ name: "AbortError" });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    await expect(ask({ kind: "hang" }, { abortSignal: controller.signal })).rejects.toMatchObject({
      name: "AbortError",
    });
    await expect(ask({ kind: "hang" }, { abortSignal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});
