import type { CheckRun, Host, Issue, Wait } from "../host/host.ts";
import type { Finding } from "../model/finding.ts";
import type { Report } from "../model/report.ts";

/**
 * Forms of secret that are known by their looks, for what reaches us inside texts of others: tokens, private
 * keys, the signature of a status URL (`t`, `c`, `s`, `h`: arm-contract 1.7), keys of a connection string.
 */
const looks: readonly [RegExp, string][] = [
  [/\beyJ[\w-]{4,}(?:\.[\w-]*){0,2}/g, "***"],
  [/(\bBearer\s+)[\w.~+/=-]{8,}/gi, "$1***"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, "***"],
  // The beginning of a private key, in base64: as it is, RSA, EC, ENCRYPTED.
  [/LS0tLS1CRUdJTiB(?:QUklWQVRF|SU0EgUFJJVkFUR|FQyBQUklWQVRF|FTkNSWVBURUQg)[\w+/=-]*/g, "***"],
  [/([?&](?:t|c|s|h|sig)=)[^&\s"'<>)\\]+/gi, "$1***"],
  [/((?:SharedAccessKey|SharedAccessSignature|AccountKey|Password)=)[^;\s"'\\]+/gi, "$1***"],
];

/** Takes secrets out of texts: those it was told of, in every form they travel in, and those known by their looks. */
export class Redactor {
  readonly #forms = new Set<string>();
  /** The same, the longest first; made when it is asked for. */
  #ordered: readonly string[] | undefined;

  /** From now on the value is taken out: whole and line by line, in every form that a text may hold it in. */
  add(secret: string): void {
    const lines = secret.split(/\r?\n/).map((line) => line.trim());
    // The frame of a key is in every key: known, it would hide the look of all others.
    const parts = [
      secret,
      secret.trim(),
      ...lines.filter((line) => !/^-----(BEGIN|END) .*-----$/.test(line)),
    ];
    for (const part of parts.filter((text) => text.length >= 4)) {
      for (const form of formsOf(part)) this.#forms.add(form);
    }
    this.#ordered = undefined;
  }

  /** The text without secrets. */
  clean(text: string): string {
    this.#ordered ??= [...this.#forms].sort((one, other) => other.length - one.length);
    const known = this.#ordered.reduce(
      (rest, form) => (form.length > rest.length ? rest : rest.replaceAll(form, "***")),
      text,
    );
    return looks.reduce((rest, [look, instead]) => rest.replace(look, instead), known);
  }

  /**
   * The same for every text of a value: before it is rendered, since escaping may break a secret's known form. What holds
   * no secret is given back as it is: the report of a thousand clusters need not be there twice.
   */
  cleanAll<T>(value: T): T {
    if (typeof value === "string") return this.clean(value) as T;
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) {
      const items = value.map((item) => this.cleanAll(item));
      return items.every((item, index) => item === value[index]) ? value : (items as T);
    }
    const entries = Object.entries(value);
    const cleaned = entries.map(([key, item]) => [this.clean(key), this.cleanAll(item)] as const);
    const isClean = cleaned.every(
      ([key, item], index) => key === entries[index]?.[0] && item === entries[index]?.[1],
    );
    return isClean ? value : (Object.fromEntries(cleaned) as T);
  }
}

/** A secret as it travels: in clear, in JSON, in base64 for texts and for URLs, percent-encoded for paths and forms. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
    encodeURIComponent(secret),
    new URLSearchParams({ "": secret }).toString().slice(1),
  ];
}

/** Names of variables whose values are secrets wherever they turn up. */
const secretVariables = [
  "AZURE_CLIENT_SECRET",
  "AZURE_CLIENT_CERTIFICATE_PASSWORD",
  "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
  "SYSTEM_ACCESSTOKEN",
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
    readJsonFiles: (path) => host.readJsonFiles(path),
    info: (line) => host.info(clean(line)),
    debug: (line) => host.debug(clean(line)),
    group: (title, lines) => host.group(clean(title), lines.map(clean)),
    error: (title, message) => host.error(clean(title), clean(message)),
    mask: (secret) => {
      redactor.add(secret);
      host.mask(secret);
    },
    clean,
    output: (name, value) => host.output(name, clean(value)),
    summary: (markdown) => host.summary(clean(markdown)),
    writeReport: (name, json) => host.writeReport(name, clean(json)),
    writeFile: (path, content) => host.writeFile(path, clean(content)),
    writePage: (path, data, render) => host.writePage(path, redactor.cleanAll(data), render),
    writeFolder: (name, files) => host.writeFolder(name, redactor.cleanAll(files)),
    saveState: (name, value) => host.saveState(name, clean(value)),
    state: (name) => host.state(name),
    idToken: async (audience) => {
      const token = await host.idToken(audience);
      redactor.add(token);
      return token;
    },
    ...(host.checkRun && {
      checkRun: async ({ token, ...run }: CheckRun) => {
        redactor.add(token);
        return host.checkRun?.({ ...redactor.cleanAll(run), token }) ?? "";
      },
    }),
    ...(host.issue && {
      issue: async ({ token, ...issue }: Issue) => {
        redactor.add(token);
        return host.issue?.({ ...redactor.cleanAll(issue), token }) ?? { done: "none" };
      },
    }),
    ...(host.live && { live: (wait?: Wait) => host.live?.(redactor.cleanAll(wait)) }),
    ...(host.finding && { finding: (finding: Finding) => host.finding?.(redactor.cleanAll(finding)) }),
    ...(host.conclude && { conclude: async (report: Report) => host.conclude?.(redactor.cleanAll(report)) }),
    ...(host.deviceCode && { deviceCode: (message: string) => host.deviceCode?.(clean(message)) }),
  };
}
