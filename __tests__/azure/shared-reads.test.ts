import { describe, expect, test } from "@jest/globals";
import { observe } from "../../src/azure/arm.ts";
import { clusterUserKubeconfig } from "../../src/azure/clusters.ts";
import { Computes } from "../../src/azure/computes.ts";
import { getManagedCluster } from "../../src/azure/resources.ts";
import { sharingReads } from "../../src/azure/shared-reads.ts";
import { parseResourceId } from "../../src/model/resource-id.ts";
import { aksId, workspaceId } from "../support/scene.ts";
import { virtually } from "../support/virtual-time.ts";
import { gateway } from "./emulated.ts";

/** Ways that share their reads, and how many requests went out. */
function sharing() {
  const { world, arm } = gateway();
  const { arm: shared } = sharingReads({ arm, wire: arm.wire });
  return { world, arm, shared, sent: () => world.exchanges.length };
}

describe("what is read twice is asked once", () => {
  test("at the same time, and one after the other", async () => {
    const { world, shared, sent } = sharing();
    const read = () => getManagedCluster(shared, aksId(world));
    const [one, other] = await Promise.all([read(), read()]);
    expect(await read()).toEqual(one);
    expect(other).toEqual(one);
    expect(sent()).toBe(1);
  });

  test("also that there is none, and credentials, which are read by a POST", async () => {
    const { world, shared, sent } = sharing();
    const id = aksId(world);
    for (const _ of [1, 2]) {
      expect(await observe(() => getManagedCluster(shared, `${id}x`))).toEqual({ is: "absent" });
      await clusterUserKubeconfig(shared, id);
    }
    expect(sent()).toBe(2);
  });

  test("through Microsoft's client as well", async () => {
    const { world, shared, sent } = sharing();
    const workspace = parseResourceId(workspaceId(world));
    if (!workspace) throw new Error("no workspace");
    const computes = new Computes(shared, workspace);
    for (const _ of [1, 2]) expect(await observe(() => computes.get("gpu"))).toEqual({ is: "absent" });
    expect(sent()).toBe(1);
  });

  test("but by nobody else: without it every look asks", async () => {
    const { world, arm, sent } = sharing();
    for (const _ of [1, 2]) await getManagedCluster(arm, aksId(world));
    expect(sent()).toBe(2);
  });
});

describe("what says nothing is asked again", () => {
  test.each([429, 503])("%s: each look tries anew, and gets what came of that", async (status) => {
    const { world, shared, sent } = sharing();
    world.faults.push({ match: { url: /managedClusters/ }, kind: "status", status });
    const [one, other] = await virtually(() =>
      Promise.all([getManagedCluster(shared, aksId(world)), getManagedCluster(shared, aksId(world))]),
    );
    expect(one).toEqual(other);
    expect(sent()).toBe(2);
  });
});

test("a write is never shared", async () => {
  const { world, shared, sent } = sharing();
  const send = () =>
    observe(() =>
      shared
        .send({ method: "DELETE", path: `${aksId(world)}x`, apiVersion: "2025-05-01" })
        .catch(() => undefined),
    );
  await Promise.all([send(), send()]);
  expect(sent()).toBe(2);
});
