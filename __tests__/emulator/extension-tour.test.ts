import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { EXTENSION_ROUTES } from "../../emulator/arm/extension-routes.ts";
import { toJsonLines } from "../../emulator/index.ts";
import { extensionTour } from "./extension-tour.ts";

const recordings = join(import.meta.dirname, "../../.artifacts/exchanges");
const { world } = await extensionTour();
/** The referee knows no file about Relay. */
const judged = world.exchanges.filter(({ url }) => !url.includes("/Microsoft.Relay/"));

test("every route is taken", () => {
  const taken = world.exchanges.map(({ method, url }) => `${method} ${new URL(url).pathname}`);
  const missed = EXTENSION_ROUTES.filter(({ method, path }) => {
    const pattern = new RegExp(`^${method} ${path.replace(/\{[^}]+\}/g, "[^/]+")}$`, "i");
    return !taken.some((one) => pattern.test(one));
  });
  expect(missed.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
});

test("nothing is refused but what is meant to be", () => {
  const refused = world.exchanges
    .filter(({ status }) => status >= 400)
    .map(
      ({ method, url, status }) =>
        `${status} ${method} ${new URL(url).pathname.split("/").slice(-2).join("/")}`,
    );
  expect([...new Set(refused)].sort()).toEqual(["404 GET hybridConnections/arc1", "404 GET versions/9.9.9"]);
  expect(world.violations).toEqual([]);
});

test("it is recorded for the referee, without a credential", async () => {
  const lines = toJsonLines(judged);
  const keys = [...world.secrets].filter((secret) => lines.includes(secret) && secret.length > 12);
  // What a client sends is its own: the protected settings of its PUT.
  expect(keys.every((key) => world.exchanges.some(({ requestBody }) => requestBody.includes(key)))).toBe(
    true,
  );
  const answers = judged.map(({ responseBody }) => responseBody).join("");
  expect(keys.filter((key) => answers.includes(key))).toEqual([]);
  await mkdir(recordings, { recursive: true });
  await writeFile(join(recordings, "emulator-extensions.jsonl"), lines);
});
