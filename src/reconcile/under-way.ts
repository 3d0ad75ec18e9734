import { createHash } from "node:crypto";
import type { Host } from "../host/host.ts";
import type { ActionName } from "../model/doors.ts";
import type { Target } from "../model/report.ts";

/** State of the step: the action whose plan is being applied. What finds it set was cut off. */
export const underWay = "under-way";

/** The same of a run over many: the targets whose plans are being applied. */
const underWayTargets = "under-way-targets";

/** The targets whose plans are being applied, kept for the post step as they begin and end. */
export class TargetsUnderWay {
  readonly #action: ActionName;
  readonly #host: Host;
  readonly #keys = new Set<string>();

  constructor(action: ActionName, host: Host) {
    this.#action = action;
    this.#host = host;
  }

  /** Before its first write. */
  begin(target: Target): void {
    this.#keys.add(keyOf(target));
    this.#save();
  }

  /** It came to its end, good or bad, and was not cut off. */
  end(target: Target): void {
    if (this.#keys.delete(keyOf(target))) this.#save();
  }

  #save(): void {
    this.#host.saveState(underWay, this.#keys.size > 0 ? this.#action : "");
    this.#host.saveState(underWayTargets, [...this.#keys].join(","));
  }
}

/** Which targets the main step was cut off in the middle of. */
export function wasUnderWay(host: Host): (target: Target) => boolean {
  const keys = host.state(underWayTargets).split(",");
  return (target) => keys.includes(keyOf(target));
}

/** State is an environment variable of the post step, which may not be long; a list of targets may. */
function keyOf(target: Target): string {
  return createHash("sha256").update(JSON.stringify(target)).digest("hex").slice(0, 12);
}
