import { expect, test } from "@jest/globals";
import { Extensions } from "../../src/azure/extensions.ts";
import {
  getConnectedCluster,
  getManagedCluster,
  getWorkspace,
  listPermissions,
  listTrustedAccessRoleBindings,
} from "../../src/azure/resources.ts";
import { aksId, arcId, workspaceId } from "../support/scene.ts";
import { virtually } from "../support/virtual-time.ts";
import { gateway } from "./emulated.ts";

test("workspace and clusters, by their ids", async () => {
  const { world, arm } = gateway();
  expect(await virtually(() => getWorkspace(arm, workspaceId(world)))).toMatchObject({ name: "ws1" });
  expect(await virtually(() => getManagedCluster(arm, aksId(world)))).toMatchObject({
    properties: { powerState: { code: "Running" } },
  });
  expect(await virtually(() => getConnectedCluster(arm, arcId(world)))).toMatchObject({
    properties: { connectivityStatus: "Connected" },
  });
});

test.each([1, 2, 100])("lists are read to their last page (%d on a page)", async (pageSize) => {
  const { world, arm } = gateway();
  world.knobs.pageSize = pageSize;
  for (const name of ["flux", "dapr", "monitor"]) {
    world.addExtension(aksId(world), { name, extensionType: `microsoft.${name}` });
    world.addTrustedAccessRoleBinding(aksId(world), { name, sourceResourceId: workspaceId(world) });
  }
  const extensions = await virtually(() => new Extensions(arm, aksId(world)).list());
  expect(extensions.map(({ name }) => name).sort()).toEqual(["azureml", "dapr", "flux", "monitor"]);
  const bindings = await virtually(() => listTrustedAccessRoleBindings(arm, aksId(world)));
  expect(bindings.map(({ name }) => name).sort()).toEqual(["dapr", "flux", "monitor"]);
});

test("the caller's permissions (arm-contract 5)", async () => {
  const { world, arm } = gateway();
  const [permission] = await virtually(() => listPermissions(arm, workspaceId(world)));
  expect(permission).toMatchObject({
    actions: ["*"],
    notActions: expect.arrayContaining([expect.any(String)]),
  });
});
