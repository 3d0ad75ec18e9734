import type { HttpClient } from "@azure/core-rest-pipeline";
import { Emulator, World } from "../../emulator/index.ts";
import { typeOfKind } from "../../emulator/kubernetes/resource-types.ts";
import { attach } from "../../src/actions/attach.ts";
import { ensure } from "../../src/actions/ensure.ts";
import { published, run } from "../../src/actions/run.ts";
import { updateComponents } from "../../src/actions/update-components.ts";
import { type MemoryHost, memoryHost } from "../../src/host/memory.ts";
import { journalName, pointerName } from "../../src/model/journal.ts";
import type { Report } from "../../src/model/report.ts";
import { parseResourceId } from "../../src/model/resource-id.ts";
import { inProcessClient } from "../support/in-process.ts";
import { computeInputs, workspaceId } from "../support/scene.ts";
import { tlsPair } from "../support/tls-pair.ts";
import { virtually } from "../support/virtual-time.ts";

export const pair = await tlsPair();

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** Stops the world from hearing a run: from request `nth` on nothing is answered, as if the process were gone. */
export interface Death {
  readonly nth: number;
  /** The request itself still has its effect. */
  readonly after: boolean;
}

/** A legacy compute `gpu` on a cluster of its own, with an own certificate that the cluster holds. */
export function legacyScene(options: { readonly services?: boolean; readonly tls?: boolean } = {}) {
  const world = World.simple();
  const emulator = new Emulator(world);
  const clusterId = world.addManagedCluster({ resourceGroup: "rg1", name: "aks2" });
  const ssl = { status: "Enabled", cname: pair.cname, cert: pair.certificate, key: pair.key };
  world.addAksCompute(workspaceId(world), {
    name: "gpu",
    resourceId: clusterId,
    ...(options.tls !== false && { sslConfiguration: ssl }),
  });
  const { objects } = world.kubernetes(clusterId);
  const put = (kind: string, apiVersion: string, namespace: string, name: string, rest: object) =>
    objects.write(typeOfKind(kind), { apiVersion, kind, metadata: { name, namespace }, ...rest } as never);
  if (options.services) put("Deployment", "apps/v1", "azureml-ws1", "scorer", { spec: { replicas: 1 } });

  const stage = inProcessClient(emulator);
  const seen: string[] = [];
  const at = new Map<number, () => void>();
  const cancels: { pattern: RegExp; host: MemoryHost }[] = [];

  /** A client that dies. */
  function mortal(death: Death | undefined): HttpClient {
    let count = 0;
    return {
      async sendRequest(request) {
        count++;
        const line = `${request.method} ${new URL(request.url).pathname}`;
        seen.push(line);
        at.get(count)?.();
        for (const { pattern, host } of cancels.splice(0)) {
          if (pattern.test(line)) host.cancel();
          else cancels.push({ pattern, host });
        }
        if (request.abortSignal?.aborted) throw new Error("gone");
        if (!death || count < death.nth) return stage.sendRequest(request);
        if (count === death.nth && death.after) await stage.sendRequest(request);
        return new Promise((_, reject) => {
          request.abortSignal?.addEventListener("abort", () => reject(new Error("gone")));
        });
      },
    };
  }

  const inputsOf = (inputs: Record<string, string>) => ({ ...computeInputs(world, emulator), ...inputs });
  function environment(): Record<string, string> {
    const { clientId, secret } = world.application;
    return { AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: secret, AZURE_TENANT_ID: world.tenantId };
  }

  async function perform(
    action: "attach" | "update" | "ensure",
    inputs: Record<string, string> = {},
    death?: Death,
    onHost?: (host: MemoryHost) => void,
  ) {
    const host = memoryHost({ inputs: inputsOf(inputs), environment: environment() });
    onHost?.(host);
    seen.length = 0;
    const client = mortal(death);
    const actions = {
      attach: () => run(attach, host, client),
      ensure: () => published(host, (clean) => ensure(clean, client)),
      update: () => run(updateComponents, host, client),
    };
    const exit = await virtually(actions[action]);
    return { exit, host, report: JSON.parse(host.said.reports[0] ?? "null") as Report, requests: [...seen] };
  }

  /** The certificate that the cluster holds. */
  function hold({ certificate, key }: { certificate: string; key: string }): void {
    put("Secret", "v1", "default", "azuremlfessl", {
      data: { "cert.pem": base64(certificate), "key.pem": base64(key) },
    });
  }

  /** The lease as another run holds it, renewed that many milliseconds from now. */
  function holdLease(holderIdentity: string, renewedIn: number): void {
    const time = new Date(Date.now() + renewedIn).toISOString().replace("Z", "000Z");
    const spec = { holderIdentity, leaseDurationSeconds: 60, acquireTime: time, renewTime: time };
    put("Lease", "coordination.k8s.io/v1", "default", "azureml-clusters", { spec });
  }

  function rewriteJournal(change: object, tls?: { certificate: string; key: string }): void {
    const secret = objects.get(typeOfKind("Secret"), "default", journal) as unknown as Secret;
    const text = Buffer.from(secret.data["journal.json"] ?? "", "base64").toString();
    const data = {
      ...secret.data,
      "journal.json": base64(JSON.stringify({ ...JSON.parse(text), ...change })),
      ...(tls && { "cert.pem": base64(tls.certificate), "key.pem": base64(tls.key) }),
    };
    put("Secret", "v1", "default", journal, { data });
  }

  const ofAttach = { "compute-type": "aks", "cluster-resource-id": clusterId };
  const workspace = parseResourceId(workspaceId(world));
  const journal = workspace ? journalName(workspace, "gpu") : "";
  return {
    world,
    emulator,
    clusterId,
    objects,
    /** The identity may do everything but tag. */
    denyTags: () => {
      world.revoke(world.application.clientId);
      world.grant(world.application.clientId, ["*"], ["Microsoft.Resources/tags/*"]);
    },
    update: (inputs?: Record<string, string>, death?: Death, onHost?: (host: MemoryHost) => void) =>
      perform("update", inputs, death, onHost),
    attach: (inputs?: Record<string, string>, death?: Death, onHost?: (host: MemoryHost) => void) =>
      perform("attach", { ...ofAttach, ...inputs }, death, onHost),
    ensure: (inputs?: Record<string, string>, death?: Death, onHost?: (host: MemoryHost) => void) =>
      perform("ensure", { ...ofAttach, ...inputs }, death, onHost),
    hold,
    holdLease,
    rewriteJournal,
    takeJournal: (run: string) => rewriteJournal({ run }),
    /** Does something as soon as that request of the next run comes. */
    onRequest: (nth: number, act: () => void) => void at.set(nth, act),
    cancelAt: (pattern: RegExp, host: MemoryHost) => void cancels.push({ pattern, host }),
    /** Changes the cluster. */
    change: (path: readonly [string, string], value: unknown) => {
      const body = world.resource(clusterId)?.body as Record<string, Record<string, unknown>>;
      (body[path[0]] ?? {})[path[1]] = value;
    },
    /** The post step of a job whose main step was cut off. */
    postStep: (
      host: MemoryHost,
      step: (host: MemoryHost, client: HttpClient) => Promise<void>,
      inputs: Record<string, string> = {},
    ) => {
      const post = memoryHost({
        inputs: inputsOf(inputs),
        environment: environment(),
        state: host.said.state,
      });
      return virtually(() => step(post, mortal(undefined)));
    },
    /** The journal as it lies in the cluster. */
    journal: () => {
      const secret = objects.get(typeOfKind("Secret"), "default", journal) as
        | { data: Record<string, string> }
        | undefined;
      return secret && JSON.parse(Buffer.from(secret.data["journal.json"] ?? "", "base64").toString());
    },
    journalName: journal,
    /** Everything that a run must leave right. */
    state: () => {
      const workspaceBody = world.resource(workspaceId(world))?.body as
        | { tags?: Record<string, string> }
        | undefined;
      const tags = workspaceBody?.tags ?? {};
      const compute = world.resource(`${workspaceId(world)}/computes/gpu`)?.body as
        | { properties: { provisioningState: string; properties: Record<string, unknown> } }
        | undefined;
      const secret = objects.get(typeOfKind("Secret"), "default", "azuremlfessl") as
        | { data: Record<string, string> }
        | undefined;
      return {
        state: compute?.properties.provisioningState ?? "Absent",
        settings: compute?.properties.properties,
        certificate: secret?.data["cert.pem"],
        journal: objects.get(typeOfKind("Secret"), "default", journal) !== undefined,
        lease: objects.get(typeOfKind("Lease"), "default", "azureml-clusters") !== undefined,
        tag: tags[pointerName("gpu")],
      };
    },
  };
}

interface Secret {
  readonly data: Record<string, string>;
}
