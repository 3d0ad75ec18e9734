import type { MaintenanceWindow } from "./maintenance-window.ts";

/** Under which conditions the components of a cluster are updated. */
export interface UpdatePolicy {
  /** Outside of it a run only reports; always open where none is given. */
  readonly window?: MaintenanceWindow | undefined;
  /** Also while jobs run or deployments are being changed. */
  readonly allowDisruption: boolean;
}

/** The same for a Kubernetes compute, whose components are an extension that has versions. */
export interface UpgradePolicy extends UpdatePolicy {
  /** `false`: the newest version is asked for also where it runs already. */
  readonly onlyIfOutdated: boolean;
  /** No version above it; `1.1` lets every 1.1 be. */
  readonly maxVersion?: string | undefined;
  /** An extension that runs a newer version is left alone. */
  readonly skipIfNewerThan?: string | undefined;
  /** The train to take the version from; default, the one that the extension follows. */
  readonly releaseTrain?: string | undefined;
  readonly reattach: "auto" | "always" | "never";
}
