import { asFailure, Failure } from "../model/failure.ts";

/** What is wrong with how a command was called, beside the values of its inputs. */
export interface UsageProblem {
  /** The input that it is about, where it is one of the action's. */
  readonly input?: string;
  readonly text: string;
}

/** Everything that is wrong with a call: with its form, and with what it gives. */
export async function wronglyCalled(
  usage: readonly UsageProblem[],
  request: Promise<unknown>,
): Promise<Failure> {
  const failure = await request.then(wrongInputs, asFailure);
  const told = new Set(usage.map(({ input }) => input));
  const others = (failure?.details ?? []).filter((line) => !told.has(/^[a-z0-9-]+/.exec(line)?.[0]));
  const details = [...usage.map(({ text }) => text), ...others];
  const count = details.length === 1 ? "One thing is" : `${details.length} things are`;
  return new Failure("InvalidInput", `${count} wrong with the command line.`, { details });
}

/** Wrong inputs that would have let a run look around all the same are as wrong as any. */
function wrongInputs(request: unknown): Failure | undefined {
  const { wrong } = (request ?? {}) as { readonly wrong?: Failure | undefined };
  return wrong;
}
