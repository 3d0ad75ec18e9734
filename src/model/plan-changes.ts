import { type Plan, type Step, writes } from "./plan.ts";

/**
 * What a plan would write that the one that was shown would not, or no more, one line each; empty where both come to
 * the same. Waits may come and go: nobody is surprised by them.
 */
export function planChanges(shown: Plan, now: Plan): string[] {
  const [before, after] = [shown.steps.filter(writes), now.steps.filter(writes)];
  const gone = before.filter((step) => !after.some((other) => same(step, other)));
  const added = after.filter((step) => !before.some((other) => same(step, other)));
  return [
    ...gone.map(({ title }) => `shown, and no longer due: ${title}`),
    ...added.map(({ title, reason }) => `not shown, and now due: ${title}, since ${reason}`),
    ...after.flatMap((step) => {
      const other = before.find((one) => same(one, step));
      return other ? bodyChanges(other, step) : [];
    }),
  ];
}

function same(one: Step, other: Step): boolean {
  return one.kind === other.kind && one.title === other.title;
}

function bodyChanges({ title, body: shown }: Step, { body: now }: Step): string[] {
  const [before, after] = [new Map(leaves(shown)), new Map(leaves(now))];
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return paths
    .filter((path) => before.get(path) !== after.get(path))
    .map(
      (path) =>
        `${title}: ${path} was shown as ${before.get(path) ?? "absent"}, and would now be ${after.get(path) ?? "absent"}`,
    );
}

/** Every value of a body with its path, so that the order of keys is none of its meaning. */
function leaves(value: unknown, path = ""): [path: string, value: string][] {
  if (typeof value !== "object" || value === null) return [[path, JSON.stringify(value) ?? "absent"]];
  const entries = Object.entries(value);
  if (entries.length === 0) return [[path, JSON.stringify(value)]];
  return entries.flatMap(([key, part]) => leaves(part, path ? `${path}.${key}` : key));
}
