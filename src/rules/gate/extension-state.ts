import type { VerifyFacts } from "../../model/facts.ts";
import { present } from "../../model/observed.ts";
import { sameText } from "../../model/resource-id.ts";
import { deployPage, extensionType, troubles } from "../extension.ts";
import type { GateRule, Verdict } from "../rule.ts";
import { list, sentence, short } from "../wording.ts";
import { type Installed, installed } from "./installed.ts";
import { knownError } from "./known-errors.ts";
import { mayPass, podTroubles } from "./pods.ts";

const subject = "extension";

/** X1, K1: the extension is there at all. */
export const extensionPresent: GateRule<VerifyFacts> = {
  id: "extension-installed",
  subject,
  source: "X1, K1",
  check: (facts) => {
    if (facts.cluster.seen.is === "absent" || installed(facts)) return undefined;
    if (facts.extensions.is === "denied") {
      return {
        severity: "warning",
        seen: "The extensions of the cluster can't be read, so that their state was not checked.",
        remedy:
          "Give the identity that this step signs in with `Kubernetes Extension Contributor` or Reader on the cluster.",
        unread: true,
      };
    }
    return {
      severity: "error",
      seen: `The cluster has no extension of type ${extensionType}.`,
      remedy: "Run `deploy-extension` on this cluster first.",
      link: deployPage,
    };
  },
};

/** A failed extension whose own words name the cause. */
export const extensionCause: GateRule<VerifyFacts> = {
  id: "extension-failure-cause",
  subject,
  source: "extension.md 6, 11",
  check: (facts) => {
    const extension = installed(facts);
    const error = extension && failure(extension);
    if (!extension || !error || error.symptom) return undefined;
    return {
      severity: "error",
      seen: `${error.means} The extension "${extension.name}" is ${extension.state}: ${lines(extension)}`,
      remedy: error.remedy,
      link: "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-kubernetes-extension",
    };
  },
};

/** Settings that the CLI adds and that a raw request must bring itself (extension.md 1c). */
const derivedKeys = ["cluster_name", "clusterId", "location", "domain", "cluster_name_friendly"];

/** A failed extension that was made without what `az` adds: works by CLI, fails by Terraform. */
export const extensionDerivedSettings: GateRule<VerifyFacts> = {
  id: "extension-derived-settings",
  subject,
  source: "extension.md 1c, 11 (terraform-provider-azurerm#24547)",
  check: (facts) => {
    const extension = installed(facts);
    const settings = extension?.extension.properties.configurationSettings;
    if (extension?.standing !== "failed" || !settings) return undefined;
    const secret = settings["sslSecret"] && !settings["scoringFe.sslSecret"] ? ["scoringFe.sslSecret"] : [];
    const missing = [...derivedKeys.filter((key) => !settings[key]), ...secret];
    if (missing.length === 0) return undefined;
    return {
      severity: "error",
      seen: `The settings of the extension lack what the Azure CLI adds: ${list(missing)}. Without them it can't start.`,
      remedy: "Run `deploy-extension`, which sends them, with `on-failed: recreate`.",
      link: "https://github.com/hashicorp/terraform-provider-azurerm/issues/24547",
    };
  },
};

/** K1: Azure is still at it, so that all the rest may be just late; told first, unless a pod says what is wrong. */
export const extensionSettled: GateRule<VerifyFacts> = {
  id: "extension-settled",
  subject,
  source: "K1",
  check: (facts) => {
    const extension = installed(facts);
    return extension?.standing === "working" && !isStuck(facts) ? working(extension) : undefined;
  },
};

/** K1: it has reached the state Succeeded. */
export const extensionState: GateRule<VerifyFacts> = {
  id: "extension-succeeded",
  subject,
  source: "K1",
  check: (facts) => {
    const extension = installed(facts);
    if (!extension || extension.standing === "succeeded") return undefined;
    if (extension.standing === "working") return isStuck(facts) ? working(extension) : undefined;
    const error = failure(extension);
    // Told by the rule above, with the cause.
    if (error && !error.symptom) return undefined;
    return {
      severity: "error",
      seen: [`The extension "${extension.name}" is ${extension.state}.`, error?.means, lines(extension)]
        .filter(Boolean)
        .join(" "),
      remedy:
        error?.remedy ??
        "Mend what its errors and the findings above name, then run `deploy-extension` with `on-failed: recreate`.",
      link: deployPage,
    };
  },
};

/** A failure can show in statuses and errorInfo though the state is Succeeded (arm-contract 3). */
export const extensionStatuses: GateRule<VerifyFacts> = {
  id: "extension-statuses",
  subject,
  source: "arm-contract 3",
  check: (facts) => {
    const extension = installed(facts);
    if (extension?.standing !== "succeeded" || troubles(extension.extension).length === 0) return undefined;
    return {
      severity: "warning",
      seen: `The extension "${extension.name}" is Succeeded and reports errors: ${lines(extension)}`,
      remedy:
        knownError(troubles(extension.extension), extension.name)?.remedy ??
        "Look at the pods of namespace azureml in the cluster; run `deploy-extension` again if the message stays.",
    };
  },
};

/** Namespace `azureml` is there, and is not on its way out. */
export const namespacePresent: GateRule<VerifyFacts> = {
  id: "namespace-active",
  subject: "namespace",
  source: "extension.md 3",
  check: (facts) => {
    const contents = present(facts.inside);
    const extension = installed(facts);
    if (!contents || !extension) return undefined;
    if (contents.namespace.is === "absent") return namespaceMissing(extension);
    const namespace = present(contents.namespace);
    if (!namespace || !sameText(namespace.phase, "Terminating")) return undefined;
    const held = namespace.held.map((reason) => short(reason, 160));
    // Its content takes some minutes to go; a finalizer whose controller is gone keeps it for ever.
    const isStuck = held.some((reason) => /finalizer/i.test(reason));
    return {
      severity: "error",
      seen: `Namespace azureml is being removed.${held.length > 0 ? ` It is held by: ${sentence(list(held, 3))}` : ""}`,
      remedy: isStuck
        ? "Remove what holds it (mostly finalizers of objects whose controller is gone: `kubectl api-resources --verbs=list --namespaced -o name | xargs -n 1 kubectl get -n azureml`), then run `deploy-extension` again."
        : "Wait until it is gone (about 10 minutes), then run `deploy-extension` again.",
      object: "Namespace azureml",
      ...(!isStuck && { pending: true }),
    };
  },
};

function namespaceMissing(extension: Installed): Verdict | undefined {
  if (extension.standing === "working") return undefined;
  return {
    // A failed installation is taken back whole (extension.md 3): then it is no cause.
    severity: extension.standing === "failed" ? "info" : "error",
    seen:
      extension.standing === "failed"
        ? "Namespace azureml is not there: a failed installation is taken back whole."
        : "Namespace azureml is not there, though Azure has the extension.",
    remedy:
      extension.standing === "failed"
        ? "Mend the cause of the failure; a new installation makes the namespace."
        : "Somebody removed it from the cluster, or the agent never installed it: delete the extension (`az k8s-extension delete`) and run `deploy-extension`.",
    object: "Namespace azureml",
  };
}

/** Something is wrong inside that time does not mend. */
function isStuck(facts: VerifyFacts): boolean {
  return podTroubles(facts).some((trouble) => trouble.harms && !mayPass(trouble, facts));
}

function failure({ extension, standing, name }: Installed) {
  return standing === "failed" ? knownError(troubles(extension), name) : undefined;
}

function working({ name, state }: Installed): Verdict {
  return {
    severity: "error",
    seen: `The extension "${name}" is ${state}.`,
    remedy:
      "Wait: the first minutes are normal, and an installation takes 5 to 15 of them. Give `wait-for` a longer time.",
    pending: true,
  };
}

/** All that Azure reports, in one sentence that is not endless. */
function lines({ extension }: Installed): string {
  return sentence(short(troubles(extension).join(" "), 1_000) || "Azure gives no reason");
}
