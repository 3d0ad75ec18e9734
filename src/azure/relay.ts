import type { RelayPart } from "../model/azure-resources.ts";
import { Failure } from "../model/failure.ts";
import { formatRelayPlace, type RelayPlace } from "../model/relay-place.ts";
import { apiVersions } from "./api-versions.ts";
import type { Arm } from "./arm.ts";
import type { Answer } from "./wire.ts";

/** Rule of the hybrid connection that the extension uses (extension.md 1d). */
const rule = "azureml_rw";

/** The Relay beside an Arc cluster: a namespace, in it a hybrid connection of the cluster's name (extension.md 1d). */
export class Relay {
  readonly #arm: Arm;
  readonly #namespaceId: string;
  readonly #connectionId: string;

  constructor(arm: Arm, place: RelayPlace) {
    this.#arm = arm;
    this.#namespaceId = place.namespaceId;
    this.#connectionId = formatRelayPlace(place);
  }

  getNamespace(): Promise<RelayPart> {
    return this.#arm.get(this.#namespaceId, apiVersions.relay);
  }

  getConnection(): Promise<RelayPart> {
    return this.#arm.get(this.#connectionId, apiVersions.relay);
  }

  getRule(): Promise<RelayPart> {
    return this.#arm.get(this.#ruleId, apiVersions.relay);
  }

  putNamespace(location: string): Promise<Answer> {
    // The tag is the CLI's, so that whoever looks at the Relay knows whose it is.
    return this.#put(this.#namespaceId, { location, tags: { created_by: "Azure Arc-enabled ML" } });
  }

  putConnection(): Promise<Answer> {
    return this.#put(this.#connectionId, { properties: { requiresClientAuthorization: true } });
  }

  putRule(): Promise<Answer> {
    const rights = ["Manage", "Send", "Listen"];
    return this.#put(this.#ruleId, { properties: { rights } });
  }

  /** The connection string, a secret. A POST that changes nothing. @throws Failure `NoRelayKey`. */
  async connectionString(): Promise<string> {
    const answer = await this.#arm.send({
      method: "POST",
      path: `${this.#ruleId}/listKeys`,
      apiVersion: apiVersions.relay,
      repeatable: true,
    });
    const { primaryConnectionString } = (answer.body ?? {}) as { primaryConnectionString?: string };
    if (primaryConnectionString) return primaryConnectionString;
    throw new Failure("NoRelayKey", `Azure gave no key of the Relay ${this.#connectionId}.`, {
      remedy: `Check its authorization rule ${rule}.`,
    });
  }

  get #ruleId(): string {
    return `${this.#connectionId}/authorizationRules/${rule}`;
  }

  #put(path: string, body: unknown): Promise<Answer> {
    return this.#arm.send({ method: "PUT", path, apiVersion: apiVersions.relay, body });
  }
}
