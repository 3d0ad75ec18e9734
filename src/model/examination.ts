/** One thing that the doctor looked at. */
export interface Look {
  /** In kebab-case, for programs. */
  readonly id: string;
  /** What was looked at, for people. */
  readonly subject: string;
  /** `open`: not asked for, not possible, or nothing that a run needs. */
  readonly result: "good" | "bad" | "open";
  readonly seen: string;
  readonly remedy?: string;
  readonly link?: string;
}

/** What the doctor found. */
export interface Examination {
  /** Version of this form. */
  readonly examinationVersion: 1;
  readonly product: string;
  /** `false` where something that a run needs is broken. */
  readonly healthy: boolean;
  readonly looks: readonly Look[];
  /** Why nothing was looked at. */
  readonly error?: { readonly code: string; readonly message: string; readonly details: readonly string[] };
  readonly startedAt: string;
  readonly milliseconds: number;
  readonly correlationId: string;
}

/** The inputs of the doctor: none is needed. */
export const doctorInputs = [
  "subscription-id",
  "resource-group",
  "workspace-name",
  "cluster-resource-id",
  "cluster-name",
  "cluster-resource-group",
  "cluster-type",
  "kubeconfig",
  "timeout",
  "client-id",
  "tenant-id",
  "azure-environment",
] as const;
