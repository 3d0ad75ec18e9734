import { expect, test } from "@jest/globals";
import { everythingSeen, play } from "../support/play.ts";
import { leaks } from "../support/secret-scanner.ts";

test("a token that Azure's own message repeats is seen nowhere; the scanner finds it where masks are not applied", () =>
  play("secrets", async ({ world, attach }) => {
    world.knobs.echoToken = true;
    world.revoke(world.application.clientId);
    const result = await attach({ env: { RUNNER_DEBUG: "1" } });
    expect(result.outputs["error-code"]).toBe("AuthorizationFailed");
    expect(leaks(everythingSeen(result), world.secrets)).toEqual([]);
    // What the process wrote to the runner names each secret in a command that masks it, and nowhere else.
    expect(leaks({ stdout: result.stdout }, world.secrets)).not.toEqual([]);
  }));
