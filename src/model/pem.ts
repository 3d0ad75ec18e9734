/** A block between a BEGIN and an END line, in the one form that every reader takes: LF, 64 letters a line. */
export interface PemBlock {
  /** What the BEGIN line says, such as `CERTIFICATE`. */
  readonly label: string;
  readonly text: string;
  /** A key behind a passphrase, in either form. */
  readonly encrypted: boolean;
}

/** What a text that should be PEM holds. */
export interface PemText {
  readonly blocks: readonly PemBlock[];
  readonly empty: boolean;
  /** A BEGIN line has no END line of its own. */
  readonly truncated: boolean;
  /** No PEM, but the same thing in binary (DER), or its base64 without the BEGIN and END lines. */
  readonly binary: boolean;
  /** There is more than ASCII in it; the CLI takes nothing else (extension.md 1c). */
  readonly foreign: boolean;
}

const blockShape = /-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----/gs;

/**
 * Takes PEM as people give it: CRLF, blanks around the lines, line breaks written as `\n` or lost altogether,
 * base64 of the whole, other text between the blocks.
 */
export function readPem(given: string): PemText {
  const text = unwrapped(given);
  const blocks = [...text.matchAll(blockShape)].map(([, label = "", body = ""]) => block(label, body));
  return {
    blocks,
    empty: text === "",
    truncated: text.split("-----BEGIN ").length - 1 > blocks.length,
    binary: blocks.length === 0 && isBinary(text),
    foreign: /\P{ASCII}/u.test(text),
  };
}

/** The text without a byte order mark, with real line breaks, and out of its base64. */
function unwrapped(given: string): string {
  const text = given
    .trim()
    .replaceAll(/\\r\\n|\\n|\\r/g, "\n")
    .replaceAll(/\r\n|\r/g, "\n");
  if (text.includes("-----BEGIN ")) return text;
  const decoded = fromBase64(text)?.toString("utf8") ?? "";
  return decoded.includes("-----BEGIN ") ? unwrapped(decoded) : text;
}

function block(label: string, body: string): PemBlock {
  const encrypted = label.startsWith("ENCRYPTED ") || /^\s*Proc-Type:.*ENCRYPTED/m.test(body);
  const lines = body.replaceAll(/\s+/g, "").match(/.{1,64}/g) ?? [];
  const text = [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
  return { label, text, encrypted };
}

/** DER begins with a sequence of two or more length bytes; read as text, those are no ASCII. */
function isBinary(text: string): boolean {
  return fromBase64(text)?.[0] === 0x30 || /^0[\u0080-\u0084\ufffd]/.test(text);
}

function fromBase64(text: string): Buffer | undefined {
  const letters = text.replaceAll(/\s+/g, "");
  return /^[A-Za-z0-9+/]{40,}={0,2}$/.test(letters) ? Buffer.from(letters, "base64") : undefined;
}
