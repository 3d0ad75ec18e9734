/** The api-versions that each resource type takes. */

/** arm-contract 1.1: the twelve stable ones. */
const MACHINE_LEARNING = [
  "2022-05-01",
  "2022-10-01",
  "2023-04-01",
  "2023-10-01",
  "2024-04-01",
  "2024-10-01",
  "2025-04-01",
  "2025-06-01",
  "2025-09-01",
  "2025-12-01",
  "2026-03-01",
  "2026-05-01",
];

/** azure-specs, api-version-aliases: the stable ones from 2023-01-01 on. */
const CONTAINER_SERVICE = [
  ...["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11"].map((month) => `2023-${month}-01`),
  ...["01", "02", "05", "07", "08", "09", "10"].map((month) => `2024-${month}-01`),
  ...["01", "02", "03", "04", "05", "07", "08", "09", "10"].map((month) => `2025-${month}-01`),
  ...["01", "02", "03", "04", "05"].map((month) => `2026-${month}-01`),
];

/** arm-contract 7 and azure-specs, api-version-aliases. */
const RESOURCES = [
  "2021-04-01",
  "2022-09-01",
  "2022-12-01",
  "2023-07-01",
  "2024-03-01",
  "2024-07-01",
  "2024-11-01",
  "2025-03-01",
  "2025-04-01",
];

export type VersionedType =
  | "subscriptions"
  | "resources"
  | "permissions"
  | "machineLearning"
  | "containerService"
  | "connectedClusters"
  | "extensions"
  | "extensionTypes"
  | "relay"
  | "resourceGraph"
  | "skus";

export const SUPPORTED: Record<VersionedType, readonly string[]> = {
  subscriptions: ["2022-12-01"],
  resources: RESOURCES,
  /** arm-contract 5. */
  permissions: ["2022-04-01"],
  machineLearning: MACHINE_LEARNING,
  containerService: CONTAINER_SERVICE,
  /** arm-contract 4; 2021-10-01 is what the CLI sends (testbed 8). */
  connectedClusters: ["2021-10-01", "2024-01-01", "2026-05-01"],
  /** arm-contract 3. */
  extensions: ["2022-11-01", "2023-05-01", "2024-11-01", "2025-03-01"],
  /** extension 4: previews, and since 2026 stable ones. */
  extensionTypes: ["2023-05-01-preview", "2024-11-01-preview", "2026-04-01", "2026-05-01"],
  /** testbed 8 (what the CLI sends) and the REST reference of Microsoft.Relay. */
  relay: ["2017-04-01", "2021-11-01", "2024-01-01"],
  /** arm-contract 6; 2021-03-01 is what older clients send (azure-specs, api-version-aliases). */
  resourceGraph: ["2021-03-01", "2022-10-01", "2024-04-01"],
  /** REST reference of Microsoft.Compute, "Resource Skus": versions of its own; 2021-07-01 is the newest. */
  skus: ["2017-09-01", "2019-04-01", "2021-07-01"],
};
