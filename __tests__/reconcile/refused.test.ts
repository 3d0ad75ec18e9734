import { describe, expect, test } from "@jest/globals";
import type { World } from "../../emulator/index.ts";
import { hostOf, runOn } from "../support/own-host.ts";
import { aksId, scene, workspaceId } from "../support/scene.ts";
import { computeState, forbid } from "../support/world-facts.ts";

const ml = "Microsoft.MachineLearningServices/workspaces";
const unknown = "77777777-7777-4777-8777-777777777777";

function attached(world: World): void {
  world.addCompute(workspaceId(world), { name: "gpu", properties: { resourceId: aksId(world) } });
}

describe("a right that the identity lacks", () => {
  test.each([
    ["attach", "the workspace", `${ml}/read`],
    ["attach", "the compute", `${ml}/computes/read`],
    ["detach", "the workspace", `${ml}/read`],
    ["detach", "the compute", `${ml}/computes/read`],
  ] as const)(
    "%s may not read %s: 403 is the run's failure, with Azure's words and the request id (arm-contract 8)",
    async (action, _what, right) => {
      const stage = scene();
      attached(stage.world);
      forbid(stage.world, right);
      const { exit, host, report } = await stage[action]();
      expect({ exit, code: report.error?.code, written: stage.written() }).toEqual({
        exit: 1,
        code: "AuthorizationFailed",
        written: [],
      });
      expect(report.error?.message).toContain(`does not have authorization to perform action '${right}'`);
      expect(report.error?.remedy).toContain("role");
      const refusal = stage.world.exchanges.find(({ status }) => status === 403);
      expect(host.said.outputs["request-id"]).toBe(refusal?.responseHeaders["x-ms-request-id"]);
      expect(host.said.errors).toHaveLength(1);
      expect(host.said.errors[0]?.message).toContain(host.said.outputs["request-id"]);
      expect(host.said.outputs).toMatchObject({ changed: "false", "error-code": "AuthorizationFailed" });
    },
  );

  test.each([
    ["attach", "write", "PUT", "Absent"],
    ["detach", "delete", "DELETE", "Succeeded"],
  ] as const)(
    "%s may not %s computes, and the preflight is off: Azure's 403 is the run's failure (peers 1.6)",
    async (action, right, method, state) => {
      const stage = scene();
      if (action === "detach") attached(stage.world);
      forbid(stage.world, `${ml}/computes/${right}`);
      const { exit, host, report } = await stage[action]({ preflight: "off" });
      expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "AuthorizationFailed" });
      expect(stage.written()).toEqual([expect.stringMatching(new RegExp(`^${method} .* 403$`))]);
      expect(host.said.outputs).toMatchObject({ changed: "false", state });
      expect(computeState(stage.world)).toBe(state);
      expect(report.steps).toMatchObject([{ result: "failed" }]);
    },
  );

  test("on the cluster, which Azure asks for at the write: LinkedAuthorizationFailed (testbed 7)", async () => {
    const { world, attach } = scene();
    const action = "Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action";
    world.knobs.linkedAction = action;
    forbid(world, action);
    const { exit, report } = await attach();
    expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "LinkedAuthorizationFailed" });
    expect(report.error?.remedy).toContain("cluster");
  });

  test("that one role gives and another takes away is there: notActions subtract within one role (arm-contract 5)", async () => {
    const { world, attach } = scene();
    const { clientId } = world.application;
    forbid(world, `${ml}/computes/*`);
    world.grant(clientId, [`${ml}/computes/*`]);
    expect((await attach()).exit).toBe(0);
  });

  test("a custom role with just what attach needs is enough (A4)", async () => {
    const { world, attach } = scene();
    const { clientId } = world.application;
    world.revoke(clientId);
    world.grant(clientId, [`${ml}/read`, `${ml}/computes/read`, `${ml}/computes/write`]);
    const { exit, report } = await attach();
    expect(exit).toBe(0);
    expect(report.findings.map(({ severity }) => severity)).toEqual(["warning"]);
    expect(computeState(world)).toBe("Succeeded");
  });
});

describe.each(["attach", "detach"] as const)("%s of a workspace that is not there", (action) => {
  test.each([
    ["workspace", { "workspace-name": "ws9" }, "ws9"],
    ["resource group", { "resource-group": "rg9" }, "rg9"],
    ["subscription", { "subscription-id": unknown }, unknown],
  ])(
    "(%s) fails and says what to check; it is not taken for a compute that is gone (D2)",
    async (_what, inputs, named) => {
      const stage = scene();
      attached(stage.world);
      const { exit, host, report } = await stage[action](inputs);
      expect({ exit, code: report.error?.code, written: stage.written() }).toEqual({
        exit: 1,
        code: "WorkspaceNotFound",
        written: [],
      });
      expect(report.error?.message).toContain(named);
      expect(report.error?.remedy).toContain("workspace-name");
      expect(host.said.outputs).toMatchObject({ changed: "false", state: "Unknown" });
    },
  );

  test("and whose subscription is disabled for writes fails with Azure's reason (arm-contract 7)", async () => {
    const stage = scene();
    if (action === "detach") attached(stage.world);
    stage.world.addSubscription({ state: "Disabled" });
    const { exit, report } = await stage[action]();
    expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "ReadOnlyDisabledSubscription" });
  });
});

describe("an identity that can't sign in", () => {
  test.each<[string, Record<string, string>, RegExp, RegExp]>([
    ["of another tenant", { AZURE_TENANT_ID: unknown }, /SignInFailed|AADSTS90002/, /tenant-id/],
    ["that the tenant does not know", { AZURE_CLIENT_ID: unknown }, /AADSTS700016/, /client-id/],
    ["with a wrong secret", { AZURE_CLIENT_SECRET: "wrong" }, /AADSTS7000215/, /AZURE_CLIENT_SECRET/],
  ])(
    "%s: the run fails with what to check, and reads nothing (design 4)",
    async (_what, environment, code, remedy) => {
      const { attach, requests } = scene();
      const { exit, host, report } = await attach({}, { environment });
      expect({ exit, requests: requests() }).toEqual({ exit: 1, requests: [] });
      expect(report.error?.code).toMatch(code);
      expect(report.error?.remedy).toMatch(remedy);
      expect(host.said.errors).toHaveLength(1);
      expect(host.said.outputs).toMatchObject({ changed: "false", state: "Unknown" });
    },
  );

  test("since its token is for another tenant than the subscription: Azure's 401 is explained (extension.md 11)", async () => {
    const { world, attach } = scene();
    const code = "InvalidAuthenticationTokenTenant";
    const match = { url: "/subscriptions/" };
    world.faults.push({
      match,
      kind: "status",
      status: 401,
      code,
      message: "wrong issuer",
      count: 1_000_000,
    });
    const { exit, report } = await attach();
    expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code });
    expect(report.error?.remedy).toContain("tenant-id");
  });

  test("since the job gives no OIDC token: the run says which permission it needs", async () => {
    const stage = scene();
    const { clientId } = stage.world.application;
    const inputs = { "client-id": clientId, "tenant-id": stage.world.tenantId };
    const { exit, report } = await runOn(hostOf(stage, { inputs, environment: {} }), stage, "attach");
    expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "NoIdToken" });
    expect(stage.requests()).toEqual([]);
  });
});

describe("a cloud that is no Azure", () => {
  test("is told by its metadata, in one clear error (design 4)", async () => {
    const { world, attach } = scene();
    const match = { url: "metadata" };
    world.faults.push({ match, kind: "status", status: 404, code: "NotFound", count: 1_000_000 });
    const { exit, report } = await attach();
    expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code: "NoCloudMetadata" });
    expect(report.error?.remedy).toContain("azure-environment");
  });
});

describe("an answer of another shape than Azure's", () => {
  test.each([
    ["the workspace", "workspaces/ws1\\?"],
    ["the compute", "computes/gpu\\?"],
    ["the permissions", "permissions\\?"],
    ["the cluster", "managedClusters/aks1\\?"],
    ["the extensions", "extensions\\?"],
  ])("to the read of %s is one clear error, no defect of ours (testbed 9)", async (_what, url) => {
    const { world, attach, written } = scene();
    world.faults.push({ match: { method: "GET", url }, kind: "status", status: 200, count: 1_000_000 });
    const { exit, report } = await attach();
    expect({ exit, written: written() }).toEqual({ exit: 1, written: [] });
    expect(report.error?.code).not.toBe("Unexpected");
  });
});
