import { describe, expect, test } from "@jest/globals";
import type { World } from "../../emulator/index.ts";
import {
  addFailed,
  bareScene,
  extensionId,
  https,
  lines,
  onArc,
  otherPem,
  pem,
  type Stage,
  secretsOf,
} from "../actions/deploy-scenes.ts";
import { aksId, arcId, type More, type Run } from "../support/scene.ts";
import { everythingSaid, leakedPieces, leaks } from "../support/secret-scanner.ts";

const planted = "planted-analytics-key-0123456789-abcdefghijklmnopqrstuvwxyz";
const ownRelay =
  "Endpoint=sb://hub.example/;SharedAccessKeyName=azureml_rw;SharedAccessKey=cGxhbnRlZC1vd24tcmVsYXktc3RyaW5nLW9mLW91cnM=;EntityPath=ours";

/** Lines of a key that are long enough to be told from other texts. */
const keyLines = [pem, otherPem].flatMap(({ privateKey }) =>
  privateKey.split("\n").filter((line) => line.length > 40 && !line.startsWith("-----")),
);

/** Every secret that stands anywhere in what a run said, whole or in pieces. */
function found(run: Run, world: World) {
  const said = everythingSaid(run.host);
  return [
    ...leaks(said, world.secrets),
    ...leakedPieces(said, [...keyLines, planted, ownRelay.split("SharedAccessKey=")[1] ?? ""]),
  ];
}

interface Scenario {
  readonly name: string;
  readonly exit: 0 | 1;
  /** Prepares the scene; gives inputs and what is beside them. */
  readonly prepare: (stage: Stage) => Promise<[Record<string, string>, More?]>;
}

const arcInputs = ({ world }: Stage, inputs: Record<string, string>) => ({ ...inputs, ...onArc(world) });

/** Azure refuses a write, and its message repeats everything that it was sent. */
function echoes({ world }: Stage, method: string, text: string): void {
  world.faults.push({
    match: { method, url: /extensions\/azureml/ },
    kind: "status",
    status: 400,
    message: text,
  });
}

const encodedKey = Buffer.from(pem.privateKey).toString("base64");

const scenarios: readonly Scenario[] = [
  {
    name: "HTTPS on Arc, with a kubeconfig, a Relay and other protected settings",
    exit: 0,
    prepare: async (stage) => {
      const kubeconfig = await stage.world.kubeconfigOf(arcId(stage.world), { user: "both" });
      const secret = lines({ "azure_log_analytics.connection_string": planted });
      return [{ ...arcInputs(stage, https()), kubeconfig, "config-protected": secret }];
    },
  },
  {
    name: "a Relay of one's own",
    exit: 0,
    prepare: async (stage) => [
      {
        ...arcInputs(stage, https()),
        config: `${https().config}\nrelayserver.hybridConnectionResourceID=/subscriptions/x/resourceGroups/hub/providers/Microsoft.Relay/namespaces/hub/hybridConnections/ours`,
        "config-protected": lines({ relayServerConnectionString: ownRelay }),
      },
    ],
  },
  {
    name: "files of a certificate",
    exit: 0,
    prepare: async () => [
      {
        workloads: "both",
        config: https().config,
        "config-protected": lines({ sslCertPemFile: "c.pem", sslKeyPemFile: "k.pem" }),
      },
      { files: { "c.pem": pem.certificate, "k.pem": pem.privateKey } },
    ],
  },
  {
    name: "another certificate, which carries the Relay's string",
    exit: 0,
    prepare: async (stage) => {
      await stage.deploy(arcInputs(stage, https()));
      return [arcInputs(stage, https(otherPem))];
    },
  },
  {
    name: "a dry run",
    exit: 0,
    prepare: async (stage) => [{ ...arcInputs(stage, https()), "dry-run": "true" }],
  },
  {
    name: "a message of Azure that repeats the certificate's key as it travels",
    exit: 1,
    prepare: async (stage) => {
      echoes(stage, "PUT", `value ${encodedKey} is not valid`);
      return [https()];
    },
  },
  {
    name: "a message of Azure that repeats the key in lines of PEM",
    exit: 1,
    prepare: async (stage) => {
      echoes(stage, "PUT", `value ${pem.privateKey} is not valid`);
      return [https()];
    },
  },
  {
    name: "a message of Azure that repeats a protected setting",
    exit: 1,
    prepare: async (stage) => {
      echoes(stage, "PUT", `azure_log_analytics.connection_string=${planted}`);
      return [
        { ...https(), "config-protected": lines({ "azure_log_analytics.connection_string": planted }) },
      ];
    },
  },
  {
    name: "a message of Azure that repeats the Relay's string",
    exit: 1,
    prepare: async (stage) => {
      const inputs = arcInputs(stage, https());
      await stage.deploy(inputs);
      const string = secretsOf(stage.world, extensionId(arcId(stage.world)))?.["relayServerConnectionString"];
      stage.world.store.delete(extensionId(arcId(stage.world)));
      echoes(
        stage,
        "PUT",
        `relayServerConnectionString: ${string}; key ${string?.match(/SharedAccessKey=([^;]+)/)?.[1]}`,
      );
      return [inputs];
    },
  },
  {
    name: "an extension that failed, whose errors repeat a connection string of somebody else",
    exit: 1,
    prepare: async (stage) => {
      stage.world.secrets.add("cGxhbnRlZC1zdHJhbmdlcnMta2V5LW9mLWEtcmVsYXk=");
      addFailed(stage.world, aksId(stage.world), {
        currentVersion: "1.1.84",
        errorInfo: {
          code: "InstallationFailed",
          message:
            "relay: Endpoint=sb://x/;SharedAccessKeyName=k;SharedAccessKey=cGxhbnRlZC1zdHJhbmdlcnMta2V5LW9mLWEtcmVsYXk=",
        },
      });
      return [
        {
          workloads: "both",
          config: "inferenceRouterServiceType=LoadBalancer\nallowInsecureConnections=True",
        },
      ];
    },
  },
  {
    name: "a kubeconfig whose token the API server repeats",
    exit: 0,
    prepare: async (stage) => {
      const kubeconfig = await stage.world.kubeconfigOf(aksId(stage.world), { user: "token" });
      const { token } = stage.world.clusters.of(aksId(stage.world));
      const message = `token ${token} may not list nodes`;
      stage.world.faults.push({
        match: { url: /v1\/nodes/ },
        kind: "status",
        status: 403,
        message,
        count: 99,
      });
      return [{ workloads: "training", kubeconfig }];
    },
  },
  {
    name: "ten wrong inputs",
    exit: 1,
    prepare: async () => [
      {
        ...https(otherPem),
        "ssl-key-pem": pem.privateKey,
        "config-protected": `${planted}\na.b=${planted}\na.b=${planted}`,
        kubeconfig: `users: [{user: {token: ${planted}`,
        timeout: "soon",
      },
    ],
  },
];

describe("no secret leaves the process (X5, INVARIANTS 8)", () => {
  test.each(scenarios.map((one) => [one.name, one] as const))("%s", async (_name, { prepare, exit }) => {
    const stage = bareScene();
    const [inputs, more] = await prepare(stage);
    const run = await stage.deploy(inputs, more);
    expect({ exit: run.exit, found: found(run, stage.world) }).toEqual({ exit, found: [] });
    expect(stage.world.violations).toEqual([]);
  });

  test("and the scanner would see them", async () => {
    const stage = bareScene();
    const run = await stage.deploy(https());
    run.host.said.log.push(`x ${keyLines[0]?.slice(0, 40)} y`, `z ${encodedKey}`);
    expect(found(run, stage.world).length).toBeGreaterThan(1);
  });
});
