import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

/** The repository's folder. */
export const root = path.join(import.meta.dirname, "../../..");

/** A workflow file, as far as it is looked at here. */
export interface Workflow {
  readonly name?: string;
  readonly on?: {
    readonly workflow_call?: {
      readonly inputs?: Readonly<Record<string, { readonly required?: boolean; readonly default?: unknown }>>;
      readonly outputs?: Readonly<Record<string, { readonly value: string }>>;
    } | null;
  };
  readonly env?: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** A job of steps, or one that calls another workflow. */
export interface Job {
  readonly needs?: string | readonly string[];
  readonly if?: unknown;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly strategy?: { readonly matrix?: unknown };
  readonly env?: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly steps?: readonly Step[];
}

/** A step. */
export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: unknown;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly "continue-on-error"?: boolean;
}

/** Reads a workflow by its path in the repository. */
export function readWorkflow(file: string): Workflow {
  return parse(readFileSync(path.join(root, file), "utf8")) as Workflow;
}

/** The action of this repository that a step uses, by its folder, the root action by its name; a reusable workflow by its file. */
export function ownUse(uses: string | undefined): string | undefined {
  const [, name] =
    /^(?:<owner>\/azureml-clusters|\.\/\.azureml-clusters)(\/[^@]+)?(?:@v1)?$/.exec(uses ?? "") ?? [];
  return uses?.includes("azureml-clusters") ? (name?.slice(1) ?? ".") : undefined;
}

/** The ids of jobs that a job waits for. */
export function needsOf({ needs = [] }: Job): readonly string[] {
  return typeof needs === "string" ? [needs] : needs;
}
