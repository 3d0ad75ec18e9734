import type { Host } from "../host/host.ts";
import type { Failure } from "../model/failure.ts";
import { invalidInput, type Problem, type Values } from "./inputs.ts";

/** Milliseconds for a look that ends in a failure whatever it sees. */
const lookLimit = 60_000;

/** The inputs that say as whom to look, and in which Azure. */
const signIn: readonly string[] = ["client-id", "tenant-id", "azure-environment"];

/** What a request is made of: all values, or the right ones with the failure that tells of the others. */
export interface Settled<Checked> {
  readonly right: Checked;
  readonly wrong?: Failure;
  /** Names of the inputs that are wrong. */
  readonly bad: readonly string[];
}

/**
 * Settles what becomes of checked values. With wrong inputs that don't hinder a look at Azure the run looks, so that
 * failed preconditions are told as well; `naming` are those that hinder it. @throws Failure `InvalidInput` where they do.
 */
export function settle<Checked extends { readonly timeout: number; readonly preflight: string }>(
  host: Host,
  values: Values<string>,
  problems: readonly Problem[],
  checkedOf: (values: Values<string>) => Checked | undefined,
  naming: readonly string[],
): Settled<Checked> {
  const request = checkedOf(values);
  if (request && problems.length === 0) return { right: request, bad: [] };
  const wrong = invalidInput(problems, host);
  const bad = problems.map(({ input }) => input.replace(/ \(.*/, ""));
  const rest = Object.entries(values).filter(([name]) => !bad.includes(name));
  const hindered = bad.some((name) => signIn.includes(name) || naming.includes(name));
  const right = hindered ? undefined : checkedOf(Object.fromEntries(rest));
  if (!right || right.preflight === "off") throw wrong;
  return { right: { ...right, timeout: Math.min(right.timeout, lookLimit) }, wrong, bad };
}
