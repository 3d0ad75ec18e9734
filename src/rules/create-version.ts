import type { OfferedVersion } from "../model/azure-resources.ts";
import type { NewClusterFacts } from "../model/create-cluster.ts";
import { compareVersions } from "../model/kubernetes-version.ts";
import { type Observed, present } from "../model/observed.ts";
import type { Rule, Verdict } from "./rule.ts";
import { list } from "./wording.ts";

const versionsPage = "https://learn.microsoft.com/azure/aks/supported-kubernetes-versions";

/** The version of Kubernetes of a new cluster. */
export const createVersionRule: Rule<NewClusterFacts> = {
  id: "create-version",
  source: "A7, V1",
  check: ({ wanted, versions }) => {
    const { kubernetesVersion: asked, location } = wanted ?? {};
    if (!asked || !location) return undefined;
    if (versions.is !== "present") {
      return {
        severity: "warning",
        seen: `Which Kubernetes versions AKS offers in ${location} can't be read, so that ${asked} was not checked.`,
        remedy: "Give the identity that this step signs in with Reader on the subscription.",
        unread: true,
      };
    }
    return judge(asked, location, versions.value);
  },
};

/** `1.33` stands for all patches of it (arm-contract 2). */
function judge(asked: string, location: string, offered: readonly OfferedVersion[]): Verdict | undefined {
  const minor = asked.split(".").slice(0, 2).join(".");
  const entry = offered.find(({ version }) => version === minor);
  if (!entry) {
    const usual = offered.filter(isOfficial).map(({ version }) => version);
    return refusal(`AKS does not offer Kubernetes ${asked} in ${location}.`, usual);
  }
  if (!isOfficial(entry)) {
    const usual = offered.filter(isOfficial).map(({ version }) => version);
    return refusal(`AKS offers Kubernetes ${asked} for long-term support alone, which costs extra.`, usual);
  }
  const patches = Object.keys(entry.patchVersions ?? {});
  if (asked !== minor && patches.length > 0 && !patches.includes(asked)) {
    return refusal(`AKS does not offer the patch version ${asked} in ${location}.`, [minor, ...patches]);
  }
  if (!entry.isPreview) return undefined;
  return {
    severity: "warning",
    seen: `Kubernetes ${asked} is a preview version: it comes without a service level agreement.`,
    remedy: `Leave \`kubernetes-version\` out for the default version${defaultText(offered)}.`,
    link: versionsPage,
  };
}

function refusal(seen: string, instead: readonly string[]): Verdict {
  const sorted = instead.toSorted(compareVersions);
  return {
    severity: "error",
    seen,
    remedy: `Give one of these: ${list(sorted, 20)}; or leave \`kubernetes-version\` out for the default.`,
    link: versionsPage,
  };
}

function isOfficial({ capabilities }: OfferedVersion): boolean {
  return capabilities?.supportPlan?.includes("KubernetesOfficial") ?? true;
}

/** The version that a cluster gets where none is asked for. */
export function defaultVersion(versions: Observed<readonly OfferedVersion[]>): string | undefined {
  return present(versions)?.find(({ isDefault }) => isDefault)?.version;
}

function defaultText(versions: readonly OfferedVersion[]): string {
  const version = defaultVersion({ is: "present", value: versions });
  return version ? `, ${version}` : "";
}
