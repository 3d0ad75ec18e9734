import { Emulator, World } from "../../emulator/index.ts";
import { after } from "../../src/actions/after.ts";
import { attach } from "../../src/actions/attach.ts";
import { createCluster } from "../../src/actions/create-cluster.ts";
import { deployExtension } from "../../src/actions/deploy-extension.ts";
import { detach } from "../../src/actions/detach.ts";
import { ensure } from "../../src/actions/ensure.ts";
import {
  published,
  run,
  runDiscovery,
  runListing,
  runOnTargets,
  runVerification,
} from "../../src/actions/run.ts";
import { updateComponents } from "../../src/actions/update-components.ts";
import { type MemoryHost, memoryHost } from "../../src/host/memory.ts";
import type { Report } from "../../src/model/report.ts";
import { inProcessClient } from "./in-process.ts";
import { virtually } from "./virtual-time.ts";

/** Resource id of the workspace of `World.simple()`. */
export const workspaceId = (world: World) =>
  `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.MachineLearningServices/workspaces/ws1`;
/** Resource id of its AKS cluster. */
export const aksId = (world: World) =>
  `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/aks1`;
/** Resource id of its Arc cluster. */
export const arcId = (world: World) =>
  `/subscriptions/${world.subscriptionId}/resourceGroups/rg1/providers/Microsoft.Kubernetes/connectedClusters/arc1`;

/** The inputs of a plain attach of the AKS cluster; those of a detach are among them. */
export function plainInputs(world: World, emulator: Emulator): Record<string, string> {
  return {
    "azure-environment": emulator.origin,
    "subscription-id": world.subscriptionId,
    "resource-group": "rg1",
    "workspace-name": "ws1",
    "compute-name": "gpu",
    "cluster-resource-id": aksId(world),
  };
}

/** The inputs of an update of the compute, whose cluster it names itself. */
export function computeInputs(world: World, emulator: Emulator): Record<string, string> {
  const { "cluster-resource-id": _, ...inputs } = plainInputs(world, emulator);
  return inputs;
}

/** The inputs of a plain deployment to the AKS cluster, or of its verification. */
export function clusterInputs(world: World, emulator: Emulator): Record<string, string> {
  return { "azure-environment": emulator.origin, "cluster-resource-id": aksId(world) };
}

/** The inputs of a list of the versions of the world's region. */
export function regionInputs(world: World, emulator: Emulator): Record<string, string> {
  return {
    "azure-environment": emulator.origin,
    "subscription-id": world.subscriptionId,
    location: world.location,
  };
}

/** The inputs of a plain creation of an AKS cluster. */
export function creationInputs(world: World, emulator: Emulator): Record<string, string> {
  return {
    "azure-environment": emulator.origin,
    "subscription-id": world.subscriptionId,
    "cluster-name": "new1",
    "cluster-resource-group": "rg1",
  };
}

/** How one run went. */
export interface Run {
  readonly exit: 0 | 1;
  readonly host: MemoryHost;
  readonly report: Report;
}

/** What a run finds beside its inputs. */
export interface More {
  readonly environment?: Record<string, string>;
  readonly files?: Record<string, string>;
  /** What the main step kept for the post step. */
  readonly state?: Record<string, string>;
}

/** A world, and actions that run in it: no sockets, virtual time. */
export function scene(world = World.simple()) {
  const emulator = new Emulator(world);
  const client = inProcessClient(emulator);
  const { clientId, secret } = world.application;
  const environment = {
    AZURE_CLIENT_ID: clientId,
    AZURE_CLIENT_SECRET: secret,
    AZURE_TENANT_ID: world.tenantId,
  };

  async function perform(
    start: (host: MemoryHost) => Promise<0 | 1>,
    inputs: Record<string, string>,
    more: More = {},
  ): Promise<Run> {
    const host = memoryHost({
      inputs,
      environment: { ...environment, ...more.environment },
      ...(more.files && { files: more.files }),
      ...(more.state && { state: more.state }),
    });
    const exit = await virtually(() => start(host));
    return { exit, host, report: JSON.parse(host.said.reports[0] ?? "null") as Report };
  }

  /** Method, path and status of every request to Resource Manager, in order. */
  const requests = () =>
    world.exchanges
      .filter(({ host }) => host === "arm")
      .map(({ method, url, status }) => `${method} ${new URL(url).pathname} ${status}`);
  /** The requests that write. */
  const written = () => requests().filter((line) => /^(PUT|PATCH|POST|DELETE) /.test(line));

  return {
    world,
    emulator,
    client,
    requests,
    written,
    attach: (inputs?: Record<string, string>, more?: More) =>
      perform((host) => run(attach, host, client), { ...plainInputs(world, emulator), ...inputs }, more),
    /** Many at once: `targets` among the inputs. */
    attachAll: (inputs: Record<string, string>, more?: More) =>
      perform(
        (host) => runOnTargets(attach, host, client),
        { "azure-environment": emulator.origin, ...inputs },
        more,
      ),
    updateAll: (inputs: Record<string, string>, more?: More) =>
      perform(
        (host) => runOnTargets(updateComponents, host, client),
        { "azure-environment": emulator.origin, ...inputs },
        more,
      ),
    /** The post step of a run over many. */
    afterAll: (inputs: Record<string, string>, more: More) =>
      perform(
        async (host) => {
          await after(host, client);
          return 0;
        },
        { "azure-environment": emulator.origin, ...inputs },
        more,
      ),
    verifyAll: (inputs: Record<string, string>, more?: More) =>
      perform(
        (host) => runVerification(host, client),
        { "azure-environment": emulator.origin, ...inputs },
        more,
      ),
    detach: (inputs?: Record<string, string>, more?: More) =>
      perform((host) => run(detach, host, client), { ...plainInputs(world, emulator), ...inputs }, more),
    create: (inputs?: Record<string, string>, more?: More) =>
      perform(
        (host) => run(createCluster, host, client),
        { ...creationInputs(world, emulator), ...inputs },
        more,
      ),
    ensure: (inputs?: Record<string, string>, more?: More) =>
      perform(
        (host) => published(host, (clean) => ensure(clean, client)),
        { ...plainInputs(world, emulator), ...inputs },
        more,
      ),
    deploy: (inputs?: Record<string, string>, more?: More) =>
      perform(
        (host) => run(deployExtension, host, client),
        { ...clusterInputs(world, emulator), ...inputs },
        more,
      ),
    update: (inputs?: Record<string, string>, more?: More) =>
      perform(
        (host) => run(updateComponents, host, client),
        { ...computeInputs(world, emulator), ...inputs },
        more,
      ),
    verify: (inputs?: Record<string, string>, more?: More) =>
      perform(
        (host) => runVerification(host, client),
        { ...clusterInputs(world, emulator), ...inputs },
        more,
      ),
    /** Over all subscriptions, where the inputs name none. */
    discover: (inputs?: Record<string, string>, more?: More) =>
      perform(
        (host) => runDiscovery(host, client),
        { "azure-environment": emulator.origin, ...inputs },
        more,
      ),
    /** Of the region, or of a cluster where the inputs name one. */
    list: (inputs?: Record<string, string>, more?: More) =>
      perform((host) => runListing(host, client), { ...regionInputs(world, emulator), ...inputs }, more),
  };
}
