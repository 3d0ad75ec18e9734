import { type Answer, Emulator, World } from "../../emulator/index.ts";
import type { Json } from "../../emulator/json.ts";

export interface Said {
  status: number;
  headers: Record<string, string>;
  body: Json;
  text: string;
  kind: Answer["kind"];
}

export interface Talk {
  world: World;
  emulator: Emulator;
  /** The world's workspace, AKS and Arc cluster. */
  ids: { group: string; workspace: string; aks: string; arc: string };
  token(): Promise<string>;
  /** Speaks to ARM with a token; `path` may be a whole URL. `api` fills in the api-version. */
  arm(method: string, path: string, options?: SayOptions): Promise<Said>;
  say(method: string, url: string, headers?: Record<string, string>, body?: string): Promise<Said>;
}

export interface SayOptions {
  api?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export const API = {
  ml: "2026-05-01",
  aks: "2026-05-01",
  arc: "2024-01-01",
  extensions: "2023-05-01",
  resources: "2024-03-01",
  subscriptions: "2022-12-01",
  permissions: "2022-04-01",
};

/** An emulator and somebody who speaks to it directly. */
export function talk(world = World.simple()): Talk {
  const emulator = new Emulator(world);
  let token: Promise<string> | undefined;
  const say: Talk["say"] = async (method, url, headers = {}, body) => {
    const answer = await emulator.handle({ method, url, headers, ...(body === undefined ? {} : { body }) });
    return heard(answer);
  };
  const newToken = async () => {
    const said = await say(
      "POST",
      `${emulator.origin}/${world.tenantId}/oauth2/v2.0/token`,
      {},
      tokenForm(world, emulator),
    );
    return String((said.body as { access_token: string }).access_token);
  };
  const group = `/subscriptions/${world.subscriptionId}/resourceGroups/rg1`;
  return {
    world,
    emulator,
    ids: {
      group,
      workspace: `${group}/providers/Microsoft.MachineLearningServices/workspaces/ws1`,
      aks: `${group}/providers/Microsoft.ContainerService/managedClusters/aks1`,
      arc: `${group}/providers/Microsoft.Kubernetes/connectedClusters/arc1`,
    },
    token: newToken,
    say,
    async arm(method, path, { api, body, headers = {} } = {}) {
      token ??= newToken();
      const url = new URL(path.startsWith("https:") ? path : `${emulator.origin}${path}`);
      if (api) url.searchParams.set("api-version", api);
      const type = body === undefined ? {} : { "content-type": "application/json" };
      const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
      // A URL that Azure gave out is used as it is: URL would spell it anew.
      const href = api ? url.href : path.startsWith("https:") ? path : url.href;
      return say(method, href, { authorization: `Bearer ${await token}`, ...type, ...headers }, text);
    },
  };
}

export function tokenForm(world: World, emulator: Emulator, changes: Record<string, string> = {}): string {
  return new URLSearchParams({
    grant_type: "client_credentials",
    client_id: world.application.clientId,
    client_secret: world.application.secret,
    scope: `${emulator.origin}/.default`,
    ...changes,
  }).toString();
}

function heard(answer: Answer): Said {
  if (answer.kind === "reset" || answer.kind === "hang") {
    return { kind: answer.kind, status: 0, headers: {}, body: null, text: "" };
  }
  return {
    kind: answer.kind,
    status: answer.status,
    headers: answer.headers,
    text: answer.body,
    body: parsed(answer.body),
  };
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

/** The body of a plain attach. */
export function attachBody(resourceId: string, over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    location: "eastus",
    properties: { computeType: "Kubernetes", resourceId, properties: { namespace: "ml" }, ...over },
  };
}
