import { describe, expect, test } from "@jest/globals";
import { githubAssertion, World } from "../../emulator/index.ts";
import { attach } from "../../src/actions/attach.ts";
import type { MemoryHost, MemoryOptions } from "../../src/host/memory.ts";
import { reconcile } from "../../src/reconcile/reconcile.ts";
import { publish } from "../../src/report/publish.ts";
import { hostOf, runOn } from "../support/own-host.ts";
import { aksId, scene, workspaceId } from "../support/scene.ts";
import { everythingSaid, leakedPieces, leaks } from "../support/secret-scanner.ts";
import { virtually } from "../support/virtual-time.ts";
import { forbid } from "../support/world-facts.ts";

const write = "Microsoft.MachineLearningServices/workspaces/computes/write";
const read = "Microsoft.MachineLearningServices/workspaces/read";
const relay =
  "Endpoint=sb://relay.example/;SharedAccessKeyName=azureml_rw;SharedAccessKey=cGxhbnRlZC1yZWxheS1rZXktb2YtdGhpcnR5LXR3by1ieXRlcw==";
const bus =
  "Endpoint=sb://bus.example/;SharedAccessKeyName=root;SharedAccessKey=cGxhbnRlZC1idXMta2V5LW9mLXRoaXJ0eS10d28tYnl0ZXM=";

interface Scenario {
  readonly name: string;
  readonly action?: "detach";
  readonly exit: 0 | 1;
  /** Prepares the world, and gives the options of the host. */
  readonly prepare: (world: World) => MemoryOptions;
}

/** The environment of a run that signs in with that secret. */
function withSecret(world: World, secret: string): MemoryOptions {
  world.secrets.add(secret);
  return { environment: { ...signedIn(world), AZURE_CLIENT_SECRET: secret } };
}

function attached(world: World, more: Record<string, string> = {}): MemoryOptions {
  const properties = { resourceId: aksId(world), properties: { namespace: "default", ...more } };
  world.addCompute(workspaceId(world), { name: "gpu", properties });
  return {};
}

const scenarios: readonly Scenario[] = [
  { name: "an attach that goes well", exit: 0, prepare: () => ({}) },
  {
    name: "a refused read whose message repeats the token (knob echoToken)",
    exit: 1,
    prepare: (world) => {
      world.knobs.echoToken = true;
      forbid(world, read);
      return {};
    },
  },
  {
    name: "a refused write whose message repeats the token (knob echoToken)",
    exit: 1,
    prepare: (world) => {
      world.knobs.echoToken = true;
      forbid(world, write, "Microsoft.Authorization/permissions/read");
      return {};
    },
  },
  {
    name: "a wrong client secret",
    exit: 1,
    prepare: (world) => withSecret(world, "wrong~secret_with*marks.of[Markdown]"),
  },
  {
    name: "a message of Azure that repeats the client secret",
    exit: 1,
    prepare: (world) => repeated(world, world.application.secret),
  },
  {
    name: "a message of Azure that repeats a secret with marks of Markdown",
    exit: 1,
    prepare: (world) => repeated(world, "a~secret_with*marks_of[Markdown]and_a_tail_that_goes_on_for_long"),
  },
  {
    name: "a message of Azure that repeats the token of somebody else",
    exit: 1,
    prepare: (world) => {
      const tail = "planted_signature_0123456789abcdefghijklmnopqrstuvwxyz";
      return repeated(world, `eyJ0eXAiOiJKV1Qi_x.eyJhdWQiOiJodHRwcz_ovL2.${tail}`, {});
    },
  },
  {
    name: "a client secret that an input repeats",
    exit: 1,
    prepare: (world) => {
      const secret = "a_secret~that*was_pasted-into.the[wrong]field";
      return { ...withSecret(world, secret), inputs: { namespace: secret } };
    },
  },
  {
    name: "a client secret with quotes and backslashes that an input repeats",
    exit: 1,
    prepare: (world) => {
      const secret = 'quotes " and \\ backslashes & more';
      return { ...withSecret(world, secret), inputs: { namespace: secret } };
    },
  },
  {
    name: "a long token that was pasted into an input, and that the message shortens",
    exit: 1,
    prepare: (world) => {
      const token = `planted-request-token-${"0123456789-abcdefghijklmnopqrstuvwxyz-".repeat(5)}`;
      world.secrets.add(token);
      return { inputs: { namespace: token }, environment: { ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } };
    },
  },
  {
    name: "an OIDC token of the job",
    exit: 0,
    prepare: (world) => oidc(world, "api://AzureADTokenExchange"),
  },
  {
    name: "an OIDC token that Microsoft Entra refuses",
    exit: 1,
    prepare: (world) => oidc(world, "api://another-audience"),
  },
  {
    name: "connection strings that a GET returns (arm-contract 1.6)",
    exit: 0,
    prepare: (world) => {
      world.knobs.revealConnectionStrings = true;
      attached(world, { relayConnectionString: relay, serviceBusConnectionString: bus });
      return {};
    },
  },
  {
    name: "connection strings of a compute that differs (arm-contract 1.6)",
    exit: 1,
    prepare: (world) => {
      world.knobs.revealConnectionStrings = true;
      attached(world, { namespace: "other", relayConnectionString: relay });
      return {};
    },
  },
  {
    name: "provisioning errors that repeat a connection string and a private key",
    exit: 1,
    prepare: (world) => {
      world.secrets.add(relay).add("cGxhbnRlZCBwcml2YXRlIGtleQ==");
      const key = "-----BEGIN PRIVATE KEY-----\ncGxhbnRlZCBwcml2YXRlIGtleQ==\n-----END PRIVATE KEY-----";
      const error = {
        code: "BadRequest",
        message: `Relay ${relay} refused.`,
        details: [{ code: "Key", message: key }],
      };
      world.knobs.createOutcome = { status: "Failed", error };
      return {};
    },
  },
  {
    name: "signed status URLs whose polls fail (arm-contract 1.7)",
    exit: 0,
    prepare: (world) => {
      const match = { url: "computeOperationsStatus" };
      world.faults.push({ match, kind: "status", status: 503, count: 3 }, { match, nth: 5, kind: "reset" });
      return {};
    },
  },
  {
    name: "a signed status URL that an error message repeats (arm-contract 1.7)",
    exit: 1,
    prepare: (world) => {
      const signed = "planted_signature-of.a~status(URL)";
      world.secrets.add(signed);
      const message = `Poll https://azure.test/status/1?api-version=1&t=638&s=${signed}&h=x for the state.`;
      world.faults.push({ match: { method: "PUT" }, kind: "status", status: 400, code: "Bad", message });
      return {};
    },
  },
  {
    name: "a detach",
    action: "detach",
    exit: 0,
    prepare: (world) => attached(world),
  },
];

/** A refusal whose message repeats a secret, which stands in the environment too unless that is given. */
function repeated(
  world: World,
  secret: string,
  options: MemoryOptions = { environment: { ...signedIn(world), IDENTITY_HEADER: secret } },
): MemoryOptions {
  world.secrets.add(secret);
  const match = { method: "GET", url: "workspaces/ws1\\?" };
  world.faults.push({ match, kind: "status", status: 400, code: "Bad", message: `Seen ${secret} in it.` });
  return options;
}

function signedIn({ application, tenantId }: World): Record<string, string> {
  return {
    AZURE_CLIENT_ID: application.clientId,
    AZURE_CLIENT_SECRET: application.secret,
    AZURE_TENANT_ID: tenantId,
  };
}

function oidc(world: World, audience: string): MemoryOptions {
  const { clientId } = world.application;
  return {
    inputs: { "client-id": clientId, "tenant-id": world.tenantId },
    environment: { ACTIONS_ID_TOKEN_REQUEST_TOKEN: world.github.requestToken },
    idToken: async () => githubAssertion(world, audience),
  };
}

/** All secrets of a world; of a connection string the key, for the rest of it is none. */
function secretsOf(world: World): string[] {
  return [...world.secrets].map((secret) => /SharedAccessKey=([^;]+)/.exec(secret)?.[1] ?? secret);
}

/** Secrets and pieces of them in what a run said, each place named once. */
function leakedIn(host: MemoryHost, world: World): string[] {
  const secrets = secretsOf(world);
  const found = [...leaks(everythingSaid(host), secrets), ...leakedPieces(everythingSaid(host), secrets)];
  return [...new Set(found.map(({ where, form, secret }) => `${where} (${form}): ${secret}`))];
}

describe("nothing that a run says holds a secret (X5, arm-contract 1.6 and 1.7)", () => {
  test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    "%s",
    async (_name, { action, exit, prepare }) => {
      const world = World.simple();
      const stage = scene(world);
      const host = hostOf(stage, prepare(world));
      const ended = await runOn(host, stage, action ?? "attach");
      expect(leakedIn(host, world)).toEqual([]);
      expect({ exit: ended.exit, error: ended.report.error?.code }).toMatchObject({ exit });
    },
  );
});

/** The same action with nothing between it and the host. */
async function unredacted(prepare: Scenario["prepare"]): Promise<{ host: MemoryHost; world: World }> {
  const world = World.simple();
  const stage = scene(world);
  const host = hostOf(stage, prepare(world));
  await virtually(async () => publish(await reconcile(attach, host, stage.client), host));
  return { host, world };
}

describe("the scanner finds what redaction takes out", () => {
  const echoing = scenarios.filter(({ name }) => /repeat/.test(name));

  test.each(echoing.map((scenario) => [scenario.name, scenario] as const))(
    "%s: without redaction it is in the log or an error, the report and the summary",
    async (_name, { prepare }) => {
      const { host, world } = await unredacted(prepare);
      const found = leakedIn(host, world).join("\n");
      for (const place of ["errors", "summaries", "reports"]) expect(found).toContain(`${place} (`);
    },
  );

  test.each([
    ["as it is", (secret: string) => secret],
    ["in base64", (secret: string) => Buffer.from(secret).toString("base64")],
    ["percent-encoded", encodeURIComponent],
    ["with the escapes of Markdown", (secret: string) => secret.replace(/[_~*]/g, "\\$&")],
  ])("a secret %s, in every place where a run can say something", async (_form, write) => {
    const { host } = await unredacted(() => ({}));
    const secret = "planted_secret~with*marks/of+all=kinds";
    expect(leaks(everythingSaid(host), [secret])).toEqual([]);
    const said = write(secret);
    host.info(said);
    host.error("title", said);
    host.output("any", said);
    await host.summary(said);
    await host.writeReport("any", said);
    host.saveState("any", said);
    const places = new Set(leaks(everythingSaid(host), [secret]).map(({ where }) => where));
    expect([...places].sort()).toEqual(Object.keys(everythingSaid(host)).sort());
  });
});
