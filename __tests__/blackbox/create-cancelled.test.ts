import { expect, test } from "@jest/globals";
import { play, requests } from "../support/play.ts";

test("C7: SIGINT while a cluster is created: gone within 5 s; the next run takes the creation up", () =>
  play("create-cancelled", async ({ world, create }) => {
    world.knobs.managedClusterSeconds.create = 600;
    const cut = await create({
      onLine: (line, step) => {
        if (!/InProgress|Creating/.test(line)) return;
        step.kill("SIGINT");
        setTimeout(() => step.kill("SIGKILL"), 5_000).unref();
      },
    });
    expect(cut.signal).toBeNull();
    expect(cut.outputs).toMatchObject({ changed: "true", state: "Creating", "error-code": "Cancelled" });
    expect((await create({ after: cut.state })).log).toContain('wait for AKS cluster "new1"');
    world.clock.advance(600_000);
    expect((await create()).outputs).toMatchObject({ changed: "false", state: "Succeeded" });
    expect(requests(world).filter((line) => line.startsWith("arm PUT"))).toHaveLength(1);
  }));
