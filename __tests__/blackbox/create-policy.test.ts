import { expect, test } from "@jest/globals";
import { play, requests, shown } from "../support/play.ts";

test("C6: a policy that forbids public IPs is explained, whether it refuses at once or late", () =>
  play("create-policy", async ({ world, create }) => {
    world.knobs.publicIpPolicy = "early";
    const early = await create();
    expect(early.outputs).toMatchObject({ "error-code": "RequestDisallowedByPolicy", state: "Absent" });
    world.knobs.publicIpPolicy = "late";
    const late = await create();
    expect(late.outputs).toMatchObject({ "error-code": "RequestDisallowedByPolicy", state: "Failed" });
    expect(shown(late, world)).toMatchSnapshot();
    expect(requests(world).filter((line) => line.startsWith("arm PUT"))).toMatchSnapshot();
  }));
