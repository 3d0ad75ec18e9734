import type { RestError } from "@azure/core-rest-pipeline";
import { type ArmErrorBody, errorLines, oneLine } from "../model/arm-error.ts";
import { Failure } from "../model/failure.ts";
import { retryAfter } from "./retry-after.ts";
import type { Answer, Method } from "./wire.ts";

/** A server's answer that it will not: Resource Manager's, or that of a cluster. */
export class Refusal extends Failure {
  readonly status: number;

  constructor(status: number, ...failure: ConstructorParameters<typeof Failure>) {
    super(...failure);
    this.status = status;
  }
}

/**
 * A write of which no answer says that it was done or refused: the answer was lost, the server was in trouble,
 * or it was throttled. `reconcile/compute-steps.ts` finds out by reading, and sends it again only if it was not.
 */
export class Unsettled extends Failure {
  /** Milliseconds that Azure asked to wait. */
  readonly retryAfter: number | undefined;

  constructor(retryAfter: number | undefined, ...failure: ConstructorParameters<typeof Failure>) {
    super(...failure);
    this.retryAfter = retryAfter;
  }
}

/** What to do about the codes that people meet on these paths (peers 1.6, extension.md 7, testbed 7). */
const remedies: Readonly<Record<string, string>> = {
  AuthorizationFailed:
    "Give the identity that this step signs in with a role that holds the action; a new role takes some minutes to work.",
  LinkedAuthorizationFailed:
    "The identity needs a role on the linked resource too: Contributor on the cluster.",
  InvalidAuthenticationTokenTenant:
    "The identity belongs to another tenant than the subscription: check `tenant-id` and `subscription-id`.",
  SubscriptionNotFound: "Check `subscription-id`, and that the identity has a role in that subscription.",
  ResourceGroupNotFound: "Check `resource-group` and `subscription-id`.",
  AnotherOperationInProgress: "Wait until the other operation has ended, then run the step again.",
  Conflict: "Wait until the other operation has ended, then run the step again.",
  NoRegisteredProviderFound: "This cloud does not know the api-version; see docs/TROUBLESHOOTING.md.",
};

/** The role that holds the actions of a provider, and where it is given. */
const roles: readonly [RegExp, string][] = [
  [/\/Microsoft\.Relay\//i, "`Azure Relay Owner` or Contributor on the resource group of the cluster"],
  [/\/Microsoft\.KubernetesConfiguration\//i, "`Kubernetes Extension Contributor` on the cluster"],
  [
    /\/Microsoft\.ContainerService\//i,
    "`Azure Kubernetes Service Contributor Role` or Contributor on the resource group of the cluster",
  ],
  [/\/Microsoft\.MachineLearningServices\//i, "`AzureML Compute Operator` or Contributor on the workspace"],
];

/** What to do about an error of Azure, where it is known. */
function remedyOf(code: string, url: string): string | undefined {
  const role = roles.find(([provider]) => provider.test(url))?.[1];
  if (code !== "AuthorizationFailed" || !role) return remedies[code];
  return `Give the identity that this step signs in with a role that holds the action: ${role}; a new role takes some minutes to work.`;
}

/** A request as a person reads it: no query, and of the path what comes after the subscription and the group. */
export function callName(method: string, url: string): string {
  const path = URL.canParse(url) ? new URL(url).pathname : url;
  return `${method} ${path.replace(/^.*?\/providers\//i, "…/")}`;
}

/** The failure that an error answer means. */
export function armFailure(method: Method, answer: Answer): Failure {
  const error = errorOf(answer.body);
  const code = error.code ?? `Http${answer.status}`;
  const message = `${oneLine(error.message ?? "Azure gave no reason.")} (${callName(method, answer.url)}: status ${answer.status})`;
  const context = {
    remedy: remedyOf(code, answer.url),
    requestId: answer.requestId,
    details: errorLines(error).slice(1),
  };
  // A server's error to a write says nothing about whether the write was done (arm-contract 8: 504 after a minute).
  const passing = answer.status >= 500 || answer.status === 408 || answer.status === 429;
  return method !== "GET" && passing
    ? new Unsettled(retryAfter(answer.header("retry-after")), code, message, context)
    : new Refusal(answer.status, code, message, context);
}

/** Codes of a server whose certificate is not trusted. */
export const untrusted = /CERT|UNABLE_TO_VERIFY/;

/** The failure of a request that got no usable answer after all its attempts. */
export function lostFailure(method: Method, error: RestError): Failure {
  const code = error.code ?? "NoAnswer";
  const call = error.request ? callName(method, error.request.url) : method;
  const message = `No usable answer to ${call}: ${oneLine(error.message)} (${code}).`;
  const context = {
    cause: error,
    remedy: untrusted.test(code)
      ? "The server's certificate is not trusted. A cluster: check `certificate-authority-data` of the kubeconfig. Behind a proxy that opens TLS: give its authority in NODE_EXTRA_CA_CERTS."
      : "Run the step again; if it goes on, check the runner's network and proxy, and Azure's status page.",
  };
  return method === "GET"
    ? new Failure("NoAnswer", message, context)
    : new Unsettled(undefined, "NoAnswer", message, context);
}

function errorOf(body: unknown): ArmErrorBody {
  if (typeof body === "object" && body !== null) {
    const { error } = body as { error?: ArmErrorBody | string };
    return typeof error === "string" ? { message: error } : (error ?? (body as ArmErrorBody));
  }
  return typeof body === "string" ? { message: "The answer is a page, not one of Azure." } : {};
}
