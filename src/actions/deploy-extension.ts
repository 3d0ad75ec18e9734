import { randomBytes } from "node:crypto";
import { glance } from "../azure/arm.ts";
import type { Azure } from "../azure/connect.ts";
import { getProvider } from "../azure/extensions.ts";
import { listPermissions } from "../azure/resources.ts";
import { valueIn } from "../model/extension-settings.ts";
import type { DeployFacts } from "../model/facts.ts";
import { present } from "../model/observed.ts";
import type { DeployRequest } from "../model/request.ts";
import { parseResourceId } from "../model/resource-id.ts";
import type { Action } from "../reconcile/action.ts";
import { azureMlExtension } from "../rules/extension.ts";
import { preflightRules } from "../rules/preflight/index.ts";
import { performDeployment } from "./deploy-perform.ts";
import { planDeployment, relayPlace } from "./deploy-plan.ts";
import { deployRequest } from "./deploy-request.ts";
import { deploySettingRules } from "./deploy-rules.ts";
import { clusterTarget, describeInside, extensionSight, observeInside } from "./observe-cluster.ts";

/** Installs the Azure ML extension, or changes just what differs (X1 to X9). */
export const deployExtension: Action<DeployRequest, DeployFacts> = {
  name: "deploy-extension",
  subject: "extension",
  request: deployRequest,
  target: clusterTarget,
  observe: observeDeployment,
  sight: ({ extensions, versions }) => extensionSight(azureMlExtension(present(extensions) ?? []), versions),
  describe: describeInside,
  rules: [...preflightRules, ...deploySettingRules],
  plan: planDeployment,
  perform: performDeployment,
};

async function observeDeployment(request: DeployRequest, azure: Azure): Promise<DeployFacts> {
  const { arm } = azure;
  const { subscriptionId = "" } = parseResourceId(request.clusterId) ?? {};
  const provider = (namespace: string) => getProvider(arm, subscriptionId, namespace);
  const relay = relayPlace(request);
  const [inside, permissions, providers] = await Promise.all([
    observeInside(request, azure, {
      releaseTrain: request.wanted.releaseTrain,
      tlsSecret: valueIn(request.settings.plain, "sslSecret"),
      relay,
      capacity: true,
    }),
    glance(() => listPermissions(arm, request.clusterId), arm.signal),
    glance(
      () =>
        Promise.all([
          provider("Microsoft.KubernetesConfiguration"),
          ...(relay ? [provider("Microsoft.Relay")] : []),
        ]),
      arm.signal,
    ),
  ]);
  const salt = randomBytes(12).toString("base64url");
  return { ...inside, permissions, providers, salt };
}
