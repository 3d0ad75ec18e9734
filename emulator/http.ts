import type { Json } from "./json.ts";

/** A request as it arrives, whatever carried it here. Header names are lower-cased by `Emulator.handle`. */
export interface EmulatorRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** PEM of the certificate that the client presented; whoever carries the request has seen that it holds the key. */
  clientCertificate?: string | undefined;
}

/** What goes back: a response, or one of the ways in which a connection dies (testbed 6). */
export type Answer =
  | {
      kind: "response";
      status: number;
      headers: Record<string, string>;
      body: string;
      /** What follows the body as it comes: the changes that a watch tells. */
      more?: AsyncIterable<string>;
    }
  /** `code`: how it shows to the client, ECONNRESET where none is given; ENOTFOUND is a host without address. */
  | { kind: "reset"; code?: "ENOTFOUND" }
  | { kind: "hang" }
  | { kind: "truncated"; status: number; headers: Record<string, string>; body: string };

/** What a handler returns; `Emulator` turns it into an `Answer`. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: Json;
  /** A body that is sent as it is, instead of `body`. */
  text?: string;
  /** What follows `text` as it comes. */
  more?: AsyncIterable<string>;
}

export function json(status: number, body: Json, headers: Record<string, string> = {}): Reply {
  return { status, body, headers };
}

export function empty(status: number, headers: Record<string, string> = {}): Reply {
  return { status, headers };
}

/** A request that has been taken apart once. */
export interface Incoming {
  method: string;
  url: URL;
  /** The path as sent, not decoded: signed URLs must come back verbatim. */
  path: string;
  headers: Record<string, string>;
  body: string;
  clientCertificate: string | undefined;
}

export function incoming(request: EmulatorRequest): Incoming {
  const url = new URL(request.url);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
  return {
    method: request.method.toUpperCase(),
    url,
    path: url.pathname,
    headers,
    body: request.body ?? "",
    clientCertificate: request.clientCertificate,
  };
}

/** A path without its percent signs; as it is when they make no sense. */
export function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

export function bearerOf(request: Incoming): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(request.headers["authorization"] ?? "")?.[1];
}
