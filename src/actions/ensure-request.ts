import * as v from "valibot";
import type { Host } from "../host/host.ts";
import type { CreateClusterRequest } from "../model/create-cluster.ts";
import { Failure } from "../model/failure.ts";
import type { AksAttachRequest, AttachRequest, CommonRequest, DeployRequest } from "../model/request.ts";
import { attachRequest } from "./attach-request.ts";
import { clusterRequest } from "./create-cluster-request.ts";
import { deployRequest } from "./deploy-request.ts";
import { declaredIn, type EntryDeclared } from "./ensure-declared.ts";
import { type Declaration, readDeclaration } from "./ensure-file.ts";
import { valuesFor } from "./ensure-inputs.ts";
import {
  check,
  commonEntries,
  commonRequest,
  commonTogether,
  flag,
  invalidInput,
  type Problem,
  readInputs,
  together,
  type Values,
} from "./inputs.ts";
import { type AskedVerification, verifyRequest } from "./verify-request.ts";

/** What is asked for one compute: the requests of the actions that bring it about. */
export interface EnsureEntry {
  /** Present in the first entry of a cluster that is to be created. */
  readonly create?: CreateClusterRequest | undefined;
  /** Present in the first entry of a cluster that needs the extension. */
  readonly deploy?: DeployRequest | undefined;
  readonly attach: AttachRequest | AksAttachRequest;
  /** Absent for a legacy compute, which has no extension. */
  readonly verify?: AskedVerification | undefined;
}

/** What `ensure` is asked. */
export interface EnsureRequest extends CommonRequest {
  readonly entries: readonly [EnsureEntry, ...EnsureEntry[]];
  /** The name of the declaration, by which the computes that it made are known again. */
  readonly declaration?: string | undefined;
  readonly prune: boolean;
}

/** Tag of a compute: the declaration that attached it. */
export const declarationTag = "azureml-clusters.declaration";

const runSchema = v.object({ ...commonEntries, file: v.optional(v.string()), prune: flag(false) });

/** The request of `ensure`. @throws Failure `InvalidInput` with every problem of every compute. */
export async function ensureRequest(host: Host): Promise<EnsureRequest> {
  const inputs = readInputs(host, "ensure");
  const { request, problems } = check(runSchema, taken(inputs));
  const file = inputs.file === undefined ? undefined : await readDeclaration(host, inputs.file);
  const declared = declaredIn(inputs, file, host.environment);
  const form = [...problems, ...commonTogether(inputs), ...pruneTogether(inputs, file)];
  const lines = linesOf([...form, ...(file?.problems ?? []), ...declared.problems], host);
  const entries: EnsureEntry[] = [];
  // What has no form can't be taken apart; of the rest every problem is told.
  for (const one of declared.entries) {
    const read = await entryOf(host, one, file?.name);
    lines.push(...read.lines.map((line) => located(line, one, file)));
    if (read.entry) entries.push(read.entry);
  }
  const [first, ...others] = entries;
  if (lines.length > 0 || !request || !first) throw wrong([...new Set(lines)]);
  return {
    ...commonRequest(request),
    entries: [first, ...others],
    declaration: file?.name,
    prune: request.prune,
  };
}

function taken(inputs: Values<string>): Values<string> {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => name in runSchema.entries));
}

/** Only a declaration that has a name knows its own computes again. */
function pruneTogether(inputs: Values<string>, file: Declaration | undefined): Problem[] {
  if (inputs["prune"]?.toLowerCase() !== "true") return [];
  const told = file?.problems.some(({ input }) => input === "declaration");
  return [
    ...together(file !== undefined, "prune", inputs, "true only with `file`"),
    ...together(
      !file || file.name !== undefined || told === true,
      "declaration",
      {},
      "a name that no other file has, since `prune` is true: by it the computes of this file are known again",
    ),
  ];
}

interface ReadEntry {
  readonly entry?: EnsureEntry;
  readonly lines: readonly string[];
}

/** Has each action read its own part, as if it had been called with it. */
async function entryOf(host: Host, declared: EntryDeclared, declaration?: string): Promise<ReadEntry> {
  const { stages } = declared;
  const view = (stage: Parameters<typeof valuesFor>[0]): Host => {
    const values = valuesFor(stage, declared);
    const input = (name: string) => values[name] ?? (name in commonEntries ? host.input(name) : "");
    return { ...host, environment: declared.environment, input };
  };
  const creation = view("create-cluster");
  const [create, deploy, attach, verify] = await Promise.all([
    stages.create ? read(async () => clusterRequest(creation, readInputs(creation, "create-cluster"))) : none,
    stages.deploy ? read(() => deployRequest(view("deploy-extension"))) : none,
    read(() => attachRequest(view("attach"))),
    stages.verify ? read(() => verifyRequest(view("verify-extension"))) : none,
  ]);
  const lines = [create, deploy, attach, verify].flatMap((one) => one.lines);
  if (!attach.value) return { lines };
  const entry: EnsureEntry = {
    attach: declaration ? marked(attach.value, declaration) : attach.value,
    create: create.value,
    deploy: deploy.value,
    verify: verify.value,
  };
  return { entry, lines };
}

interface Read<T> {
  readonly value?: T;
  readonly lines: readonly string[];
}

const none: Read<never> = { lines: [] };

async function read<T extends object>(request: () => Promise<T>): Promise<Read<T>> {
  try {
    const value = await request();
    // `attach` alone would go on to look; here everything is told first.
    const late = "wrong" in value && value.wrong instanceof Failure ? value.wrong.details : [];
    return { value, lines: late };
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "InvalidInput") throw error;
    return { lines: error.details };
  }
}

function marked(request: AttachRequest | AksAttachRequest, declaration: string) {
  const tags = { [declarationTag]: declaration };
  // Both kinds of attachment take tags alike.
  return { ...request, attachment: { ...request.attachment, tags } } as typeof request;
}

/** A problem with the place in the file that it is about, where the file gave the value or should have. */
function located(line: string, { path, own }: EntryDeclared, file: Declaration | undefined): string {
  const name = /^[a-z-]+/.exec(line)?.[0] ?? "";
  if (!file) return line;
  if (own.has(name)) return `${path}.${line}`;
  if (name in file.defaults) return `defaults.${line}`;
  return line.startsWith(`${name}: not given`) ? `${path}.${line}` : line;
}

function linesOf(problems: readonly Problem[], host: Host): string[] {
  return problems.length > 0 ? [...invalidInput(problems, host).details] : [];
}

function wrong(details: readonly string[]): Failure {
  const count = details.length === 1 ? "One input is" : `${details.length} inputs are`;
  return new Failure("InvalidInput", `${count} wrong.`, { details });
}
