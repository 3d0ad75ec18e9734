import { brokenInAzure } from "./broken-azure.ts";
import { brokenByHealth } from "./broken-health.ts";
import type { Broken } from "./broken-parts.ts";
import { brokenPods } from "./broken-pods.ts";
import { brokenRouters } from "./broken-router.ts";

/** Broken clusters whose cause needs no certificate; those that do are made with one. */
export const brokenClusters: readonly Broken[] = [
  ...brokenInAzure,
  ...brokenByHealth,
  ...brokenPods,
  ...brokenRouters,
];
