import { randomUUID } from "node:crypto";
import { createDefaultHttpClient, type HttpClient } from "@azure/core-rest-pipeline";
import { Arm } from "./arm.ts";
import { resolveCloud } from "./cloud.ts";
import { type SignIn, signIn } from "./credential.ts";
import { createPipeline, type Transport, withToken } from "./pipeline.ts";

/** What a run needs to reach Azure. */
export interface Connection extends SignIn {
  /** The input `azure-environment`. */
  readonly azureEnvironment: string;
  readonly userAgent: string;
  readonly correlationId: string;
  /** `Date.now()` at which the run ends; no retry is planned beyond it. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly debug: (line: string) => void;
  /** Stands in for the network in tests. */
  readonly client?: HttpClient | undefined;
}

/** An id for `x-ms-correlation-request-id`: one for all requests of a run. */
export const newCorrelationId = (): string => randomUUID();

/**
 * The way to Azure: finds the cloud, and gives a gateway that signs in with its first request.
 * @throws Failure `NoCloudMetadata`.
 */
export async function connect(connection: Connection): Promise<Arm> {
  const { deadline, log, debug, userAgent, correlationId, signal } = connection;
  const client = connection.client ?? createDefaultHttpClient();
  const transport: Transport = { deadline, log, debug, userAgent, correlationId, client };
  const pipeline = createPipeline(transport);
  const cloud = await resolveCloud(connection.azureEnvironment, pipeline, client, signal);
  const tokens = signIn(connection, cloud, transport);
  const origin = new URL(cloud.resourceManager).origin;
  return new Arm(cloud.resourceManager, withToken(pipeline, tokens, origin), client, signal);
}
