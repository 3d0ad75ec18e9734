import { aksProperties } from "../model/aks-compute.ts";
import type { Compute } from "../model/compute.ts";
import type { ActionName } from "../model/doors.ts";
import { Failure } from "../model/failure.ts";
import type { Journal } from "../model/journal.ts";
import { hasMicrosoftTls, hasOwnTls, putBackBody, splitTls, withOwnTls } from "../model/reattachment.ts";
import type { GivenTls } from "../model/request.ts";
import { scoringEndpoint } from "../model/scoring-endpoint.ts";
import { readTlsMaterial, type TlsMaterial } from "../model/tls-material.ts";
import type { ReattachFacts } from "../reconcile/reattach-facts.ts";
import { type Intention, unfinishedJournal } from "../reconcile/reattach-plan.ts";

/**
 * A legacy compute attached again as it is, with the certificate that its cluster holds or with one that is given (U1,
 * U2). All of it is checked before anything is detached (U3).
 * @throws Failure where certificate and key are not there, or are of no use.
 */
export function legacyIntention(
  facts: ReattachFacts,
  found: Compute,
  given: GivenTls | undefined,
): Intention {
  const { body } = splitTls(putBackBody(found));
  const common = {
    reason: "the components of a legacy compute are updated by that, and by nothing else (U1)",
    scoringIp: scoringEndpoint(found).ip,
  };
  const ssl = aksProperties(found).sslConfiguration;
  if (given) {
    const cname = given.cname ?? (hasOwnTls(ssl) ? ssl?.cname : undefined);
    if (!cname) throw nameMissing(facts.request.computeName);
    const { fingerprint } = checked(given, cname, facts.now, "The certificate that is given");
    return { ...common, body: withOwnTls(body, cname), tls: pairOf(given), fingerprint, isKept: false };
  }
  if (hasOwnTls(ssl)) return { ...common, body, ...keptTls(facts, ssl?.cname ?? undefined) };
  // Microsoft issues its certificate anew for the label; the present one is kept in the journal all the same (U2).
  const held =
    hasMicrosoftTls(ssl) && facts.legacy?.tls.is === "present" ? facts.legacy.tls.value : undefined;
  return {
    ...common,
    body,
    ...(held?.certificate && held.privateKey && { tls: held }),
    isKept: false,
  };
}

/** Certificate and key of secret `azuremlfessl`: Azure returns neither (U2, arm-contract 1.5). */
function keptTls(facts: ReattachFacts, cname: string | undefined) {
  const tls = facts.legacy?.tls ?? { is: "absent" as const };
  if (tls.is !== "present") {
    const why = tls.is === "denied" ? tls.why.message : "It is not there, or the cluster can't be read.";
    throw new Failure(
      "TlsNotFound",
      `The compute "${facts.request.computeName}" serves HTTPS with a certificate of its own, and secret default/azuremlfessl, which holds it, was not read: ${why} Nothing was changed.`,
      {
        remedy: "Give `ssl-cert-pem` and `ssl-key-pem`, or a `kubeconfig` with which the secret can be read.",
      },
    );
  }
  const { fingerprint } = checked(
    tls.value,
    cname,
    facts.now,
    "The certificate in secret default/azuremlfessl",
  );
  return { tls: pairOf(tls.value), fingerprint, isKept: true };
}

function pairOf({ certificate, privateKey }: Pick<TlsMaterial, "certificate" | "privateKey">) {
  return { certificate, privateKey };
}

/**
 * What a resumed run puts in the place of the journal's certificate: the one that is given. Without one, the journal's
 * must still be of use, since an attach with one that has ended would only fail later.
 * @throws Failure `JournalCertificate`, or why what is given is of no use.
 */
export function renewedTls(
  facts: ReattachFacts,
  action: ActionName,
  given: GivenTls | undefined,
): Pick<Journal, "tls" | "fingerprint" | "isKept" | "body"> | undefined {
  const journal = unfinishedJournal(facts);
  if (!journal || facts.request.resume === "discard") return undefined;
  const isAttached = facts.compute.is === "present";
  // What was only planned, the same action plans anew; what is attached already needs none.
  const isMoot = journal.phase === "verifying" || (journal.phase === "planned" && journal.action === action);
  if (isAttached && isMoot) return undefined;
  const ssl = aksProperties(journal.body).sslConfiguration;
  const cname = given?.cname ?? ssl?.cname ?? undefined;
  if (given) {
    if (!cname) throw nameMissing(journal.computeName);
    const { fingerprint } = checked(given, cname, facts.now, "The certificate that is given");
    return { tls: pairOf(given), fingerprint, isKept: false, body: withOwnTls(journal.body, cname) };
  }
  if (!hasOwnTls(ssl)) return undefined;
  const { tls } = journal;
  const problems = tls ? problemsOf(tls, cname, facts.now) : ["It holds none."];
  if (problems.length === 0) return undefined;
  throw new Failure(
    "JournalCertificate",
    `The certificate in the journal of compute "${journal.computeName}" is of no use any more. The journal is kept.`,
    {
      details: problems,
      remedy:
        "Run the step again with `ssl-cert-pem` and `ssl-key-pem` of a new certificate: it finishes with that one.",
    },
  );
}

function checked(pair: GivenTls, cname: string | undefined, now: number, what: string): TlsMaterial {
  const { material } = readTlsMaterial({ ...pair, cname, now });
  if (material) return material;
  throw new Failure("TlsUnusable", `${what} is of no use. Nothing was changed.`, {
    details: problemsOf(pair, cname, now),
    remedy: "Give `ssl-cert-pem` and `ssl-key-pem` of one that is.",
  });
}

function problemsOf(pair: GivenTls, cname: string | undefined, now: number): string[] {
  const { problems } = readTlsMaterial({ ...pair, cname, now });
  return problems
    .filter(({ severity }) => severity === "error")
    .map(({ seen, remedy }) => `${seen} ${remedy}`);
}

function nameMissing(computeName: string): Failure {
  return new Failure(
    "TlsNameMissing",
    `The compute "${computeName}" has no name for a certificate of its own. Nothing was changed.`,
    {
      remedy: "Give `ssl-cname` with `ssl-cert-pem` and `ssl-key-pem`.",
    },
  );
}
