import type { DeployFacts } from "../../model/facts.ts";
import { present } from "../../model/observed.ts";
import type { Rule } from "../rule.ts";
import { secretVerdicts } from "../tls-secret.ts";
import { planned } from "./planned.ts";

/** The secret that `sslSecret` names is there before the extension asks for it. */
export const tlsSecretRule: Rule<DeployFacts> = {
  id: "tls-secret",
  source: "extension.md 2a, 8 (E40007)",
  check: (facts) => {
    const { inference, sslSecret: name, sslCname: cname } = planned(facts).settings;
    const seen = present(facts.inside)?.tlsSecret;
    if (!inference || name === undefined || !seen) return undefined;
    return secretVerdicts({ name, seen, cname, now: facts.now });
  },
};
