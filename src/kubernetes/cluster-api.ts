import { Refusal } from "../azure/errors.ts";
import { type Answer, Wire } from "../azure/wire.ts";
import { oneLine } from "../model/arm-error.ts";
import { Failure } from "../model/failure.ts";
import type { ClusterAccess } from "./kubeconfig.ts";

/** A way to a cluster's API. */
export interface ClusterApi {
  /** How it is read, for the report. */
  readonly way: string;
  /** One object. @throws Refusal where there is none, or it may not be read. */
  get<T>(path: string): Promise<T>;
  /** All objects of a list, each made small as it comes, so that a big list is never whole in memory. */
  list<Raw, Item>(path: string, small: (raw: Raw) => Item): Promise<Item[]>;
  /** A text, such as a log. */
  text(path: string): Promise<string>;
  /** Tells what the caller may do in a namespace; `undefined` where there is no knowing beforehand. */
  rules(namespace: string): Promise<RulesReview | undefined>;
  /** What writes; not there where keys would pass through Resource Manager, as with run-command. */
  readonly writes?: ClusterWrites | undefined;
}

/** Writes to a cluster's API, with the whole answer: its `date` is the one clock that all runs share. */
export interface ClusterWrites {
  /** @throws Refusal; where a write's answer was lost, an `Unsettled` failure. */
  send(call: ClusterCall): Promise<Answer>;
  /** The same, ended by another signal than the run's, for what is done after the run. */
  until(signal: AbortSignal): ClusterWrites;
}

/** A request to an API server. */
export interface ClusterCall {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  /** Milliseconds for all attempts. */
  readonly limit?: number;
}

/** What a `SelfSubjectRulesReview` answers. `incomplete`: some authorizer does not list what it allows. */
export interface RulesReview {
  readonly incomplete: boolean;
  readonly resourceRules: readonly {
    readonly verbs: readonly string[];
    readonly apiGroups?: readonly string[] | null;
    readonly resources?: readonly string[] | null;
    readonly resourceNames?: readonly string[] | null;
  }[];
}

/** Objects on a page: 2,000 pods are read in less than 200 MB of memory (bench/verify.mjs). */
const pageSize = 100;

/** How often a list is begun anew whose token grew old: the API server forgets its past after some minutes. */
const listLimit = 3;

/** Milliseconds for the first question, which is answered at once or, behind a firewall, never. */
export const firstLimit = 100_000;

/** An error as the API server words it. */
interface Status {
  readonly reason?: string;
  readonly message?: string;
}

interface List<Raw> {
  readonly items?: readonly Raw[] | null;
  readonly metadata?: { readonly continue?: string };
}

/** The API of a cluster that can be reached from here. */
export class DirectApi implements ClusterApi, ClusterWrites {
  readonly way: string;
  readonly writes: ClusterWrites = this;
  readonly #wire: Wire;
  readonly #access: ClusterAccess;
  readonly #token: () => Promise<string | undefined>;

  constructor(way: string, wire: Wire, access: ClusterAccess, token: () => Promise<string | undefined>) {
    this.way = way;
    this.#wire = wire;
    this.#access = access;
    this.#token = token;
  }

  async get<T>(path: string): Promise<T> {
    return (await this.#send({ method: "GET", path })).body as T;
  }

  async list<Raw, Item>(path: string, small: (raw: Raw) => Item): Promise<Item[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#pages(path, small);
      } catch (error) {
        if (!(error instanceof Refusal) || error.status !== 410 || attempt === listLimit) throw error;
      }
    }
  }

  async #pages<Raw, Item>(path: string, small: (raw: Raw) => Item): Promise<Item[]> {
    const items: Item[] = [];
    let next: string | undefined = "";
    while (next !== undefined) {
      const query: string = `limit=${pageSize}${next && `&continue=${encodeURIComponent(next)}`}`;
      const page: List<Raw> = await this.get(`${path}${path.includes("?") ? "&" : "?"}${query}`);
      for (const raw of page.items ?? []) items.push(small(raw));
      next = page.metadata?.continue || undefined;
    }
    return items;
  }

  async text(path: string): Promise<string> {
    const { body } = await this.#send({ method: "GET", path, accept: "text/plain" });
    return typeof body === "string" ? body : JSON.stringify(body ?? "");
  }

  async rules(namespace: string): Promise<RulesReview> {
    const body = {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectRulesReview",
      spec: { namespace },
    };
    const path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
    // It changes nothing.
    const answer = await this.#send({ method: "POST", path, body, limit: firstLimit, repeatable: true });
    return (answer.body as { status: RulesReview }).status;
  }

  send(call: ClusterCall): Promise<Answer> {
    return this.#send(call);
  }

  until(signal: AbortSignal): ClusterWrites {
    const { pipeline, client } = this.#wire;
    return new DirectApi(this.way, new Wire(pipeline, client, signal), this.#access, this.#token);
  }

  async #send(
    call: ClusterCall & { readonly accept?: string; readonly repeatable?: boolean },
  ): Promise<Answer> {
    const token = await this.#token();
    const answer = await this.#wire.send({
      method: call.method,
      url: `${this.#access.server}${call.path}`,
      headers: {
        accept: call.accept ?? "application/json",
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: call.body,
      repeatable: call.repeatable,
      limit: call.limit,
      tls: this.#access.tls,
    });
    if (answer.status >= 300) throw refusal(answer, call);
    if (!call.accept && (typeof answer.body !== "object" || answer.body === null)) {
      throw new Failure("NoAnswer", `An answer to ${call.path} does not come from an API server.`, {
        remedy: "Check the server of the kubeconfig, and the proxy between the runner and the cluster.",
      });
    }
    return answer;
  }
}

/** What people do about a refusal of the API server. */
const remedies: Readonly<Record<number, string>> = {
  401: "The kubeconfig's token or certificate is not, or no longer, accepted: get a new one.",
  403: "Give the identity a role in the cluster that may read it: see docs/SIGN-IN.md for the rules.",
};

/** An error answer of an API server. */
export function refusal(
  answer: Pick<Answer, "status" | "body">,
  { method, path }: { readonly method: string; readonly path: string },
): Refusal {
  const { reason, message } = (typeof answer.body === "object" ? (answer.body ?? {}) : {}) as Status;
  return new Refusal(
    answer.status,
    `Kubernetes${reason || answer.status}`,
    `${oneLine(message || "The API server gave no reason.")} (${method} ${path.split("?")[0]}: status ${answer.status})`,
    { remedy: remedies[answer.status] },
  );
}
