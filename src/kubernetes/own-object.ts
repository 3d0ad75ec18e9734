import { Refusal, Unsettled } from "../azure/errors.ts";
import { pause } from "../azure/pause.ts";
import type { Answer } from "../azure/wire.ts";
import type { Failure } from "../model/failure.ts";
import type { ClusterCall, ClusterWrites } from "./cluster-api.ts";

/** What every object has that is written here. */
export interface Written {
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion?: string;
    readonly uid?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** An object as it stands, and when the API server said so by its own clock. */
export interface Standing<T> {
  readonly object: T;
  /** Milliseconds since 1970; absent where a proxy took the header away. */
  readonly at: number | undefined;
}

/** How often a write is sent at most whose answers get lost. */
const sendLimit = 4;

/**
 * One object that runs of this product write, each in the place of none or of just that version which it has seen. A
 * write whose answer is lost is settled by reading: it is never taken for done, nor for refused, without a look.
 */
export class OwnObject<T extends Written> {
  readonly #api: ClusterWrites;
  readonly #collection: string;
  readonly #name: string;
  readonly #signal: AbortSignal;

  constructor(api: ClusterWrites, collection: string, name: string, signal: AbortSignal) {
    this.#api = api;
    this.#collection = collection;
    this.#name = name;
    this.#signal = signal;
  }

  get path(): string {
    return `${this.#collection}/${this.#name}`;
  }

  /** The object; `undefined` where there is none. */
  async read(limit?: number): Promise<Standing<T> | undefined> {
    try {
      return standing(await this.#api.send({ method: "GET", path: this.path, ...(limit && { limit }) }));
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Makes the object. @returns `undefined` where another one is there. */
  create(object: T, isOurs: (seen: T) => boolean): Promise<Standing<T> | undefined> {
    return this.#settle({ method: "POST", path: this.#collection, body: object }, isOurs);
  }

  /** Replaces the version that the object names. @returns `undefined` where it is not that version any more. */
  replace(object: T, isOurs: (seen: T) => boolean, limit?: number): Promise<Standing<T> | undefined> {
    return this.#settle({ method: "PUT", path: this.path, body: object, ...(limit && { limit }) }, isOurs);
  }

  /** Takes away just that version. @returns `false` where another one is there now; one that is gone is gone. */
  async remove({ metadata }: T): Promise<boolean> {
    const { uid, resourceVersion } = metadata;
    const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
    const body = { kind: "DeleteOptions", apiVersion: "v1", preconditions };
    try {
      await sendDelete(this.#api, { path: this.path, body }, this.#signal);
      return true;
    } catch (error) {
      if (error instanceof Refusal && error.status === 409) return (await this.read()) === undefined;
      throw error;
    }
  }

  async #settle(call: ClusterCall, isOurs: (seen: T) => boolean): Promise<Standing<T> | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        return standing(await this.#api.send(call));
      } catch (error) {
        const conflict = isConflict(error, call);
        if (!conflict && !isOpen(error)) throw error;
        // A conflict may be with our own write, whose answer was lost before.
        const seen = await this.read(call.limit);
        if (seen && isOurs(seen.object)) return seen;
        if (conflict) return undefined;
        if (attempt === sendLimit) throw error;
        await pause(delayAfter(error, attempt), this.#signal);
      }
    }
  }
}

/** Deletes an object, and sends it again where nobody says whether it was done: one that is gone is gone. */
export async function sendDelete(
  api: ClusterWrites,
  call: Pick<ClusterCall, "path" | "body">,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await api.send({ method: "DELETE", ...call });
      return;
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) return;
      if (!isOpen(error) || attempt === sendLimit) throw error;
      await pause(delayAfter(error, attempt), signal);
    }
  }
}

/** It is not as this run has seen it: changed, made or taken away by somebody else. */
function isConflict(error: unknown, { method }: ClusterCall): error is Refusal {
  if (!(error instanceof Refusal)) return false;
  return error.status === 409 || (error.status === 404 && method === "PUT");
}

function standing<T>(answer: Answer): Standing<T> {
  const at = Date.parse(answer.header("date") ?? "");
  return { object: answer.body as T, at: Number.isNaN(at) ? undefined : at };
}

/** Nobody says whether it was done: the answer is lost, or the API server is in trouble. */
function isOpen(error: unknown): error is Failure {
  if (error instanceof Unsettled) return true;
  return error instanceof Refusal && (error.status >= 500 || error.status === 429 || error.status === 408);
}

function delayAfter(error: Failure, attempt: number): number {
  return error instanceof Unsettled && error.retryAfter !== undefined
    ? error.retryAfter
    : 1_000 * 2 ** (attempt - 1);
}
