import { Failure } from "../model/failure.ts";
import { present } from "../model/observed.ts";
import type { ReattachFacts } from "../reconcile/reattach-facts.ts";
import type { Rule } from "../rules/rule.ts";

/** Why the certificate of a legacy compute can't be compared: Azure never shows it (arm-contract 1.5), the cluster does. */
export interface UnseenCertificate {
  readonly why: string;
  /** There is a way to see it, which has failed. */
  readonly isFailure: boolean;
}

/** Why the cluster's certificate was not seen; `undefined` where it was. */
export function unseenCertificate({
  api,
  cluster,
  clusterId,
  legacy,
}: ReattachFacts): UnseenCertificate | undefined {
  if (cluster?.seen.is === "absent") return { why: `There is no cluster ${clusterId}.`, isFailure: true };
  if (api.is === "denied") return { why: api.why.message, isFailure: true };
  if (!present(api)?.writes) {
    return { why: "It must not pass through Resource Manager, as with run-command.", isFailure: false };
  }
  const tls = legacy?.tls;
  if (tls?.is === "denied") return { why: tls.why.message, isFailure: true };
  return tls?.is === "absent"
    ? { why: "There is no secret default/azuremlfessl.", isFailure: true }
    : undefined;
}

/**
 * To find nothing to do there would be a lie: who asks for another certificate would believe that it is served.
 * @throws Failure `CertificateUnseen`.
 */
export function refuseUnseen({ unseen }: { readonly unseen?: UnseenCertificate | undefined }): void {
  if (!unseen?.isFailure) return;
  throw new Failure(
    "CertificateUnseen",
    `Whether the cluster holds the certificate given can't be told. ${unseen.why} Nothing was changed.`,
    {
      remedy:
        "Run the step again where the cluster's API can be read, with the right to get secret default/azuremlfessl. `on-difference: fail` compares no certificate.",
    },
  );
}

/** The same where there is no way to see it. */
export const unseenCertificateRule: Rule<UnseenCertificate> = {
  id: "certificate-unseen",
  source: "arm-contract 1.5",
  check: ({ why, isFailure }) =>
    isFailure
      ? undefined
      : {
          severity: "warning",
          seen: `Whether the cluster holds the certificate given can't be told. ${why} It is not replaced.`,
          remedy:
            "Give a `kubeconfig` where the API server can be reached, or run `update-components` with it.",
        },
};
