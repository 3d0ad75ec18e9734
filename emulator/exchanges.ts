/** Who was spoken to. `metadata` is ARM's own `/metadata/endpoints`, which no OpenAPI file describes. */
export type ExchangeHost =
  | "arm"
  | "metadata"
  | "entra"
  | "github"
  | "devops"
  | "msi"
  | "foreign"
  /** The API server of a cluster. */
  | "kubernetes";

/** One request and its answer, in the form that `validate-arm.mjs` reads. */
export interface Exchange {
  host: ExchangeHost;
  method: string;
  url: string;
  /** `authorization` is recorded as `Bearer ***`. */
  requestHeaders: Record<string, string>;
  requestBody: string;
  /** 0 when the connection was reset or left hanging. */
  status: number;
  responseHeaders: Record<string, string>;
  responseBody: string;
  /** A deliberately broken answer: the referee then checks the request alone. */
  fault?: true;
  /** performance.now() */
  startedAt: number;
  endedAt: number;
}

/** The ARM exchanges as JSON Lines. Signatures of status URLs are masked: they are secrets (arm-contract 1.7). */
export function toJsonLines(exchanges: readonly Exchange[]): string {
  return exchanges
    .filter((exchange) => exchange.host === "arm")
    .map((exchange) => ({ ...exchange, requestBody: withoutKeys(exchange.requestBody) }))
    .map((exchange) => `${maskSignatures(JSON.stringify(exchange))}\n`)
    .join("");
}

/** arm-contract 1.5: `sslConfiguration.key` is a secret. */
function withoutKeys(body: string): string {
  return body.replace(/("key"\s*:\s*")(?:[^"\\]|\\.)+/g, "$1***");
}

export function maskSignatures(text: string): string {
  return text.replace(/([?&](?:c|s|h)=)[A-Za-z0-9_%.~-]+/g, "$1***");
}
