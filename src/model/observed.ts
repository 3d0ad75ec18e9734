import type { Failure } from "./failure.ts";

/** What a look at Azure brought: the thing itself, that there is none, or that we may not look. */
export type Observed<T> =
  | { readonly is: "present"; readonly value: T }
  | { readonly is: "absent" }
  | { readonly is: "denied"; readonly why: Failure };

/** The thing when it is there. */
export function present<T>(observed: Observed<T>): T | undefined {
  return observed.is === "present" ? observed.value : undefined;
}
