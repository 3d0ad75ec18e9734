import { AzureMachineLearningWorkspaces } from "@azure/arm-machinelearning";
import type { FullOperationResponse, OperationOptions } from "@azure/core-client";
import type { Compute } from "../model/compute.ts";
import { formatResourceId, type ResourceId } from "../model/resource-id.ts";
import { apiVersions } from "./api-versions.ts";
import { type Arm, shaped } from "./arm.ts";
import type { Answer, Method } from "./wire.ts";

/**
 * The computes of one workspace, through Microsoft's client (`design.md` 8). Bodies are taken as they travel:
 * its serializer drops every field that it does not know, `tolerations` of an instance type for one, so that a
 * compute that is put back would lose them (toolchain 2).
 */
export class Computes {
  readonly #arm: Arm;
  readonly #workspace: ResourceId;
  readonly #client: AzureMachineLearningWorkspaces;

  constructor(arm: Arm, workspace: ResourceId) {
    this.#arm = arm;
    this.#workspace = workspace;
    this.#client = new AzureMachineLearningWorkspaces(noCredential, workspace.subscriptionId, {
      endpoint: arm.endpoint,
      $host: arm.endpoint,
      apiVersion: apiVersions.computes,
      pipeline: arm.wire.pipeline.clone(),
      httpClient: arm.wire.client,
    });
  }

  /** Resource id of a compute. */
  id(name: string): string {
    return `${formatResourceId(this.#workspace)}/computes/${name}`;
  }

  /** A compute with every field that it came with. @throws Failure with status 404 where there is none. */
  async get(name: string): Promise<Compute> {
    const { resourceGroup, name: workspace } = this.#workspace;
    const answer = await this.#raw("GET", (options) =>
      this.#client.computeOperations.get(resourceGroup, workspace, name, options),
    );
    return shaped(answer, "properties");
  }

  /** All computes of the workspace, every page of them. */
  list(): Promise<Compute[]> {
    return this.#arm.list(`${formatResourceId(this.#workspace)}/computes`, apiVersions.computes);
  }

  /** Creates or overwrites a compute with just that body; Azure makes no difference (arm-contract 1.2). */
  put(name: string, body: Compute): Promise<Answer> {
    return this.#arm.send({ ...this.#call(name), method: "PUT", body });
  }

  /**
   * Takes a compute off its workspace. Always `Detach`: `Delete` would delete the cluster (requirement D1).
   * Sent by the gateway, since Microsoft's client would begin polling at once and rewrite the signed status URL.
   */
  detach(name: string): Promise<Answer> {
    return this.#arm.send({
      ...this.#call(name),
      method: "DELETE",
      query: { underlyingResourceAction: "Detach" },
    });
  }

  #call(name: string): { path: string; apiVersion: string } {
    return { path: this.id(name), apiVersion: apiVersions.computes };
  }

  #raw(method: Method, operation: (options: OperationOptions) => Promise<unknown>): Promise<Answer> {
    return this.#arm.settled(async () => {
      let raw: FullOperationResponse | undefined;
      await operation({
        abortSignal: this.#arm.signal,
        requestOptions: { shouldDeserialize: false },
        onResponse: (response) => {
          raw = response;
        },
      });
      if (!raw) throw new Error("the client gave no answer");
      return raw;
    }, method);
  }
}

/** The pipeline signs the requests; the client must only be kept from adding a policy of its own. */
const noCredential = { getToken: async () => null };
