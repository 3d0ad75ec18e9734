import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Fleet } from "../../model/fleet.ts";

/** What the built page has in the place of its data. */
const marker = '"{{fleet}}"';

/** Beside the bundle; for the sources, as tests run them, where the build has put it. */
const places = ["fleet-page.html", "../../../dist/azureml-clusters/fleet-page.html"];

/** The page without data, as scripts/page.mjs builds it. */
export async function readTemplate(): Promise<string> {
  const files = places.map((place) => join(import.meta.dirname, place));
  return readFile(files.find((file) => existsSync(file)) ?? files[0] ?? "", "utf8");
}

/**
 * The page of a fleet. What stands in it is data: a block of JSON that nothing runs, in which no tag can end or begin
 * (HTML standard, "Restrictions for contents of script elements").
 */
export function fleetPage(fleet: Fleet, template: string): string {
  return template.replace(marker, () => inScript(fleet));
}

function inScript(data: unknown): string {
  const code = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(data).replace(/[<>&\u2028\u2029]/g, code);
}
