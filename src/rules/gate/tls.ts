import type { VerifyFacts } from "../../model/facts.ts";
import { present } from "../../model/observed.ts";
import { readCertificate } from "../../model/tls-material.ts";
import { routerWorkloads } from "../../model/workloads.ts";
import type { GateRule, Verdict } from "../rule.ts";
import { certificatePage, isGrave, secretVerdicts, takeUp } from "../tls-secret.ts";
import { sentence, short } from "../wording.ts";
import type { InsideFacts, InsideRule } from "./inside.ts";
import { type Installed, installed, patience } from "./installed.ts";
import { publicHttp } from "./router.ts";

/** What can be seen of a certificate that was served, of which the chain is not known. */
const ofServed = new Set([
  "tls-expired",
  "tls-not-yet-valid",
  "tls-expires-soon",
  "tls-name-differs",
  "tls-name-in-cn",
]);

/** The secret that `sslSecret` names holds a certificate that works. */
export const tlsSecretRule: InsideRule = {
  id: "tls-secret",
  subject: "tls",
  source: "extension.md 2a, 8",
  looksAt: ({ tlsSecret }) => (tlsSecret ? [tlsSecret] : []),
  check: (facts) => ofSecret(facts),
};

/** What is wrong with the secret: errors only. */
export function tlsSecretProblems(facts: InsideFacts): readonly Verdict[] {
  return ofSecret(facts).filter(({ severity }) => severity === "error");
}

function ofSecret(facts: InsideFacts): readonly Verdict[] {
  const extension = installed(facts);
  const seen = present(facts.inside)?.tlsSecret;
  const name = extension?.settings.sslSecret;
  // Of both, the PEM pair is used (extension.md 1b); Azure shows the names of protected settings at most.
  const pem = Object.hasOwn(
    extension?.extension.properties.configurationProtectedSettings ?? {},
    "scoringFe.sslCert",
  );
  if (!extension || !seen || name === undefined || pem) return [];
  const verdicts = secretVerdicts({ name, seen, cname: extension.settings.sslCname, now: facts.now });
  return extension.standing === "working"
    ? verdicts.map((verdict) => ({ ...verdict, pending: true }))
    : verdicts;
}

/** What the endpoint really serves is the certificate that it should. */
export const tlsServedRule: GateRule<VerifyFacts> = {
  id: "tls-served",
  subject: "tls",
  source: "extension.md 8",
  check: (facts) => {
    const extension = installed(facts);
    const { served } = facts;
    if (!extension?.settings.inference || !served || served.is === "absent") return undefined;
    if (served.is === "denied") {
      return {
        severity: "warning",
        seen: `What the endpoint serves could not be looked at. ${sentence(short(served.why.message))}`,
        remedy:
          "Check that this runner may reach the router's address, or leave it: nothing else depends on it.",
        unread: true,
      };
    }
    const { certificate, address } = served.value;
    const other = servesOther(facts, extension, certificate, address);
    if (other) return other;
    const { problems } = readCertificate({ certificate, ...named(extension), now: facts.now });
    return problems
      .filter(({ id, severity }) => ofServed.has(id) && isGrave({ id, severity }))
      .map(({ severity, seen, remedy }) => ({
        severity,
        seen: `${address} serves: ${seen}`,
        remedy: `${remedy} Then run \`deploy-extension\` with it.`,
        link: certificatePage,
      }));
  },
};

/** X4: HTTP on a public load balancer is the least safe. */
export const publicHttpRule: GateRule<VerifyFacts> = {
  id: "router-public-http",
  subject: "tls",
  source: "X4",
  check: (facts) => {
    const extension = installed(facts);
    return extension && publicHttp(extension);
  },
};

function named({ settings }: Installed): { cname?: string } {
  return settings.sslCname === undefined ? {} : { cname: settings.sslCname };
}

/** The secret was changed and the router not told, or another thing answers at that address. */
function servesOther(
  facts: VerifyFacts,
  extension: Installed,
  certificate: string,
  address: string,
): Verdict | undefined {
  const contents = present(facts.inside);
  const secret = contents?.tlsSecret && present(contents.tlsSecret);
  const { now } = facts;
  const wanted = secret && readCertificate({ certificate: secret.certificate, now }).material;
  const found = readCertificate({ certificate, now }).material;
  if (!wanted || !found || wanted.fingerprint === found.fingerprint) return undefined;
  const router = (present(contents?.workloads ?? { is: "absent" }) ?? []).find(({ name }) =>
    routerWorkloads.includes(name),
  );
  return {
    severity: "error",
    seen: `${address} serves another certificate than Secret azureml/${extension.settings.sslSecret} holds (for ${found.names.join(", ") || "no name"}, until ${new Date(found.notAfter).toISOString().slice(0, 10)}).`,
    remedy: `A changed secret is not noticed by itself. ${takeUp(extension.settings.sslSecret ?? "")} If that does not help, check what else answers at that address.`,
    link: certificatePage,
    object: "Service azureml/azureml-fe",
    ...(router && now - router.created < patience && { pending: true }),
  };
}
