import { expect, test } from "@jest/globals";
import { play, requests } from "../support/play.ts";

test("lost connections, throttling and cut answers on the wire are survived, without a second create", () =>
  play("broken-wire", async ({ world, attach, detach }) => {
    const put = { method: "PUT", url: /computes/ };
    world.faults.push(
      { match: { url: /oauth2/ }, kind: "reset" },
      { match: { url: /workspaces\/ws1\?/ }, kind: "status", status: 429, retryAfter: 1 },
      { match: { url: /managedClusters\/aks1\?/ }, kind: "truncated" },
      { match: { url: /permissions/ }, kind: "html" },
      { match: put, kind: "reset", phase: "after" },
      { match: { method: "DELETE" }, kind: "status", status: 503, phase: "after" },
    );
    const attached = await attach();
    expect(attached.outputs).toMatchObject({ changed: "true", state: "Succeeded" });
    const detached = await detach();
    expect(detached.outputs).toMatchObject({ changed: "true", state: "Absent" });
    const writes = requests(world).filter((line) => /^arm (PUT|DELETE)/.test(line));
    expect(writes).toMatchSnapshot();
  }));
