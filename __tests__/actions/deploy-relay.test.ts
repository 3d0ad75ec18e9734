import { describe, expect, test } from "@jest/globals";
import type { World } from "../../emulator/index.ts";
import { aksId, arcId } from "../support/scene.ts";
import { forbid } from "../support/world-facts.ts";
import {
  bareScene,
  change,
  changes,
  deployTogether,
  done,
  ending,
  extensionId,
  https,
  lines,
  onArc,
  type Stage,
  secretsOf,
  sent,
  settingsOf,
  training,
  untouched,
} from "./deploy-scenes.ts";

const rg1 = (world: World) => `/subscriptions/${world.subscriptionId}/resourceGroups/rg1`;
/** The name that the CLI gives (extension.md 1d): cluster, subscription and group in letters and digits. */
const namespaceId = (world: World) =>
  `${rg1(world)}/providers/Microsoft.Relay/namespaces/arc1${world.subscriptionId.replaceAll("-", "")}rg1relay`;
const connectionId = (world: World) => `${namespaceId(world)}/hybridConnections/arc1`;
const ruleId = (world: World) => `${connectionId(world)}/authorizationRules/azureml_rw`;

/** The writes to the Relay, and their bodies. */
const relayWrites = ({ world }: Stage) =>
  world.exchanges
    .filter(({ method, url }) => method === "PUT" && url.includes("Microsoft.Relay"))
    .map(({ url, requestBody, status }) => ({
      path: new URL(url).pathname.replace(/^.*\/Microsoft\.Relay\//, ""),
      body: JSON.parse(requestBody) as unknown,
      status,
    }));

/** A scene whose Arc cluster has the Relay of an extension that is gone. */
async function withRelay(): Promise<Stage> {
  const stage = bareScene();
  const { world } = stage;
  expect((await stage.deploy({ ...training, ...onArc(world) })).exit).toBe(0);
  world.store.delete(extensionId(arcId(world)));
  world.exchanges.length = 0;
  return stage;
}

const deploy = (stage: Stage, inputs: Record<string, string> = {}) =>
  stage.deploy({ ...training, ...onArc(stage.world), ...inputs });

describe("the Relay beside an Arc cluster (extension.md 1d, X9)", () => {
  test("is made first where there is none, by the requests that the CLI sends (testbed 8)", async () => {
    const stage = bareScene();
    const run = await deploy(stage);
    expect(ending(run)).toEqual(done);
    const name = namespaceId(stage.world).split("/").at(-1);
    expect(relayWrites(stage)).toEqual([
      {
        path: `namespaces/${name}`,
        body: { location: "eastus", tags: { created_by: "Azure Arc-enabled ML" } },
        status: 201,
      },
      {
        path: `namespaces/${name}/hybridConnections/arc1`,
        body: { properties: { requiresClientAuthorization: true } },
        status: 200,
      },
      {
        path: `namespaces/${name}/hybridConnections/arc1/authorizationRules/azureml_rw`,
        body: { properties: { rights: ["Manage", "Send", "Listen"] } },
        status: 200,
      },
    ]);
    const settings = settingsOf(stage.world, extensionId(arcId(stage.world)));
    expect(settings).toMatchObject({
      "relayserver.enabled": "true",
      "relayserver.hybridConnectionResourceID": connectionId(stage.world),
      "relayserver.hybridConnectionName": "arc1",
    });
    const secrets = secretsOf(stage.world, extensionId(arcId(stage.world)));
    const string = stage.world.relayKeys.get(ruleId(stage.world).toLowerCase())?.primaryConnectionString;
    expect(secrets).toEqual({
      relayServerConnectionString: string,
      "relayserver.relayConnectionString": string,
    });
    expect(run.report.plan?.steps.map(({ kind }) => kind)).toEqual(["create-relay", "create-extension"]);
  });

  test("is left as it is where it is there (X9: editing it breaks computes)", async () => {
    const stage = await withRelay();
    expect(ending(await deploy(stage))).toEqual(done);
    expect(relayWrites(stage)).toEqual([]);
    const string = stage.world.relayKeys.get(ruleId(stage.world).toLowerCase())?.primaryConnectionString;
    expect(secretsOf(stage.world, extensionId(arcId(stage.world)))).toMatchObject({
      relayServerConnectionString: string,
    });
  });

  test.each([
    ["the rule", ruleId, 1],
    ["the hybrid connection and its rule", connectionId, 2],
  ])("what is missing of it is made: %s", async (_what, missing, writes) => {
    const stage = await withRelay();
    stage.world.store.delete(missing(stage.world));
    stage.world.relayKeys.clear();
    const run = await deploy(stage);
    expect({ ...ending(run), errors: run.host.said.errors }).toEqual({ ...done, errors: [] });
    expect(relayWrites(stage)).toHaveLength(writes);
  });

  test("is not made on AKS, nor where it is switched off", async () => {
    const stage = bareScene();
    expect(ending(await stage.deploy(training))).toEqual(done);
    const run = await deploy(stage, { config: lines({ "relayserver.enabled": "false" }) });
    expect(ending(run)).toEqual(done);
    expect(run.report.findings.map(({ seen }) => seen)).toContainEqual(expect.stringContaining("Relay"));
    expect(relayWrites(stage)).toEqual([]);
    expect(secretsOf(stage.world, extensionId(aksId(stage.world)))).toEqual({});
  });

  test("that an extension is set to is the one whose string goes with a new certificate", async () => {
    const stage = bareScene();
    const { world } = stage;
    // Another tool put the Relay elsewhere.
    const id = world.addExtension(arcId(world));
    const own = String(settingsOf(world, id)?.["relayserver.hybridConnectionResourceID"]);
    const elsewhere = own.replace(/namespaces\/[^/]+/, "namespaces/team-relay");
    for (const part of ["", "/authorizationRules/azureml_rw"]) {
      const { type, body } = world.store.get(`${own}${part}`) ?? { type: "", body: {} };
      world.store.put(`${elsewhere}${part}`, type, body);
    }
    const namespace = world.store.get(own.replace(/\/hybridConnections.*/, ""));
    world.store.put(
      elsewhere.replace(/\/hybridConnections.*/, ""),
      namespace?.type ?? "",
      namespace?.body ?? {},
    );
    world.store.delete(own.replace(/\/hybridConnections.*/, ""));
    const settings = {
      ...settingsOf(world, id),
      "relayserver.hybridConnectionResourceID": elsewhere,
    };
    change(world, id, { configurationSettings: settings });
    const run = await stage.deploy({
      ...https(),
      ...onArc(world),
      "allow-disruption": "true",
      config: `${https().config}\nallowInsecureConnections=False`,
    });
    expect({ ...ending(run), errors: run.host.said.errors }).toEqual({ ...done, errors: [] });
    expect(secretsOf(world, id)?.["relayServerConnectionString"]).toContain("sb://team-relay.");
    expect(relayWrites(stage)).toEqual([]);
  });
});

describe("a Relay of one's own (AMLK docs/private-link.md)", () => {
  const id =
    "/subscriptions/77777777-7777-4777-8777-777777777777/resourceGroups/hub/providers/Microsoft.Relay/namespaces/hub/hybridConnections/ours";
  const config = lines({
    "relayserver.hybridConnectionResourceID": id,
    "relayserver.hybridConnectionName": "ours",
  });
  const string =
    "Endpoint=sb://hub.example/;SharedAccessKeyName=azureml_rw;SharedAccessKey=cGxhbnRlZC1vd24tcmVsYXktc3RyaW5n;EntityPath=ours";
  const secret = lines({ relayServerConnectionString: string });

  test("with its string is taken as it is: nothing of it is read or made, and its digest tells it again", async () => {
    const stage = bareScene();
    const inputs = { config, "config-protected": secret };
    expect(ending(await deploy(stage, inputs))).toEqual(done);
    expect(secretsOf(stage.world, extensionId(arcId(stage.world)))).toEqual({
      relayServerConnectionString: string,
      "relayserver.relayConnectionString": string,
    });
    expect(relayWrites(stage)).toEqual([]);
    expect(stage.requests().filter((line) => line.includes("Microsoft.Relay/"))).toEqual([]);
    expect(ending(await deploy(stage, inputs))).toEqual(untouched);
  });

  test("without its id is wrong input", async () => {
    const stage = bareScene();
    const run = await deploy(stage, { "config-protected": secret });
    expect(ending(run)).toMatchObject({ exit: 1, code: "InvalidInput" });
    expect(run.report.error?.details.join()).toContain("relayserver.hybridConnectionResourceID");
    expect(stage.requests()).toEqual([]);
  });

  test("that is not there is not made: its id may be a typing error", async () => {
    const stage = bareScene();
    const wrong = `${namespaceId(stage.world)}x/hybridConnections/ours`;
    const run = await deploy(stage, {
      config: lines({ "relayserver.hybridConnectionResourceID": wrong }),
    });
    expect(run.exit).toBe(1);
    expect(changes(stage)).toEqual([]);
    expect(`${run.report.error?.message} ${run.report.error?.remedy}`).toContain(
      "relayserver.hybridConnectionResourceID",
    );
  });
});

describe("a Relay that can't be had", () => {
  test.each([409, 400] as const)(
    "since a stranger has its name (status %i): one error that says what to do, nothing changed",
    async (takenRelayStatus) => {
      const stage = bareScene();
      stage.world.knobs.takenRelayNames = [namespaceId(stage.world).split("/").at(-1) ?? ""];
      stage.world.knobs.takenRelayStatus = takenRelayStatus;
      const run = await deploy(stage);
      // The extension was looked at, and nobody touched it.
      expect(ending(run)).toMatchObject({ exit: 1, changed: "false", state: "Absent" });
      expect(run.host.said.errors).toHaveLength(1);
      expect(run.report.error?.remedy).toContain("relayserver.hybridConnectionResourceID");
      expect(run.report.steps.map(({ result }) => result)).toEqual(["failed", "not-started"]);
    },
  );

  test("for want of the right to make it", async () => {
    const stage = bareScene();
    forbid(stage.world, "Microsoft.Relay/namespaces/write");
    const run = await deploy(stage);
    expect(ending(run)).toMatchObject({ exit: 1, code: "AuthorizationFailed", changed: "false" });
    expect(sent(stage.world, "PUT")).toEqual([]);
    expect(`${run.report.error?.message} ${run.report.error?.remedy}`).toMatch(/Microsoft\.Relay|Relay/);
    expect(run.report.error?.remedy).not.toContain("AzureML Compute Operator");
  });

  test("for want of the right to read its key", async () => {
    const stage = await withRelay();
    forbid(stage.world, "Microsoft.Relay/namespaces/hybridConnections/authorizationRules/listkeys/action");
    const run = await deploy(stage);
    expect(ending(run)).toMatchObject({ exit: 1, code: "AuthorizationFailed", changed: "false" });
    expect(sent(stage.world, "PUT")).toEqual([]);
  });

  test("since Microsoft.Relay is not registered (X7)", async () => {
    const stage = bareScene();
    stage.world.providerStates.set("microsoft.relay", "NotRegistered");
    const run = await deploy(stage);
    expect(ending(run)).toMatchObject({ exit: 1, code: "PreflightFailed", changed: "false" });
    expect(run.report.error?.remedy).toContain("az provider register -n Microsoft.Relay");
    // AKS needs none.
    expect(ending(await stage.deploy(training))).toEqual(done);
  });
});

test.each([0, 5, 80])("two runs, %i s apart, share one Relay and one extension", async (apart) => {
  const stage = bareScene();
  stage.world.knobs.relaySeconds = 60;
  stage.world.knobs.extensionSeconds.write = 120;
  const inputs = { ...training, ...onArc(stage.world) };
  const runs = await deployTogether(stage, [inputs, inputs], apart);
  expect(runs.flatMap(({ host }) => host.said.errors)).toEqual([]);
  expect(runs.map(({ host }) => host.said.outputs["state"])).toEqual(["Succeeded", "Succeeded"]);
  expect(relayWrites(stage).filter(({ status }) => status === 201)).toHaveLength(1);
  expect(
    changes(stage).filter((line) => / extensions.* 201$|extensions\/azureml 20[01]$/.test(line)),
  ).toHaveLength(1);
});
