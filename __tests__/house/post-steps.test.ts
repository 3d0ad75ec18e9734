import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "@jest/globals";
import { parse } from "yaml";

const root = path.join(import.meta.dirname, "..", "..");

interface Manifest {
  readonly runs: { readonly post?: string; readonly "post-if"?: string };
}

function runsOf(folder: string): Manifest["runs"] {
  const text = readFileSync(path.join(root, folder, "action.yml"), "utf8");
  return (parse(text) as Manifest).runs;
}

test.each(["attach", "update-components", "."])(
  "%s may leave a compute detached: its post step runs even where `continue-on-error` hides that it failed",
  (folder) => {
    expect(runsOf(folder)["post-if"]).toBe("always()");
  },
);

test.each(["create-cluster", "deploy-extension", "detach", "verify-extension"])(
  "%s leaves nothing to finish: its post step only tells, where the job fails or is cancelled",
  (folder) => {
    expect(runsOf(folder)["post-if"]).toBe("cancelled() || failure()");
  },
);
