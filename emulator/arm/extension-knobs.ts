import type { ExtensionRelease } from "./extension-releases.ts";

/** What the facts leave open about extensions, the Relay beside them and check runs, or what a test wants to vary. */
export interface ExtensionKnobs {
  /** testbed 7: protected settings come back with blank values, or not at all. */
  protectedSettingsShown: "blank" | "empty";
  /** extension 13: what an empty map does in a PATCH is unknown. The CLI sends one with every update (recorded). */
  emptyProtectedPatch: "keep" | "clear";
  /** real-arm: GET shows the version that runs as `currentVersion` alone; testbed 7: as `version` too. */
  resolvedVersion: "currentVersion" | "both";
  /** arm-contract 3: a failure may show in either of two places of the resource, and nothing ties one to the other. */
  failureShownIn: "both" | "errorInfo" | "statuses";
  /** Level of a status that tells of a failure: users quote `null` (Azure's pages on Flux and Dapr), the contract has `Error`. */
  statusLevel: "null" | "Error";
  /** extension 3: agents that stay offline so long after a write make it Failed. */
  agentOfflineHours: number;
  /** extension 3: how long after DELETE the Helm release is still being taken away. About ten minutes; kept short here. */
  namespaceGoneSeconds: number;
  /** Another extension of the same type in the cluster. Guess: nobody says whether the service or Helm refuses it. */
  secondOfType: "allow" | "refuse" | "fail";
  /** Neither training nor inference: the CLI refuses it (extension 1b). Guess what the chart does. */
  withoutWorkload: "succeed" | "fail";
  /**
   * Inference without `inferenceRouterServiceType`: the CLI refuses it (extension 1b), once it meant a public load
   * balancer (2b). Guess: `succeed` leaves TLS unchecked, `fail` is E40007 where there is nothing to check.
   */
  withoutRouterType: "succeed" | "fail";
  /**
   * terraform-provider-azurerm#24547: which of the keys that the CLI derives HTTPS can't do without. `scoringFe` are
   * those that carry the certificate; `all` is the whole table of extension 1c.
   */
  derivedKeysNeeded: "scoringFe" | "all";
  /** extension 11 (AML-Kubernetes#271): HA turned off and refused all the same. Guess: the chart ignores the old name. */
  legacyHaKey: "ignored" | "heeded";
  /** extension 11 (AML-Kubernetes#137, 2021): pods land on Windows nodes unless a node selector keeps them off. */
  windowsNodes: "avoided" | "picked";
  /** Further releases of the extension, or other sayings about known ones: unsupported Kubernetes versions. */
  extensionReleases: ExtensionRelease[];
  /** How long a Relay namespace takes. */
  relaySeconds: number;
  /** Relay namespaces that strangers have: names are global. */
  takenRelayNames: string[];
  /** Guess: which status a taken name is refused with. */
  takenRelayStatus: 409 | 400;
  /** What the job's GitHub token may do with checks (`permissions: checks`). */
  githubChecks: "write" | "read";
  /** Whether the job has `permissions: issues: write`, and whether the repository has issues at all. */
  githubIssues: "write" | "read" | "off";
}

export function extensionKnobs(): ExtensionKnobs {
  return {
    protectedSettingsShown: "blank",
    emptyProtectedPatch: "keep",
    resolvedVersion: "currentVersion",
    failureShownIn: "both",
    statusLevel: "null",
    agentOfflineHours: 48,
    namespaceGoneSeconds: 20,
    secondOfType: "allow",
    withoutWorkload: "succeed",
    withoutRouterType: "succeed",
    derivedKeysNeeded: "scoringFe",
    legacyHaKey: "ignored",
    windowsNodes: "avoided",
    extensionReleases: [],
    relaySeconds: 3,
    takenRelayNames: [],
    takenRelayStatus: 409,
    githubChecks: "write",
    githubIssues: "write",
  };
}
