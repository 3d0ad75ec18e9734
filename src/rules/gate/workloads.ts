import type { Workload } from "../../model/kubernetes.ts";
import { present } from "../../model/observed.ts";
import { type ExpectedWorkload, expectedWorkloads, findWorkload } from "../../model/workloads.ts";
import type { Verdict } from "../rule.ts";
import { list } from "../wording.ts";
import type { InsideFacts, InsideRule } from "./inside.ts";
import { type Installed, installed, whileYoung } from "./installed.ts";
import type { PodTrouble } from "./pod-trouble.ts";
import { podTroubles } from "./pods.ts";

/** K3: every expected workload is there and has its pods. */
export const workloadRules: readonly InsideRule[] = [
  {
    id: "workloads-present",
    subject: "workloads",
    source: "K3, extension.md 5",
    looksAt: ({ workloads }) => [workloads],
    check: (facts) => {
      const extension = installed(facts);
      const seen = workloadsSeen(facts);
      if (!extension || !seen) return undefined;
      // Where the namespace is gone, everything in it is: that is told by itself.
      if (present(facts.inside)?.namespace.is === "absent") return undefined;
      const missing = seen.filter(({ expected, found }) => !found && !expected.optional);
      return missing.length > 0
        ? absent(
            missing.map(({ expected }) => expected),
            extension,
          )
        : undefined;
    },
  },
  {
    id: "workloads-ready",
    subject: "workloads",
    source: "K3, extension.md 5",
    looksAt: ({ workloads }) => [workloads],
    check: (facts) => {
      const troubles = podTroubles(facts).filter(({ harms }) => harms);
      return (workloadsSeen(facts) ?? []).flatMap(({ expected, found }) =>
        found ? (unready(expected, found, troubles, facts) ?? []) : [],
      );
    },
  },
];

/** What the extension should have, beside what there is of it; `undefined` where that is not known. */
export function workloadsSeen(
  facts: InsideFacts,
): readonly { readonly expected: ExpectedWorkload; readonly found: Workload | undefined }[] | undefined {
  const extension = installed(facts);
  const contents = present(facts.inside);
  const workloads = contents && present(contents.workloads);
  if (!extension || !workloads) return undefined;
  const { configurationSettings } = extension.extension.properties;
  const expected = expectedWorkloads(
    extension.version,
    configurationSettings,
    facts.cluster.kind,
    extension.name,
  );
  return expected.map((one) => ({ expected: one, found: findWorkload(one, extension.name, workloads) }));
}

function absent(missing: readonly ExpectedWorkload[], extension: Installed): Verdict {
  const names = missing.map(({ kind, name }) => `${kind} ${name}`);
  const verb = missing.length === 1 ? "is" : "are";
  if (extension.standing === "failed") {
    return {
      severity: "info",
      seen: `${list(names)} ${verb} missing, as after an installation that failed and was taken back.`,
      remedy: "Mend the cause of the failure; a new installation makes them.",
    };
  }
  return {
    severity: "error",
    seen: `${list(names)} of namespace azureml ${verb} missing.`,
    remedy:
      extension.standing === "working"
        ? "Wait: the extension is still being installed or changed."
        : "Somebody deleted what the extension made: delete the extension (`az k8s-extension delete`) and run `deploy-extension`.",
    object: `${missing[0]?.kind} azureml/${missing[0]?.name}`,
    ...(extension.standing === "working" && { pending: true }),
  };
}

function unready(
  expected: ExpectedWorkload,
  found: Workload,
  troubles: readonly PodTrouble[],
  facts: InsideFacts,
): Verdict | undefined {
  const object = `${found.kind} azureml/${found.name}`;
  if (found.wanted === 0 && found.kind !== "DaemonSet" && !expected.optional) return stopped(found, object);
  if (found.ready < found.wanted) return short(found, object, troubles, facts);
  if (found.kind !== "DaemonSet" && found.wanted < expected.replicas) {
    return {
      severity: "info",
      seen: `${object} has ${found.wanted} of the ${expected.replicas} replicas that \`inferenceRouterHA\` asks for.`,
      remedy: "Somebody changed the number by hand; run `deploy-extension` again to have it as set.",
      object,
    };
  }
  return undefined;
}

function stopped(found: Workload, object: string): Verdict {
  return {
    severity: "error",
    seen: `${object} is scaled to zero.`,
    remedy: `Run \`kubectl scale ${found.kind.toLowerCase()} ${found.name} -n azureml --replicas=1\`.`,
    object,
  };
}

/** A workload without its pods is a symptom where a pod says why. */
function short(
  found: Workload,
  object: string,
  troubles: readonly PodTrouble[],
  facts: InsideFacts,
): Verdict {
  const seen = `${object} has ${found.ready} of ${found.wanted} pods ready`;
  const cause = troubles.find(({ workload }) => workload === found.name);
  if (cause) {
    return {
      severity: "info",
      seen: `${seen}, because of ${cause.object} (${cause.kind}).`,
      remedy: "Mend what the finding on that object says.",
      object,
    };
  }
  return {
    severity: "error",
    seen: `${seen}.`,
    remedy: `Look at its pods and events: \`kubectl describe ${found.kind.toLowerCase()} ${found.name} -n azureml\`.`,
    object,
    ...(installed(facts)?.standing === "failed" ? {} : whileYoung(found.created, facts.now)),
  };
}
