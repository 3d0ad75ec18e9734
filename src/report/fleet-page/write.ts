import type { Host } from "../../host/host.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { Report } from "../../model/report.ts";
import { gatherFleet } from "./gather.ts";
import { fleetPage, readTemplate } from "./page.ts";
import { ofTargets } from "./read.ts";

/** Writes the page of a fleet where the user said, and gives its whole path. */
export async function writeFleetPage(fleet: Fleet, path: string, host: Host): Promise<string> {
  const template = await readTemplate();
  return host.writePage(path, fleet, (data) => fleetPage(data, template));
}

/** Writes the page of one run. */
export function writePageOf(report: Report, path: string, host: Host): Promise<string> {
  return writeFleetPage(gatherFleet(ofTargets(report), [], new Date(report.startedAt)), path, host);
}
