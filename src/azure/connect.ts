import { randomUUID } from "node:crypto";
import { createDefaultHttpClient, type HttpClient } from "@azure/core-rest-pipeline";
import { Arm } from "./arm.ts";
import { type Cloud, resolveCloud } from "./cloud.ts";
import { type SignIn, signIn, type Tokens } from "./credential.ts";
import { createPipeline, type Transport, withToken } from "./pipeline.ts";
import { Wire } from "./wire.ts";

/** What a run needs to reach Azure. */
export interface Connection extends SignIn {
  /** The input `azure-environment`. */
  readonly azureEnvironment: string;
  readonly userAgent: string;
  readonly correlationId: string;
  /** `Date.now()` at which the run ends; no retry is planned beyond it. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly socketsPerServer?: Transport["socketsPerServer"];
  readonly log: (line: string) => void;
  readonly debug: (line: string) => void;
  /** Stands in for the network in tests. */
  readonly client?: HttpClient | undefined;
}

/** An id for `x-ms-correlation-request-id`: one for all requests of a run. */
export const newCorrelationId = (): string => randomUUID();

/** The ways out of a run. */
export interface Azure {
  readonly arm: Arm;
  /** To servers that are not Resource Manager; what they get of a token is said by each request. */
  readonly wire: Wire;
  /** Tokens of the run's identity for other services of the same cloud. */
  readonly tokens: Tokens;
  readonly cloud: Cloud;
  /** `false` where a client stands in for the network: no other connection is made then. */
  readonly network: boolean;
  readonly environment: Connection["environment"];
  /** Keeps a value out of everything that leaves the process from now on. */
  readonly mask: (secret: string) => void;
  readonly log: (line: string) => void;
}

/**
 * The ways out: finds the cloud, and gives gateways that sign in with their first request.
 * @throws Failure `NoCloudMetadata`.
 */
export async function connect(connection: Connection): Promise<Azure> {
  const { deadline, log, debug, userAgent, correlationId, signal, environment, mask } = connection;
  const client = connection.client ?? createDefaultHttpClient();
  const { socketsPerServer } = connection;
  const transport: Transport = { deadline, log, debug, userAgent, correlationId, client, socketsPerServer };
  const pipeline = createPipeline(transport);
  const cloud = await resolveCloud(connection.azureEnvironment, pipeline, client, signal);
  const tokens = signIn(connection, cloud, transport);
  const origin = new URL(cloud.resourceManager).origin;
  const signed = withToken(pipeline, tokens(cloud.scope), origin);
  return {
    arm: new Arm(cloud.resourceManager, signed, client, signal),
    wire: new Wire(pipeline, client, signal),
    tokens,
    cloud,
    network: connection.client === undefined,
    environment,
    mask,
    log,
  };
}
