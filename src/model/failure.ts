/**
 * Why a run ended without doing what was asked. The whole product throws this one type; what is not a
 * `Failure` is a defect of ours and is reported as code `Unexpected`.
 */
export class Failure extends Error {
  /** One word for programs, the output `error-code`: ARM's own code where Azure refused, else one of ours. */
  readonly code: string;
  /** What the person can do about it. */
  readonly remedy: string | undefined;
  /** Where to read on. */
  readonly link: string | undefined;
  /** Azure's `x-ms-request-id`, for a support case. */
  readonly requestId: string | undefined;
  /** Everything else worth knowing, one line each: nested errors, fields that differ, input problems. */
  readonly details: readonly string[];

  constructor(code: string, message: string, more: FailureContext = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "Failure";
    this.code = code;
    this.remedy = more.remedy;
    this.link = more.link;
    this.requestId = more.requestId;
    this.details = more.details ?? [];
  }
}

/** What a `Failure` may carry beside its code and message. */
export interface FailureContext {
  readonly remedy?: string | undefined;
  readonly link?: string | undefined;
  readonly requestId?: string | undefined;
  readonly details?: readonly string[];
  readonly cause?: unknown;
}

/** Any thrown value as a `Failure`; a foreign error keeps its message and becomes `cause`. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure("Unexpected", message, {
    cause: thrown,
    remedy:
      "This is a defect of azureml-clusters; please report it together with the JSON report of this run.",
  });
}
