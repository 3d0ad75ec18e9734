import type { HttpClient } from "@azure/core-rest-pipeline";
import { Emulator, World } from "../../emulator/index.ts";
import { runVerification } from "../../src/actions/run.ts";
import { type MemoryHost, type MemoryOptions, memoryHost } from "../../src/host/memory.ts";
import type { Report } from "../../src/model/report.ts";
import { brokenAround } from "./catalogue-around.ts";
import { brokenInside } from "./catalogue-inside.ts";
import { brokenOutside } from "./catalogue-outside.ts";
import { brokenParts } from "./catalogue-parts.ts";
import {
  type Arrange,
  aks,
  arc,
  type BrokenCluster,
  cluster,
  compute,
  extension,
  pemPair,
  settings,
  verifying,
} from "./catalogue-worlds.ts";
import { inProcessClient } from "./in-process.ts";

/** Broken clusters: one for each error code and for each issue of users that shows in a cluster, and more. */
export const brokenClusters: readonly BrokenCluster[] = [
  ...brokenInside,
  ...brokenParts,
  ...brokenAround,
  ...brokenOutside,
];

const internal = { internalLoadBalancerProvider: "azure" };
const inferenceOnly = { enableTraining: "False", inferenceRouterHA: "False" };
const optional = { installNvidiaDevicePlugin: "True", installDcgmExporter: "True" };
const privateCluster = { apiServerAccessProfile: { enablePrivateCluster: true } };

/** Healthy clusters of both generations, which pass without a warning. */
export const healthyClusters: readonly { readonly title: string; readonly arrange: readonly Arrange[] }[] = [
  { title: "AKS, today, HTTPS by a secret", arrange: aks },
  { title: "AKS, today, HTTPS by a PEM pair", arrange: [verifying("aks"), pemPair] },
  { title: "AKS, today, with a compute", arrange: [...aks, compute()] },
  { title: "AKS, today, internal load balancer", arrange: [verifying("aks"), settings(internal)] },
  {
    title: "AKS, today, training alone",
    arrange: [verifying("aks"), settings({ enableInference: "False" })],
  },
  { title: "AKS, today, inference alone on one replica", arrange: [...aks, settings(inferenceOnly)] },
  { title: "AKS, today, everything that is optional", arrange: [...aks, settings(optional)] },
  { title: "AKS, today, with Entra", arrange: [...aks, cluster({ aadProfile: { managed: true } })] },
  { title: "AKS, today, private", arrange: [...aks, cluster(privateCluster)] },
  { title: "AKS, of 2021, HTTPS by a secret", arrange: [...aks, extension({ currentVersion: "1.0.58" })] },
  { title: "Arc, today, HTTPS by a secret", arrange: arc },
  {
    title: "Arc, today, OpenShift with its grants",
    arrange: [...arc, cluster({ distribution: "openshift" }, "arc")],
  },
  {
    title: "Arc, today, NodePort",
    arrange: [...arc, settings({ inferenceRouterServiceType: "NodePort" }, "arc")],
  },
  {
    title: "Arc, of 2021, HTTPS by a secret",
    arrange: [...arc, extension({ currentVersion: "1.0.58" }, "arc")],
  },
];

/** How a verification went. */
export interface Verification {
  readonly exit: 0 | 1;
  readonly world: World;
  readonly host: MemoryHost;
  readonly report: Report;
}

/** What a run finds beside its inputs. */
export interface Surroundings extends MemoryOptions {
  /** Stands between the run and the emulated Azure. */
  readonly network?: (client: HttpClient) => HttpClient;
}

/** Tells what a run finds in a world that is arranged. */
export type Around = (world: World) => Surroundings | Promise<Surroundings>;

/** Verifies a cluster of an emulated Azure through the real action, without sockets. Looks once, so that nothing waits. */
export async function verified(
  arrange: readonly Arrange[],
  around: Around = () => ({}),
  begun: (host: MemoryHost, world: World) => void = () => undefined,
): Promise<Verification> {
  const world = World.simple();
  const emulator = new Emulator(world);
  const arranged: Record<string, string> = {};
  for (const one of arrange) Object.assign(arranged, await one(world));
  const { clientId, secret } = world.application;
  const { inputs, environment, network = (client) => client, ...more } = await around(world);
  const host = memoryHost({
    ...more,
    inputs: { "azure-environment": emulator.origin, "wait-for": "0s", ...arranged, ...inputs },
    environment: {
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: secret,
      AZURE_TENANT_ID: world.tenantId,
      ...environment,
    },
  });
  const going = runVerification(host, network(inProcessClient(emulator)));
  begun(host, world);
  const exit = await going;
  return { exit, world, host, report: JSON.parse(host.said.reports[0] ?? "null") as Report };
}
