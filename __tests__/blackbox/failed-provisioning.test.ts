import { expect, test } from "@jest/globals";
import { play, shown } from "../support/play.ts";

test("an attach that fails shows all errors that Azure holds, nested ones too", () =>
  play("failed-provisioning", async ({ world, attach }) => {
    const inner = { code: "ClusterNotReachable", message: "The API server did not answer.", target: "aks1" };
    const denied = { code: "AuthorizedRanges", message: "20.0.0.0/8 is not in the authorized IP ranges." };
    const error = {
      code: "BadRequest",
      message: "Failed to attach the cluster.",
      details: [{ ...inner, details: [denied] }],
    };
    world.knobs.createOutcome = { status: "Failed", error };
    expect(shown(await attach(), world)).toMatchSnapshot("failed");
    expect(shown(await attach(), world)).toMatchSnapshot("found failed");
  }));
