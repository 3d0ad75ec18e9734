import { describe, expect, test } from "@jest/globals";
import type { Answer } from "../../src/azure/wire.ts";
import { Failure } from "../../src/model/failure.ts";
import { type Provisioned, ResourceSteps, type Watcher } from "../../src/reconcile/resource-steps.ts";
import { type Scripted, scriptedArm } from "../support/scripted-client.ts";
import { virtually } from "../support/virtual-time.ts";

const path = "/subscriptions/s/resourceGroups/g/providers/P/things/one";

/** The steps of one thing, whose writes are told. */
class Thing extends ResourceSteps<Provisioned> {
  write(): Promise<Answer | undefined> {
    return this.settle(
      () => this.arm.send({ method: "PUT", path, body: {} }),
      (seen) => seen.is === "present",
      "Creating",
    );
  }
}

/** A thing over a script of answers, by method in order; the last one of a method goes on. */
function thing(script: Readonly<Record<"GET" | "PUT", readonly Scripted[]>>) {
  const counts = { GET: 0, PUT: 0 };
  const { arm, requests } = scriptedArm(({ method }) => {
    const kind = method as "GET" | "PUT";
    const answers = script[kind];
    const answer = answers[Math.min(counts[kind]++, answers.length - 1)];
    return answer ?? { status: 500 };
  });
  const said: string[] = [];
  const watcher: Watcher = {
    state: (state) => void said.push(state),
    progress: (state) => void said.push(`(${state})`),
    sent: () => void said.push("sent"),
    accepted: () => void said.push("accepted"),
    log: () => undefined,
  };
  const words = (resource: Provisioned | undefined, reasons: readonly string[]) =>
    new Failure("ThingFailed", `it is ${resource?.properties.provisioningState}`, { details: reasons });
  const steps = new Thing(
    arm,
    {
      noun: 'thing "one"',
      get: () => arm.get(path, "1"),
      failed: words,
      notRemoved: words,
    },
    watcher,
  );
  const puts = () => requests.filter(({ method }) => method === "PUT").length;
  return { steps, said, puts };
}

const is = (provisioningState: string): Scripted => ({
  status: 200,
  body: { properties: { provisioningState } },
});
const none: Scripted = { status: 404, body: { error: { code: "NotFound", message: "none" } } };
const lost: Scripted = { broken: "ECONNRESET" };
const refused = (status: number, code: string): Scripted => ({
  status,
  body: { error: { code, message: code } },
});

describe("a write (testbed 9)", () => {
  test.each<[string, Record<"GET" | "PUT", Scripted[]>, number, string[]]>([
    ["that is accepted", { PUT: [{ status: 201, body: {} }], GET: [] }, 1, ["sent", "accepted", "Creating"]],
    [
      "whose answer is lost, and that was done, is not sent again",
      { PUT: [lost], GET: [none, is("Creating")] },
      1,
      ["sent", "Absent", "Creating", "accepted"],
    ],
    [
      "that meets somebody else's is not this run's change",
      { PUT: [refused(409, "Conflict")], GET: [is("Creating")] },
      1,
      ["sent", "Creating"],
    ],
  ])("%s", async (_what, script, count, told) => {
    const { steps, said, puts } = thing(script);
    await virtually(() => steps.write());
    expect({ puts: puts(), said }).toEqual({ puts: count, said: told });
  });

  test("whose answer is lost, and that was not done, is sent again, at most four times", async () => {
    const { steps, puts, said } = thing({ PUT: [lost], GET: [none] });
    const failure = (await virtually(() => steps.write().catch((error: unknown) => error))) as Failure;
    expect(failure.code).toBe("NoAnswer");
    expect(puts()).toBe(4);
    expect(said.filter((word) => word === "accepted")).toEqual([]);
  });

  test("that was lost and then meets a conflict was this run's own", async () => {
    const { steps, said } = thing({
      PUT: [lost, refused(409, "Conflict")],
      GET: [...Array<Scripted>(7).fill(none), is("Creating")],
    });
    await virtually(() => steps.write());
    expect(said.filter((word) => word === "accepted")).toEqual(["accepted"]);
  });

  test.each([400, 403, 404])(
    "that is refused with %i is that refusal, also where reading fails",
    async (status) => {
      for (const look of [none, is("Succeeded"), refused(403, "AuthorizationFailed")]) {
        const { steps, puts } = thing({ PUT: [refused(status, "Refused")], GET: [look] });
        await expect(virtually(() => steps.write())).rejects.toMatchObject({ code: "Refused" });
        expect(puts()).toBe(1);
      }
    },
  );
});

describe("a thing that is waited for", () => {
  test("is ready when it is Succeeded, however late it shows (testbed 9)", async () => {
    const { steps } = thing({ PUT: [], GET: [none, none, is("Creating"), is("succeeded")] });
    expect((await virtually(() => steps.ready())).properties.provisioningState).toBe("succeeded");
  });

  test.each(["Failed", "Canceled"])("that ends %s is a failure in its own words", async (state) => {
    const { steps } = thing({ PUT: [], GET: [is(state)] });
    await expect(virtually(() => steps.ready())).rejects.toMatchObject({ code: "ThingFailed" });
  });

  test("that never shows is gone", async () => {
    const { steps } = thing({ PUT: [], GET: [none] });
    await expect(virtually(() => steps.ready())).rejects.toMatchObject({ code: "ThingVanished" });
  });

  test("is gone when there is none; one that stays, done, is an error", async () => {
    await virtually(() => thing({ PUT: [], GET: [is("Deleting"), none] }).steps.gone());
    const stays = thing({ PUT: [], GET: [is("Succeeded")] });
    await expect(virtually(() => stays.steps.gone())).rejects.toMatchObject({ code: "ThingFailed" });
  });

  test("was accepted and does not show yet: it is being created", async () => {
    const { steps, said } = thing({ PUT: [], GET: [none] });
    expect(await virtually(() => steps.shown())).toBeUndefined();
    expect(said.at(-1)).toBe("Creating");
  });
});
