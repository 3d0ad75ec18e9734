import { createPrivateKey, X509Certificate } from "node:crypto";
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from "@azure/core-rest-pipeline";
import type { Answer, Emulator } from "../../emulator/index.ts";

/**
 * An HttpClient of the Azure SDK that talks to an emulator in the same process, without sockets. It keeps the promises
 * of the real one: `abortSignal` and `timeout` end a wait, a dead connection is a RestError with a `code`.
 */
export function inProcessClient(emulator: Emulator): HttpClient {
  return {
    async sendRequest(request) {
      if (request.abortSignal?.aborted) throw aborted();
      await shakeHands(request, emulator);
      const answer = await interruptible(request, emulator.handle(await asEmulated(request)));
      if (answer.kind === "reset" && answer.code === "ENOTFOUND")
        throw broken(request, "ENOTFOUND", `getaddrinfo ENOTFOUND ${new URL(request.url).hostname}`);
      if (answer.kind === "reset") throw broken(request, "ECONNRESET", "socket hang up");
      // Measured on the real client: a body that breaks off is a PARSE_ERROR, which no default policy retries.
      if (answer.kind === "truncated")
        throw broken(request, RestError.PARSE_ERROR, "Error reading response as text: aborted");
      if (answer.kind === "hang") return interruptible(request, new Promise<never>(() => {}));
      const response = asResponse(request, answer);
      return answer.more ? interruptible(request, whole(response, answer.more)) : response;
    },
  };
}

/** A stream is read to its end, or until the caller hangs up: there is no socket to read it from bit by bit. */
async function whole(response: PipelineResponse, more: AsyncIterable<string>): Promise<PipelineResponse> {
  let bodyAsText = response.bodyAsText ?? "";
  const chunks = more[Symbol.asyncIterator]();
  response.request.abortSignal?.addEventListener("abort", () => chunks.return?.());
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) bodyAsText += next.value;
  return { ...response, bodyAsText };
}

/**
 * What TLS would check: a cluster's API server is vouched for by the cluster's authority and nobody else, and a client
 * certificate needs its key. Host names of Azure are trusted as they are.
 */
async function shakeHands(request: PipelineRequest, emulator: Emulator): Promise<void> {
  const authority = await emulator.authorityOf(request.url);
  const { ca, cert, key } = request.tlsSettings ?? {};
  const trusted = [ca ?? []].flat().map((one) => String(one).trim());
  if (authority !== undefined && !trusted.some((one) => one.includes(authority.trim())))
    throw broken(request, "SELF_SIGNED_CERT_IN_CHAIN", "self-signed certificate in certificate chain");
  if (cert !== undefined && !isPair(String(cert), String(key)))
    throw broken(request, "ERR_OSSL_X509_KEY_VALUES_MISMATCH", "key values mismatch");
}

/** What was found of pairs before: the same one comes with every request. */
const pairs = new Map<string, boolean>();

function isPair(certificate: string, key: string): boolean {
  const both = `${certificate}${key}`;
  const before = pairs.get(both);
  if (before !== undefined) return before;
  const found = fits(certificate, key);
  pairs.set(both, found);
  return found;
}

function fits(certificate: string, key: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

async function asEmulated(request: PipelineRequest) {
  const headers = request.headers.toJSON();
  const url = request.url;
  const body = await bodyText(request);
  const certificate = request.tlsSettings?.cert;
  const clientCertificate = certificate === undefined ? {} : { clientCertificate: String(certificate) };
  return {
    method: request.method,
    url,
    headers,
    ...clientCertificate,
    ...(body === undefined ? {} : { body }),
  };
}

async function bodyText({ body }: PipelineRequest): Promise<string | undefined> {
  if (body === undefined || body === null) return undefined;
  if (typeof body === "string") return body;
  if (body instanceof Blob) return body.text();
  if (body instanceof ArrayBuffer) return Buffer.from(body).toString("utf8");
  if (ArrayBuffer.isView(body))
    return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");
  throw new Error("the in-process client takes no streams");
}

function asResponse(
  request: PipelineRequest,
  answer: Extract<Answer, { kind: "response" }>,
): PipelineResponse {
  return {
    request,
    status: answer.status,
    headers: createHttpHeaders(answer.headers),
    bodyAsText: answer.body,
  };
}

/** Ends a wait as the real client would: by the caller's signal, or by the request's own timeout. */
function interruptible<T>(request: PipelineRequest, work: Promise<T>): Promise<T> {
  const { abortSignal, timeout } = request;
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(aborted());
    const timer = timeout > 0 ? setTimeout(() => reject(aborted()), timeout) : undefined;
    abortSignal?.addEventListener("abort", onAbort);
    const finish = () => {
      clearTimeout(timer);
      abortSignal?.removeEventListener("abort", onAbort);
    };
    work.then(resolve, reject).finally(finish);
    // A wait that was interrupted must not keep its timer.
    abortSignal?.addEventListener("abort", finish);
  });
}

function aborted(): Error {
  return Object.assign(new Error("The operation was aborted."), { name: "AbortError" });
}

function broken(request: PipelineRequest, code: string, message: string): RestError {
  return new RestError(message, { code, request });
}
