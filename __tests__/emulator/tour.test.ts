import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ROUTES } from "../../emulator/arm/routes.ts";
import { toJsonLines } from "../../emulator/index.ts";
import { tour } from "./tour.ts";

const recordings = join(import.meta.dirname, "../../.artifacts/exchanges");

test("a tour of every route, recorded for the referee", async () => {
  const { talk, lines } = await tour();
  expect([...new Set(lines)]).toMatchSnapshot();
  expect(talk.world.violations).toEqual([]);
  await mkdir(recordings, { recursive: true });
  await writeFile(join(recordings, "emulator-tour.jsonl"), toJsonLines(talk.world.exchanges));
});

test("the tour leaves out only what it can not do correctly", async () => {
  const { talk } = await tour();
  const taken = talk.world.exchanges.map(({ method, url }) => ({ method, path: new URL(url).pathname }));
  const missed = ROUTES.filter(({ method, path }) => {
    const pattern = new RegExp(`^${path.replace(/\{[^}]+\}/g, "[^/]+")}$`, "i");
    return !taken.some((one) => one.method === method && pattern.test(one.path));
  }).map(({ method, path }) => `${method} ${path.split("/").at(-1)} ${path.split("/").at(-2)}`);
  // PATCH of a compute is for AmlCompute alone; `.../computes/{compute}/operations` is a dialect no compute really speaks.
  expect(missed).toEqual(["PATCH {compute} computes", "GET {operationId} operations"]);
});

test("what is recorded for others holds no credential", async () => {
  const { talk } = await tour();
  const lines = toJsonLines(talk.world.exchanges);
  const leaked = [...talk.world.secrets].filter((secret) => lines.includes(secret) && secret.length > 12);
  expect(leaked).toEqual([]);
  expect(lines).toContain("Bearer ***");
  expect(lines).toContain("&s=***");
});
