import { removeLegacyRouter } from "../health-codes.ts";

/** What a text of Helm or of the extension's agent means (extension.md 6, 11). */
export interface KnownError {
  /** What is wrong, as a sentence. */
  readonly means: string;
  readonly remedy: string;
  /** `true` where it names no cause: the health report or the pods may. */
  readonly symptom: boolean;
}

interface Known {
  readonly pattern: RegExp;
  readonly means: (match: RegExpExecArray, extension: string) => string;
  readonly remedy: (match: RegExpExecArray, extension: string) => string;
  readonly symptom?: boolean;
}

const redeploy = "then run `deploy-extension` with `on-failed: recreate`";

const known: readonly Known[] = [
  {
    pattern:
      /(?:(?<kind>[A-Z]\w+) "(?<name>[^"]+)" in namespace "(?<namespace>[^"]*)" exists and )?(?:cannot|can't) be imported into the current release: invalid ownership metadata|invalid ownership metadata/,
    means: ({ groups }) =>
      groups?.["name"]
        ? `${groups["kind"]} "${groups["name"]}" is in the cluster already and belongs to someone else.`
        : "An object that the extension brings is in the cluster already and belongs to someone else.",
    remedy: ({ groups }, extension) => ownershipRemedy(groups ?? {}, extension),
  },
  {
    pattern:
      /namespace "?azureml"? because it(?:'s| is) being terminated|namespaces? "?azureml"? .*terminat/i,
    means: () => "Namespace azureml is still being removed after an earlier extension.",
    remedy: () => `Wait until \`kubectl get ns azureml\` finds nothing (about 10 minutes), ${redeploy}.`,
  },
  {
    pattern: /re-?use a name that(?:'s| is) still in use/i,
    means: (_match, extension) => `A Helm release named "${extension}" is in the cluster already.`,
    remedy: (_match, extension) =>
      `See whose it is: \`helm list -A -a\`. If it is left over from this extension, remove it (\`helm uninstall ${extension} -n azureml\`) or wait an hour; else choose another \`extension-name\`. Run \`deploy-extension\` again.`,
  },
  {
    pattern:
      /another operation \(install\/upgrade\/rollback\) is in progress|earlier operation for the helm chart is still in progress|pending-(?:install|upgrade|rollback)/i,
    means: () => "An earlier operation of Helm on the extension never ended.",
    remedy: (_match, extension) =>
      `Delete its record: \`kubectl get secret -n azureml -l owner=helm,name=${extension}\`, then the \`sh.helm.release.v1.${extension}.v<N>\` whose status is pending; ${redeploy}.`,
  },
  {
    pattern: /chart path not found/i,
    means: () => "The version or release train that was asked for does not exist.",
    remedy: () => "Leave the input `version` out for the latest one, or give a version that is offered.",
  },
  {
    pattern: /failed calling webhook "?(?<hook>[\w.-]+)?/i,
    means: ({ groups }) =>
      `An admission webhook does not answer${groups?.["hook"] ? ` (${groups["hook"]})` : ""}, so that objects can't be created.`,
    remedy: ({ groups }) =>
      `Run \`deploy-extension\` with \`on-failed: recreate\`: the webhook's own pods are mostly just late (AML-Kubernetes#297). If it stays, find what it belongs to: \`kubectl get validatingwebhookconfigurations\`${groups?.["hook"] ? `, the one that has ${groups["hook"]}` : ""}, and delete it.`,
  },
  {
    pattern: /InvalidAuthenticationToken/,
    means: () => "The agent in the cluster could not sign in to Azure.",
    remedy: () =>
      "Register the provider: `az provider register -n Microsoft.KubernetesConfiguration`, then run `deploy-extension` again.",
  },
  {
    pattern: /pod healthcheck failed/i,
    means: () => "The extension's own health check refused to go on.",
    remedy: () =>
      `Read its report: \`kubectl get cm arcml-healthcheck -n azureml -o yaml\`; mend what it names, ${redeploy}.`,
    symptom: true,
  },
  {
    pattern: /status not populated|timed out waiting for the condition|context deadline exceeded/i,
    means: () => "The extension did not come up in time.",
    remedy: () =>
      `Mostly nodes are too small, no node has the labels of \`nodeSelector\`, the load balancer gives no address, or the Arc agents are old: look at \`kubectl get pods,events -n azureml\`, mend it, ${redeploy}.`,
    symptom: true,
  },
];

/** What the lines of a failed extension mean, where they are known; a cause before a symptom. */
export function knownError(lines: readonly string[], extension: string): KnownError | undefined {
  const text = lines.join(" ");
  const entry = known.find(({ pattern }) => pattern.test(text));
  const match = entry?.pattern.exec(text);
  if (!entry || !match) return undefined;
  return {
    means: entry.means(match, extension),
    remedy: entry.remedy(match, extension),
    symptom: entry.symptom ?? false,
  };
}

/** Which setting leaves the component out, or how to make the object the extension's own. */
function ownershipRemedy(found: Readonly<Record<string, string | undefined>>, extension: string): string {
  const { kind = "", name = "", namespace = "" } = found;
  if (/azureml-fe/.test(name)) return removeLegacyRouter;
  const setting = settings.find(([pattern]) => pattern.test(name))?.[1];
  if (setting) return `Give \`config: ${setting}\`, so that the present one is used, ${redeploy}.`;
  const object = name ? `${kind.toLowerCase()} ${name}${namespace ? ` -n ${namespace}` : ""}` : "<object>";
  return (
    `If nobody needs it, \`kubectl delete ${object}\`; or hand it over: ` +
    `\`kubectl label ${object} app.kubernetes.io/managed-by=Helm\` and ` +
    `\`kubectl annotate ${object} meta.helm.sh/release-name=${extension} meta.helm.sh/release-namespace=azureml\`; ${redeploy}.`
  );
}

const settings: readonly (readonly [RegExp, string])[] = [
  [/volcano/i, "installVolcano=false"],
  [/monitoring\.coreos\.com|prom(?:etheus)?-?operator|^prom-/i, "installPromOp=false"],
  [/nvidia/i, "installNvidiaDevicePlugin=False"],
  [/dcgm/i, "installDcgmExporter=false"],
];
