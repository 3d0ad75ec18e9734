import { Agent } from "node:https";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { deserializationPolicy, serializationPolicy } from "@azure/core-client";
import {
  bearerTokenAuthenticationPolicyName,
  createEmptyPipeline,
  decompressResponsePolicy,
  type HttpClient,
  isRestError,
  type Pipeline,
  type PipelinePolicy,
  type PipelineRequest,
  type PipelineResponse,
  proxyPolicy,
  RestError,
  retryPolicy,
  setClientRequestIdPolicy,
  type TlsSettings,
  userAgentPolicy,
} from "@azure/core-rest-pipeline";
import { formatDuration } from "../model/duration.ts";
import { Failure } from "../model/failure.ts";
import { callName } from "./errors.ts";
import { Governor } from "./governor.ts";
import { maxRetries, type RetryOptions, retryByClassification } from "./retry.ts";
import type { TokenSource } from "./token.ts";

/** What every request of a run shares. */
export interface Transport extends RetryOptions {
  readonly client: HttpClient;
  readonly userAgent: string;
  readonly correlationId: string;
  /** Connections to one server that vouches for itself, where many servers are asked at a time. */
  readonly socketsPerServer?: number | undefined;
  /** One line for each request, without query or secrets; shown with debug logging. */
  readonly debug: (line: string) => void;
}

/** Resource Manager waits a minute for a provider before it answers 504 (arm-contract 8); nothing hangs longer than this. */
export const attemptLimit = 75_000;

/**
 * The one pipeline that every client of Azure uses: the gateway, Microsoft's Azure ML client (whose
 * serializers take part only in its own requests) and the look-up of a cloud's metadata.
 */
export function createPipeline(transport: Transport): Pipeline {
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(ownAgents(transport.socketsPerServer ?? Number.POSITIVE_INFINITY));
  pipeline.addPolicy(proxyPolicy());
  pipeline.addPolicy(decompressResponsePolicy());
  pipeline.addPolicy(userAgentPolicy({ userAgentPrefix: transport.userAgent }));
  pipeline.addPolicy(setClientRequestIdPolicy());
  pipeline.addPolicy(correlation(transport.correlationId));
  pipeline.addPolicy(serializationPolicy(), { phase: "Serialize" });
  pipeline.addPolicy(deserializationPolicy(), { phase: "Deserialize" });
  for (const policy of attemptPolicies(transport)) pipeline.addPolicy(policy, { phase: "Retry" });
  return pipeline;
}

/** The policies of each attempt, outermost first; Microsoft's credentials take them into their own pipeline. */
export function attemptPolicies(transport: Transport): PipelinePolicy[] {
  return [
    retryPolicy([retryByClassification(transport)], { maxRetries }),
    requestLog(transport.debug),
    limitAttempt(),
    wholeAnswer(),
  ];
}

/** The same pipeline with a bearer token on each request, for Resource Manager alone. */
export function withToken(pipeline: Pipeline, tokens: TokenSource, origin: string): Pipeline {
  const signed = pipeline.clone();
  // Inside the retries and outside the limit of an attempt: waiting for a token is no attempt.
  signed.addPolicy(new Governor().policy(), {
    phase: "Retry",
    afterPolicies: ["retryPolicy"],
    beforePolicies: ["requestLog"],
  });
  signed.addPolicy(authorize(tokens, origin), { phase: "Sign" });
  return signed;
}

/**
 * An agent for each set of TLS settings. Microsoft's client would leave them out wherever a proxy is in the way;
 * Node 24's own agent takes both, from the variables that name the proxy.
 */
function ownAgents(socketsPerServer: number): PipelinePolicy {
  const agents = new WeakMap<TlsSettings, Agent>();
  return {
    name: "ownAgents",
    sendRequest(request, next) {
      const { tlsSettings } = request;
      if (tlsSettings) {
        const agent = agents.get(tlsSettings) ?? agentFor(tlsSettings, socketsPerServer);
        agents.set(tlsSettings, agent);
        request.agent = agent;
      }
      return next(request);
    },
  };
}

/** Milliseconds after which a connection that nobody uses is closed: a run over many clusters would keep those of all. */
const idleLimit = 4_000;

/** One context for all connections: read anew for each, the certificates would cost more than the reads. */
function agentFor(settings: TlsSettings, maxSockets: number): Agent {
  const { ca, cert, key, servername } = settings as SecureContextOptions & { servername?: string };
  const secureContext = createSecureContext({ ca, cert, key });
  return new Agent({
    secureContext,
    ...(servername && { servername }),
    ...{ keepAlive: true, timeout: idleLimit, maxSockets, proxyEnv: process.env },
  });
}

function correlation(id: string): PipelinePolicy {
  return {
    name: "correlation",
    sendRequest(request, next) {
      request.headers.set("x-ms-correlation-request-id", id);
      return next(request);
    },
  };
}

/** Gives up an attempt that hangs, as a `RestError`, so that it can be classified like a lost connection. */
function limitAttempt(): PipelinePolicy {
  return {
    name: "limitAttempt",
    async sendRequest(request, next) {
      const limit = new AbortController();
      const timer = setTimeout(() => limit.abort(), attemptLimit);
      const outer = request.abortSignal as AbortSignal | undefined;
      request.abortSignal = outer ? AbortSignal.any([outer, limit.signal]) : limit.signal;
      try {
        return await next(request);
      } catch (error) {
        if (!limit.signal.aborted || outer?.aborted) throw error;
        throw lost(request, "ETIMEDOUT", `no answer within ${formatDuration(attemptLimit)}`);
      } finally {
        clearTimeout(timer);
        if (outer) request.abortSignal = outer;
        else delete request.abortSignal;
      }
    },
  };
}

/**
 * Takes a successful answer that is no JSON for a lost one: it was cut off, or a proxy gave a page. Where the connection
 * breaks inside an answer, Microsoft's client does not say which request it was; here it is said.
 */
function wholeAnswer(): PipelinePolicy {
  return {
    name: "wholeAnswer",
    async sendRequest(request, next) {
      const response = await next(request).catch((error) => {
        throw isRestError(error) && !error.request ? lost(request, error.code, error.message) : error;
      });
      if (response.status >= 300 || !response.bodyAsText) return response;
      // The log of a pod is text, and asked for as such.
      if (request.headers.get("accept") === "text/plain") return response;
      try {
        JSON.parse(response.bodyAsText);
        return response;
      } catch {
        throw lost(request, "PARSE_ERROR", "the answer is no whole JSON");
      }
    },
  };
}

function lost(request: PipelineRequest, code = "NoAnswer", message: string): RestError {
  return new RestError(message, { code, request });
}

function requestLog(debug: (line: string) => void): PipelinePolicy {
  return {
    name: "requestLog",
    async sendRequest(request, next) {
      const began = Date.now();
      const call = callName(request.method, request.url);
      const tell = (end: string) => debug(`${call}: ${end}, ${Date.now() - began} ms`);
      try {
        const response = await next(request);
        tell(`${response.status} ${response.headers.get("x-ms-request-id") ?? ""}`.trim());
        return response;
      } catch (error) {
        tell(error instanceof RestError ? (error.code ?? "no answer") : "given up");
        throw error;
      }
    },
  };
}

/**
 * Puts the bearer token on requests to Resource Manager, and refuses to send it anywhere else: a status URL or
 * a next link may name a foreign host (testbed 7). A token that Azure calls expired is replaced once; such a
 * request was not processed, so that a write may be sent again too.
 */
function authorize(tokens: TokenSource, origin: string): PipelinePolicy {
  return {
    // Microsoft's client adds a policy of its own unless it finds one of this name.
    name: bearerTokenAuthenticationPolicyName,
    async sendRequest(request, next) {
      if (new URL(request.url).origin !== origin) {
        throw new Failure(
          "ForeignHost",
          `Azure pointed to ${new URL(request.url).host}, which gets no token of ours.`,
        );
      }
      const token = await tokens.token();
      const response = await next(signed(request, token));
      if (!saysExpired(response)) return response;
      tokens.reject(token);
      return next(signed(request, await tokens.token()));
    },
  };
}

function signed(request: PipelineRequest, token: string): PipelineRequest {
  request.headers.set("authorization", `Bearer ${token}`);
  return request;
}

function saysExpired(response: PipelineResponse): boolean {
  return (
    response.status === 401 &&
    /ExpiredAuthenticationToken|InvalidAuthenticationToken"/.test(response.bodyAsText ?? "")
  );
}
