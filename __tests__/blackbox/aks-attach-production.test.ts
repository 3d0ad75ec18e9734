import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("A1, C3, C4: attaches an AKS cluster as a legacy compute for production; a second time changes nothing", () =>
  play("aks-attach-production", async ({ world, attach }) => {
    const inputs = { "compute-type": "aks" };
    const result = await attach({ inputs });
    expect(shown(result, world)).toMatchSnapshot("first");
    expect(requests(world)).toMatchSnapshot("requests");
    expect((await attach({ inputs })).outputs).toMatchObject({
      changed: "false",
      "scoring-ip": result.outputs["scoring-ip"],
    });
  }));
