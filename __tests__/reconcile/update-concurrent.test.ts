import { describe, expect, test } from "@jest/globals";
import { cleanRun, crashScene, mortal, start } from "../support/crash.ts";
import type { SituationName } from "../support/crash-situations.ts";
import { virtually } from "../support/virtual-time.ts";

const updates: SituationName[] = ["legacy update", "upgrade with re-attach"];

/** Two runs at the same time on one compute, each a process of its own. */
async function both(name: SituationName, inputs: Record<string, string> = {}, skew = 0) {
  const scene = crashScene(name);
  // How far the clock of the API server is ahead of the runners'.
  scene.world.clock.advance(skew);
  const hosts = [scene.hostFor(inputs), scene.hostFor(inputs)];
  const exits = await virtually(() =>
    Promise.all(hosts.map((host) => start(name, host, mortal(scene.wire)))),
  );
  return { scene, hosts, exits, detaches: detachesIn(scene) };
}

function detachesIn({ world }: ReturnType<typeof crashScene>): number {
  return world.exchanges.filter(
    ({ method, url, status }) => method === "DELETE" && /\/computes\/gpu\?/.test(url) && status === 202,
  ).length;
}

describe.each(updates)("two runs of one %s at the same time (issue 5)", (name) => {
  test("one works while the other waits, and both leave everything right", async () => {
    const { end } = await cleanRun(name);
    const { scene, hosts, exits } = await both(name);
    expect(exits).toEqual([0, 0]);
    expect(scene.end()).toEqual(end);
    const waited = hosts.filter(({ said }) =>
      said.log.some((line) => /holds the lease .* Waiting/.test(line)),
    );
    expect(waited).toHaveLength(1);
    expect(scene.world.violations).toEqual([]);
  });

  test("`if-locked: fail`: one works, the other leaves cleanly and names the holder", async () => {
    const { end } = await cleanRun(name);
    const { scene, hosts, exits, detaches } = await both(name, { "if-locked": "fail" });
    expect([...exits].sort()).toEqual([0, 1]);
    expect(detaches).toBe(1);
    expect(scene.end()).toEqual(end);
    const [left] = hosts.filter((_, index) => exits[index] === 1);
    expect(left?.said.outputs["error-code"]).toBe("LeaseHeld");
    expect(left?.said.errors[0]?.message).toMatch(/Run [0-9a-f-]{36}.* holds the lease .*until /);
  });

  test.each([-1, 1])("a clock of the API server that is %s hours ahead changes nothing", async (hours) => {
    const { scene, exits, detaches } = await both(name, {}, hours * 3_600_000);
    expect(exits).toEqual([0, 0]);
    expect(detaches).toBe(name === "legacy update" ? 2 : detaches);
    expect(scene.end()).toMatchObject({ journals: [], leases: [], tags: {} });
  });

  test("a holder that has died is followed once its time is over, not before", async () => {
    const { sent, end } = await cleanRun(name);
    const scene = crashScene(name);
    const nth = sent.findIndex((line) => line.startsWith("DELETE") && line.endsWith("/computes/gpu")) + 1;
    await scene.perform({ nth, after: true });
    const refused = await scene.perform(undefined, { "if-locked": "fail" });
    expect(refused.report?.error).toMatchObject({ code: "LeaseHeld" });
    const next = await scene.perform();
    expect(next.exit).toBe(0);
    expect(next.host.said.log.join("\n")).toContain("holds the lease of the cluster");
    const looks = next.sent.filter((line) => /^GET .*\/leases\//.test(line)).length;
    // Every five seconds for a minute.
    expect(looks).toBeGreaterThan(10);
    expect(scene.end()).toEqual(end);
  });
});

describe("a run that was taken for dead and wakes up", () => {
  test("is kept out: the other one finishes, and it stops before it detaches anything", async () => {
    const name = "legacy update";
    const { end } = await cleanRun(name);
    const scene = crashScene(name);
    const sleeper = sleeping(scene);
    const host = scene.hostFor({});
    const { first, second } = await virtually(async () => {
      const slow = start(name, host, sleeper.client);
      await sleeper.asleep;
      // The lease is renewed by a timer, which sleeps as well: nothing of the run is heard.
      const second = await start(name, scene.hostFor({}), mortal(scene.wire));
      sleeper.wake();
      return { first: await slow, second };
    });
    expect([first, second]).toEqual([1, 0]);
    expect(["LeaseLost", "JournalTaken"]).toContain(host.said.outputs["error-code"]);
    expect(detachesIn(scene)).toBe(1);
    expect(scene.end()).toEqual(end);
  });
});

/**
 * A client that falls asleep as the run is about to enter the phase in which it detaches, with all that it sends, until
 * it is woken.
 */
function sleeping({ wire }: ReturnType<typeof crashScene>) {
  const asleep = signal();
  const woken = signal();
  let isAsleep = false;
  return {
    asleep: asleep.given,
    wake: woken.give,
    client: {
      async sendRequest(request: Parameters<typeof wire.sendRequest>[0]) {
        if (request.method === "PUT" && /\/secrets\/azureml-clusters/.test(request.url)) {
          isAsleep = true;
          asleep.give();
        }
        if (isAsleep) await woken.given;
        return wire.sendRequest(request);
      },
    },
  };
}

function signal() {
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give: () => give() };
}
