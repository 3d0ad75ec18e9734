import type { InstanceType } from "../model/kubernetes.ts";
import type { KubernetesUpdateFacts } from "../model/kubernetes-update.ts";
import { present } from "../model/observed.ts";
import { formatResourceId } from "../model/resource-id.ts";
import { admits } from "./cluster.ts";
import { list } from "./wording.ts";

/** Every cluster has it, and no list shows it (extension.md 5a). */
const implicitType = "defaultinstancetype";

/**
 * Why a Kubernetes compute is to be attached again; empty where it is not. What `auto` acts on has come after the
 * attachment, so that a compute that was attached again is not due any more, whatever Azure then shows of it.
 */
export function reattachReasons(facts: KubernetesUpdateFacts): readonly string[] {
  const { reattach } = facts.request.policy;
  if (reattach === "never") return [];
  const missing = missingTypes(facts).map(({ name }) => name);
  const found = [
    newerBinding(facts),
    missing.length > 0 && `the compute does not know instance types that the cluster has: ${list(missing)}`,
    reattach === "always" && "`reattach` is always",
  ];
  return found.filter((reason) => typeof reason === "string");
}

/** A compute that was attached before the binding was there does not use it (peers 1.6, extension.md 7). */
function newerBinding({ bindings, compute, request }: KubernetesUpdateFacts): string | undefined {
  const workspaceId = formatResourceId(request.workspace);
  const attached = Date.parse(compute.properties.createdOn ?? "");
  const newer = (present(bindings) ?? []).find(
    (binding) => admits(binding, workspaceId) && Date.parse(binding.systemData?.createdAt ?? "") > attached,
  );
  return (
    newer &&
    `the Trusted Access binding "${newer.name}" is newer than the attachment, which goes on without it until it is made anew`
  );
}

/**
 * Instance types of the cluster that the compute does not know: it takes them over when it is attached (peers 6), and
 * these are newer than that.
 */
export function missingTypes({ inside, compute }: KubernetesUpdateFacts): readonly InstanceType[] {
  const contents = present(inside);
  const types = (contents?.instanceTypes && present(contents.instanceTypes)) ?? [];
  const attached = Date.parse(compute.properties.createdOn ?? "");
  const known = new Set(Object.keys(compute.properties.properties?.["instanceTypes"] ?? {}));
  return types.filter(({ name, created }) => name !== implicitType && !known.has(name) && created > attached);
}
