import type { TlsSecret } from "../model/cluster-contents.ts";
import type { Observed } from "../model/observed.ts";
import { readCertificate } from "../model/tls-material.ts";
import type { Verdict } from "./rule.ts";

/** How endpoints get their certificate. */
export const certificatePage =
  "https://learn.microsoft.com/azure/machine-learning/how-to-secure-kubernetes-online-endpoint";

/** What a certificate in use is worth a warning for; the rest is told without one. */
const worthWarning = new Set(["tls-expires-soon", "tls-name-in-cn"]);

/** A problem of a certificate that breaks an endpoint, or will. */
export function isGrave({ id, severity }: { readonly id: string; readonly severity: string }): boolean {
  return severity === "error" || worthWarning.has(id);
}

/** What is wrong with the secret that `sslSecret` names (extension.md 2a, 8). */
export function secretVerdicts(secret: {
  readonly name: string;
  readonly seen: Observed<TlsSecret>;
  readonly cname: string | undefined;
  readonly now: number;
}): readonly Verdict[] {
  const { name, seen } = secret;
  if (seen.is === "denied") return [];
  const object = `Secret azureml/${name}`;
  const create = `kubectl create secret generic ${name} -n azureml --from-file=cert.pem --from-file=key.pem`;
  if (seen.is === "absent") {
    return [
      {
        severity: "error",
        seen: `${object}, which \`sslSecret\` names, is missing.`,
        remedy: `Create it: \`${create}\` (the namespace first, if it is not there). ${takeUp(name)}`,
        link: certificatePage,
        object,
      },
    ];
  }
  const replace = `Replace it: \`${create} --dry-run=client -o yaml | kubectl apply -f -\`. ${takeUp(name)}`;
  const about = { link: certificatePage, object };
  return problemsOf(seen.value, secret).map(({ id, severity, seen: what, remedy }) =>
    isGrave({ id, severity })
      ? { severity, seen: `${object}: ${what}`, remedy: `${remedy} ${replace}`.trim(), ...about }
      : { severity: "info", seen: `${object}: ${what}`, remedy, ...about },
  );
}

/** A changed secret is not noticed by itself, and an update with the same settings is none (extension.md 8). */
export function takeUp(name: string): string {
  return `An extension that is there takes it up by \`az k8s-extension update … --config sslSecret=${name}\` or by \`kubectl rollout restart deploy -n azureml azureml-fe-v2\`.`;
}

function problemsOf(
  { certificate, key }: TlsSecret,
  { cname, now }: { readonly cname: string | undefined; readonly now: number },
): ReturnType<typeof readCertificate>["problems"] {
  const error = (id: string, seen: string) => ({ severity: "error" as const, id, seen, remedy: "" });
  if (certificate.trim() === "") return [error("tls-certificate-missing", "it has no key `cert.pem`.")];
  const { problems } = readCertificate({ certificate, ...(cname !== undefined && { cname }), now });
  return [
    ...(key === "missing" ? [error("tls-key-missing", "it has no key `key.pem`.")] : []),
    ...(key === "differs"
      ? [error("tls-key-differs", "`key.pem` is not the key of the certificate in `cert.pem`.")]
      : []),
    ...problems,
  ];
}
