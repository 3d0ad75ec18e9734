import { type Azure, type Connection, connect, newCorrelationId } from "../azure/connect.ts";
import type { Host } from "../host/host.ts";
import type { Examination, Look } from "../model/examination.ts";
import { asFailure, Failure } from "../model/failure.ts";
import { claimsOf } from "../model/token-claims.ts";
import { product } from "../model/version.ts";
import { Redactor, redacting } from "../report/redaction.ts";
import {
  bad,
  good,
  lookAtCluster,
  lookAtSubscriptions,
  lookAtWorkspace,
  type Notes,
  type Seen,
  type Subject,
} from "./doctor-looks.ts";
import { type DoctorRequest, doctorRequest } from "./doctor-request.ts";
import { type UsageProblem, wronglyCalled } from "./usage.ts";

/**
 * Looks whether everything is there that a run needs: credential, cloud, providers, workspace, cluster, and the rights
 * on them; as far as it is told of them. It sends nothing but reads. Never throws.
 */
export async function doctor(
  host: Host,
  usage: readonly UsageProblem[] = [],
  client?: Connection["client"],
): Promise<Examination> {
  const redactor = new Redactor();
  const clean = redacting(host, redactor);
  const visit = new Visit(clean);
  try {
    const asked = doctorRequest(clean);
    if (usage.length > 0) throw await wronglyCalled(usage, asked);
    const request = await asked;
    await visit.examine(request, host.cancellation, client);
  } catch (error) {
    visit.fail(asFailure(error));
  }
  return redactor.cleanAll(visit.result());
}

/** One examination, which holds what was seen so far whatever happens. */
class Visit implements Notes {
  readonly #host: Host;
  readonly #began = Date.now();
  readonly #correlationId = newCorrelationId();
  readonly #looks: Look[] = [];
  #error: Examination["error"];
  #signal: AbortSignal | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  result(): Examination {
    return {
      examinationVersion: 1,
      product: `${product.name} ${product.version}`,
      healthy: !this.#error && this.#looks.every(({ result }) => result !== "bad"),
      looks: this.#looks,
      ...(this.#error && { error: this.#error }),
      startedAt: new Date(this.#began).toISOString(),
      milliseconds: Date.now() - this.#began,
      correlationId: this.#correlationId,
    };
  }

  fail({ code, message, details }: Failure): void {
    this.#error = { code, message, details };
  }

  async examine(request: DoctorRequest, cancelled: AbortSignal, client: Connection["client"]): Promise<void> {
    const limit = new AbortController();
    const timer = setTimeout(
      () => limit.abort(new Failure("Timeout", "The time limit is over.")),
      request.timeout,
    );
    const signal = AbortSignal.any([cancelled, limit.signal]);
    this.#signal = signal;
    const over = new Promise<void>((resolve) =>
      signal.addEventListener("abort", () => resolve(), { once: true }),
    );
    await Promise.race([this.#all(request, signal, client), over]);
    clearTimeout(timer);
    if (!signal.aborted) return;
    this.note(
      { id: "stopped", subject: "the rest" },
      bad(
        cancelled.aborted
          ? "Not looked at: the run was cancelled."
          : "Not looked at: the time limit is over.",
        cancelled.aborted ? "Run it again." : "Give a longer `timeout`, and look for what hangs above.",
      ),
    );
  }

  async #all(request: DoctorRequest, signal: AbortSignal, client: Connection["client"]): Promise<void> {
    const ways: string[] = [];
    const azure = await this.look({ id: "cloud", subject: "cloud" }, async (tell) => {
      const found = await this.#connect(request, signal, client, (way) => void ways.push(way));
      tell(good(`${found.cloud.name}, ${found.cloud.resourceManager}`));
      return found;
    });
    if (!azure) return;
    const signedIn = await this.look({ id: "credential", subject: "credential" }, async (tell) => {
      const token = await azure.tokens(azure.cloud.scope).token();
      tell(good(`${ways[0] ?? "unknown"}: ${whoIs(token)}`));
      return true;
    });
    if (!signedIn) return;
    await lookAtSubscriptions(this, request, azure);
    await lookAtWorkspace(this, request, azure);
    await lookAtCluster(this, request, azure);
  }

  #connect(
    request: DoctorRequest,
    signal: AbortSignal,
    client: Connection["client"],
    signedIn: (way: string) => void,
  ): Promise<Azure> {
    const host = this.#host;
    return connect({
      ...request,
      environment: host.environment,
      idToken: (audience) => host.idToken(audience),
      mask: (secret) => host.mask(secret),
      ...(host.deviceCode && { deviceCode: (message) => host.deviceCode?.(message) }),
      signedIn,
      userAgent: `${product.name}/${product.version} (doctor; ${host.name})`,
      correlationId: this.#correlationId,
      deadline: this.#began + request.timeout,
      signal,
      log: (line) => host.debug(line),
      debug: (line) => host.debug(line),
      client,
    });
  }

  /** One look; what it throws is what it saw. */
  async look<T>(subject: Subject, look: (tell: (seen: Seen) => void) => Promise<T>): Promise<T | undefined> {
    this.#host.live?.({ what: "looking", state: subject.subject });
    try {
      return await look((seen) => this.note(subject, seen));
    } catch (error) {
      // What an abort broke off was not seen to be broken.
      if (!this.#signal?.aborted) this.note(subject, failed(asFailure(error)));
      return undefined;
    }
  }

  /** What was seen of something. */
  note(subject: Subject, seen: Seen): void {
    this.#looks.push({ ...subject, ...seen });
  }
}

function failed({ code, message, details, remedy, link }: Failure): Seen {
  const seen = [`${code}: ${message}`, ...details].join(" ");
  return bad(seen, remedy ?? "Check your rights; --verbose shows every request.", link);
}

function whoIs(token: string): string {
  const { person, application, objectId, tenantId } = claimsOf(token);
  const name = person ?? (application && `application ${application}`);
  const parts = [name, objectId && `object id ${objectId}`, tenantId && `tenant ${tenantId}`];
  return parts.filter(Boolean).join(", ") || "a token that tells nothing of whose it is";
}
