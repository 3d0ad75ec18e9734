import type { Finding } from "../model/finding.ts";
import { pointerName } from "../model/journal.ts";

/** The workspace could not be given the tag that leads to the journal. */
export function unmarked(name: string, why: string): Finding {
  return {
    id: "journal-unmarked",
    source: "design 6",
    severity: "warning",
    seen: `The workspace could not be given the tag ${pointerName(name)}: ${why} If this run is cut off, its journal is found only where the cluster is named.`,
    remedy: "Give the identity `Tag Contributor` on the workspace, or name the cluster to resume.",
  };
}

/** That tag could not be taken off again. */
export function stillMarked(name: string, why: string): Finding {
  return {
    id: "journal-still-marked",
    source: "design 6",
    severity: "warning",
    seen: `The tag ${pointerName(name)} could not be taken off the workspace: ${why} It leads to a journal that is gone.`,
    remedy: "Take it off by hand; the next run does no harm to it.",
  };
}

/** The old router is not removed. */
export function leftAlone(services: readonly string[]): Finding {
  return {
    id: "leftovers-in-use",
    source: "extension.md 8",
    severity: "info",
    seen: `Web services run in the cluster (${services.slice(0, 3).join(", ")}${services.length > 3 ? ", …" : ""}); what the legacy router left is kept, since their traffic goes through it.`,
    remedy: "Nothing: Azure ML takes it over when it attaches the compute.",
  };
}
