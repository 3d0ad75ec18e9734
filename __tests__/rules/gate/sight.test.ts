import { describe, expect, test } from "@jest/globals";
import { World } from "../../../emulator/index.ts";
import { verifyIn } from "../../actions/verify-scenes.ts";
import { aks, arc } from "../../support/catalogue-worlds.ts";
import { scene } from "../../support/scene.ts";

describe("what a list of many clusters tells of each", () => {
  test.each([
    ["AKS", aks],
    ["Arc", arc],
  ])("of an %s cluster: region, Kubernetes, and the certificate of its endpoint", async (_kind, arrange) => {
    const { report } = await verifyIn(arrange);
    expect(report.gate?.sight).toEqual({
      region: "eastus",
      kubernetesVersion: expect.stringMatching(/^1\.\d+\.\d+$/),
      certificate: { names: ["ml.example.com"], ends: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) },
    });
  });

  test("has no certificate where there is none", async () => {
    const { report } = await scene(World.simple()).verify({ diagnostics: "false", "wait-for": "0s" });
    expect(report.gate?.sight).not.toHaveProperty("certificate");
  });
});
