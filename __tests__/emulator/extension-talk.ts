import type { World } from "../../emulator/index.ts";
import type { JsonObject } from "../../emulator/json.ts";
import { API, type Said, type Talk, talk } from "./talk.ts";

/** What an extension looks like from outside. */
export interface Shown {
  provisioningState: string;
  version: string | null;
  currentVersion: string | null;
  configurationSettings: Record<string, string>;
  configurationProtectedSettings: Record<string, string>;
  errorInfo?: { code: string; message: string };
  statuses: { code: string; level: string | null; message: string }[];
}

export interface ExtensionTalk extends Talk {
  put(settings?: Record<string, string>, more?: Write): Promise<Said>;
  patch(properties: JsonObject, more?: Write): Promise<Said>;
  remove(query?: string, name?: string): Promise<Said>;
  show(name?: string): Promise<Shown>;
  /** Writes, waits for the end, and looks. */
  install(settings: Record<string, string>, more?: Write): Promise<Shown>;
}

export interface Write {
  name?: string;
  hidden?: Record<string, string>;
  /** Merged into `properties`. */
  properties?: JsonObject;
  api?: string;
}

/** HTTP, reached within the cluster: nothing that could fail. */
export const PLAIN = {
  enableTraining: "True",
  enableInference: "True",
  inferenceRouterServiceType: "ClusterIP",
  allowInsecureConnections: "True",
} as const;

/** Somebody who speaks of the extensions of one cluster, which has none at first. */
export function extensionTalk(
  on: "aks" | "arc" = "aks",
  prepare: (world: World) => void = () => {},
): ExtensionTalk {
  const one = talk();
  const cluster = one.ids[on];
  const list = `${cluster}/providers/Microsoft.KubernetesConfiguration/extensions`;
  one.world.store.delete(`${list}/azureml`);
  prepare(one.world);
  const put: ExtensionTalk["put"] = (
    settings = PLAIN,
    { name = "azureml", hidden = {}, properties, api } = {},
  ) =>
    one.arm("PUT", `${list}/${name}`, {
      api: api ?? API.extensions,
      body: {
        properties: {
          extensionType: "microsoft.azureml.kubernetes",
          configurationSettings: settings,
          configurationProtectedSettings: hidden,
          ...properties,
        },
      },
    });
  const show: ExtensionTalk["show"] = async (name = "azureml") => {
    const said = await one.arm("GET", `${list}/${name}`, { api: API.extensions });
    return (said.body as { properties: unknown }).properties as Shown;
  };
  return {
    ...one,
    put,
    show,
    patch: (properties, { name = "azureml", api } = {}) =>
      one.arm("PATCH", `${list}/${name}`, { api: api ?? API.extensions, body: { properties } }),
    remove: (query = "", name = "azureml") =>
      one.arm("DELETE", `${list}/${name}${query}`, { api: API.extensions }),
    async install(settings, more) {
      await put(settings, more);
      one.world.clock.advance(60_000);
      return show(more?.name);
    },
  };
}

/** The end of an operation, as its monitor tells it. */
export async function ended(
  one: Talk,
  accepted: Said,
): Promise<{ status: string; error?: { message: string } }> {
  one.world.clock.advance(60_000);
  const said = await one.arm("GET", accepted.headers["azure-asyncoperation"] ?? "");
  return said.body as { status: string };
}
