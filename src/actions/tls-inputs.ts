import type { Host } from "../host/host.ts";
import type { PemPair, SettingNote } from "../model/extension-settings.ts";
import { readPem } from "../model/pem.ts";
import { readTlsMaterial } from "../model/tls-material.ts";
import type { Problem, Values } from "./inputs.ts";

/** Values of inputs that no message may show. A key is easily given where the certificate belongs. */
export const secretPemInputs: readonly string[] = ["ssl-cert-pem", "ssl-key-pem"];

const accepted = "PEM text, its base64, or the path of a file that can be read and holds either";

/** The texts of both inputs; absent where one is not given or can't be read. */
export interface PemInputs {
  readonly pair?: PemPair;
  readonly problems: readonly Problem[];
}

/** Reads `ssl-cert-pem` and `ssl-key-pem`, and masks the key before anything else is done with it. */
export async function readPemInputs(host: Host, values: Values<string>): Promise<PemInputs> {
  const key = values["ssl-key-pem"];
  if (key) host.mask(key);
  const [certificate, privateKey] = await Promise.all([
    pemText(host, "ssl-cert-pem", values["ssl-cert-pem"]),
    pemText(host, "ssl-key-pem", key),
  ]);
  maskKeys(host, [privateKey.text, certificate.text]);
  const problems = [...certificate.problems, ...privateKey.problems];
  if (certificate.text === undefined || privateKey.text === undefined) return { problems };
  return { pair: { certificate: certificate.text, privateKey: privateKey.text }, problems };
}

/** Masks a key as it was given and as it is sent: each of its lines counts, so that both forms are known. */
export function maskKeys(host: Pick<Host, "mask">, texts: readonly (string | undefined)[]): void {
  const [key, certificate] = texts;
  if (key) host.mask(key);
  for (const text of [key, certificate]) {
    for (const block of readPem(text ?? "").blocks) {
      if (block.label.endsWith("PRIVATE KEY")) host.mask(block.text);
    }
  }
}

/** A value that is no PEM in any form is a path; DER in base64 stays what it is, so that its verdict can say so. */
async function pemText(
  host: Host,
  input: string,
  value: string | undefined,
): Promise<{ text?: string; problems: Problem[] }> {
  if (!value) return { problems: [] };
  const read = readPem(value);
  if (read.blocks.length > 0 || read.truncated || read.binary) return { text: value, problems: [] };
  try {
    return { text: await host.readFile(value), problems: [] };
  } catch {
    return { problems: [{ input, given: "(hidden)", accepted }] };
  }
}

/** Wrong TLS material is wrong input: it is told before anything is sent (T4). What is given back is normalised PEM. */
export function tlsVerdicts(pair: PemPair, cname: string | undefined, now = Date.now()) {
  const { material, problems } = readTlsMaterial({ ...pair, ...(cname && { cname }), now });
  const errors = problems.filter(({ severity }) => severity === "error");
  return {
    pair: material && { certificate: material.certificate, privateKey: material.privateKey },
    notes: problems
      .filter(({ severity }) => severity === "warning")
      .map(({ id, seen, remedy }): SettingNote => ({ id, severity: "warning", seen, remedy })),
    problems: errors.map(
      ({ seen, remedy }): Problem => ({ input: "ssl-cert-pem", given: seen, accepted: remedy }),
    ),
  };
}
