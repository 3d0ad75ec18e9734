import { type ClusterWrites, firstLimit } from "../kubernetes/cluster-api.ts";
import { OwnObject, type Standing, type Written } from "../kubernetes/own-object.ts";
import { Failure } from "../model/failure.ts";
import {
  type Journal,
  type JournalTls,
  journalName,
  journalNamespace,
  journalText,
  type Phase,
  type ReadJournal,
  readJournal,
  unreadable,
} from "../model/journal.ts";
import type { NamedCompute } from "../model/request.ts";
import { formatResourceId } from "../model/resource-id.ts";

/** A secret, as far as it is used here. */
interface SecretObject extends Written {
  readonly apiVersion: string;
  readonly kind: string;
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** Where a re-attach keeps what it must not lose. */
export interface JournalKeeper {
  /** What a person is told of the place. */
  readonly where: string;
  /** Writes a journal where there is none, or over one that this run has seen. @throws Failure `JournalTaken`. */
  write(journal: Journal, over: boolean): Promise<void>;
  /** The journal that this run has written or taken over. @throws Failure `JournalTaken`. */
  current(): Promise<Journal>;
  /** Enters a phase, in the name of this run. @throws Failure `JournalTaken` where another run works on it. */
  enter(phase: Phase, change?: Partial<Journal>): Promise<Journal>;
  /** Throws it away. */
  remove(): Promise<void>;
}

const texts = { journal: "journal.json", certificate: "cert.pem", key: "key.pem" } as const;

/**
 * The journal in the cluster: a secret, in which each write replaces just the version that this run has seen. So a run
 * that was taken for dead and wakes up is kept out: its next write is refused (`design.md` 6).
 */
export class ClusterJournal implements JournalKeeper {
  readonly where: string;
  readonly #object: OwnObject<SecretObject>;
  readonly #name: string;
  readonly #run: string;
  #seen: Standing<SecretObject> | undefined;

  constructor(api: ClusterWrites, compute: NamedCompute, run: string, signal: AbortSignal) {
    this.#name = journalName(compute.workspace, compute.computeName);
    this.where = `secret ${journalNamespace}/${this.#name}`;
    this.#object = new OwnObject(api, `/api/v1/namespaces/${journalNamespace}/secrets`, this.#name, signal);
    this.#run = run;
  }

  async write(journal: Journal, over: boolean): Promise<void> {
    this.#seen = over ? await this.#object.read() : undefined;
    await this.#put({ ...journal, run: this.#run });
  }

  async current(): Promise<Journal> {
    this.#seen ??= await this.#object.read();
    if (!this.#seen) throw taken(this.where, "It is gone.");
    const read = readSecret(this.#seen.object);
    if (read.is !== "readable") throw unreadable(read, this.where);
    return read.journal;
  }

  async enter(phase: Phase, change: Partial<Journal> = {}): Promise<Journal> {
    const journal = { ...(await this.current()), ...change, phase, run: this.#run };
    await this.#put(journal);
    return journal;
  }

  async remove(): Promise<void> {
    // The version that this run has written last: one that came later is another run's, and what that one lives on.
    this.#seen ??= await this.#object.read();
    if (!this.#seen) return;
    if (!(await this.#object.remove(this.#seen.object))) throw taken(this.where, "It was changed meanwhile.");
    this.#seen = undefined;
  }

  async #put(journal: Journal): Promise<void> {
    const next = secretOf(this.#name, journal, this.#seen?.object);
    const text = journalText(journal);
    const isOurs = (other: SecretObject) => decoded(other, texts.journal) === text;
    const written = this.#seen
      ? await this.#object.replace(next, isOurs)
      : await this.#object.create(next, isOurs);
    if (!written) throw taken(this.where, "Another run has written it.");
    this.#seen = written;
  }
}

/** Nothing survives this process: `journal: none`. */
export class MemoryJournal implements JournalKeeper {
  readonly where = "this run's memory alone";
  #journal: Journal | undefined;

  async write(journal: Journal): Promise<void> {
    this.#journal = journal;
  }

  async current(): Promise<Journal> {
    if (!this.#journal) throw taken(this.where, "It is gone.");
    return this.#journal;
  }

  async enter(phase: Phase, change: Partial<Journal> = {}): Promise<Journal> {
    this.#journal = { ...(await this.current()), ...change, phase };
    return this.#journal;
  }

  async remove(): Promise<void> {
    this.#journal = undefined;
  }
}

/**
 * The journal of a compute as it lies in the cluster: the first question to its API server.
 * @throws Refusal with status 404 where there is none; Failure `NoAnswer` where nobody answers.
 */
export async function lookForJournal(
  api: ClusterWrites,
  { workspace, computeName }: NamedCompute,
): Promise<ReadJournal> {
  const path = `/api/v1/namespaces/${journalNamespace}/secrets/${journalName(workspace, computeName)}`;
  const { body } = await api.send({ method: "GET", path, limit: firstLimit });
  return readSecret(body as SecretObject);
}

function readSecret(object: SecretObject): ReadJournal {
  const certificate = decoded(object, texts.certificate);
  const privateKey = decoded(object, texts.key);
  const tls: JournalTls | undefined = certificate && privateKey ? { certificate, privateKey } : undefined;
  return readJournal(decoded(object, texts.journal), tls);
}

function decoded({ data }: SecretObject, key: string): string {
  return Buffer.from(data?.[key] ?? "", "base64").toString("utf8");
}

function secretOf(name: string, journal: Journal, over: SecretObject | undefined): SecretObject {
  const encoded = (text: string) => Buffer.from(text).toString("base64");
  const { tls } = journal;
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "Opaque",
    metadata: {
      name,
      ...(over?.metadata.resourceVersion && { resourceVersion: over.metadata.resourceVersion }),
      labels: { "app.kubernetes.io/managed-by": "azureml-clusters" },
      annotations: {
        ...whose(journal),
        "azureml-clusters/phase": journal.phase,
        "azureml-clusters/run": journal.run,
      },
    },
    data: {
      [texts.journal]: encoded(journalText(journal)),
      ...(tls && { [texts.certificate]: encoded(tls.certificate), [texts.key]: encoded(tls.privateKey) }),
    },
  };
}

/** What a person who finds one of our objects in a cluster should read. */
export function whose({
  workspaceId,
  computeName,
}: {
  readonly workspaceId: string;
  readonly computeName: string;
}): Record<string, string> {
  return { "azureml-clusters/workspace": workspaceId, "azureml-clusters/compute": computeName };
}

/** The same for a compute that is named. */
export function whoseCompute({ workspace, computeName }: NamedCompute): Record<string, string> {
  return whose({ workspaceId: formatResourceId(workspace), computeName });
}

function taken(where: string, why: string): Failure {
  return new Failure("JournalTaken", `The journal (${where}) is not this run's any more. ${why}`, {
    remedy: "Another run goes on with it: look at that one. Where there is none, run the step again.",
  });
}
