import { present } from "../../model/observed.ts";
import { privilegedSubjects, ungranted } from "../openshift.ts";
import type { InsideRule } from "./inside.ts";
import { installed } from "./installed.ts";
import { workloadsSeen } from "./workloads.ts";

/** X8: on OpenShift the extension's service accounts may do what they must. */
export const openshiftRule: InsideRule = {
  id: "openshift-privileged",
  subject: "openshift",
  source: "X8, extension.md 9",
  looksAt: ({ privileged }) => (privileged ? [privileged] : []),
  check: (facts) => {
    const extension = installed(facts);
    if (!extension) return undefined;
    const compute = facts.compute && present(facts.compute);
    const namespace = compute?.properties.properties?.namespace ?? undefined;
    const subjects = privilegedSubjects(extension.name, extension.version, namespace);
    const whole = (workloadsSeen(facts) ?? []).every(({ expected, found }) =>
      found ? found.ready >= found.wanted : expected.optional,
    );
    // What runs already was let in another way, or will not be let in again.
    const severity = extension.standing === "succeeded" && whole ? "warning" : "error";
    return ungranted(present(facts.inside), subjects, severity);
  },
};
