import type { CreateClusterFacts, CreateClusterRequest } from "../model/create-cluster.ts";
import { expectedCluster, expectedExtension } from "../model/expected.ts";
import type {
  AksAttachFacts,
  AttachFacts,
  DeployFacts,
  DetachFacts,
  ObservedCluster,
} from "../model/facts.ts";
import { Failure } from "../model/failure.ts";
import { type Observed, present } from "../model/observed.ts";
import type { AksAttachRequest, AttachRequest, DeployRequest, DetachRequest } from "../model/request.ts";
import { parseResourceId } from "../model/resource-id.ts";
import type { Conclusion } from "../reconcile/chain.ts";
import { type Brought, type Stage, stageOf } from "../reconcile/stage.ts";
import { azureMlExtension } from "../rules/extension.ts";
import { attach } from "./attach.ts";
import { createAks } from "./create-aks.ts";
import { isToCreate } from "./create-offer.ts";
import { deployExtension } from "./deploy-extension.ts";
import { detach } from "./detach.ts";
import { declarationTag } from "./ensure-request.ts";
import { verify } from "./verify-extension.ts";
import type { AskedVerification } from "./verify-request.ts";

/** `create-cluster` as a stage: the ones after it find a cluster. */
export function creationStage(request: CreateClusterRequest): Stage {
  return stageOf<CreateClusterRequest, CreateClusterFacts>({
    action: { ...createAks, name: "create-cluster" },
    request,
    isBase: true,
    brings: ({ cluster, wanted }) => {
      const found = present(cluster);
      const kept = isToCreate(found) ? undefined : found;
      return { cluster: expectedCluster(request.creation, wanted?.location ?? "", kept) };
    },
  });
}

/** `deploy-extension` as a stage: the one after it finds an extension that has Succeeded. */
export function deploymentStage(request: DeployRequest): Stage {
  return stageOf<DeployRequest, DeployFacts>({
    action: deployExtension,
    request,
    isBase: true,
    expect: (facts, { cluster }) =>
      cluster
        ? {
            ...facts,
            cluster: standing(cluster),
            // Of a cluster that is not there yet Azure tells no extensions; a new one has none.
            extensions: orElse(facts.extensions, []),
            inside: facts.inside.is === "present" ? facts.inside : { is: "absent" },
          }
        : facts,
    brings: ({ extensions }, plan) => ({
      extension: expectedExtension(request.extensionName, azureMlExtension(present(extensions) ?? []), plan),
    }),
    alike: (again, { salt }) => ({ ...again, salt }),
  });
}

/** `attach` as a stage. */
export function attachmentStage(request: AttachRequest | AksAttachRequest): Stage {
  return stageOf<AttachRequest | AksAttachRequest, AttachFacts | AksAttachFacts>({
    action: attach,
    request,
    isBase: false,
    expect: (facts, { cluster, extension }) => ({
      ...facts,
      ...(cluster && { cluster: standing(cluster) }),
      ...(extension && "extensions" in facts && { extensions: { is: "present", value: [extension] } }),
    }),
  });
}

/**
 * `detach` as a stage, of a compute that the declaration made and names no more. That it says so is no rule that
 * `preflight` could switch off.
 */
export function detachmentStage(request: DetachRequest, declaration: string): Stage {
  return stageOf<DetachRequest, DetachFacts>({
    action: {
      ...detach,
      plan: (facts) => {
        const found = present(facts.compute);
        if (found && found.tags?.[declarationTag] !== declaration)
          throw notOurs(request.computeName, declaration);
        return detach.plan(facts);
      },
    },
    request,
    isBase: false,
  });
}

function notOurs(computeName: string, declaration: string): Failure {
  return new Failure(
    "NotDeclaredHere",
    `The compute "${computeName}" does not say that ${declaration} made it.`,
    {
      remedy:
        "Somebody else may have attached it meanwhile. `prune` detaches only what its own declaration made.",
    },
  );
}

/** The gate, at the end of a run whose time is over at `ends`. */
export function gate(asked: AskedVerification, clusterId: string, ends: number): Conclusion {
  return {
    step: {
      kind: "verify-extension",
      title: `verify the extension of cluster "${parseResourceId(clusterId)?.name ?? clusterId}"`,
      reason: "the gate alone tells whether what runs in the cluster is sound",
      stage: "verify-extension",
    },
    judge: (first, azure, host, draft) =>
      verify({ ...asked, timeout: Math.max(0, ends - Date.now()) }, azure, draft, host, first),
  };
}

function standing(cluster: NonNullable<Brought["cluster"]>): ObservedCluster & { kind: "aks" } {
  return { kind: "aks", seen: { is: "present", value: cluster } };
}

function orElse<T>(seen: Observed<T>, value: T): Observed<T> {
  return seen.is === "absent" ? { is: "present", value } : seen;
}
