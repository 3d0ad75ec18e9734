import { expect, test } from "@jest/globals";
import { scene } from "../support/scene.ts";

test("attach", async () => {
  const { attach, detach, requests } = scene();
  const one = await attach();
  console.log(one.host.said.log.join("\n"), one.host.said.errors, one.host.said.summaries[0], one.host.said.outputs);
  console.log(requests().join("\n"));
  const two = await detach();
  console.log(two.host.said.log.join("\n"), two.host.said.errors);
  expect(one.exit).toBe(0);
});
