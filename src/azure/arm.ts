import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  isRestError,
  type Pipeline,
  type PipelineResponse,
} from "@azure/core-rest-pipeline";
import type { Page } from "../model/azure-resources.ts";
import { Failure } from "../model/failure.ts";
import type { Observed } from "../model/observed.ts";
import { ArmFailure, armFailure, lostFailure } from "./errors.ts";
import { retryAfter } from "./retry.ts";

/** An answer of Resource Manager that is no error. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  header(name: string): string | undefined;
  /** Azure's `x-ms-request-id`. */
  readonly requestId: string | undefined;
}

/** A request to Resource Manager. */
export interface Call {
  readonly method: "GET" | "PUT" | "PATCH" | "POST" | "DELETE";
  /** Path below the Resource Manager, or an absolute URL that Azure gave, which is sent verbatim. */
  readonly path: string;
  readonly apiVersion?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The thin gateway to Resource Manager; the files beside it put types on what it brings. */
export class Arm {
  /** Resource Manager, without a slash at the end. */
  readonly endpoint: string;
  readonly pipeline: Pipeline;
  readonly client: HttpClient;
  /** Ends every request and wait of the run. */
  readonly signal: AbortSignal;

  constructor(endpoint: string, pipeline: Pipeline, client: HttpClient, signal: AbortSignal) {
    this.endpoint = endpoint;
    this.pipeline = pipeline;
    this.client = client;
    this.signal = signal;
  }

  /** `true` for a URL on the Resource Manager itself, which alone may see the token. */
  isOwn(url: string): boolean {
    return URL.canParse(url) && new URL(url).origin === new URL(this.endpoint).origin;
  }

  /** Sends a request. @throws Failure with ARM's code, or `OutcomeUnknown` where a write's answer was lost. */
  async send(call: Call): Promise<Answer> {
    const url = call.path.startsWith("/") ? this.#url(call) : call.path;
    const request = createPipelineRequest({
      url,
      method: call.method,
      abortSignal: this.signal,
      allowInsecureConnection: url.startsWith("http:"),
      headers: createHttpHeaders({ accept: "application/json" }),
    });
    if (call.body !== undefined) {
      request.body = JSON.stringify(call.body);
      request.headers.set("content-type", "application/json; charset=utf-8");
    }
    return this.settled(() => this.pipeline.sendRequest(this.client, request), call.method);
  }

  /** Runs any request of the pipeline and turns what it brings into an answer or a failure. */
  async settled(run: () => Promise<PipelineResponse>, method: Call["method"]): Promise<Answer> {
    let response: PipelineResponse;
    try {
      response = await run();
    } catch (error) {
      if (this.signal.aborted) throw this.signal.reason;
      if (isRestError(error)) throw lostFailure(method, error);
      throw error;
    }
    const answer = readAnswer(response);
    if (answer.status >= 300) throw armFailure(method, response.request.url, answer, retryAfter(response));
    return answer;
  }

  /** GET of one resource. */
  async get<T>(path: string, apiVersion: string): Promise<T> {
    return shaped<T>(await this.send({ method: "GET", path, apiVersion }), "properties");
  }

  /** GET of all pages of a list. */
  async list<T>(path: string, apiVersion: string): Promise<T[]> {
    const items: T[] = [];
    const seen = new Set<string>();
    let next: string | null | undefined = path;
    while (next) {
      if (seen.has(next)) throw notAzure("The pages of a list lead in a circle");
      seen.add(next);
      const answer = await this.send({ method: "GET", path: next, apiVersion });
      const page: Page<T> = shaped(answer, "value");
      items.push(...page.value);
      next = page.nextLink;
    }
    return items;
  }

  #url(call: Call): string {
    const url = new URL(this.endpoint + encodeURI(call.path));
    if (call.apiVersion) url.searchParams.set("api-version", call.apiVersion);
    for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
    return url.href;
  }
}

function readAnswer(response: PipelineResponse): Answer {
  return {
    status: response.status,
    body: parsed(response.bodyAsText),
    header: (name) => response.headers.get(name),
    requestId: response.headers.get("x-ms-request-id"),
  };
}

/**
 * The body of an answer that holds what every resource or every list holds. What has another shape comes from a
 * proxy or a gateway, not from Azure. @throws Failure `NoAnswer`.
 */
export function shaped<T>({ body }: Answer, key: "properties" | "value"): T {
  const part = (body as Partial<Record<typeof key, unknown>> | null | undefined)?.[key];
  if (key === "value" ? Array.isArray(part) : typeof part === "object" && part !== null) return body as T;
  throw notAzure(`An answer has no \`${key}\``);
}

function notAzure(what: string): Failure {
  return new Failure("NoAnswer", `${what}: it does not come from Azure Resource Manager.`, {
    remedy: "Check `azure-environment`, and the proxy between the runner and Azure.",
  });
}

function parsed(text: string | null | undefined): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A look whose "there is none" and "you may not" are answers, not failures. */
export async function observe<T>(look: () => Promise<T>): Promise<Observed<T>> {
  try {
    return { is: "present", value: await look() };
  } catch (error) {
    if (!(error instanceof ArmFailure)) throw error;
    if (error.status === 404) return { is: "absent" };
    if (error.status === 403) return { is: "denied", why: error };
    throw error;
  }
}
