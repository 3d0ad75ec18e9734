import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { product } from "../../src/model/version.ts";

test("name and version are those of package.json", () => {
  const file = new URL("../../package.json", import.meta.url);
  const { name, version } = JSON.parse(readFileSync(file, "utf8")) as { name: string; version: string };
  expect(product).toEqual({ name, version });
});
