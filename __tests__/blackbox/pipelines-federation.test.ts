import { expect, test } from "@jest/globals";
import { playTasks, withFederation } from "../support/pipelines.ts";
import { requests } from "../support/play.ts";

test("signs in with a service connection with workload identity federation", () =>
  playTasks("pipelines-federation", async ({ world, azure, attach }) => {
    const { result, outputs, log } = await attach({ connection: withFederation(world, azure) });
    expect({ result, outputs }).toMatchObject({ result: "Succeeded", outputs: { changed: "true" } });
    expect(log).toContain("Signed in to AzureEmulator with the service connection.");
    const signIn = requests(world).filter((line) => /^(devops|entra) POST/.test(line));
    expect(signIn).toMatchSnapshot();
  }));

test("survives an OIDC endpoint that fails for a moment", () =>
  playTasks("pipelines-federation-retry", async ({ world, azure, detach }) => {
    world.faults.push({ match: { url: /oidctoken/ }, kind: "status", status: 503, count: 2, retryAfter: 0 });
    const { result } = await detach({ connection: withFederation(world, azure) });
    expect(result).toBe("Succeeded");
  }));

test("a service connection that the job may not use is named, with what its endpoint says", () =>
  playTasks("pipelines-federation-refused", async ({ world, azure, detach }) => {
    const connection = { ...withFederation(world, azure), id: "99999999-9999-4999-8999-999999999999" };
    const { result, issues, outputs } = await detach({ connection });
    expect({ result, outputs }).toMatchObject({ result: "Failed", outputs: { errorCode: "SignInFailed" } });
    expect(issues).toEqual([
      {
        type: "error",
        message: expect.stringMatching(
          /Signing in with the service connection failed: .*No service connection found/,
        ),
      },
    ]);
  }));

test("a federated credential that is missing is told, with the code of Microsoft Entra", () =>
  playTasks("pipelines-federation-subject", async ({ world, azure, detach }) => {
    world.pipelineJob.subject = "sc://contoso/models/another";
    const { outputs } = await detach({ connection: withFederation(world, azure) });
    expect(outputs).toMatchObject({ changed: "false", errorCode: "AADSTS700213" });
  }));
