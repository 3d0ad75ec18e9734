import { expect, test } from "@jest/globals";
import { play, shown } from "../support/play.ts";

const noOidc = { "client-id": "", "tenant-id": "" };

test("signs in with the environment's client secret, or the runner's managed identity, and says which", () =>
  play("sign-in", async ({ world, azure, attach }) => {
    const { clientId, secret } = world.application;
    const tenant = { AZURE_TENANT_ID: world.tenantId };
    const bySecret = await attach({
      inputs: noOidc,
      env: { ...tenant, AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: secret },
    });
    expect(bySecret.log).toContain("with the client secret of the environment");
    const byIdentity = await attach({
      inputs: noOidc,
      env: {
        PATH: "/nonexistent",
        AZURE_CLIENT_ID: world.managedIdentity.clientId,
        IDENTITY_ENDPOINT: `${azure.url}/_msi/token`,
        IDENTITY_HEADER: world.managedIdentity.header,
      },
    });
    expect(byIdentity.log).toContain("with the managed identity");
    expect(byIdentity.outputs).toMatchObject({ changed: "false", state: "Succeeded" });
    const wrong = await attach({
      inputs: noOidc,
      env: { ...tenant, AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: "planted-wrong-secret" },
    });
    expect(shown(wrong, world)).toMatchSnapshot("wrong secret");
    const noPermission = await attach({ env: { ACTIONS_ID_TOKEN_REQUEST_URL: undefined } });
    expect(shown(noPermission, world)).toMatchSnapshot("no id-token permission");
  }));
