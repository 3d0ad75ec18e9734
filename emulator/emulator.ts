import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { expiredToken } from "./arm/authentication.ts";
import { resourceManager } from "./arm/door.ts";
import { commonHeaders, Throttle } from "./arm/headers.ts";
import { control } from "./control.ts";
import { ArmError } from "./errors.ts";
import type { Exchange, ExchangeHost } from "./exchanges.ts";
import { type Fault, FaultCounter } from "./faults.ts";
import { githubApi, isGithubApi } from "./github-checks.ts";
import {
  type Answer,
  bearerOf,
  type EmulatorRequest,
  type Incoming,
  incoming,
  json,
  type Reply,
} from "./http.ts";
import { azureDevOpsOidc } from "./identity/azure-devops.ts";
import { entra, managedIdentity } from "./identity/entra.ts";
import { githubOidc } from "./identity/github.ts";
import { isObject } from "./json.ts";
import { kubernetesApi } from "./kubernetes/api.ts";
import type { Reached } from "./kubernetes/clusters.ts";
import { withoutSecrets } from "./kubernetes/recording.ts";
import { KubernetesError, unauthorized } from "./kubernetes/status.ts";
import { cloudMetadata } from "./metadata.ts";
import type { World } from "./world.ts";

const JSON_TYPE = "application/json; charset=utf-8";

/** Azure in one process: a pure core without sockets. Everything that happens to it is a request and an answer. */
export class Emulator {
  readonly world: World;
  /** Where it is reached. `serve` sets it to the port it got. */
  origin = "https://azure.emulator.test";
  /** A host that belongs to somebody else: extension operations point there, no token may follow (testbed 7). */
  foreignOrigin = "https://eastus.rp.kubernetesconfiguration.emulator.test";
  readonly #faults = new FaultCounter();
  readonly #throttle = new Throttle();

  constructor(world: World) {
    this.world = world;
  }

  async handle(request: EmulatorRequest): Promise<Answer> {
    const startedAt = performance.now();
    const call = incoming(request);
    const controlled = call.url.origin === this.origin ? control(this.world, call) : undefined;
    if (controlled) return this.#response(controlled, {});
    if (this.world.knobs.latencyMs > 0) await delay(this.world.knobs.latencyMs);
    this.#watch(call);
    // Certificates are promised, what follows is prompt: so they are made before anything is answered.
    await this.world.clusters.prepare(this.world.clusters.concerned(call.method, call.url));
    const reached = this.world.clusters.at(call.url);
    const host = reached ? "kubernetes" : this.#hostOf(call);
    const fault = this.#faults.next(this.world.faults, call);
    const answer = reached ? this.#reached(reached, call, fault) : this.#answer(host, call, fault);
    this.world.exchanges.push(record(this.world, host, call, answer, fault !== undefined, startedAt));
    return answer;
  }

  /** The authority that vouches for a URL's host where that is not the emulator's own: every API server has another. */
  async authorityOf(url: string): Promise<string | undefined> {
    await this.world.clusters.prepare(this.world.clusters.concerned("GET", new URL(url)));
    const reached = this.world.clusters.at(new URL(url));
    return reached?.kind === "cluster" ? this.world.clusters.authority : undefined;
  }

  /** A cluster's API, or what keeps one from it. */
  #reached(reached: Reached, call: Incoming, fault: Fault | undefined): Answer {
    if (reached.kind === "unresolved") return { kind: "reset", code: "ENOTFOUND" };
    if (reached.kind === "blocked") return { kind: reached.how };
    const { clusterId, path } = reached;
    const cluster = this.world.kubernetes(clusterId);
    const happened = () => this.#response(kubernetesApi(this.world, cluster, path, call), {});
    if (!fault) return happened();
    const refusal = kubernetesFault(fault);
    const before = fault.phase === "after" ? happened() : undefined;
    return refusal ? this.#response(refusal, {}) : this.#broken(fault, before, {});
  }

  /** peers 1.1: `Delete` destroys the cluster. Even the attempt is a violation, whatever becomes of it. */
  #watch({ method, url }: Incoming): void {
    const action = url.searchParams.get("underlyingResourceAction");
    if (method === "DELETE" && action?.toLowerCase() === "delete") {
      this.world.violations.push(`underlyingResourceAction=Delete on ${url.pathname}`);
    }
  }

  #answer(host: ExchangeHost, call: Incoming, fault: Fault | undefined): Answer {
    const common = host === "arm" ? commonHeaders(this.world, call) : {};
    if (!fault) return this.#true(host, call, common);
    const happened = fault.phase === "after" ? this.#true(host, call, common) : undefined;
    return this.#broken(fault, happened, common);
  }

  /** What really happens. */
  #true(host: ExchangeHost, call: Incoming, common: Record<string, string>): Answer {
    const limits: Record<string, string> = {};
    try {
      if (host === "arm") Object.assign(limits, this.#throttle.take(this.world, call));
      return this.#response(this.#reply(host, call), { ...common, ...limits });
    } catch (error) {
      if (!(error instanceof ArmError)) throw error;
      const reply = this.#leaky(error.reply(), call);
      return this.#response(call.method === "HEAD" ? { ...reply, text: "" } : reply, {
        ...common,
        ...limits,
      });
    }
  }

  #reply(host: ExchangeHost, request: Incoming): Reply {
    const { world, origin, foreignOrigin } = this;
    if (host === "foreign") return this.#foreign(request);
    if (host === "github") {
      return isGithubApi(request) ? githubApi(world, request) : githubOidc(world, request);
    }
    if (host === "devops") return azureDevOpsOidc(world, request);
    if (host === "msi") return managedIdentity(world, request);
    if (host === "metadata") return cloudMetadata(origin, request);
    const signedIn = host === "entra" ? entra(world, origin, request) : undefined;
    return signedIn ?? resourceManager({ world, origin, foreignOrigin, request });
  }

  #hostOf({ url }: Incoming): ExchangeHost {
    if (url.origin !== this.origin) return "foreign";
    if (url.pathname.startsWith("/_github/")) return "github";
    if (url.pathname.startsWith("/_devops/")) return "devops";
    if (url.pathname.startsWith("/_msi/")) return "msi";
    if (url.pathname.startsWith("/metadata/")) return "metadata";
    return /^\/(subscriptions|providers|tenants)(\/|$)/i.test(url.pathname) ? "arm" : "entra";
  }

  /** testbed 7: the host of a foreign `Location` must never see a token. What it answers is a guess. */
  #foreign(request: Incoming): Reply {
    if (request.headers["authorization"] !== undefined) {
      this.world.violations.push(`Authorization sent to ${request.url.origin}${request.path}`);
    }
    return json(401, {
      error: { code: "Unauthorized", message: "This host takes no requests from outside." },
    });
  }

  /** Knob echoToken: a message that repeats the caller's token. */
  #leaky(reply: Reply, request: Incoming): Reply {
    const token = this.world.knobs.echoToken ? bearerOf(request) : undefined;
    const error = isObject(reply.body) ? reply.body["error"] : undefined;
    if (token && isObject(error))
      error["message"] = `${String(error["message"])} The request carried ${token}`;
    return reply;
  }

  #broken(fault: Fault, happened: Answer | undefined, common: Record<string, string>): Answer {
    const { kind } = fault;
    if (kind === "kill") this.world.killClient();
    if (kind === "kill" || kind === "hang") return { kind: "hang" };
    if (kind === "reset") return { kind };
    const headers: Record<string, string> = { ...common, ...fault.headers };
    if (fault.retryAfter !== undefined) headers["retry-after"] = String(fault.retryAfter);
    if (kind === "truncated") {
      const whole = happened?.kind === "response" ? happened.body : '{"value":[{"id":"/subscriptions/"}]}';
      const status = happened?.kind === "response" ? happened.status : (fault.status ?? 200);
      const body = whole.slice(0, Math.floor(whole.length / 2));
      const cut = { status, headers: { ...headers, "content-type": JSON_TYPE }, body };
      return fault.clean ? { kind: "response", ...cut } : { kind, ...cut };
    }
    if (kind === "expired-token") {
      const { origin, world } = this;
      const reply = expiredToken(world, origin, world.clock.now() - 60_000).reply();
      return this.#response(reply, headers);
    }
    return this.#response(brokenReply(fault), headers);
  }

  #response(reply: Reply, common: Record<string, string>): Answer {
    const text = reply.text ?? (reply.body === undefined ? "" : JSON.stringify(reply.body));
    const type: Record<string, string> = text === "" ? {} : { "content-type": JSON_TYPE };
    const headers = { ...type, ...common, ...reply.headers };
    const more = reply.more ? { more: reply.more } : {};
    return { kind: "response", status: reply.status, headers, body: text, ...more };
  }
}

/** A fault with a status, as an API server words it; the others look the same everywhere. */
function kubernetesFault(fault: Fault): Reply | undefined {
  if (fault.kind === "expired-token") return unauthorized().reply();
  if (fault.kind !== "status") return undefined;
  const status = fault.status ?? 500;
  const code = fault.code ?? (status === 429 ? "TooManyRequests" : "InternalError");
  const message = fault.message ?? `A fault of the emulator: ${status} ${code}.`;
  const after = fault.retryAfter ?? (status === 429 ? 1 : undefined);
  const headers = { ...fault.headers, ...(after !== undefined && { "retry-after": String(after) }) };
  return { ...new KubernetesError(status, code, message).reply(), headers };
}

function brokenReply(fault: Fault): Reply {
  if (fault.kind === "html") {
    const text =
      "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
    return { status: fault.status ?? 502, headers: { "content-type": "text/html" }, text };
  }
  if (fault.kind === "not-json") return { status: fault.status ?? 200, text: "this is not JSON" };
  const status = fault.status ?? 500;
  const code = fault.code ?? (status === 429 ? "TooManyRequests" : "InternalServerError");
  const headers = status === 429 && fault.retryAfter === undefined ? { "retry-after": "1" } : {};
  return json(
    status,
    { error: { code, message: fault.message ?? `A fault of the emulator: ${status} ${code}.` } },
    headers,
  );
}

/** testbed 9: every exchange is recorded. Credentials are blanked, signed URLs are kept (they are the protocol). */
function record(
  world: World,
  host: ExchangeHost,
  call: Incoming,
  answer: Answer,
  fault: boolean,
  startedAt: number,
): Exchange {
  const silent = answer.kind === "reset" || answer.kind === "hang";
  const requestHeaders = { ...call.headers };
  if (requestHeaders["authorization"]) requestHeaders["authorization"] = "Bearer ***";
  if (requestHeaders["x-identity-header"]) requestHeaders["x-identity-header"] = "***";
  const hide = (text: string) => (world.knobs.recordBodies ? hidden(world, host, call, text) : "");
  return {
    host,
    method: call.method,
    url: call.url.href,
    requestHeaders,
    requestBody: hide(call.body),
    status: silent ? 0 : answer.status,
    responseHeaders: silent ? {} : answer.headers,
    responseBody: silent ? "" : hide(answer.body),
    ...(fault ? { fault: true as const } : {}),
    startedAt,
    endedAt: performance.now(),
  };
}

function hidden(world: World, host: ExchangeHost, { path }: Incoming, text: string): string {
  if (host === "kubernetes") return withoutSecrets(text, world.secrets, path);
  if (host === "arm" && /\/(listClusterUserCredential|runCommand)$/i.test(path))
    return withoutCredentials(text);
  if (host === "arm" && /\/(commandResults\/[^/]+|authorizationRules\/[^/]+\/listKeys)$/i.test(path))
    return withoutSecrets(text, world.secrets, path);
  if (host === "arm" || host === "foreign") return text;
  return text
    .replace(/((?:client_secret|client_assertion)=)[^&]+/g, "$1***")
    .replace(/("(?:access_token|oidcToken|value)":")[^"]+/g, "$1***");
}

/** The kubeconfig stays what the official file says it is: base64. */
function withoutCredentials(text: string): string {
  const blank = Buffer.from("***").toString("base64");
  return text.replace(/("value":")[^"]+/g, `$1${blank}`).replace(/("clusterToken":")[^"]+/g, "$1***");
}
