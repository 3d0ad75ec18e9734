import { type LegacyKnobs, legacyKnobs } from "./arm/aks-computes-knobs.ts";
import { type ExtensionKnobs, extensionKnobs } from "./arm/extension-knobs.ts";
import type { ErrorBody } from "./errors.ts";
import type { JsonObject } from "./json.ts";

/** Which long-running dialect the computes speak; `machineLearning` is the true one (testbed 7). */
export type Dialect = "machineLearning" | "containerService" | "connectedCluster" | "extension";

/** The kinds of request that ARM counts apart (arm-contract 8). */
export type RequestKind = "reads" | "writes" | "deletes";

/** A token bucket: how much it holds, and how much comes back in a second. */
export interface TokenBucket {
  size: number;
  refill: number;
}

/** Which settings a PUT that reports success may lose. */
export type Droppable =
  | "namespace"
  | "identity"
  | "resourceId"
  | "instanceTypes"
  | "description"
  // Of computes of type AKS.
  | "sslConfiguration"
  | "loadBalancerType"
  | "clusterPurpose";

/**
 * What the facts leave open, or what a test wants to vary. The defaults are what the facts say; where they say
 * "unknown" the comment says *guess*.
 */
export interface Knobs extends ExtensionKnobs, LegacyKnobs {
  /** Off, exchanges are recorded without bodies: cleaning those of a thousand clusters of secrets takes long. */
  recordBodies: boolean;
  /** Each answer waits this long in real time. */
  latencyMs: number;
  /** How long an operation takes. peers 2.3: an attach takes about five minutes; kept short here. */
  computeSeconds: { create: number; detach: number };
  /** The same for extensions; testbed 7: 4 min 44 s measured. */
  extensionSeconds: { write: number; delete: number };
  /**
   * PUT on a compute that exists. `overwrite`: arm-contract 1.2. `silent`: peers 0.1, reports success and changes
   * nothing. `refuse`: guess, 400.
   */
  putExisting: "overwrite" | "silent" | "refuse";
  /** arm-contract 1.2: the 2026-05-01 pattern, or 3-24 letters, digits and dashes only. */
  computeNamePattern: "2026" | "loose";
  /** A compute that somebody else creates just before the next PUT of a compute is handled (ARM body without id). Used once. */
  intruder: JsonObject | undefined;
  /** Settings of a PUT that is reported as Succeeded but not applied: peers 0.1, taken further. */
  dropSettings: Droppable[];
  /** How the next compute operations end, instead of what the world's state implies. */
  createOutcome: { status: "Failed" | "Canceled"; error: ErrorBody } | undefined;
  /** The same for detach. */
  detachOutcome: { status: "Failed" | "Canceled"; error: ErrorBody } | undefined;
  /** testbed 7: 322 of 4,776 polls were InProgress with an `error` object. Only `status` decides. */
  errorWhileInProgress: ErrorBody | undefined;
  /** testbed 7: 36 polls were Succeeded with an `error` object. The referee refuses that, so it is off. */
  errorWhenSucceeded: ErrorBody | undefined;
  /** Which headers announce the operation. testbed 7: computes send only Azure-AsyncOperation. */
  asyncHeaders: "azure-asyncoperation" | "location" | "both" | "none" | "foreign-location";
  /** testbed 7: the dialect of the status URL and its body; the other three are for the client's sake. */
  computeDialect: Dialect;
  /** testbed 7: signed since about 2023-11. */
  signedStatusUrls: boolean;
  /** Retry-After on accepted writes and on unfinished polls; arm-contract 8: whole seconds. testbed 7: never seen from Azure ML. */
  retryAfterSeconds: number | undefined;
  /** How DELETE is answered: testbed 7 202; arm-contract 1.2 allows 200; `204` = gone at once. */
  detachAnswer: 200 | 202 | 204;
  /** testbed 9: a created compute is not found by GET and list for so long. */
  replicationLagSeconds: number;
  /** testbed 9: the resource shows the end later than the monitor does. */
  resourceLagSeconds: number;
  /** testbed 9: the resource shows the end earlier than the monitor does. */
  resourceLeadSeconds: number;
  /** testbed 9: the status URL answers 404 once the operation has ended. */
  monitorVanishes: boolean;
  /** The operation never ends. */
  stuck: boolean;
  /** Items on a page; arm-contract 1.2: `nextLink` is absolute. The real size is unknown. */
  pageSize: number;
  /** Entra's default is 60-90 minutes; 3600 keeps the arithmetic easy. */
  tokenLifetimeSeconds: number;
  /** Life of a GitHub OIDC assertion; five minutes. */
  assertionLifetimeSeconds: number;
  /** True refuses the second exchange of one assertion; Entra permits it. */
  assertionOnce: boolean;
  /** Error messages repeat the caller's bearer token: a planted leak for the secret scanner. */
  echoToken: boolean;
  /** True returns relay and service bus strings on GET; the official example shows null (arm-contract 1.6). */
  revealConnectionStrings: boolean;
  /** extension 7: an AKS cluster must be in the workspace's subscription. J21 relaxes it: a knob. */
  crossSubscriptionAks: "fail" | "allow";
  /** extension 7: private clusters and authorized ranges work only through Trusted Access. */
  restrictedApiServer: "fail" | "allow";
  /** arm-contract 9: the code is unknown; this one is a guess. */
  extensionMissingCode: string;
  /** peers 0.5: whether attaching `computeType: AKS` is still accepted is unknown. */
  legacyAks: "accept" | "refuse";
  /** testbed 7 saw LinkedAuthorizationFailed: an action that PUT of a compute needs on the cluster. Unknown which, so off. */
  linkedAction: string | undefined;
  /** Guess: whether reading one's permissions needs `Microsoft.Authorization/permissions/read`. */
  permissionsNeedAction: boolean;
  /** arm-contract 8: 429 once a token bucket is empty. Off: only the headers count down. */
  throttling: boolean;
  /** arm-contract 8: the buckets of each subscription and principal; smaller for free and trial subscriptions. */
  tokenBuckets: Record<RequestKind, TokenBucket>;
  /** Microsoft's guidance for throttled Resource Graph requests: 15 queries in 5 s. Always in force. */
  resourceGraphQuota: { queries: number; seconds: number };
  /** Public queries spell an extension's properties with a capital first; no reference says whether all are so. */
  resourceGraphCapitals: boolean;
  /** arm-contract 6: rows that a page of Resource Graph has at most. */
  resourceGraphPage: number;
  /** testbed 7: `forceDelete` answers 200 with a serialised HttpResponseMessage; the referee knows no body there. */
  forceDeleteBody: "empty" | "serialized";
  /** real-arm: AKS sends some errors bare, without `{error: ...}`; the referee wants them wrapped. */
  aksErrors: "wrapped" | "bare";
  /** testbed 7: the status URL of extensions spells `api-Version`; newer recordings (real-arm) `api-version`. */
  extensionVersionParameter: "api-version" | "api-Version";
  /** What an API server with authorized IP ranges does to somebody outside them. Guess: what a firewall does, nothing. */
  apiServerFromOutside: "hang" | "reset" | "allow";
  /** How long a run-command takes; AKS documentation, "command invoke": a pod is started for it. */
  runCommandSeconds: number;
  /** AKS documentation, "command invoke", limitations: 512 kB of output. */
  runCommandLogBytes: number;
}

export function defaultKnobs(): Knobs {
  return {
    ...extensionKnobs(),
    ...legacyKnobs(),
    recordBodies: true,
    latencyMs: 0,
    computeSeconds: { create: 10, detach: 5 },
    extensionSeconds: { write: 10, delete: 5 },
    putExisting: "overwrite",
    computeNamePattern: "2026",
    intruder: undefined,
    dropSettings: [],
    createOutcome: undefined,
    detachOutcome: undefined,
    errorWhileInProgress: undefined,
    errorWhenSucceeded: undefined,
    asyncHeaders: "azure-asyncoperation",
    computeDialect: "machineLearning",
    signedStatusUrls: true,
    retryAfterSeconds: undefined,
    detachAnswer: 202,
    replicationLagSeconds: 0,
    resourceLagSeconds: 0,
    resourceLeadSeconds: 0,
    monitorVanishes: false,
    stuck: false,
    pageSize: 100,
    tokenLifetimeSeconds: 3600,
    assertionLifetimeSeconds: 300,
    assertionOnce: false,
    echoToken: false,
    revealConnectionStrings: false,
    crossSubscriptionAks: "fail",
    restrictedApiServer: "fail",
    extensionMissingCode: "ExtensionNotInstalled",
    legacyAks: "accept",
    linkedAction: undefined,
    permissionsNeedAction: true,
    throttling: false,
    tokenBuckets: {
      reads: { size: 250, refill: 25 },
      writes: { size: 200, refill: 10 },
      deletes: { size: 200, refill: 10 },
    },
    resourceGraphQuota: { queries: 15, seconds: 5 },
    resourceGraphCapitals: true,
    resourceGraphPage: 1000,
    forceDeleteBody: "empty",
    aksErrors: "wrapped",
    extensionVersionParameter: "api-Version",
    apiServerFromOutside: "hang",
    runCommandSeconds: 3,
    runCommandLogBytes: 512 * 1024,
  };
}
