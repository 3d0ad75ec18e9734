import { gunzipSync } from "node:zlib";
import type { Arm } from "../azure/arm.ts";
import { runCommand } from "../azure/clusters.ts";
import { Failure } from "../model/failure.ts";
import { type ClusterApi, refusal } from "./cluster-api.ts";

/** What stands before the answer to a path, so that answers can be told apart. */
const mark = "azureml-clusters-answer";

interface Waiting {
  readonly path: string;
  readonly resolve: (text: string) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The API of a private AKS cluster, read by `az aks command invoke`'s way: a command that runs in the cluster
 * (arm-contract 2). All that is asked for at the same time goes into one command, since each takes many seconds.
 */
export class RunCommandApi implements ClusterApi {
  readonly way = "run-command, since the cluster is private";
  readonly #arm: Arm;
  readonly #clusterId: string;
  readonly #token: () => Promise<string | undefined>;
  #waiting: Waiting[] = [];

  constructor(arm: Arm, clusterId: string, token: () => Promise<string | undefined>) {
    this.#arm = arm;
    this.#clusterId = clusterId;
    this.#token = token;
  }

  async get<T>(path: string): Promise<T> {
    const text = await this.text(path);
    try {
      return JSON.parse(text) as T;
    } catch {
      throw errorOf(text, path);
    }
  }

  /** Whole: each page would be a command of its own. */
  async list<Raw, Item>(path: string, small: (raw: Raw) => Item): Promise<Item[]> {
    const { items } = await this.get<{ items?: readonly Raw[] | null }>(path);
    return (items ?? []).map(small);
  }

  text(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ path, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => void this.#ask());
    });
  }

  /** A command of its own would take longer than to be refused. */
  async rules(): Promise<undefined> {
    return undefined;
  }

  async #ask(): Promise<void> {
    const asked = this.#waiting;
    this.#waiting = [];
    try {
      const command = commandOf(asked.map(({ path }) => path));
      const { logs } = await runCommand(this.#arm, this.#clusterId, command, await this.#token());
      const answers = unzipped(logs)
        .split(new RegExp(`^${mark} \\d+$\\n?`, "m"))
        .slice(1);
      // The last mark stands behind the last answer: where it is missing, the answers were cut off.
      if (answers.length <= asked.length) throw cutOff();
      asked.forEach(({ resolve }, index) => void resolve(answers[index] ?? ""));
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }
}

/**
 * Azure gives at most 512 kB of what a command prints; objects of Kubernetes shrink to a tenth.
 * Paths hold names of objects, which Kubernetes allows no quotes in; anything else is refused.
 */
function commandOf(paths: readonly string[]): string {
  const lines = paths.map((path, index) => {
    if (!/^[-\w/.?=&%:,!]+$/.test(path)) throw new Error(`not a path of an API server: ${path}`);
    return `echo '${mark} ${index}'; kubectl get --raw '${path}' 2>&1; echo ''`;
  });
  return `( ${[...lines, `echo '${mark} ${paths.length}'`].join("; ")} ) | gzip -c | base64 -w0`;
}

function unzipped(logs: string): string {
  try {
    return gunzipSync(Buffer.from(logs, "base64")).toString("utf8");
  } catch {
    throw cutOff();
  }
}

/** What kubectl prints instead of an object: `Error from server (NotFound): …`. */
function errorOf(text: string, path: string): Failure {
  const { reason, message } =
    /^Error from server \((?<reason>\w+)\): (?<message>.*)/.exec(text)?.groups ?? {};
  const status = { NotFound: 404, Forbidden: 403, Unauthorized: 401 }[reason ?? ""];
  if (status) return refusal({ status, body: { reason, message } }, { method: "GET", path });
  const said = text.trim().split("\n")[0] ?? "";
  return new Failure(
    "RunCommandFailed",
    `The command in the cluster gave no object for ${path}: ${said.slice(0, 200)}`,
    {
      remedy: "Run the step again, or give a `kubeconfig` on a runner that reaches the cluster.",
    },
  );
}

function cutOff(): Failure {
  return new Failure("RunCommandCutOff", "The output of the command in the cluster was cut off.", {
    remedy: "Give a `kubeconfig` on a runner that reaches the cluster: run-command gives at most 512 kB.",
  });
}
