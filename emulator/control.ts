import { toJsonLines } from "./exchanges.ts";
import type { Fault } from "./faults.ts";
import type { Incoming, Reply } from "./http.ts";
import { empty, json } from "./http.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import type { Knobs } from "./knobs.ts";
import type { World } from "./world.ts";

/**
 * The control API for drivers in other processes, under `/_emulator/`. It is no part of Azure and is not recorded.
 *
 *   GET    /_emulator/clock                     {"now": "..."}
 *   POST   /_emulator/clock    {"advanceMs": n}
 *   GET    /_emulator/knobs
 *   PATCH  /_emulator/knobs    {some of them}
 *   GET, POST (one or a list), DELETE /_emulator/faults
 *   GET, DELETE /_emulator/exchanges            JSON Lines; `?host=all` for those of every host
 *   GET    /_emulator/violations
 *   GET    /_emulator/secrets                   for secret scanners
 *   POST   /_emulator/grants   {"clientId", "actions", "notActions", "scope", "revoke": true}
 */
export function control(world: World, request: Incoming): Reply | undefined {
  const topic = /^\/_emulator\/([a-z]+)$/.exec(request.path)?.[1];
  if (topic === undefined) return undefined;
  const route = CONTROLS[`${request.method} ${topic}`];
  if (!route) return json(404, { error: { code: "EmulatorUnknownRoute", message: `No control ${topic}.` } });
  try {
    const body: unknown = request.body === "" ? {} : JSON.parse(request.body);
    return route(world, body as Json, request);
  } catch (error) {
    return json(400, { error: { code: "EmulatorBadControl", message: String(error) } });
  }
}

const CONTROLS: Record<string, (world: World, body: Json, request: Incoming) => Reply> = {
  "GET clock": (world) => json(200, { now: world.clock.zulu() }),
  "POST clock": (world, body) => {
    world.clock.advance(Number(isObject(body) ? body["advanceMs"] : 0) || 0);
    return json(200, { now: world.clock.zulu() });
  },
  "GET knobs": (world) => json(200, plain(world.knobs)),
  "PATCH knobs": (world, body) => {
    turnKnobs(world.knobs, isObject(body) ? body : {});
    return json(200, plain(world.knobs));
  },
  "GET faults": (world) => json(200, plain(world.faults)),
  "POST faults": (world, body) => {
    world.faults.push(...((Array.isArray(body) ? body : [body]) as unknown as Fault[]));
    return empty(204);
  },
  "DELETE faults": (world) => {
    world.faults.length = 0;
    return empty(204);
  },
  "GET exchanges": (world, _body, request) => ({
    status: 200,
    headers: { "content-type": "application/jsonl; charset=utf-8" },
    text:
      request.url.searchParams.get("host") === "all"
        ? world.exchanges.map((one) => `${JSON.stringify(one)}\n`).join("")
        : toJsonLines(world.exchanges),
  }),
  "DELETE exchanges": (world) => {
    world.exchanges.length = 0;
    return empty(204);
  },
  "GET violations": (world) => json(200, world.violations),
  "GET secrets": (world) => json(200, [...world.secrets]),
  "POST grants": (world, body) => changeGrants(world, isObject(body) ? body : {}),
};

/** Knobs are changed by name; unknown names are refused. `null` clears one. */
export function turnKnobs(knobs: Knobs, changes: JsonObject): void {
  const known = new Set(Object.keys(knobs));
  for (const [name, value] of Object.entries(changes)) {
    if (!known.has(name)) throw new Error(`there is no knob '${name}'`);
    Object.assign(knobs, { [name]: value === null ? undefined : value });
  }
}

function changeGrants(world: World, body: JsonObject): Reply {
  const texts = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  const clientId = String(body["clientId"] ?? world.application.clientId);
  if (body["revoke"] === true) world.revoke(clientId);
  const actions = texts(body["actions"]);
  if (actions.length > 0)
    world.grant(clientId, actions, texts(body["notActions"]), String(body["scope"] ?? "/"));
  return empty(204);
}

function plain(value: unknown): Json {
  return JSON.parse(
    JSON.stringify(value, (_key, one: unknown) => (one instanceof RegExp ? one.source : one)),
  ) as Json;
}
