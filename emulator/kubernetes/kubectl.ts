import { gzipSync } from "node:zlib";
import { incoming } from "../http.ts";
import { isObject, textAt } from "../json.ts";
import type { World } from "../world.ts";
import { kubernetesApi } from "./api.ts";
import type { KubernetesCluster, User } from "./cluster.ts";

/** What a shell command came to. */
export interface ShellResult {
  exitCode: number;
  output: string;
}

interface Spoken {
  exitCode: number;
  out: string;
  err: string;
}

const QUOTED = `'([^']*)'|"([^"]*)"|([^\\s;&|'"()]+)`;
/** `kubectl get --raw '<path>'` or `echo '<text>'`, with or without `2>&1` and `|| true`. */
const STATEMENT = new RegExp(`^(kubectl get --raw|echo)\\s+(?:${QUOTED})(\\s+2>&1)?(\\s*\\|\\|\\s*true)?`);
const PIPED = /^\(([\s\S]*)\)(\s*2>&1)?\s*\|\s*gzip(?: -c)?\s*\|\s*base64( -w ?0)?\s*$/;

/**
 * The little of a shell that the emulator understands: `kubectl get --raw` and `echo`, joined by `;`, `&&` or new
 * lines, the whole of it in parentheses piped through gzip and base64 or not. Anything else is not found (127).
 */
export function runShell(world: World, cluster: KubernetesCluster, user: User, command: string): ShellResult {
  const text = command.trim();
  const piped = PIPED.exec(text);
  const statements = parse(piped ? (piped[1] ?? "") : text);
  if (!statements) return { exitCode: 127, output: `/bin/sh: ${text.split(/\s/)[0]}: not found\n` };
  const spoken = statements.reduce<Spoken>(
    (before, one) => {
      if (one.after === "&&" && before.exitCode !== 0) return before;
      const said = one.says(world, cluster, user);
      return { exitCode: said.exitCode, out: before.out + said.out, err: before.err + said.err };
    },
    { exitCode: 0, out: "", err: "" },
  );
  if (!piped) return { exitCode: spoken.exitCode, output: spoken.out + spoken.err };
  const [, , joined, unwrapped] = piped;
  const packed = gzipSync(joined ? spoken.out + spoken.err : spoken.out).toString("base64");
  const lines = unwrapped ? packed : `${packed.replace(/.{76}/g, "$&\n").trimEnd()}\n`;
  // A pipe ends as its last part ends; what went to stderr went past it.
  return { exitCode: 0, output: joined ? lines : spoken.err + lines };
}

interface Statement {
  after: string;
  says: (world: World, cluster: KubernetesCluster, user: User) => Spoken;
}

function parse(text: string): Statement[] | undefined {
  const statements: Statement[] = [];
  let rest = text.trim();
  let after = "";
  while (rest !== "") {
    const match = STATEMENT.exec(rest);
    if (!match) return undefined;
    const [whole, verb, single, double, bare, joined, forgiven] = match;
    const argument = single ?? double ?? bare ?? "";
    statements.push({
      after,
      says: (world, cluster, user) => {
        const said = verb === "echo" ? echo(argument) : getRaw(world, cluster, user, argument);
        const exitCode = forgiven ? 0 : said.exitCode;
        return joined ? { exitCode, out: said.out + said.err, err: "" } : { ...said, exitCode };
      },
    });
    rest = rest.slice(whole.length);
    const separator = /^[^\S\n]*(;|&&|\n)\s*/.exec(rest);
    if (!separator && rest.trim() !== "") return undefined;
    after = separator?.[1] ?? "";
    rest = rest.slice(separator?.[0].length ?? rest.length);
  }
  return statements.length > 0 ? statements : undefined;
}

function echo(text: string): Spoken {
  return { exitCode: 0, out: `${text}\n`, err: "" };
}

/** Errors as kubectl words them; an answer as it came, with the new line that API servers end it with. */
function getRaw(world: World, cluster: KubernetesCluster, user: User, path: string): Spoken {
  if (!path.startsWith("/")) {
    return { exitCode: 1, out: "", err: "error: --raw only accepts paths that begin with a slash\n" };
  }
  const request = incoming({ method: "GET", url: `https://kubernetes.default.svc${path}`, headers: {} });
  const reply = kubernetesApi(world, cluster, request.path, request, user);
  const text = reply.text ?? JSON.stringify(reply.body);
  if (reply.status < 300) return { exitCode: 0, out: reply.text === undefined ? `${text}\n` : text, err: "" };
  const reason = isObject(reply.body) ? textAt(reply.body, "reason") : undefined;
  const message = isObject(reply.body) ? textAt(reply.body, "message") : text;
  return { exitCode: 1, out: "", err: `Error from server (${reason}): ${message}\n` };
}
