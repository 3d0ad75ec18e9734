import { describe, expect, test } from "@jest/globals";
import { type ExtensionTalk, ended, extensionTalk, PLAIN } from "./extension-talk.ts";
import { API, type Said } from "./talk.ts";

const code = ({ status, body }: Said) =>
  `${status} ${(body as { error?: { code?: string } } | null)?.error?.code ?? ""}`.trim();

async function installed(prepare?: Parameters<typeof extensionTalk>[1]): Promise<ExtensionTalk> {
  const one = extensionTalk("aks", prepare);
  expect(await one.install(PLAIN, { hidden: { a: "planted-a", b: "planted-b" } })).toMatchObject({
    provisioningState: "Succeeded",
  });
  return one;
}

describe("X1 PUT", () => {
  test("201 and Creating at first, then Succeeded with the version that runs", async () => {
    const one = extensionTalk();
    const accepted = await one.put();
    expect(accepted.status).toBe(201);
    expect(await one.show()).toMatchObject({
      provisioningState: "Creating",
      version: null,
      currentVersion: null,
    });
    expect(await ended(one, accepted)).toMatchObject({ status: "Succeeded" });
    expect(await one.show()).toMatchObject({
      provisioningState: "Succeeded",
      version: null,
      currentVersion: "1.1.84",
      statuses: [],
    });
  });

  test("over an existing one is answered 200 and overwrites blindly, Helm's release goes on", async () => {
    const one = await installed();
    const again = await one.put({ ...PLAIN, enableTraining: "False" });
    expect(again.status).toBe(200);
    expect(await one.show()).toMatchObject({ provisioningState: "Updating", currentVersion: "1.1.84" });
    await ended(one, again);
    const { configurationSettings, configurationProtectedSettings } = await one.show();
    expect(configurationSettings).toEqual({ ...PLAIN, enableTraining: "False" });
    expect(configurationProtectedSettings).toEqual({});
  });

  test.each<[string, object, string]>([
    ["a number for a setting", { configurationSettings: { a: 1 } }, "400 InvalidRequestContent"],
    ["a boolean for a setting", { configurationSettings: { a: true } }, "400 InvalidRequestContent"],
    ["null for a setting", { configurationSettings: { a: null } }, "400 InvalidRequestContent"],
    ["a protected number", { configurationProtectedSettings: { a: 1 } }, "400 InvalidRequestContent"],
    ["no type", { extensionType: null }, "400 InvalidRequestContent"],
    ["namespace scope", { scope: { namespace: { targetNamespace: "ml" } } }, "400 BadRequest"],
    ["both scopes", { scope: { cluster: {}, namespace: {} } }, "400 InvalidRequestContent"],
    ["a pin beside auto-upgrade", { version: "1.1.44", autoUpgradeMinorVersion: true }, "400 BadRequest"],
    ["a pin and the default of auto-upgrade", { version: "1.1.44" }, "400 BadRequest"],
    ["a state", { provisioningState: "Succeeded" }, "400 InvalidRequestContent"],
    ["errorInfo", { errorInfo: { code: "x" } }, "400 InvalidRequestContent"],
    ["what no file knows", { autoUpgradeMode: "none" }, "400 InvalidRequestContent"],
  ])("refuses %s", async (_what, properties, expected) => {
    const one = extensionTalk();
    expect(code(await one.put(PLAIN, { properties: properties as never }))).toBe(expected);
    expect(
      code(
        await one.arm(
          "GET",
          `${one.ids.aks}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`,
          { api: API.extensions },
        ),
      ),
    ).toBe("404 ResourceNotFound");
  });

  test("before 2023-05-01 a pin beside auto-upgrade was taken (azure-cli#26680)", async () => {
    const one = extensionTalk();
    const properties = { version: "1.1.44", autoUpgradeMinorVersion: true };
    expect((await one.put(PLAIN, { properties, api: "2022-11-01" })).status).toBe(201);
  });

  test("a second writer is refused with 409, whatever it wants", async () => {
    const one = extensionTalk();
    await one.put();
    expect(code(await one.put())).toBe("409 AnotherOperationInProgress");
    expect(code(await one.patch({ configurationSettings: { a: "1" } }))).toBe(
      "409 AnotherOperationInProgress",
    );
    expect(code(await one.remove())).toBe("409 AnotherOperationInProgress");
  });

  test("on a cluster that is not there", async () => {
    const one = extensionTalk();
    const path = `${one.ids.aks}x/providers/Microsoft.KubernetesConfiguration/extensions/azureml`;
    const body = { properties: { extensionType: "microsoft.azureml.kubernetes" } };
    expect(code(await one.arm("PUT", path, { api: API.extensions, body }))).toBe(
      "404 ParentResourceNotFound",
    );
  });

  test("an extension of another type is none of Azure ML's business", async () => {
    const one = extensionTalk();
    const shown = await one.install({}, { name: "flux", properties: { extensionType: "microsoft.flux" } });
    expect(shown.provisioningState).toBe("Succeeded");
    await one.remove("", "flux");
    one.world.clock.advance(10_000);
    expect(one.world.namespaceGoneAt.size).toBe(0);
  });
});

describe("PATCH", () => {
  test("merges plain settings and replaces protected ones whole", async () => {
    const one = await installed();
    const accepted = await one.patch({
      configurationSettings: { installPromOp: "False" },
      configurationProtectedSettings: { a: "planted-c" },
    });
    expect(accepted.status).toBe(202);
    expect(await one.show()).toMatchObject({ provisioningState: "Updating" });
    await ended(one, accepted);
    const { configurationSettings, configurationProtectedSettings } = await one.show();
    expect(configurationSettings).toEqual({ ...PLAIN, installPromOp: "False" });
    expect(configurationProtectedSettings).toEqual({ a: "" });
  });

  test.each([
    ["keep", { a: "", b: "" }],
    ["clear", {}],
  ] as const)("an empty protected map, as the CLI always sends it: %s", async (knob, expected) => {
    const one = await installed((world) => {
      world.knobs.emptyProtectedPatch = knob;
    });
    const settings = { configurationSettings: { x: "1" }, configurationProtectedSettings: {} };
    await ended(one, await one.patch(settings));
    expect((await one.show()).configurationProtectedSettings).toEqual(expected);
  });

  test.each<[string, object]>([
    ["the type", { extensionType: "microsoft.azureml.kubernetes" }],
    ["the scope", { scope: { cluster: { releaseNamespace: "azureml" } } }],
    ["a setting that is no text", { configurationSettings: { a: false } }],
    ["a pin beside auto-upgrade", { version: "1.1.44", autoUpgradeMinorVersion: true }],
    ["a pin while auto-upgrade is on", { version: "1.1.44" }],
  ])("refuses %s", async (_what, properties) => {
    const one = await installed();
    expect((await one.patch(properties as never)).status).toBe(400);
    expect(await one.show()).toMatchObject({ provisioningState: "Succeeded", version: null });
  });

  test("the same again is 200 and starts nothing", async () => {
    const one = await installed();
    const said = await one.patch({ configurationSettings: { ...PLAIN }, releaseTrain: "stable" });
    expect(said.status).toBe(200);
    expect(said.headers["azure-asyncoperation"]).toBeUndefined();
  });

  test("pins a version, and lets it go again", async () => {
    const one = await installed();
    await ended(one, await one.patch({ autoUpgradeMinorVersion: false, version: "1.1.44" }));
    expect(await one.show()).toMatchObject({ version: "1.1.44", currentVersion: "1.1.44" });
    await ended(one, await one.patch({ configurationSettings: { x: "1" } }));
    expect(await one.show()).toMatchObject({ version: "1.1.44", currentVersion: "1.1.44" });
    await ended(one, await one.patch({ autoUpgradeMinorVersion: true }));
    expect(await one.show()).toMatchObject({ version: null, currentVersion: "1.1.84" });
  });

  test("without auto-upgrade and without a pin the version stays", async () => {
    const one = extensionTalk();
    await one.install(PLAIN, { properties: { autoUpgradeMinorVersion: false, version: "1.1.44" } });
    await ended(one, await one.patch({ version: null, configurationSettings: { x: "1" } }));
    expect(await one.show()).toMatchObject({ version: null, currentVersion: "1.1.44" });
  });

  test("of one that is not there", async () => {
    expect(code(await extensionTalk().patch({ configurationSettings: {} }))).toBe("404 ResourceNotFound");
  });
});

describe("X5 GET shows no secret", () => {
  test.each([
    ["blank", { a: "", b: "" }],
    ["empty", {}],
  ] as const)("protected settings: %s", async (knob, expected) => {
    const one = await installed((world) => {
      world.knobs.protectedSettingsShown = knob;
    });
    expect((await one.show()).configurationProtectedSettings).toEqual(expected);
    const arm = one.world.exchanges
      .filter(({ host }) => host === "arm")
      .map(({ responseBody }) => responseBody);
    expect(arm.join("")).not.toContain("planted-");
    expect([...one.world.secrets]).toEqual(expect.arrayContaining(["planted-a", "planted-b"]));
  });

  test.each([
    ["currentVersion", null],
    ["both", "1.1.84"],
  ] as const)("the version that runs: %s", async (knob, version) => {
    const one = await installed((world) => {
      world.knobs.resolvedVersion = knob;
    });
    expect(await one.show()).toMatchObject({ version, currentVersion: "1.1.84" });
  });
});

describe("DELETE", () => {
  test("the resource goes, its namespace lingers, and what is created meanwhile fails", async () => {
    const one = await installed();
    expect((await one.remove("?forceDelete=false")).status).toBe(202);
    expect(await one.show()).toMatchObject({ provisioningState: "Deleting" });
    one.world.clock.advance(5_000);
    expect(code(await one.remove())).toBe("204");
    const gone = one.world.namespaceGoneAt.get(one.ids.aks.toLowerCase()) ?? 0;
    expect(gone - one.world.clock.now()).toBeGreaterThan(19_000);
    const early = await one.put();
    expect(early.status).toBe(201);
    expect(await ended(one, early)).toMatchObject({
      status: "Failed",
      error: { message: expect.stringContaining("in namespace azureml because it is being terminated") },
    });
    expect(await one.show()).toMatchObject({ provisioningState: "Failed", currentVersion: null });
    one.world.clock.advance(60_000);
    expect(await ended(one, await one.put())).toMatchObject({ status: "Succeeded" });
    expect((await one.show()).errorInfo).toBeUndefined();
  });

  test("of a cluster that is offline: the namespace stays", async () => {
    const one = await installed();
    stop(one);
    await one.remove();
    one.world.clock.advance(365 * 24 * 60 * 60 * 1000);
    await one.arm("GET", one.ids.aks, { api: API.aks });
    expect(one.world.namespaceGoneAt.get(one.ids.aks.toLowerCase())).toBe(Number.POSITIVE_INFINITY);
  });

  test("by force it takes the Azure resource alone", async () => {
    const one = await installed();
    expect((await one.remove("?forceDelete=true")).status).toBe(200);
    expect(code(await one.remove())).toBe("204");
    expect(one.world.namespaceGoneAt.size).toBe(0);
  });
});

describe("two of a type in one cluster (a guess, both ways)", () => {
  test.each([
    ["allow", "201", "Succeeded"],
    ["fail", "201", "Failed"],
  ] as const)("%s", async (knob, status, state) => {
    const one = await installed((world) => {
      world.knobs.secondOfType = knob;
    });
    const second = await one.put(PLAIN, { name: "second" });
    expect(code(second)).toBe(status);
    expect(await ended(one, second)).toMatchObject({ status: state });
  });

  test("refuse", async () => {
    const one = await installed((world) => {
      world.knobs.secondOfType = "refuse";
    });
    expect(code(await one.put(PLAIN, { name: "second" }))).toBe("409 ExtensionTypeAlreadyInstalled");
    expect((await one.put(PLAIN)).status).toBe(200);
    const flux = { name: "flux", properties: { extensionType: "microsoft.flux" } };
    expect((await one.put(PLAIN, flux)).status).toBe(201);
  });
});

describe("a cluster whose agents are offline", () => {
  test.each<[string, "aks" | "arc", (one: ExtensionTalk) => void]>([
    ["a stopped AKS cluster", "aks", stop],
    ["an Arc cluster that is offline", "arc", disconnect],
  ])("%s: the operation goes on for 48 hours, then it is Failed", async (_what, on, switchOff) => {
    const one = extensionTalk(on);
    one.world.knobs.tokenLifetimeSeconds = 72 * 60 * 60;
    switchOff(one);
    const accepted = await one.put({ ...PLAIN, "relayserver.enabled": "false" });
    expect(accepted.status).toBe(201);
    one.world.clock.advance(47 * 60 * 60 * 1000);
    expect((await one.arm("GET", accepted.headers["azure-asyncoperation"] ?? "")).body).toMatchObject({
      status: "Creating",
    });
    expect(await one.show()).toMatchObject({ provisioningState: "Creating" });
    one.world.clock.advance(60 * 60 * 1000);
    expect(await one.show()).toMatchObject({ provisioningState: "Failed" });
  });
});

describe("what must be there first (X7)", () => {
  test("a provider that is not registered", async () => {
    const one = extensionTalk();
    one.world.providerStates.set("microsoft.kubernetesconfiguration", "NotRegistered");
    expect(code(await one.put())).toBe("409 MissingSubscriptionRegistration");
    expect(await provider(one, "Microsoft.KubernetesConfiguration")).toBe("NotRegistered");
    expect(await provider(one, "Microsoft.Relay")).toBe("Registered");
    await one.arm(
      "POST",
      `/subscriptions/${one.world.subscriptionId}/providers/Microsoft.KubernetesConfiguration/register`,
      { api: API.resources },
    );
    expect((await one.put()).status).toBe(201);
  });

  test.each([
    ["PUT", "Microsoft.KubernetesConfiguration/extensions/write"],
    ["PATCH", "Microsoft.KubernetesConfiguration/extensions/write"],
    ["DELETE", "Microsoft.KubernetesConfiguration/extensions/delete"],
    ["GET", "Microsoft.KubernetesConfiguration/extensions/read"],
  ])("the right to %s", async (method, action) => {
    const one = await installed();
    const { clientId } = one.world.application;
    const attempt = () =>
      method === "PUT"
        ? one.put()
        : method === "PATCH"
          ? one.patch({ configurationSettings: { x: "1" } })
          : method === "DELETE"
            ? one.remove()
            : one.arm("GET", extension(one), { api: API.extensions });
    one.world.revoke(clientId);
    one.world.grant(clientId, ["*"], [action], one.ids.aks);
    const refused = await attempt();
    expect(code(refused)).toBe("403 AuthorizationFailed");
    expect(refused.text).toContain(`perform action '${action}' over scope '${extension(one)}'`);
    one.world.revoke(clientId);
    one.world.grant(clientId, [action, "Microsoft.Authorization/permissions/read"], [], one.ids.aks);
    expect((await attempt()).status).toBeLessThan(300);
    const permissions = `${one.ids.aks}/providers/Microsoft.Authorization/permissions`;
    expect((await one.arm("GET", permissions, { api: API.permissions })).text).toContain(action);
  });
});

function extension(one: ExtensionTalk): string {
  return `${one.ids.aks}/providers/Microsoft.KubernetesConfiguration/extensions/azureml`;
}

async function provider(one: ExtensionTalk, namespace: string): Promise<unknown> {
  const path = `/subscriptions/${one.world.subscriptionId}/providers/${namespace}`;
  const said = await one.arm("GET", path, { api: API.resources });
  return (said.body as { registrationState: string }).registrationState;
}

function stop(one: ExtensionTalk): void {
  set(one, one.ids.aks, { powerState: { code: "Stopped" } });
}

function disconnect(one: ExtensionTalk): void {
  set(one, one.ids.arc, { connectivityStatus: "Offline" });
}

function set(one: ExtensionTalk, id: string, properties: object): void {
  const cluster = one.world.resource(id);
  Object.assign(cluster?.body["properties"] as object, properties);
}
