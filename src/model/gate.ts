import type { Finding } from "./finding.ts";

/** What a release gate says. */
export type GateVerdict = "pass" | "warn" | "fail";

/** What one rule of the gate came to. `unknown`: what it looks at could not be read. */
export interface Check {
  /** The rule's id. */
  readonly id: string;
  /** What it is about: `extension`, `pods`, `router` ... */
  readonly subject: string;
  readonly source: string;
  readonly result: GateVerdict | "unknown";
  readonly findings: readonly Finding[];
}

/** A part of the chain workspace, compute, cluster, extension, workloads and how it stands. */
export interface Part {
  readonly kind: "workspace" | "compute" | "cluster" | "extension" | "workload" | "router";
  readonly name: string;
  readonly health: GateVerdict | "unknown";
  /** Few words: `Succeeded`, `2 of 3 ready`, `1.1.84`. */
  readonly state: string;
}

/** The verdict of `verify-extension` and what it rests on. */
export interface Gate {
  readonly verdict: GateVerdict;
  readonly checks: readonly Check[];
  readonly parts: readonly Part[];
  /** How the cluster was read; absent where Azure alone was asked. */
  readonly way?: string;
  /** Folder with what was collected for a closer look (W1). */
  readonly diagnostics?: string;
  /** What a list of many clusters tells of each beside its verdict. */
  readonly sight?: GateSight;
}

/** What the gate saw of a cluster; what it did not see is absent. */
export interface GateSight {
  readonly region?: string;
  readonly kubernetesVersion?: string;
  /** The certificate of the endpoint. */
  readonly certificate?: GateCertificate;
}

/** A certificate that an endpoint has. */
export interface GateCertificate {
  readonly names: readonly string[];
  /** When it ends. */
  readonly ends: string;
}
