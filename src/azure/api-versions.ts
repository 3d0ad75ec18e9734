/**
 * The api-version of each resource type, in one place. The newest stable one that every cloud has, not the
 * newest of all: government and China clouds follow months later, and the models that are used here are the
 * same in both (arm-contract 1.1, 2, 3, 4).
 */
export const apiVersions = {
  subscriptions: "2022-12-01",
  workspaces: "2025-12-01",
  computes: "2025-12-01",
  jobs: "2024-04-01",
  onlineEndpoints: "2024-04-01",
  managedClusters: "2025-10-01",
  trustedAccessRoleBindings: "2024-02-01",
  connectedClusters: "2024-01-01",
  extensions: "2024-11-01",
  permissions: "2022-04-01",
  // What the CLI asks (extension.md 4): there is no stable one that every cloud has.
  extensionTypes: "2023-05-01-preview",
  relay: "2017-04-01",
  providers: "2024-03-01",
  skus: "2021-07-01",
  tags: "2024-03-01",
  resourceGraph: "2022-10-01",
} as const;
