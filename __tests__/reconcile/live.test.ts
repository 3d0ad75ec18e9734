import { describe, expect, test } from "@jest/globals";
import { attach } from "../../src/actions/attach.ts";
import { run } from "../../src/actions/run.ts";
import type { Host, Wait } from "../../src/host/host.ts";
import { memoryHost } from "../../src/host/memory.ts";
import type { Report } from "../../src/model/report.ts";
import { plainInputs, scene } from "../support/scene.ts";
import { virtually } from "../support/virtual-time.ts";

/** A run in a host that has a person before it. */
async function watched(prepare: (one: ReturnType<typeof scene>) => void = () => undefined) {
  const one = scene();
  prepare(one);
  const { clientId, secret } = one.world.application;
  const memory = memoryHost({
    inputs: plainInputs(one.world, one.emulator),
    environment: {
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_SECRET: secret,
      AZURE_TENANT_ID: one.world.tenantId,
    },
  });
  const waits: (Wait | undefined)[] = [];
  const reports: Report[] = [];
  const findings: string[] = [];
  const host: Host = {
    ...memory,
    live: (wait) => void waits.push(wait),
    finding: ({ id }) => void findings.push(id),
    conclude: async (report) => void reports.push(report),
  };
  const exit = await virtually(() => run(attach, host, one.client));
  return { exit, waits, reports, findings, said: memory.said };
}

describe("a host with a person before it", () => {
  test("is told of each state that Azure reports, and in the end that nothing is waited for", async () => {
    const { exit, waits } = await watched();
    expect(exit).toBe(0);
    const told = waits.flatMap((wait) => (wait ? [`${wait.what}: ${wait.state}`] : []));
    expect(told[0]).toBe("looking at what is there: ");
    expect(told).toContain('attach cluster "aks1" as compute "gpu": Creating');
    expect(waits.at(-1)).toBeUndefined();
  });

  test("also where the run fails", async () => {
    const { exit, waits, reports } = await watched(({ world }) => {
      world.knobs.createOutcome = { error: { code: "AttachFailed", message: "planted" } } as never;
    });
    expect([exit, reports[0]?.verdict]).toEqual([1, "failed"]);
    expect(waits.at(-1)).toBeUndefined();
  });

  test("shows findings and the end in its own way, instead of lines and the error", async () => {
    const { exit, findings, reports, said } = await watched(({ world }) =>
      world.revoke(world.application.clientId),
    );
    expect([exit, reports.length, said.errors]).toEqual([1, 1, []]);
    const denied = await watched(({ world }) => {
      world.revoke(world.application.clientId);
      world.grant(world.application.clientId, ["*/read"]);
    });
    expect(denied.findings).toContain("permission-computes-write");
    expect(denied.said.log.filter((line) => line.includes("permission-computes-write"))).toEqual([]);
    expect(denied.said.outputs["error-code"]).toBe("PreflightFailed");
    expect(findings).toEqual([]);
  });
});
