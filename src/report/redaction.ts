import type { Host } from "../host/host.ts";

/**
 * Forms of secret that are known by their looks, for what reaches us inside texts of others: tokens, private
 * keys, the signature of a status URL (`t`, `c`, `s`, `h`: arm-contract 1.7), keys of a connection string.
 */
const looks: readonly [RegExp, string][] = [
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, "***"],
  [/(\bBearer\s+)[\w.~+/=-]{8,}/gi, "$1***"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, "***"],
  [/([?&](?:t|c|s|h|sig)=)[^&\s"'<>)]+/gi, "$1***"],
  [/((?:SharedAccessKey|SharedAccessSignature|AccountKey|Password)=)[^;\s"']+/gi, "$1***"],
];

/** Takes secrets out of texts: those it was told of, in every form they travel in, and those known by their looks. */
export class Redactor {
  readonly #forms = new Set<string>();

  /** From now on the value is taken out: as it is, line by line, in base64 and percent-encoded. */
  add(secret: string): void {
    const parts = [secret, ...secret.split(/\r?\n/)].map((part) => part.trim());
    for (const part of parts.filter((text) => text.length >= 4)) {
      this.#forms.add(part).add(Buffer.from(part).toString("base64")).add(encodeURIComponent(part));
    }
  }

  /** The text without secrets. */
  clean(text: string): string {
    const longestFirst = [...this.#forms].sort((one, other) => other.length - one.length);
    const known = longestFirst.reduce((rest, form) => rest.replaceAll(form, "***"), text);
    return looks.reduce((rest, [look, instead]) => rest.replace(look, instead), known);
  }
}

/** Names of variables whose values are secrets wherever they turn up. */
const secretVariables = [
  "AZURE_CLIENT_SECRET",
  "AZURE_CLIENT_CERTIFICATE_PASSWORD",
  "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
  "IDENTITY_HEADER",
];

/** The same host with everything that leaves through it cleaned of secrets first. */
export function redacting(host: Host, redactor = new Redactor()): Host {
  const clean = (text: string) => redactor.clean(text);
  const known = secretVariables.flatMap((name) => host.environment[name] ?? []);
  for (const secret of known) redactor.add(secret);
  return {
    name: host.name,
    environment: host.environment,
    cancellation: host.cancellation,
    input: (name) => host.input(name),
    readFile: (path) => host.readFile(path),
    info: (line) => host.info(clean(line)),
    debug: (line) => host.debug(clean(line)),
    group: (title, lines) => host.group(clean(title), lines.map(clean)),
    error: (title, message) => host.error(clean(title), clean(message)),
    mask: (secret) => {
      redactor.add(secret);
      host.mask(secret);
    },
    output: (name, value) => host.output(name, clean(value)),
    summary: (markdown) => host.summary(clean(markdown)),
    writeReport: (name, json) => host.writeReport(name, clean(json)),
    saveState: (name, value) => host.saveState(name, clean(value)),
    state: (name) => host.state(name),
    idToken: async (audience) => {
      const token = await host.idToken(audience);
      redactor.add(token);
      return token;
    },
  };
}
