import { expect, test } from "@jest/globals";
import { play } from "../support/play.ts";

test("dist/ runs on the Node that runs npm as well, which may be older than the runner's", () =>
  play("node20", async ({ attach, detach }) => {
    const node = process.env["npm_node_execpath"] ?? process.execPath;
    expect((await attach({ node })).outputs).toMatchObject({ changed: "true", state: "Succeeded" });
    expect((await detach({ node })).outputs).toMatchObject({ changed: "true", state: "Absent" });
  }));
