import { randomBytes } from "node:crypto";
import type { Clock } from "./clock.ts";
import type { ErrorBody } from "./errors.ts";
import { sameId, uuid } from "./ids.ts";
import type { Dialect } from "./knobs.ts";

export type Outcome =
  | { status: "Succeeded"; error?: ErrorBody | undefined }
  | { status: "Failed" | "Canceled"; error: ErrorBody };

/** The four query parameters that sign a status URL (arm-contract 1.7, testbed 7). */
export interface Signature {
  t: string;
  c: string;
  s: string;
  h: string;
}

/** One long-running operation: what it will come to, and when that shows where. */
export interface Operation {
  /** The last segment of its URLs: a guid, or `guid*hash` for Arc. */
  name: string;
  dialect: Dialect;
  verb: "write" | "delete";
  resourceId: string;
  apiVersion: string;
  startedAt: number;
  /** When the monitor says so; Infinity when stuck. */
  endsAt: number;
  /** When the resource shows it: earlier or later than the monitor, by a knob. */
  appliesAt: number;
  outcome: Outcome;
  apply: () => void;
  applied: boolean;
  signature: Signature | undefined;
  /** The paths of its status URLs, exactly as handed out. */
  paths: string[];
}

export interface OperationRequest {
  dialect: Dialect;
  verb: "write" | "delete";
  resourceId: string;
  apiVersion: string;
  seconds: number;
  /** The resource shows the end so much later than the monitor (negative: earlier). */
  lagSeconds: number;
  stuck: boolean;
  signed: boolean;
  outcome: Outcome;
  apply: () => void;
}

/** All operations, settled lazily: whoever looks at the world calls `settle` first. */
export class OperationBook {
  readonly #operations: Operation[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(request: OperationRequest): Operation {
    const now = this.#clock.now();
    const endsAt = request.stuck ? Number.POSITIVE_INFINITY : now + request.seconds * 1000;
    const hash =
      request.dialect === "connectedCluster" ? `*${randomBytes(32).toString("hex").toUpperCase()}` : "";
    const operation: Operation = {
      name: `${uuid()}${hash}`,
      dialect: request.dialect,
      verb: request.verb,
      resourceId: request.resourceId,
      apiVersion: request.apiVersion,
      startedAt: now,
      endsAt,
      appliesAt: Math.max(now, endsAt + request.lagSeconds * 1000),
      outcome: request.outcome,
      apply: request.apply,
      applied: false,
      signature: request.signed ? signature(now) : undefined,
      paths: [],
    };
    this.#operations.push(operation);
    this.settle();
    return operation;
  }

  /** Applies what has come due, in the order in which it came. */
  settle(): void {
    const now = this.#clock.now();
    const due = this.#operations.filter((one) => !one.applied && one.appliesAt <= now);
    for (const operation of due.sort((a, b) => a.appliesAt - b.appliesAt)) {
      operation.applied = true;
      operation.apply();
    }
  }

  ended(operation: Operation): boolean {
    return operation.endsAt <= this.#clock.now();
  }

  find(name: string): Operation | undefined {
    return this.#operations.find((one) => one.name.toLowerCase() === name.toLowerCase());
  }

  /** An unfinished operation on a resource: a second write meets a 409 (testbed 9). */
  running(resourceId: string): Operation | undefined {
    return this.#operations.find(
      (one) => sameId(one.resourceId, resourceId) && (!this.ended(one) || !one.applied),
    );
  }
}

/** testbed 7: `t`, `c`, `s`, `h`, thousands of characters in all. */
function signature(now: number): Signature {
  const noise = (bytes: number) => randomBytes(bytes).toString("base64url");
  return {
    t: String(now * 10_000 + 621_355_968_000_000_000),
    c: `MIIHpTCCBo2gAwIBAgITfw${noise(1100)}`,
    s: noise(256),
    h: noise(32),
  };
}
