import type { ClusterContents } from "../../../src/model/cluster-contents.ts";
import type { DeployFacts } from "../../../src/model/facts.ts";
import { preflightRules } from "../../../src/rules/preflight/index.ts";
import { judge } from "../../../src/rules/rule.ts";
import { absent, aks, aksId, arc, arcId, there } from "../facts.ts";
import { anyKind, contents, type Kind, node, now } from "../gate/facts.ts";

const mebi = 2 ** 20;
const pools = [{ name: "pool1", count: 3, osType: "Linux" }];

/** A cluster that is ready for an installation of training and inference, but for what is given. */
export function ready(
  more: Partial<Omit<DeployFacts, "request">> & {
    readonly kind?: Kind;
    readonly plain?: Record<string, string>;
    readonly protected?: Record<string, string>;
    readonly wanted?: DeployFacts["request"]["wanted"];
    readonly onFailed?: DeployFacts["request"]["onFailed"];
    readonly inCluster?: Partial<ClusterContents>;
  } = {},
): DeployFacts {
  const {
    kind = anyKind,
    plain,
    protected: secrets = {},
    wanted = {},
    onFailed = "fail",
    inCluster,
    ...seen
  } = more;
  const isAks = kind.cluster === "aks";
  return {
    request: {
      azureEnvironment: "AzureCloud",
      dryRun: false,
      preflight: "enforce",
      timeout: 1,
      wait: true,
      clusterId: isAks ? aksId : arcId,
      extensionName: "azureml",
      settings: {
        plain: {
          enableTraining: "True",
          enableInference: "True",
          inferenceRouterServiceType: "LoadBalancer",
          ...(isAks && { internalLoadBalancerProvider: "azure" }),
          allowInsecureConnections: "True",
          ...plain,
        },
        protected: secrets,
      },
      wanted,
      notes: [],
      allowDisruption: false,
      onFailed,
    },
    now,
    salt: "salt",
    cluster: isAks
      ? aks({ currentKubernetesVersion: "1.29.4", agentPoolProfiles: pools })
      : arc({ kubernetesVersion: "1.29.4", totalNodeCount: 3, distribution: "k3s" }),
    extensions: there([]),
    versions: there([{ properties: { version: "1.1.84" } }, { properties: { version: "1.1.9" } }]),
    permissions: there([{ actions: ["*"] }]),
    providers: there([{ namespace: "Microsoft.KubernetesConfiguration", registrationState: "Registered" }]),
    inside: there({
      ...contents(kind),
      namespace: absent,
      workloads: there([]),
      pods: there([]),
      services: there([]),
      healthReport: absent,
      used: there(
        new Map(["node-1", "node-2", "node-3"].map((name) => [name, { cpu: 400, memory: 800 * mebi }])),
      ),
      ...inCluster,
    }),
    ...seen,
  };
}

/** A node with that much in all. */
export const sized = (name: string, cpu: number, mib: number, more: Parameters<typeof node>[1] = {}) =>
  node(name, { allocatable: { cpu, memory: mib * mebi }, ...more });

/** What the rules say. */
export const said = (given: Parameters<typeof ready>[0] = {}) => judge(preflightRules, ready(given));

/** The same in few words. */
export const briefly = (given: Parameters<typeof ready>[0] = {}) =>
  said(given).map(({ severity, id }) => `${severity} ${id}`);
