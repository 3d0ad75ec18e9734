import type { Incoming, Reply } from "../http.ts";
import { bearerOf, empty, json } from "../http.ts";
import type { World } from "../world.ts";
import { assertion } from "./assertion.ts";

/** Audience of a token that was asked for without one: GitHub's documentation names the owner's URL. */
const DEFAULT_AUDIENCE = "https://github.com/contoso";

/** GitHub's OIDC token endpoint, as `ACTIONS_ID_TOKEN_REQUEST_URL` names it (testbed 1 and 9). */
export function githubOidc(world: World, request: Incoming): Reply {
  if (request.method !== "GET") return empty(405);
  if (bearerOf(request) !== world.github.requestToken) {
    return json(401, {
      message: "The request token is missing or wrong.",
      typeKey: "UnauthorizedRequestException",
    });
  }
  const audience = request.url.searchParams.get("audience") ?? DEFAULT_AUDIENCE;
  return json(200, { count: 1, value: githubAssertion(world, audience) });
}

/** An assertion of the emulated workflow run; it counts as a secret. */
export function githubAssertion(world: World, audience: string): string {
  return assertion(world, world.github, audience);
}
