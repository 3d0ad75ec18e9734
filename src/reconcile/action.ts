import type { Azure } from "../azure/connect.ts";
import type { Host } from "../host/host.ts";
import type { ActionName } from "../model/doors.ts";
import type { Failure } from "../model/failure.ts";
import type { Finding } from "../model/finding.ts";
import type { Plan, Step } from "../model/plan.ts";
import type { Target } from "../model/report.ts";
import type { CommonRequest, SessionRequest } from "../model/request.ts";
import type { Rule } from "../rules/rule.ts";
import type { Watcher } from "./resource-steps.ts";

/** How a step ended: proven by a read, or accepted by Azure and not waited for. */
export type Ended = "done" | "accepted";

/** What is known of the thing that a run is about. */
export interface Sight {
  /** `Absent` where there is none. */
  readonly state: string;
  /** The principal of its identity, where it has one. */
  readonly principalId?: string | undefined;
  readonly extensionName?: string | undefined;
  readonly extensionVersion?: string | undefined;
  readonly latestVersion?: string | undefined;
  /** Where the web services of a legacy compute are asked (T3, B3). */
  readonly scoringIp?: string | undefined;
  readonly scoringHost?: string | undefined;
  /** Of a cluster that is created. */
  readonly clusterId?: string | undefined;
  readonly kubernetesVersion?: string | undefined;
}

/** What a step came to; `sight` where it saw something new. */
export interface Performed {
  readonly ended: Ended;
  readonly sight?: Sight | undefined;
  /** What can be said of what it brought about only now. */
  readonly findings?: readonly Finding[];
  /** What the run holds from here on; it is let go of at the run's end, whatever that is. */
  readonly held?: Held | undefined;
  /** What the plan was made of may have changed meanwhile: the run looks again, and plans anew. */
  readonly outdated?: boolean;
}

/** Something that one run at a time may hold. */
export interface Held {
  /** Before each step. @throws Failure where it is lost. */
  check(): Promise<void>;
  /** Lets go. The run's own signal may be aborted by then. */
  release(): Promise<void>;
}

/** What a step is done with. */
export interface Tools {
  readonly azure: Azure;
  readonly watcher: Watcher;
  /** Who this run is, for those that come after it: an id that no other run has. */
  readonly run: string;
  /** The whole that this run is a part of, where it is one of many. */
  readonly job: string;
  /** Ends the run at once, for a reason that is its own. */
  readonly stop: (why: Failure) => void;
  /** What a run that ends from here on leaves unfinished, for its error; nothing any more without one. */
  readonly leaves: (unfinished?: Unfinished) => void;
}

/** What a run that fails leaves behind. */
export interface Unfinished {
  readonly what: string;
  /** How it is finished. */
  readonly remedy: string;
}

/** What a run needs to begin. */
export interface Opening<Request extends SessionRequest> {
  readonly name: ActionName;
  /** What the run is about, in a word. */
  readonly subject: "cluster" | "compute" | "extension";
  /** Reads the inputs. @throws Failure `InvalidInput`. */
  readonly request: (host: Host) => Promise<Request>;
  /** What the run is about, for the report. */
  readonly target: (request: Request) => Target;
  /** Connections to one cluster, where a run asks many at a time; as many as it likes where there is none. */
  readonly socketsPerServer?: number | undefined;
}

/** One action of the bundle: the parts of the sentence that `reconcile` says for all that write. */
export interface Action<Request extends CommonRequest, Facts> extends Opening<Request>, Way<Request, Facts> {}

/** How an action goes about it; an action may know several ways. */
export interface Way<Request extends CommonRequest, Facts> {
  /** Looks at Azure and at the cluster, in parallel. Writes nothing. */
  readonly observe: (request: Request, azure: Azure) => Promise<Facts>;
  /** What was seen of the thing that the run is about. */
  readonly sight: (facts: Facts) => Sight;
  /** One line for each thing that was seen. */
  readonly describe: (facts: Facts) => readonly string[];
  readonly rules: readonly Rule<Facts>[];
  /** What is to be done; pure. @throws Failure when it can't be done. */
  readonly plan: (facts: Facts) => Plan;
  /** What an earlier run left unfinished, for the error of one that ends before it can go on with it. */
  readonly leaves?: (facts: Facts) => Unfinished | undefined;
  /** Does one step and proves it by reading. */
  readonly perform: (step: Step, facts: Facts, tools: Tools) => Promise<Performed>;
}
