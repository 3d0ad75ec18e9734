import type { HttpClient } from "@azure/core-rest-pipeline";
import { World } from "../../emulator/index.ts";
import { run } from "../../src/actions/run.ts";
import { updateComponents } from "../../src/actions/update-components.ts";
import { memoryHost } from "../../src/host/memory.ts";
import type { Report } from "../../src/model/report.ts";
import { aksId, plainInputs, type Run, scene, workspaceId } from "../support/scene.ts";
import { virtually } from "../support/virtual-time.ts";
import { extensionId } from "./deploy-scenes.ts";

/** The write at which a run dies: before Azure hears of it, or before the run hears of Azure's answer. */
export interface Death {
  readonly nth: number;
  readonly phase: "before" | "after";
}

/** A client that counts writes, and at one of them falls silent for ever, as a process does that is killed. */
function mortal(client: HttpClient, death?: Death) {
  let dead = () => {};
  const died = new Promise<void>((resolve) => {
    dead = resolve;
  });
  let writes = 0;
  let isDead = false;
  const silence = () => new Promise<never>(() => {});
  const sendRequest: HttpClient["sendRequest"] = async (request) => {
    if (isDead) return silence();
    const isRead = request.method === "GET" || /\/token$|selfsubject|Credential\?/.test(request.url);
    if (!isRead) writes++;
    const dies = !isRead && writes === death?.nth;
    if (!dies) return client.sendRequest(request);
    isDead = true;
    if (death.phase === "after") await client.sendRequest(request);
    dead();
    return silence();
  };
  return { client: { sendRequest }, died, writes: () => writes };
}

/** A workspace with compute `gpu`, and cluster `aks1` whose extension runs an older version. */
export function updateScene({ version = "1.1.44", pinned = false, properties = {}, cluster = aksId } = {}) {
  const world = World.simple();
  const extension = world.resource(extensionId(cluster(world)));
  if (!extension) throw new Error("the world has no extension");
  Object.assign(extension.body["properties"] ?? {}, {
    currentVersion: version,
    autoUpgradeMinorVersion: !pinned,
    ...(pinned && { version }),
    ...properties,
  });
  world.addCompute(workspaceId(world), {
    name: "gpu",
    properties: { resourceId: cluster(world), properties: { namespace: "default" } },
  });
  const stage = scene(world);
  /** Sees every request before Azure does. */
  const watch: { onRequest?: (path: string) => void } = {};
  const client: HttpClient = {
    sendRequest: (request) => {
      watch.onRequest?.(new URL(request.url).pathname);
      return stage.client.sendRequest(request);
    },
  };

  let writes = 0;

  /** One run, with a host of its own. */
  async function update(inputs: Record<string, string> = {}, death?: Death): Promise<Run> {
    const { clientId, secret } = world.application;
    const { "cluster-resource-id": _, ...plain } = plainInputs(world, stage.emulator);
    const host = memoryHost({
      inputs: { ...plain, ...inputs },
      environment: {
        AZURE_CLIENT_ID: clientId,
        AZURE_CLIENT_SECRET: secret,
        AZURE_TENANT_ID: world.tenantId,
      },
    });
    const life = mortal(client, death);
    const exit = await virtually(() =>
      Promise.race([run(updateComponents, host, life.client), life.died.then(() => 1 as const)]),
    );
    writes = life.writes();
    return { exit, host, report: JSON.parse(host.said.reports[0] ?? "null") as Report };
  }

  return { ...stage, watch, update, writes: () => writes, dies: (death: Death) => update({}, death) };
}

export type UpdateStage = ReturnType<typeof updateScene>;

/** The kinds of the steps of the plan. */
export const kinds = ({ report }: Run) => (report.plan?.steps ?? []).map(({ kind }) => kind);
