import { createHash, randomUUID } from "node:crypto";

export function uuid(): string {
  return randomUUID();
}

/** The same uuid for the same text, so that seeds are stable from run to run. */
export function uuidFrom(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** ARM ids are compared without case (arm-contract 8: names in URLs are case-insensitive). */
export function sameId(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && keyOf(a) === keyOf(b);
}

export function keyOf(id: string): string {
  let end = id.length;
  while (end > 0 && id[end - 1] === "/") end -= 1;
  return id.slice(0, end).toLowerCase();
}

export interface ResourceIdParts {
  subscriptionId: string;
  resourceGroup: string;
  /** `Microsoft.X/type[/child]`, as spelled. */
  type: string;
  name: string;
}

/** Takes a resource id apart; undefined for what is none. */
export function parseResourceId(id: string): ResourceIdParts | undefined {
  const match = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/(.+)$/i.exec(
    id.replace(/\/+$/, ""),
  );
  if (!match?.[1] || !match[2] || !match[3]) return undefined;
  const tail = match[3].split(/\/providers\//i).at(-1) ?? "";
  const [namespace, ...rest] = tail.split("/");
  const name = rest.at(-1);
  if (!namespace || !name || rest.length % 2 !== 0) return undefined;
  const types = rest.filter((_, index) => index % 2 === 0);
  return { subscriptionId: match[1], resourceGroup: match[2], type: [namespace, ...types].join("/"), name };
}
