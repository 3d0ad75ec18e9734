import { existsSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Machine, scene } from "./signing-in.ts";

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});
afterEach(() => machine.remove());

/** A scene in a job of Azure Pipelines, and the environment that a service connection with federation gives. */
function job() {
  const one = scene();
  const { world, cloud } = one;
  machine.set({ SYSTEM_OIDCREQUESTURI: `${cloud.resourceManager}${world.pipelineJob.oidcPath}` });
  const environment = {
    AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: world.pipelineJob.serviceConnectionId,
    AZURESUBSCRIPTION_CLIENT_ID: world.application.clientId,
    AZURESUBSCRIPTION_TENANT_ID: world.tenantId,
    SYSTEM_ACCESSTOKEN: world.pipelineJob.accessToken,
  };
  return { ...one, environment };
}

test("a service connection signs in with the OIDC token that the job may have for it", async () => {
  const { tokens, environment, world, ownerOf, masked, log } = job();
  const token = await tokens({ environment }).token();
  expect(ownerOf(token)).toMatchObject({ clientId: world.application.clientId });
  expect(masked).toEqual([token]);
  expect(log).toEqual(["Signed in to AzureEmulator with the service connection."]);
});

test("it comes before a client secret and an azure/login session of the same environment", async () => {
  const { tokens, environment, withSecret, log } = job();
  const marker = path.join(machine.folder, "az-was-asked");
  machine.az(`: > ${marker}`);
  await tokens({ environment: { ...withSecret("wrong"), ...environment } }).token();
  expect(log).toEqual(["Signed in to AzureEmulator with the service connection."]);
  expect(existsSync(marker)).toBe(false);
});

test("without the job's token it is not there, as for a script of AzureCLI@2, which has a session", async () => {
  const { tokens, environment, withSecret, log } = job();
  const { SYSTEM_ACCESSTOKEN: _token, ...rest } = environment;
  await tokens({ environment: { ...withSecret(), ...rest } }).token();
  expect(log).toEqual(["Signed in to AzureEmulator with the client secret of the environment."]);
});

test("an OIDC endpoint that says no is the run's failure, and no other way is tried", async () => {
  const { tokens, environment, withSecret, log } = job();
  const refused = { ...withSecret(), ...environment, SYSTEM_ACCESSTOKEN: "another" };
  await expect(tokens({ environment: refused }).token()).rejects.toMatchObject({
    code: "SignInFailed",
    message: expect.stringMatching(
      /^Signing in with the service connection failed: .*access token is missing or wrong/,
    ),
  });
  expect(log).toEqual([]);
});
