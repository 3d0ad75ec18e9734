import type { DeployFacts } from "../../model/facts.ts";
import { present } from "../../model/observed.ts";
import { privilegedSubjects, ungranted } from "../openshift.ts";
import type { Rule } from "../rule.ts";
import { planned } from "./planned.ts";

/** X8: on OpenShift the extension's service accounts may do what they must. */
export const openshiftRule: Rule<DeployFacts> = {
  id: "openshift-privileged",
  source: "X8, extension.md 9",
  check: (facts) => {
    const { name, version } = planned(facts);
    return ungranted(present(facts.inside), privilegedSubjects(name, version, undefined), "error");
  },
};
