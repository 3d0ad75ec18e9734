import type { Json, JsonObject } from "../../emulator/json.ts";
import { AKS_SERVER_APPLICATION } from "../../emulator/kubernetes/sign-in.ts";
import { type Said, type Talk, talk, tokenForm } from "./talk.ts";

export interface Asked {
  body?: unknown;
  headers?: Record<string, string>;
  clientCertificate?: string;
}

/** Somebody who speaks to the API server of one cluster: as its administrator, if nothing else is said. */
export interface ClusterTalk extends Talk {
  clusterId: string;
  /** `GET /api/v1/...` and so on, with the local account's token. */
  ask(method: string, path: string, asked?: Asked): Promise<Said>;
  /** The items of a collection. */
  items(path: string): Promise<JsonObject[]>;
  /** Names of the objects of a collection, in their order. */
  names(path: string): Promise<string[]>;
}

export const AZUREML = "/api/v1/namespaces/azureml";
export const APPS = "/apis/apps/v1/namespaces/azureml";

export function clusterTalk(which: "aks" | "arc" = "aks", given: Talk = talk()): ClusterTalk {
  const { world, emulator, ids } = given;
  const clusterId = ids[which];
  const host = which === "aks" ? "aks1-dns.hcp.eastus.emulator.test" : "arc1.arc.emulator.test";
  const ask: ClusterTalk["ask"] = async (method, path, { body, headers, clientCertificate } = {}) => {
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const signedIn = { authorization: `Bearer ${world.clusters.of(clusterId).token}` };
    const answer = await emulator.handle({
      method,
      url: `https://${host}${path}`,
      headers: {
        ...(headers?.["authorization"] === undefined && !clientCertificate && signedIn),
        ...type,
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      clientCertificate,
    });
    if (answer.kind === "reset" || answer.kind === "hang")
      return { kind: answer.kind, status: 0, headers: {}, body: null, text: "" };
    const { kind, status } = answer;
    return { kind, status, headers: answer.headers, text: answer.body, body: parsed(answer.body) };
  };
  const items = async (path: string) =>
    ((await ask("GET", path)).body as { items?: JsonObject[] }).items ?? [];
  return {
    ...given,
    clusterId,
    ask,
    items,
    names: async (path) => (await items(path)).map(nameOf),
  };
}

export function nameOf(object: JsonObject): string {
  return String((object["metadata"] as JsonObject)["name"]);
}

/** An Entra token for the application that stands for AKS, or for another audience. */
export async function entraToken(
  { say, world, emulator }: Talk,
  scope = AKS_SERVER_APPLICATION,
): Promise<string> {
  const form = tokenForm(world, emulator, { scope: `${scope}/.default` });
  const said = await say("POST", `${emulator.origin}/${world.tenantId}/oauth2/v2.0/token`, {}, form);
  return (said.body as { access_token: string }).access_token;
}

/** What a `Status` says, in short. */
export function status(said: Said): string {
  const { reason, message } = (said.body ?? {}) as { reason?: string; message?: string };
  return `${said.status} ${reason}: ${message}`;
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}
