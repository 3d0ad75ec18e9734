import { aksProperties } from "../model/aks-compute.ts";
import type { Compute } from "../model/compute.ts";
import type { AksAttachFacts } from "../model/facts.ts";
import { type Observed, present } from "../model/observed.ts";
import { sameText } from "../model/resource-id.ts";
import { type Resolution, scoringEndpoint } from "../model/scoring-endpoint.ts";
import type { Rule } from "./rule.ts";

const tlsPage = "https://learn.microsoft.com/azure/machine-learning/v1/how-to-secure-web-service";

/** What is worth saying about TLS of a legacy compute before it is attached. */
export const aksTlsRules: readonly Rule<AksAttachFacts>[] = [
  {
    id: "aks-inputs",
    source: "C3, T4",
    check: ({ request }) => request.notes.map(({ severity, seen, remedy }) => ({ severity, seen, remedy })),
  },
  {
    id: "aks-microsoft-certificate",
    source: "T1, extension.md 8",
    check: ({ request }) => {
      const { tls } = request.attachment;
      if (tls?.way !== "microsoft") return undefined;
      return {
        severity: "info",
        seen: `Microsoft issues a certificate for "${tls.leafDomainLabel}######.<region>.cloudapp.azure.com"; the name is the output \`scoring-host\`. Such certificates do not renew themselves any more.`,
        remedy: "Keep the label when the certificate is renewed: another one gets another name.",
        link: tlsPage,
      };
    },
  },
  {
    id: "aks-certificate-unseen",
    source: "A6, arm-contract 1.5",
    check: ({ request, compute }) => {
      const status = present(compute) && statusOf(present(compute));
      if (request.attachment.tls?.way !== "own" || !status || !sameText(status, "Enabled")) return undefined;
      return {
        severity: "info",
        seen: "Azure does not give certificate and key back, so that it can't be seen whether the compute has those that are given; its status and its name were compared.",
        remedy: "To change the certificate, give `on-difference: replace`: then the cluster is asked for it.",
        link: tlsPage,
      };
    },
  },
];

/** What a compute that is attached, and the DNS, say of the name of its scoring endpoint. */
export interface AttachedFacts {
  readonly compute: Observed<Compute>;
  readonly resolution?: Resolution | undefined;
}

/** The name of one's own certificate must lead to the scoring endpoint. */
export const dnsRule: Rule<AttachedFacts> = {
  id: "aks-dns",
  source: "T3",
  check: ({ compute, resolution }) => {
    const found = present(compute);
    const { ip, host } = found ? scoringEndpoint(found) : {};
    if (!ip || !host || !resolution || !sameText(statusOf(found) ?? "", "Enabled")) return undefined;
    const remedy = `Make the DNS record \`${host}. A ${ip}\`.`;
    if (resolution.is === "addresses") {
      if (resolution.addresses.includes(ip)) return undefined;
      const seen = `The name ${host} resolves to ${resolution.addresses.join(", ")}, the scoring endpoint is at ${ip}.`;
      return { severity: "warning", seen, remedy, link: tlsPage };
    }
    const seen =
      resolution.is === "no-such-name"
        ? `The name ${host} does not resolve; the scoring endpoint is at ${ip}.`
        : `Whether the name ${host} resolves to the scoring endpoint at ${ip} could not be looked up from here.`;
    return {
      severity: "warning",
      seen,
      remedy,
      link: tlsPage,
      ...(resolution.is === "unknown" && { unread: true }),
    };
  },
};

function statusOf(compute: Compute | undefined): string | undefined {
  return (compute && aksProperties(compute).sslConfiguration?.status) ?? undefined;
}
