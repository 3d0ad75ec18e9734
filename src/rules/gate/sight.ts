import type { VerifyFacts } from "../../model/facts.ts";
import type { GateSight } from "../../model/gate.ts";
import { present } from "../../model/observed.ts";
import { regionName } from "../../model/region.ts";
import { readCertificate } from "../../model/tls-material.ts";

/** What a list of many clusters tells of each beside its verdict. */
export function sightOf(facts: VerifyFacts): GateSight {
  const { region, kubernetesVersion } = ofCluster(facts);
  const certificate = certificateOf(facts);
  return {
    ...(region && { region }),
    ...(kubernetesVersion && { kubernetesVersion }),
    ...(certificate && { certificate }),
  };
}

function ofCluster({ cluster }: VerifyFacts) {
  const seen = present(cluster.seen);
  const version =
    cluster.kind === "aks"
      ? present(cluster.seen)?.properties.currentKubernetesVersion
      : present(cluster.seen)?.properties.kubernetesVersion;
  return { region: seen?.location && regionName(seen.location), kubernetesVersion: version };
}

/** What clients are served; where that can't be seen, what the secret holds. */
function certificateOf(facts: VerifyFacts): GateSight["certificate"] {
  const secret = present(facts.inside)?.tlsSecret;
  const served = facts.served && present(facts.served)?.certificate;
  const certificate = served ?? (secret && present(secret)?.certificate);
  if (certificate === undefined) return undefined;
  const { material } = readCertificate({ certificate, now: facts.now });
  if (!material) return undefined;
  return { names: material.names, ends: new Date(material.notAfter).toISOString() };
}
