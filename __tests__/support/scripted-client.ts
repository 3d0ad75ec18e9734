import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from "@azure/core-rest-pipeline";
import { Arm } from "../../src/azure/arm.ts";
import { createPipeline, withToken } from "../../src/azure/pipeline.ts";

/** One answer of a script: a response, or the code of a connection that broke. */
export type Scripted =
  | { status: number; headers?: Record<string, string>; body?: unknown }
  | { broken: string };

/** A network that answers from a function, and keeps what it was asked. */
export function scriptedClient(answer: (request: PipelineRequest, nth: number) => Scripted) {
  const requests: {
    method: string;
    url: string;
    at: number;
    authorization: string | undefined;
    body: unknown;
  }[] = [];
  const client: HttpClient = {
    async sendRequest(request): Promise<PipelineResponse> {
      const authorization = request.headers.get("authorization");
      requests.push({
        method: request.method,
        url: request.url,
        at: Date.now(),
        authorization,
        body: request.body,
      });
      const scripted = answer(request, requests.length);
      if ("broken" in scripted) throw new RestError("broken", { code: scripted.broken, request });
      const headers = createHttpHeaders({ "content-type": "application/json", ...scripted.headers });
      const { body } = scripted;
      const bodyAsText = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
      return { request, status: scripted.status, headers, bodyAsText };
    },
  };
  return { client, requests };
}

/** Where the scripted Resource Manager lives. */
export const endpoint = "https://arm.test";

/** A gateway over a scripted network, with a token that never expires. */
export function scriptedArm(
  answer: (request: PipelineRequest, nth: number) => Scripted,
  signal: AbortSignal = new AbortController().signal,
) {
  const { client, requests } = scriptedClient(answer);
  const log: string[] = [];
  const pipeline = createPipeline({
    client,
    deadline: Date.now() + 24 * 3_600_000,
    userAgent: "test/1",
    correlationId: "00000000-0000-0000-0000-00000000c0de",
    log: (line) => void log.push(line),
    debug: (line) => void log.push(line),
  });
  const tokens = { token: async () => "planted-token", reject: () => undefined };
  const arm = new Arm(endpoint, withToken(pipeline, tokens, endpoint), client, signal);
  return { arm, requests, log };
}
