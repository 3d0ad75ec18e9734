import type { DeployFacts } from "../../model/facts.ts";
import { present } from "../../model/observed.ts";
import { sameText } from "../../model/resource-id.ts";
import { installed } from "../gate/installed.ts";
import type { Rule } from "../rule.ts";
import { list, sentence, short } from "../wording.ts";

/** Namespace `azureml` is free for a new extension. */
export const namespaceRules: readonly Rule<DeployFacts>[] = [
  {
    id: "namespace-terminating",
    source: "extension.md 3",
    check: (facts) => {
      const contents = present(facts.inside);
      const namespace = contents && present(contents.namespace);
      // An extension that is there is waited for, or deleted first, by the plan.
      if (!namespace || installed(facts) || !sameText(namespace.phase, "Terminating")) return undefined;
      const held = namespace.held.map((reason) => short(reason, 160));
      const still = "Namespace azureml is still being removed; an installation would fail meanwhile.";
      // Its content takes some minutes to go; a finalizer whose controller is gone keeps it for ever.
      if (!held.some((reason) => /finalizer/i.test(reason))) {
        return {
          severity: "info",
          seen: still,
          remedy: "It is waited for (about 10 minutes).",
          object: "Namespace azureml",
          pending: true,
        };
      }
      return {
        severity: "error",
        seen: `${still} It is held by: ${sentence(list(held, 3))}`,
        remedy:
          "Remove what holds it, mostly finalizers of objects whose controller is gone, then run this step again.",
        object: "Namespace azureml",
      };
    },
  },
  {
    id: "namespace-occupied",
    source: "extension.md 3, 6, 9",
    check: (facts) => {
      const contents = present(facts.inside);
      const workloads = (contents && present(contents.workloads)) ?? [];
      const isGoing = sameText((contents && present(contents.namespace)?.phase) ?? "", "Terminating");
      const own = workloads.filter(({ name }) =>
        ["gateway", "relayserver", "metrics-controller-manager"].includes(name),
      );
      const [first] = own;
      if (!first || isGoing || facts.extensions.is !== "present" || installed(facts)) return undefined;
      const other = facts.cluster.kind === "aks" ? "its Azure Arc resource" : "its AKS resource";
      return {
        severity: "error",
        seen: `Namespace azureml holds an extension that Azure does not know by this cluster (${list(own.map(({ name }) => name))}).`,
        remedy: `If it was installed through ${other}, delete it there: a cluster is used one way or the other. If it was left behind, remove it: \`helm list -n azureml\`, \`helm uninstall <name> -n azureml\`.`,
        link: "https://github.com/Azure/AML-Kubernetes/blob/master/docs/troubleshooting.md",
        object: `${first.kind} azureml/${first.name}`,
      };
    },
  },
];
