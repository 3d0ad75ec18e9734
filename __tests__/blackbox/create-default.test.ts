import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("C1, C7: a cluster is created with defaults, found the second time, and attached as it is", () =>
  play("create-default", async ({ world, create, attach }) => {
    const result = await create();
    expect(shown(result, world)).toMatchSnapshot();
    expect(requests(world)).toMatchSnapshot();
    const again = await create();
    expect(again.exitCode).toBe(0);
    expect(again.outputs).toMatchObject({ changed: "false", state: "Succeeded", "cluster-name": "new1" });
    const attached = await attach({ inputs: { "compute-type": "aks", "cluster-name": "new1" } });
    expect(attached.outputs).toMatchObject({ changed: "true", state: "Succeeded" });
    expect(world.exchanges.filter(({ method }) => method === "PUT")).toHaveLength(2);
  }));
