import type { HttpClient, PipelineRequest, PipelineResponse } from "@azure/core-rest-pipeline";
import { Arm } from "./arm.ts";
import type { Azure } from "./connect.ts";
import { Wire } from "./wire.ts";

/** Characters of an answer above which it is not kept: the pods of a large cluster would fill the memory. */
const keptLimit = 250_000;

/** Reads although they are a POST (arm-contract 2). */
const reading = /\/listClusterUserCredential\?/i;

/**
 * The same ways out for looks at one moment: what several of them read is asked once. Never for a look that is to
 * show what has changed since.
 */
export function sharingReads<Ways extends Pick<Azure, "arm" | "wire">>(azure: Ways): Ways {
  const { arm, wire } = azure;
  const client = sharing(arm.wire.client);
  return {
    ...azure,
    arm: new Arm(arm.endpoint, arm.wire.pipeline, client, arm.signal),
    wire: new Wire(wire.pipeline, client, wire.signal),
  };
}

/** Below the pipeline's retries, so that an answer that asks for another attempt is not kept. */
function sharing(client: HttpClient): HttpClient {
  const answers = new Map<string, Promise<PipelineResponse>>();
  return {
    async sendRequest(request) {
      if (request.method !== "GET" && !reading.test(request.url)) return client.sendRequest(request);
      const key = keyOf(request);
      const known = answers.get(key);
      if (known) return known;
      const answer = client.sendRequest(request);
      answers.set(key, answer);
      try {
        if (!isKept(await answer)) answers.delete(key);
      } catch {
        answers.delete(key);
      }
      return answer;
    },
  };
}

/** Who asks matters as much as what: the same server may show another user less. */
function keyOf({ method, url, headers, tlsSettings }: PipelineRequest): string {
  const who = [
    headers.get("authorization"),
    headers.get("accept"),
    tlsSettings && JSON.stringify(tlsSettings),
  ];
  return [method, url, ...who].join("\n");
}

function isKept({ status, bodyAsText }: PipelineResponse): boolean {
  const isSaid = status < 300 || status === 403 || status === 404;
  return isSaid && (bodyAsText ?? "").length <= keptLimit;
}
