import type { Fault, World } from "../../emulator/index.ts";
import {
  addFailed,
  bareWorld,
  change,
  extensionId,
  http,
  https,
  onArc,
  otherPem,
  pem,
  type Stage,
  secretsOf,
  settingsOf,
  stateOf,
  training,
} from "../actions/deploy-scenes.ts";
import { brokenAlways, type Spot, spotsAmong, type Trial, text, when } from "../support/fault-matrix.ts";
import { aksId, arcId, type Run, scene } from "../support/scene.ts";

/** A deployment that the matrix puts faults into. */
interface Deployment {
  readonly inputs: (world: World) => Record<string, string>;
  readonly clusterOf: (world: World) => string;
  /** What is there before the run. */
  readonly prepare: (stage: Stage) => Promise<void>;
  /** The extension is what was asked for. */
  readonly isAsAsked: (world: World) => boolean;
}

const plain = (world: World, clusterOf: (world: World) => string, key: string) =>
  settingsOf(world, extensionId(clusterOf(world)))?.[key];

/** An extension over HTTPS on Arc, as this action leaves it, made once and copied into each world. */
async function deployOnce(): Promise<ReturnType<World["resource"]>> {
  const stage = scene(bareWorld());
  await stage.deploy({ ...https(pem), ...onArc(stage.world) });
  return stage.world.resource(extensionId(arcId(stage.world)));
}
const before = await deployOnce();

export const deployments = {
  "create on AKS": {
    inputs: () => http,
    clusterOf: aksId,
    prepare: async () => undefined,
    isAsAsked: (world) => plain(world, aksId, "enableInference") === "True",
  },
  "create on Arc with a Relay": {
    inputs: (world) => ({ ...training, ...onArc(world) }),
    clusterOf: arcId,
    prepare: async () => undefined,
    isAsAsked: (world) => relayed(world, arcId),
  },
  "update of the certificate on Arc": {
    inputs: (world) => ({ ...https(otherPem), ...onArc(world) }),
    clusterOf: arcId,
    prepare: async ({ world }) => {
      world.addExtension(arcId(world));
      const strings = secretsOf(world, extensionId(arcId(world)));
      const body = structuredClone(before?.body ?? {});
      world.store.put(extensionId(arcId(world)), before?.type ?? "", body);
      change(world, extensionId(arcId(world)), {
        configurationProtectedSettings: { ...secretsOf(world, extensionId(arcId(world))), ...strings },
      });
    },
    isAsAsked: (world) =>
      relayed(world, arcId) &&
      secretsOf(world, extensionId(arcId(world)))?.["scoringFe.sslCert"] ===
        Buffer.from(otherPem.certificate).toString("base64"),
  },
  "recreate on AKS": {
    inputs: () => ({ ...http, "on-failed": "recreate" }),
    clusterOf: aksId,
    prepare: async ({ world }) => void addFailed(world),
    isAsAsked: (world) => plain(world, aksId, "inferenceRouterServiceType") === "ClusterIP",
  },
} satisfies Record<string, Deployment>;

export type Named = keyof typeof deployments;

function relayed(world: World, clusterOf: (world: World) => string): boolean {
  return (
    secretsOf(world, extensionId(clusterOf(world)))?.["relayserver.relayConnectionString"]?.includes(
      "SharedAccessKey=",
    ) ?? false
  );
}

async function newStage(deployment: Deployment): Promise<Stage> {
  const stage = scene(bareWorld());
  stage.world.knobs.extensionSeconds = { write: 4, delete: 3 };
  stage.world.knobs.namespaceGoneSeconds = 6;
  await deployment.prepare(stage);
  return stage;
}

/** The requests of a clean run. Of the reads inside the cluster a few stand for all, which go the same way. */
export async function spotsOf(name: Named): Promise<Spot[]> {
  const stage = await newStage(deployments[name]);
  const run = await stage.deploy(deployments[name].inputs(stage.world));
  if (run.exit !== 0) throw new Error(`the clean ${name} failed: ${run.report.error?.message}`);
  const spots = spotsAmong(stage.world.exchanges);
  return spots.filter(
    ({ host, match }) =>
      host !== "kubernetes" || /selfsubject|v1\/nodes|namespaces\/azureml\(|v1\/pods\(/.test(match.url),
  );
}

/** What a run did to the world, whatever it says. */
interface Deeds {
  creates: number;
  overwrites: number;
  readonly changed: () => boolean;
}

function watch(world: World, id: string): Deeds {
  const { store } = world;
  const put = store.put.bind(store);
  const snapshot = () =>
    JSON.stringify([
      settingsOf(world, id),
      secretsOf(world, id),
      stateOf(world, id) === "Deleting" || stateOf(world, id) === "Absent",
      store.list("Microsoft.Relay/namespaces", "").length,
      store.list("Microsoft.Relay/namespaces/hybridConnections", "").length,
    ]);
  const began = snapshot();
  const deeds: Deeds = {
    creates: 0,
    overwrites: 0,
    changed: () => deeds.creates > 0 || snapshot() !== began,
  };
  store.put = (...resource) => {
    if (resource[1].endsWith("/extensions")) {
      if (store.get(resource[0])) deeds.overwrites++;
      deeds.creates++;
    }
    return put(...resource);
  };
  return deeds;
}

/** Runs a deployment in a new world with these faults and holds it to what every run promises. */
export async function tryWith(name: Named, faults: readonly Fault[], mustSucceed: boolean): Promise<Trial> {
  const deployment = deployments[name];
  const stage = await newStage(deployment);
  const { world } = stage;
  const id = extensionId(deployment.clusterOf(world));
  const deeds = watch(world, id);
  world.faults.push(...faults);
  const run = await stage.deploy(deployment.inputs(world));
  const misled = faults.some(({ match, status }) => status === 404 && isLook(match));
  const broken = [
    ...brokenAlways(run, deeds.creates, world),
    ...when(deeds.overwrites > 0, "an extension that was there was overwritten"),
    ...(misled ? [] : brokenTruth(run, deeds, deployment, world)),
    ...(mustSucceed && run.exit !== 0 ? [`ended in ${text(run)}`] : []),
  ];
  return { exit: run.exit, broken };
}

/** A 404 to the look at one thing is no fault to anybody's eye: Azure says that there is none. */
function isLook({ method, url }: Fault["match"]): boolean {
  return method === "GET" && /extensions\/azureml|Microsoft\\?\.Relay/.test(String(url));
}

/** What a run says of the world is so. */
function brokenTruth(run: Run, deeds: Deeds, deployment: Deployment, world: World): string[] {
  const { outputs } = run.host.said;
  const state = stateOf(world, extensionId(deployment.clusterOf(world)));
  const claimed = outputs["state"] ?? "none";
  const acted = deeds.changed();
  const lie = ["Succeeded", "Failed", "Absent"].includes(claimed) && claimed !== state;
  const untouched = run.report.error?.message.includes("Nothing was written") ?? false;
  // After a conflict nobody can tell whose write it was.
  const ours = !world.exchanges.some(({ status }) => status === 409);
  return [
    ...when(outputs["changed"] === "true" && !acted, `says changed, but nothing was; ${text(run)}`),
    ...when(lie, `says ${claimed}, but it is ${state}; ${text(run)}`),
    ...when(untouched && acted, "says that nothing was written, but it was"),
    ...(run.exit === 1
      ? []
      : [
          ...when(state !== "Succeeded" || claimed !== "Succeeded", `succeeded, but is ${state}`),
          ...when(!deployment.isAsAsked(world), "succeeded, but the extension is not as asked"),
          ...when(ours && outputs["changed"] !== "true", `succeeded and says changed ${outputs["changed"]}`),
        ]),
  ];
}
