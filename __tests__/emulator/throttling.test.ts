import { describe, expect, test } from "@jest/globals";
import { World } from "../../emulator/index.ts";
import { API, type Talk, talk } from "./talk.ts";

/** A world with two subscriptions and small buckets. */
function throttled(): Talk & { ids: { both: string[] } } {
  const one = talk(World.fleet({ subscriptions: 2, clusters: 2 }));
  one.world.knobs.throttling = true;
  one.world.knobs.tokenBuckets.reads = { size: 3, refill: 2 };
  const both = [...one.world.subscriptions.keys()].map((id) => `/subscriptions/${id}`);
  return { ...one, ids: { ...one.ids, both } };
}
const read = async (one: Talk, path = "", headers: Record<string, string> = {}) => {
  const said = await one.arm("GET", path, { api: API.subscriptions, headers });
  return `${said.status} ${said.headers["x-ms-ratelimit-remaining-subscription-reads"]}`;
};

describe("ARM's token buckets (arm-contract 8)", () => {
  test("are one for each subscription, and fill up again", async () => {
    const one = throttled();
    const [first, second] = one.ids.both;
    const seen = [await read(one, first), await read(one, first), await read(one, first)];
    expect(seen).toEqual(["200 2", "200 1", "200 0"]);
    expect(await read(one, first)).toBe("429 0");
    expect(await read(one, second)).toBe("200 2");
    one.world.clock.advance(1_000);
    expect(await read(one, first)).toBe("200 1");
  });

  test("are one for each principal, with a limit for all together", async () => {
    const one = throttled();
    const [first] = one.ids.both;
    for (let count = 0; count < 3; count++) await read(one, first);
    // Another principal than the one whose bucket is empty gets past it, and is refused for another reason.
    expect(await read(one, first, { authorization: "Bearer nonsense" })).toBe("401 2");
    const said = await one.arm("GET", first ?? "", { api: API.subscriptions });
    expect(said.headers["x-ms-ratelimit-remaining-subscription-global-reads"]).toBe("0");
    expect(said.headers["retry-after"]).toBe("1");
  });

  test("count reads and writes apart", async () => {
    const one = throttled();
    const [first = ""] = one.ids.both;
    for (let count = 0; count < 3; count++) await read(one, first);
    const posted = await one.arm("POST", `${first}/providers/Microsoft.Relay/register`, {
      api: API.resources,
    });
    expect(posted.status).toBe(200);
    expect(posted.headers["x-ms-ratelimit-remaining-subscription-writes"]).toBe("199");
  });
});
