import type { HttpClient, Pipeline, PipelineResponse } from "@azure/core-rest-pipeline";
import type { Page } from "../model/azure-resources.ts";
import { asFailure, Failure } from "../model/failure.ts";
import type { Observed } from "../model/observed.ts";
import { armFailure, Refusal } from "./errors.ts";
import { type Answer, type Method, Wire } from "./wire.ts";

/** A request to Resource Manager. */
export interface ArmCall {
  readonly method: Method;
  /** Path below the Resource Manager, or an absolute URL that Azure gave, which is sent verbatim. */
  readonly path: string;
  readonly apiVersion?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** A POST that changes nothing, so that it may be sent again like a read. */
  readonly repeatable?: boolean;
}

/** The thin gateway to Resource Manager; the files beside it put types on what it brings. */
export class Arm {
  /** Resource Manager, without a slash at the end. */
  readonly endpoint: string;
  readonly wire: Wire;

  constructor(endpoint: string, pipeline: Pipeline, client: HttpClient, signal: AbortSignal) {
    this.endpoint = endpoint;
    this.wire = new Wire(pipeline, client, signal);
  }

  /** Ends every request and wait of the run. */
  get signal(): AbortSignal {
    return this.wire.signal;
  }

  /** `true` for a URL on the Resource Manager itself, which alone may see the token. */
  isOwn(url: string): boolean {
    return URL.canParse(url) && new URL(url).origin === new URL(this.endpoint).origin;
  }

  /** Sends a request. @throws Failure with ARM's code, an `Unsettled` one where a write's outcome is open. */
  async send({ method, path, apiVersion, query, body, repeatable }: ArmCall): Promise<Answer> {
    const url = path.startsWith("/") ? this.#url(path, apiVersion, query) : path;
    return refusing(method, await this.wire.send({ method, url, body, repeatable }));
  }

  /** Runs any request of the pipeline. @throws as `send` does. */
  async settled(run: () => Promise<PipelineResponse>, method: Method): Promise<Answer> {
    return refusing(method, await this.wire.answered(run, method));
  }

  /** GET of one resource. */
  async get<T>(path: string, apiVersion: string): Promise<T> {
    return shaped<T>(await this.send({ method: "GET", path, apiVersion }), "properties");
  }

  /** GET of all pages of a list. */
  async list<T>(path: string, apiVersion: string, query: ArmCall["query"] = {}): Promise<T[]> {
    const items: T[] = [];
    for await (const page of this.pages<T>(path, apiVersion, query)) items.push(...page);
    return items;
  }

  /** The pages of a list, one by one, for who may not want all of them. */
  async *pages<T>(
    path: string,
    apiVersion: string,
    query: ArmCall["query"] = {},
  ): AsyncGenerator<readonly T[]> {
    const seen = new Set<string>();
    let next: string | null | undefined = path;
    while (next) {
      if (seen.has(next)) throw notAzure("The pages of a list lead in a circle");
      seen.add(next);
      const answer = await this.send({ method: "GET", path: next, apiVersion, query });
      const page: Page<T> = shaped(answer, "value");
      yield page.value;
      next = page.nextLink;
    }
  }

  #url(path: string, apiVersion?: string, query: ArmCall["query"] = {}): string {
    const url = new URL(this.endpoint + encodeURI(path));
    if (apiVersion) url.searchParams.set("api-version", apiVersion);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url.href;
  }
}

/** The answer, unless it is an error. */
function refusing(method: Method, answer: Answer): Answer {
  if (answer.status >= 300) throw armFailure(method, answer);
  return answer;
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

/** A look without which the run can go on: whatever goes wrong with it is an answer, unless the run is over. */
export async function glance<T>(look: () => Promise<T>, signal: AbortSignal): Promise<Observed<T>> {
  try {
    return await observe(look);
  } catch (error) {
    signal.throwIfAborted();
    return { is: "denied", why: asFailure(error) };
  }
}

/** A look whose "there is none" and "you may not" are answers, not failures. */
export async function observe<T>(look: () => Promise<T>): Promise<Observed<T>> {
  try {
    return { is: "present", value: await look() };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 404) return { is: "absent" };
    if (error.status === 403) return { is: "denied", why: error };
    throw error;
  }
}
