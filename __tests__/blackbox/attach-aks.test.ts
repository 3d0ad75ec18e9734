import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("L1, L4, L5: attaches an AKS cluster with a namespace and a system-assigned identity", () =>
  play("attach-aks", async ({ world, attach }) => {
    const result = await attach({ inputs: { namespace: "team-a", "identity-type": "system_assigned" } });
    expect(shown(result, world)).toMatchSnapshot();
    expect(requests(world)).toMatchSnapshot();
  }));
