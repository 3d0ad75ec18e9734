import { createPrivateKey, X509Certificate } from "node:crypto";
import * as v from "valibot";
import { parse } from "yaml";
import type { Tls } from "../azure/wire.ts";
import { isSafe } from "../model/endpoint.ts";
import { Failure } from "../model/failure.ts";

/** Where a cluster's API is, whom to trust there, and who to be. */
export interface ClusterAccess {
  /** Without a slash at the end. */
  readonly server: string;
  readonly tls: Tls;
  /** Told to the server as a bearer token. */
  readonly token?: string;
  /** The Entra application whose token the server wants: that of AKS. */
  readonly entraServer?: string;
  /** Everything here that must reach no log. */
  readonly secrets: readonly string[];
}

/**
 * The Entra application of AKS, the same in every tenant (what `az aks get-credentials` writes into kubeconfigs).
 * A token of ours goes to no other application, whatever a kubeconfig names.
 */
export const aksServer = "6dae42f8-4368-4678-94ff-3960e28e3630";

const named = <const Key extends string, Value extends v.GenericSchema>(key: Key, value: Value) =>
  v.array(v.object({ name: v.string(), ...({ [key]: value } as Record<Key, Value>) }));

const text = v.optional(v.string());

const cluster = v.object({
  server: v.string(),
  "certificate-authority-data": text,
  "certificate-authority": text,
  "insecure-skip-tls-verify": v.optional(v.boolean()),
  "tls-server-name": text,
  "proxy-url": text,
});

const user = v.nullish(
  v.object({
    token: text,
    tokenFile: text,
    "client-certificate-data": text,
    "client-key-data": text,
    "client-certificate": text,
    "client-key": text,
    username: text,
    exec: v.optional(v.object({ command: v.string(), args: v.nullish(v.array(v.string())) })),
    "auth-provider": v.optional(v.object({ name: v.string() })),
  }),
  {},
);

const context = v.object({ cluster: v.string(), user: v.string() });

const kubeconfig = v.object({
  "current-context": v.pipe(v.string(), v.minLength(1)),
  contexts: named("context", context),
  clusters: named("cluster", cluster),
  users: named("user", user),
});

type Cluster = v.InferOutput<typeof cluster>;
type User = NonNullable<v.InferOutput<typeof user>>;

/**
 * The access that the current context of a kubeconfig gives. Programs that a kubeconfig names are never run;
 * of kubelogin, what it would do is done here.
 * @throws Failure `KubeconfigInvalid`, `KubeconfigUnsafe`, `KubeconfigNotSelfContained` or `KubeconfigNeedsProgram`.
 */
export function readKubeconfig(content: string): ClusterAccess {
  const config = v.safeParse(kubeconfig, parsed(content));
  if (!config.success) {
    const where = config.issues.map((issue) => v.getDotPath(issue) ?? "the whole").join(", ");
    throw invalid(`The kubeconfig lacks what it must have, or has it in another form: ${where}.`);
  }
  const { contexts, clusters, users, "current-context": current } = config.output;
  const chosen = contexts.find(({ name }) => name === current)?.context;
  if (!chosen)
    throw invalid(`The kubeconfig has no context "${current}", which it names as the current one.`);
  const at = clusters.find(({ name }) => name === chosen.cluster)?.cluster;
  const as = users.find(({ name }) => name === chosen.user)?.user;
  if (!at || !as)
    throw invalid(`The context "${current}" names a cluster or a user that the kubeconfig lacks.`);
  refuseUnsafe(at);
  refuseReferences(at, as);
  return access(at, as);
}

function access(at: Cluster, as: User): ClusterAccess {
  const key = decoded(as["client-key-data"]);
  const cert = decoded(as["client-certificate-data"]);
  const ca = decoded(at["certificate-authority-data"]);
  const servername = at["tls-server-name"];
  refuseNoPem(ca, cert, key);
  const tls = {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(servername && { servername }),
  };
  const secrets = [key, as["client-key-data"], as.token].filter((secret) => secret !== undefined);
  const base = { server: at.server.replace(/\/+$/, ""), tls, secrets };
  if (as.token) return { ...base, token: as.token };
  if (cert && key) return base;
  return { ...base, entraServer: entraServer(as) };
}

/** What Node's TLS would choke on. The messages quote nothing. */
function refuseNoPem(ca: string | undefined, cert: string | undefined, key: string | undefined): void {
  if (ca !== undefined && !isPair(ca))
    throw invalid("The certificate authority of the kubeconfig is no certificate in PEM.");
  if (cert === undefined || key === undefined || isPair(cert, key)) return;
  throw invalid("The client certificate and key of the kubeconfig are no pair in PEM.");
}

/** A certificate that can be read, and the key that is its own where one is given. */
function isPair(certificate: string, key?: string): boolean {
  try {
    const read = new X509Certificate(certificate);
    return key === undefined || read.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** The Entra application that kubelogin would ask a token for. */
function entraServer({ exec, "auth-provider": provider }: User): string {
  const args = exec?.args ?? [];
  const server = args[args.indexOf("--server-id") + 1] ?? "";
  const program = exec?.command
    .split(/[\\/]/)
    .at(-1)
    ?.replace(/\.exe$/, "");
  if (program === "kubelogin" && server === aksServer) return server;
  const asked = exec
    ? `runs the program \`${exec.command}\` to sign in`
    : provider
      ? `signs in with the provider "${provider.name}"`
      : "holds no token and no client certificate";
  throw new Failure("KubeconfigNeedsProgram", `The user of the kubeconfig ${asked}.`, {
    remedy:
      "Give a kubeconfig with a token or a client certificate, of a service account that may read, or one of AKS with kubelogin.",
  });
}

/** The server's certificate is always checked, and nothing is sent in clear (`design.md` 4). */
function refuseUnsafe(at: Cluster): void {
  const unsafe = !URL.canParse(at.server) || !isSafe(new URL(at.server));
  if (!unsafe && !at["insecure-skip-tls-verify"]) return;
  throw new Failure(
    "KubeconfigUnsafe",
    unsafe
      ? "The server of the kubeconfig is no https URL."
      : "The kubeconfig asks not to check the server's certificate (insecure-skip-tls-verify).",
    { remedy: "Give the https URL of the API server and its `certificate-authority-data`." },
  );
}

/** Files and proxies that a kubeconfig names are on another machine as often as not. */
function refuseReferences(at: Cluster, as: User): void {
  const found = [
    ...(["certificate-authority", "proxy-url"] as const).filter((key) => at[key]),
    ...(["client-certificate", "client-key", "tokenFile", "username"] as const).filter((key) => as[key]),
  ];
  if (found.length === 0) return;
  throw new Failure(
    "KubeconfigNotSelfContained",
    `The kubeconfig uses ${found.join(", ")}, which is not supported.`,
    { remedy: "Make it self-contained: `kubectl config view --raw --flatten --minify`." },
  );
}

function parsed(content: string): unknown {
  try {
    return parse(content);
  } catch {
    // The library's message quotes the text, which holds keys.
    throw invalid("The kubeconfig is no YAML.");
  }
}

function decoded(base64: string | undefined): string | undefined {
  return base64 && Buffer.from(base64, "base64").toString("utf8");
}

function invalid(message: string): Failure {
  return new Failure("KubeconfigInvalid", message, {
    remedy: "Give the content of a kubeconfig, as `kubectl config view --raw --flatten --minify` prints it.",
  });
}
