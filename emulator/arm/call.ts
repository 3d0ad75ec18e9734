import type { Incoming, Reply } from "../http.ts";
import type { Application } from "../identity/directory.ts";
import type { JsonObject } from "../json.ts";
import type { World } from "../world.ts";

/** A request that has passed the door: authenticated, authorised, with parameters and body checked. */
export interface Call {
  world: World;
  /** Where ARM is reached; absolute links start with it. */
  origin: string;
  /** Where no token may ever be sent. */
  foreignOrigin: string;
  request: Incoming;
  params: Record<string, string>;
  apiVersion: string;
  principal: Application;
  body: JsonObject;
}

export type Handler = (call: Call) => Reply;

/** The value of a path parameter; the route table guarantees that it is there. */
export function param(call: Call, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`the route has no {${name}}`);
  return value;
}
