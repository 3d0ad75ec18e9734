import { setFlagsFromString } from "node:v8";
import { type Azure, type Connection, newCorrelationId } from "../azure/connect.ts";
import type { Host } from "../host/host.ts";
import { formatDuration } from "../model/duration.ts";
import { asFailure, Failure } from "../model/failure.ts";
import type { Report, Target } from "../model/report.ts";
import type { SessionRequest } from "../model/request.ts";
import { parseResourceId } from "../model/resource-id.ts";
import { type RolloutTerms, type WaveReport, waveEnds } from "../model/rollout.ts";
import { Redactor, redacting } from "../report/redaction.ts";
import type { Opening } from "./action.ts";
import { Draft } from "./draft.ts";
import { interrupted } from "./ending.ts";
import { part } from "./part.ts";
import { eachOf } from "./pool.ts";
import { session } from "./reconcile.ts";
import { TargetsUnderWay } from "./under-way.ts";

/** What a run over many targets is asked: for each of them what the action is asked for one. */
export interface FleetRequest<Request extends SessionRequest> extends SessionRequest {
  readonly members: readonly Request[];
  readonly terms: RolloutTerms;
}

/** What an action does with one request once Azure is reached. */
export type Body<Request> = (
  request: Request,
  azure: Azure,
  draft: Draft,
  host: Host,
  stop: (why: Failure) => void,
) => Promise<void>;

/**
 * Runs an action on many targets in one job: one sign-in, one pool of connections, one keeper of the throttling limits
 * for all of them. One that fails stops no other, unless the terms say so. Never throws; the report tells how it ended,
 * with that of each target in it.
 */
export function fleet<Request extends SessionRequest>(
  opening: Opening<Request>,
  asked: (host: Host) => Promise<FleetRequest<Request>>,
  host: Host,
  client: Connection["client"],
  body: Body<Request>,
): Promise<Report> {
  const whole: Opening<FleetRequest<Request>> = {
    ...opening,
    socketsPerServer,
    request: asked,
    target: ({ members }) => common(members.map(opening.target)),
  };
  return session(whole, host, client, (request, azure, draft) =>
    new FleetRun(opening, request, body, azure, host, draft).run(),
  );
}

/** A handshake costs more than the read that it is for, and a thousand clusters are many. */
const socketsPerServer = 3;

/** What all targets have in common. */
function common([first = {}, ...others]: readonly Target[]): Target {
  const shared = Object.entries(first).filter(([key, value]) =>
    others.every((other) => other[key as keyof Target] === value),
  );
  return Object.fromEntries(shared);
}

class FleetRun<Request extends SessionRequest> {
  readonly #opening: Opening<Request>;
  readonly #request: FleetRequest<Request>;
  readonly #body: Body<Request>;
  readonly #azure: Azure;
  readonly #host: Host;
  readonly #draft: Draft;
  readonly #targets: readonly Target[];
  /** By the target's place; nothing where it was not begun, or goes on. */
  readonly #reports: (Report | undefined)[] = [];
  readonly #begun = new Set<number>();
  readonly #underWay: TargetsUnderWay;
  readonly #waves: WaveReport[] = [];
  #failed = 0;
  #ended = 0;

  constructor(
    opening: Opening<Request>,
    request: FleetRequest<Request>,
    body: Body<Request>,
    azure: Azure,
    host: Host,
    draft: Draft,
  ) {
    this.#opening = opening;
    this.#request = request;
    this.#targets = request.members.map(opening.target);
    this.#body = body;
    this.#azure = azure;
    this.#host = host;
    this.#draft = draft;
    this.#underWay = new TargetsUnderWay(opening.name, host);
  }

  async run(): Promise<void> {
    const { members, terms } = this.#request;
    const ends = waveEnds(members.length, terms.waves);
    this.#note();
    if (members.length >= manyTargets) for (const flag of thrift) setFlagsFromString(flag);
    // Who can't sign in would be told so once for each target.
    if (members.length > 0) await this.#azure.tokens(this.#azure.cloud.scope).token();
    for (const [index, end] of ends.entries()) {
      const begin = ends[index - 1] ?? 0;
      if (ends.length > 1) {
        this.#host.info(`Wave ${index + 1} of ${ends.length}: ${end - begin} of ${members.length} targets.`);
      }
      const before = this.#failed;
      const wave = eachOf(members.slice(begin, end), terms.concurrency, (member, place) =>
        this.#one(member, begin + place),
      );
      // A run that is cut off leaves no lease behind, and tells of each target how far it came.
      this.#draft.held = { check: async () => undefined, release: () => wave };
      await wave;
      this.#waves.push({ targets: end - begin, failed: this.#failed - before });
      this.#note();
      this.#azure.arm.signal.throwIfAborted();
      if (this.#isStopped() || (terms.waves.length > 0 && this.#failed > 0)) break;
    }
    this.#conclude();
  }

  #isStopped(): boolean {
    const { maxFailures } = this.#request.terms;
    return maxFailures !== undefined && this.#failed >= maxFailures;
  }

  async #one(member: Request, place: number): Promise<void> {
    if (this.#isStopped() || this.#azure.arm.signal.aborted) return;
    this.#begun.add(place);
    const target = this.#opening.target(member);
    const { host, azure, redactor, lines } = this.#surroundings(target);
    // Two computes of one cluster take turns.
    const draft = new Draft(this.#opening.name, this.#draft.correlationId, newCorrelationId());
    draft.target = target;
    try {
      await part(azure, host, draft, this.#draft, (own, stop) => this.#body(member, own, draft, host, stop));
    } catch (error) {
      draft.fail(asFailure(error));
    }
    this.#draft.sent ||= draft.sent;
    // Cleaned here, by what is secret of this target alone: the secrets of a thousand would take for ever.
    this.#end(redactor.cleanAll(draft.report()), place, lines);
  }

  /** A host for one target: what it says is kept until it has ended, since many speak at a time. */
  #surroundings(target: Target) {
    const lines: string[] = [];
    const redactor = new Redactor();
    const name = nameOf(target);
    const { live: _live, finding: _finding, conclude: _conclude, ...outer } = this.#host;
    const host = redacting(
      {
        ...outer,
        info: (line) => void lines.push(line),
        group: (title, more) => void lines.push(`${title}:`, ...more.map((line) => `  ${line}`)),
        // The runner would look for the keys of a thousand clusters in every line of the job.
        mask: () => undefined,
        saveState: () => this.#underWay.begin(target),
        writeFolder: (folder, files) =>
          this.#host.writeFolder(`${folder}-${name.replaceAll("/", "-")}`, files),
      },
      redactor,
    );
    const azure: Azure = { ...this.#azure, mask: host.mask, log: host.info };
    return { host, azure, redactor, lines };
  }

  /** Tells how a target ended, as soon as it did; what it said, where that is of interest. */
  #end(report: Report, place: number, lines: readonly string[]): void {
    this.#reports[place] = report;
    this.#ended += 1;
    if (report.error) this.#failed += 1;
    const { error, gate, verdict, milliseconds, target, changed } = report;
    const isCutOff = error && (interrupted(error.code) || this.#azure.arm.signal.aborted);
    if (!isCutOff) this.#underWay.end(this.#targets[place] ?? {});
    const said = error ? `${error.code}: ${error.message}` : (gate?.verdict ?? verdict);
    const count = `${this.#ended}/${this.#request.members.length}`;
    this.#host.info(`[${count}] ${nameOf(target)}: ${said} (${formatDuration(milliseconds)})`);
    if (error || changed || verdict === "planned") this.#host.group(nameOf(target), lines);
    this.#note();
  }

  /** Keeps the draft up to date, so that a run that is cut off tells all that is known. */
  #note(): void {
    const reports = this.#reports.filter((report) => report !== undefined);
    this.#draft.targets = reports;
    this.#draft.changed ||= reports.some(({ changed }) => changed);
    this.#draft.rollout = {
      count: this.#targets.length,
      failed: this.#failed,
      waves: [...this.#waves],
      untouched: this.#targets.filter((_, place) => !this.#begun.has(place)),
    };
  }

  #conclude(): void {
    const { untouched = [], count = 0 } = this.#draft.rollout ?? {};
    const reports = this.#draft.targets ?? [];
    const order = ["failed", "accepted", "planned", "done", "unchanged"] as const;
    this.#draft.verdict =
      order.find((verdict) => reports.some((report) => report.verdict === verdict)) ?? "unchanged";
    const failed = reports.filter(({ error }) => error);
    const [first] = failed;
    if (!first) return;
    const left = untouched.length > 0 ? `; ${untouched.length} were not touched` : "";
    const further = failed.length > longestList ? [`and ${failed.length - longestList} more`] : [];
    throw new Failure("TargetsFailed", `${failed.length} of ${count} targets failed${left}.`, {
      details: [
        ...failed.slice(0, longestList).map(({ target, error }) => `${nameOf(target)}: ${error?.message}`),
        ...further,
      ],
      remedy: `${first.error?.remedy ?? "Look at the report of each."}${untouched.length > 0 ? " Then run the step again: what is as it should be stays as it is, and the others follow." : ""}`,
      link: first.error?.link,
      requestId: first.error?.requestId,
    });
  }
}

/** Targets from which on V8 is told to be thrifty. */
const manyTargets = 50;

/**
 * The room for young objects does not grow, and the old ones are looked through when they have grown by half: V8 would take
 * twice the memory that they need, and be no faster for it (bench/fleet.mjs).
 */
const thrift = ["--semi-space-growth-factor=1", "--heap-growing-percent=50"];

/** Targets whose failure the error tells; the summary and the report have all. */
const longestList = 20;

/** A target in a few words. */
function nameOf({ workspaceName, computeName, clusterId }: Target): string {
  const cluster = clusterId === undefined ? undefined : parseResourceId(clusterId)?.name;
  return computeName ? [workspaceName, computeName].filter(Boolean).join("/") : (cluster ?? "a target");
}
