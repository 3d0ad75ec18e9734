import { describe, expect, test } from "@jest/globals";
import { Refusal } from "../../src/azure/errors.ts";
import type { Answer } from "../../src/azure/wire.ts";
import type { ClusterCall, ClusterWrites } from "../../src/kubernetes/cluster-api.ts";
import type { Failure } from "../../src/model/failure.ts";
import { type Claim, isLeaseLeft, takeLease } from "../../src/reconcile/lease.ts";
import { virtually } from "../support/virtual-time.ts";

interface Lease {
  readonly metadata: { readonly resourceVersion?: string };
  readonly spec: { readonly holderIdentity: string; readonly renewTime: string };
}

/** An API server that holds one lease, with a clock of its own. */
class Server implements ClusterWrites {
  lease: Lease | undefined;
  /** Milliseconds that its clock is ahead of the runners'; no clock at all without. */
  ahead: number | undefined = 0;
  readonly methods: string[] = [];
  #version = 0;

  until(): ClusterWrites {
    return this;
  }

  async send({ method, body }: ClusterCall): Promise<Answer> {
    this.methods.push(method);
    const version = this.lease?.metadata.resourceVersion;
    if (method === "GET" && !this.lease) throw refused(404);
    if (method === "POST" && this.lease) throw refused(409);
    if (method === "PUT" && (body as Lease).metadata.resourceVersion !== version) throw refused(409);
    if (method === "DELETE") this.lease = undefined;
    if (method === "POST" || method === "PUT") this.hold(body as Lease);
    const date = this.ahead === undefined ? undefined : new Date(Date.now() + this.ahead).toUTCString();
    return {
      status: 200,
      url: "https://cluster.test",
      body: this.lease,
      requestId: undefined,
      header: (name) => (name === "date" ? date : undefined),
    };
  }

  hold(lease: Lease): void {
    this.lease = { ...lease, metadata: { ...lease.metadata, resourceVersion: `${++this.#version}` } };
  }

  /** Another run takes it, or had it all along; renewed that many milliseconds from now, by the server's clock. */
  holdBy(holderIdentity: string, renewedIn = 0): void {
    const renewTime = new Date(Date.now() + (this.ahead ?? 0) + renewedIn).toISOString();
    this.hold({ metadata: {}, spec: { holderIdentity, renewTime } });
  }
}

function refused(status: number): Refusal {
  return new Refusal(status, "Kubernetes", `status ${status}`);
}

function claimOf(more: Partial<Claim> = {}) {
  const stopped: Failure[] = [];
  const claim: Claim = {
    run: "me",
    job: "ours",
    annotations: {},
    ifLocked: "wait",
    signal: new AbortController().signal,
    log: () => undefined,
    stop: (why) => stopped.push(why),
    ...more,
  };
  return { claim, stopped };
}

const passing = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const minute = 60_000;

describe("the lease of a cluster (issue 5: one run at a time)", () => {
  test("is taken, renewed as long as the run lives, and let go of", () =>
    virtually(async () => {
      const server = new Server();
      const held = await takeLease(server, claimOf().claim);
      const first = server.lease?.spec.renewTime ?? "";
      await passing(5 * minute);
      const last = server.lease?.spec.renewTime ?? "";
      expect(Date.parse(last) - Date.parse(first)).toBeGreaterThan(4 * minute);
      expect(held.isLate).toBe(false);
      await held.release();
      expect(server.lease).toBeUndefined();
      const calls = server.methods.length;
      await passing(5 * minute);
      expect(server.methods).toHaveLength(calls);
    }));

  test.each([-3_600_000, 3_600_000])("clocks of runners don't matter: the server is %d ms ahead", (ahead) =>
    virtually(async () => {
      const server = new Server();
      server.ahead = ahead;
      const held = await takeLease(server, claimOf().claim);
      expect(await isLeaseLeft(server, claimOf().claim.signal)).toBe(false);
      const { claim } = claimOf({ run: "you", job: "yours", ifLocked: "fail" });
      await expect(takeLease(server, claim)).rejects.toMatchObject({ code: "LeaseHeld" });
      await held.release();
    }),
  );

  test("of another part of the same job is waited for, whatever is said of others (issue 6)", () =>
    virtually(async () => {
      const server = new Server();
      const one = await takeLease(server, claimOf({ run: "one" }).claim);
      const two = takeLease(server, claimOf({ run: "two", ifLocked: "fail" }).claim);
      await passing(2 * minute);
      expect(server.lease?.spec.holderIdentity).toBe("one");
      await one.release();
      const other = await two;
      expect(other.isLate).toBe(true);
      await other.release();
    }));

  test("a holder that renews no more is followed after a minute, by the server's clock", () =>
    virtually(async () => {
      const server = new Server();
      server.holdBy("dead");
      const began = Date.now();
      const held = await takeLease(server, claimOf().claim);
      expect(Date.now() - began).toBeGreaterThan(minute);
      expect(Date.now() - began).toBeLessThan(1.5 * minute);
      expect(held.isLate).toBe(true);
      await held.release();
    }));

  test("without a clock in the answers, after it was seen unchanged for a minute", () =>
    virtually(async () => {
      const server = new Server();
      server.ahead = undefined;
      server.holdBy("dead", -24 * 60 * minute);
      const began = Date.now();
      const held = await takeLease(server, claimOf().claim);
      expect(Date.now() - began).toBeGreaterThan(minute);
      await held.release();
    }));

  test("one that is over is taken at once, and told to be left", () =>
    virtually(async () => {
      const server = new Server();
      server.holdBy("dead", -2 * minute);
      expect(await isLeaseLeft(server, claimOf().claim.signal)).toBe(true);
      const began = Date.now();
      const held = await takeLease(server, claimOf().claim);
      expect(Date.now() - began).toBeLessThan(1_000);
      await held.release();
    }));

  test("that nobody holds and that can't be taken ends the run in good time, without a storm of requests", () =>
    virtually(async () => {
      const server = new Server();
      const send = server.send.bind(server);
      server.send = async (call) => {
        if (call.method === "POST") throw refused(409);
        return send(call);
      };
      const began = Date.now();
      await expect(takeLease(server, claimOf().claim)).rejects.toMatchObject({ code: "LeaseRefused" });
      expect(server.methods.length).toBeLessThan(30);
      expect(Date.now() - began).toBeLessThan(60_000);
    }));

  test("a run whose lease another one has taken is stopped, and does not take that one's away", () =>
    virtually(async () => {
      const server = new Server();
      const { claim, stopped } = claimOf();
      const held = await takeLease(server, claim);
      server.holdBy("other");
      await passing(minute);
      expect(stopped[0]).toMatchObject({ code: "LeaseLost" });
      await held.release();
      expect(server.lease?.spec.holderIdentity).toBe("other");
    }));
});
