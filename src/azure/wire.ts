import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  isRestError,
  type Pipeline,
  type PipelineResponse,
} from "@azure/core-rest-pipeline";
import { formatDuration } from "../model/duration.ts";
import { Failure } from "../model/failure.ts";
import { lostFailure } from "./errors.ts";
import { repeatable } from "./retry.ts";

/** An answer of a server, of whatever status. */
export interface Answer {
  readonly status: number;
  /** What was asked. */
  readonly url: string;
  /** JSON taken apart, else the text; `undefined` where there is none. */
  readonly body: unknown;
  header(name: string): string | undefined;
  /** Azure's `x-ms-request-id`. */
  readonly requestId: string | undefined;
}

/** Methods that are sent. */
export type Method = "GET" | "PUT" | "PATCH" | "POST" | "DELETE";

/** A request to any server. */
export interface Call {
  readonly method: Method;
  /** Absolute. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** For servers that have a certificate authority or ask for a certificate of their own. */
  readonly tls?: Tls | undefined;
  /** A POST that changes nothing, so that it may be sent again like a read. */
  readonly repeatable?: boolean | undefined;
  /** Milliseconds for all attempts together, where the run's own time would be too long. */
  readonly limit?: number | undefined;
}

/** Whom to trust and who to be in a TLS handshake; PEM. The same object is one pool of connections. */
export interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Name that the server's certificate must have, where it is not the host's. */
  readonly servername?: string;
}

/** Sends requests through a pipeline, and ends with the run. */
export class Wire {
  readonly pipeline: Pipeline;
  readonly client: HttpClient;
  /** Ends every request and wait of the run. */
  readonly signal: AbortSignal;

  constructor(pipeline: Pipeline, client: HttpClient, signal: AbortSignal) {
    this.pipeline = pipeline;
    this.client = client;
    this.signal = signal;
  }

  /** Sends a request. @throws Failure `NoAnswer`, an `Unsettled` one where a write's answer was lost. */
  async send(call: Call): Promise<Answer> {
    if (call.limit === undefined) return this.#send(call, this.signal);
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), call.limit);
    try {
      return await this.#send(call, AbortSignal.any([this.signal, over.signal]));
    } catch (error) {
      if (this.signal.aborted || !over.signal.aborted) throw error;
      throw new Failure(
        "NoAnswer",
        `${new URL(call.url).host} gives no answer within ${formatDuration(call.limit)}.`,
        {
          remedy:
            "Let this runner's address in (authorized IP ranges, firewall), or use a runner inside the network.",
        },
      );
    } finally {
      clearTimeout(timer);
    }
  }

  #send({ method, url, headers, body, tls, repeatable: again }: Call, signal: AbortSignal): Promise<Answer> {
    const request = createPipelineRequest({
      url,
      method,
      abortSignal: signal,
      allowInsecureConnection: url.startsWith("http:"),
      headers: createHttpHeaders({ accept: "application/json", ...headers }),
    });
    // Microsoft's function takes it among the options and forgets it.
    if (tls) request.tlsSettings = tls;
    if (again) repeatable.add(request);
    if (body !== undefined) {
      request.body = JSON.stringify(body);
      if (!request.headers.has("content-type"))
        request.headers.set("content-type", "application/json; charset=utf-8");
    }
    return this.answered(() => this.pipeline.sendRequest(this.client, request), method);
  }

  /** Runs any request of the pipeline and gives what it brings. @throws as `send` does. */
  async answered(run: () => Promise<PipelineResponse>, method: Method): Promise<Answer> {
    try {
      return readAnswer(await run());
    } catch (error) {
      if (this.signal.aborted) throw this.signal.reason;
      if (isRestError(error)) throw lostFailure(method, error);
      throw error;
    }
  }
}

function readAnswer(response: PipelineResponse): Answer {
  return {
    status: response.status,
    url: response.request.url,
    body: parsed(response.bodyAsText),
    header: (name) => response.headers.get(name),
    requestId: response.headers.get("x-ms-request-id"),
  };
}

function parsed(text: string | null | undefined): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
