import type { Extension, ExtensionVersion, Provider } from "../model/azure-resources.ts";
import type { ExtensionPatch } from "../model/extension-change.ts";
import type { ExtensionBody } from "../model/extension-derived.ts";
import { apiVersions } from "./api-versions.ts";
import type { Arm } from "./arm.ts";
import type { Answer } from "./wire.ts";

const provider = "providers/Microsoft.KubernetesConfiguration";

/** Type of the Azure ML extension, as it stands in a path. */
const azureMl = "microsoft.azureml.kubernetes";

/** The extensions of a cluster (arm-contract 3). */
export class Extensions {
  readonly #arm: Arm;
  readonly #clusterId: string;

  constructor(arm: Arm, clusterId: string) {
    this.#arm = arm;
    this.#clusterId = clusterId;
  }

  /** Resource id of an extension. */
  id(name: string): string {
    return `${this.#clusterId}/${provider}/extensions/${name}`;
  }

  /** All of them, of whatever type and name. */
  list(): Promise<Extension[]> {
    return this.#arm.list(`${this.#clusterId}/${provider}/extensions`, apiVersions.extensions);
  }

  /** @throws Refusal with status 404 where there is none. */
  get(name: string): Promise<Extension> {
    return this.#arm.get(this.id(name), apiVersions.extensions);
  }

  /** Creates an extension; Azure would overwrite one of that name (testbed 8). */
  put(name: string, body: ExtensionBody): Promise<Answer> {
    return this.#arm.send({ ...this.#call(name), method: "PUT", body });
  }

  /** Changes what the body holds: plain settings one by one, protected ones as a whole (extension.md 3). */
  patch(name: string, body: ExtensionPatch): Promise<Answer> {
    return this.#arm.send({ ...this.#call(name), method: "PATCH", body });
  }

  /** Takes the extension out of the cluster, by its agents: `forceDelete` would forget it in Azure alone (arm-contract 3). */
  delete(name: string): Promise<Answer> {
    return this.#arm.send({ ...this.#call(name), method: "DELETE", query: { forceDelete: "false" } });
  }

  /** The versions of the Azure ML extension that Azure offers this cluster on a release train (extension.md 4). */
  versions(releaseTrain: string): Promise<ExtensionVersion[]> {
    return this.#arm.list(
      `${this.#clusterId}/${provider}/extensionTypes/${azureMl}/versions`,
      apiVersions.extensionTypes,
      { releaseTrain },
    );
  }

  #call(name: string): { path: string; apiVersion: string } {
    return { path: this.id(name), apiVersion: apiVersions.extensions };
  }
}

/** A resource provider of a subscription. @throws Refusal where it can't be read. */
export async function getProvider(arm: Arm, subscriptionId: string, namespace: string): Promise<Provider> {
  const answer = await arm.send({
    method: "GET",
    path: `/subscriptions/${subscriptionId}/providers/${namespace}`,
    apiVersion: apiVersions.providers,
  });
  return answer.body as Provider;
}
