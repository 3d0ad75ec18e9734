import { expect, test } from "@jest/globals";
import type { World } from "../../emulator/index.ts";
import { typeOfKind } from "../../emulator/kubernetes/resource-types.ts";
import { journalNamespace, leaseName } from "../../src/model/journal.ts";
import { withoutExtension } from "../support/ensuring.ts";
import { aksId, scene } from "../support/scene.ts";

const declared = { workloads: "training", "on-difference": "replace" };

/** A compute that `ensure` has brought about, and now is to replace. */
async function differing() {
  const stage = scene(withoutExtension());
  await stage.ensure({ ...declared, namespace: "a" });
  return { ...stage, replace: () => stage.ensure({ ...declared, namespace: "b" }) };
}

/** A run that has just died has the lease of the cluster for a minute more. */
function holdLease(world: World): void {
  const time = new Date(Date.now()).toISOString().replace("Z", "000Z");
  world.kubernetes(aksId(world)).objects.write(typeOfKind("Lease"), {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: leaseName, namespace: journalNamespace },
    spec: { holderIdentity: "dead", leaseDurationSeconds: 60, acquireTime: time, renewTime: time },
  } as never);
}

test.each([false, true])(
  "each step that was not started is told; the lease was waited for: %s",
  async (isLate) => {
    const stage = await differing();
    if (isLate) holdLease(stage.world);
    stage.world.knobs.detachOutcome = { status: "Failed", error: { code: "Broken", message: "It is." } };
    const { report, host } = await stage.replace();
    expect(host.said.log.some((line) => line.includes("it looks again"))).toBe(isLate);
    expect(report.steps.map(({ kind, result }) => `${kind} ${result}`)).toEqual([
      "hold-lease done",
      "write-journal done",
      "detach-compute failed",
      "create-compute not-started",
      "verify-compute not-started",
      "delete-journal not-started",
      "verify-extension not-started",
    ]);
  },
);
