import type { Azure } from "../azure/connect.ts";
import { nextPoll } from "../azure/operation.ts";
import { pause } from "../azure/pause.ts";
import type { ClusterApi } from "../kubernetes/cluster-api.ts";
import { readRouterPods, readRouterTls } from "../kubernetes/legacy-router.ts";
import { aksProperties } from "../model/aks-compute.ts";
import type { Compute } from "../model/compute.ts";
import { formatDuration } from "../model/duration.ts";
import { Failure } from "../model/failure.ts";
import type { Finding } from "../model/finding.ts";
import type { Journal } from "../model/journal.ts";
import { hasMicrosoftTls, hasOwnTls } from "../model/reattachment.ts";
import { sameText } from "../model/resource-id.ts";
import { scoringEndpoint } from "../model/scoring-endpoint.ts";
import { readCertificate } from "../model/tls-material.ts";
import type { Watcher } from "../reconcile/resource-steps.ts";
import { judgeAttached, type LookUp } from "./attach-aks.ts";

/** Milliseconds for the router to come up once Azure has reported success, and for its certificate to be there. */
const routerLimit = 10 * 60_000;
const secretLimit = 2 * 60_000;

/** A legacy compute that was attached again, and what it should be. */
export interface Reattached {
  readonly compute: Compute;
  readonly journal: Journal;
  /** Where the cluster is not to be looked into, absent. */
  readonly api: ClusterApi | undefined;
  readonly azure: Azure;
  readonly watcher: Watcher;
  readonly lookUp: LookUp;
}

/**
 * Looks whether a legacy compute that was attached again serves as it did: the same certificate (U2), a router that is
 * ready, the same address.
 * @throws Failure `CertificateDiffers`, `RouterNotReady`.
 */
export async function verifyLegacy(reattached: Reattached): Promise<readonly Finding[]> {
  const { compute, journal, azure, lookUp } = reattached;
  const certificate = await verifyCertificate(reattached);
  const router = await verifyRouter(reattached);
  const moved = movedFinding(compute, journal);
  const attached = await judgeAttached(compute, azure, lookUp);
  // A name that leads elsewhere since the address has moved is told once.
  const others = moved ? attached.filter(({ id }) => id !== "aks-dns") : attached;
  return [certificate, router, moved, ...others].filter((finding) => finding !== undefined);
}

async function verifyCertificate({ compute, journal, api, azure }: Reattached): Promise<Finding | undefined> {
  const { fingerprint } = journal;
  if (!api?.writes || !fingerprint || !hasOwnTls(aksProperties(compute).sslConfiguration)) return undefined;
  const began = Date.now();
  for (;;) {
    const seen = await readRouterTls(api);
    if (seen.is === "denied") return unread("certificate", seen.why.message);
    const { certificate = "" } = seen.is === "present" ? seen.value : {};
    const served = readCertificate({ certificate, now: began }).material?.fingerprint;
    if (served === fingerprint) return undefined;
    if (Date.now() - began > secretLimit) {
      if (served === undefined && !journal.isKept) {
        return unread("certificate", "secret default/azuremlfessl is not there.");
      }
      throw differs(fingerprint, served);
    }
    await pause(nextPoll(began), azure.arm.signal);
  }
}

function differs(wanted: string, served: string | undefined): Failure {
  return new Failure(
    "CertificateDiffers",
    `The cluster ${served ? `holds another certificate (${served})` : "holds no certificate"} than the one that was sent (${wanted}).`,
    {
      remedy:
        "What the legacy router left of an earlier certificate may be in its way: stop the web services, detach the compute, and run this step again, which then removes it.",
    },
  );
}

async function verifyRouter({ api, azure, watcher }: Reattached): Promise<Finding | undefined> {
  if (!api) return unread("router", "the cluster was not looked into.");
  const began = Date.now();
  for (;;) {
    const seen = await readRouterPods(api);
    if (seen.is === "denied") return unread("router", seen.why.message);
    if (seen.is === "absent" && Date.now() - began > secretLimit) {
      return unread("router", "there is no deployment azureml-fe in namespace default.");
    }
    if (seen.is === "present") {
      const { name, ready, wanted } = seen.value;
      if (ready >= wanted) return undefined;
      const stands = `${ready} of ${wanted} pods of deployment default/${name} are ready`;
      if (Date.now() - began > routerLimit) throw notReady(stands, Date.now() - began);
      watcher.progress(stands);
    }
    await pause(nextPoll(began), azure.arm.signal);
  }
}

function notReady(stands: string, waited: number): Failure {
  return new Failure(
    "RouterNotReady",
    `The compute is attached, but after ${formatDuration(waited)} ${stands}.`,
    {
      remedy:
        "`kubectl describe pods -n default -l app=azureml-fe` tells why. Mend it, then run the step again: it looks again, and detaches nothing.",
    },
  );
}

/** T3: who asks by name or address must be led to the new one. */
function movedFinding(compute: Compute, { scoringIp, body }: Journal): Finding | undefined {
  const { ip, host } = scoringEndpoint(compute);
  const before = aksProperties(body).sslConfiguration;
  const isRenamed = hasMicrosoftTls(before) && before?.cname && host && !sameText(before.cname, host);
  if (isRenamed) {
    return {
      id: "aks-name-changed",
      source: "T1",
      severity: "warning",
      seen: `The scoring endpoint was ${before.cname} and is ${host} now.`,
      remedy: "Give the new name to all that call it.",
    };
  }
  if (!ip || !scoringIp || ip === scoringIp) return undefined;
  return {
    id: "aks-address-changed",
    source: "T3",
    severity: "warning",
    seen: `The scoring endpoint was at ${scoringIp} and is at ${ip} now.`,
    remedy: host
      ? `Change the DNS record: \`${host}. A ${ip}\`.`
      : "Give the new address to all that call it.",
  };
}

function unread(what: "certificate" | "router", why: string): Finding {
  return {
    id: `update-${what}-unread`,
    source: "U2",
    severity: "warning",
    seen: `The ${what} could not be looked at after the update: ${why}`,
    remedy: "Look at it by hand.",
    unread: true,
  };
}
