/**
 * The numbers of a version of Kubernetes or of the extension: `v1.29.4+k3s1` is 1, 29, 4. `undefined` when there
 * are none.
 */
export function versionNumbers(text: string): readonly number[] | undefined {
  const numbers = /^\s*v?(\d{1,9}(?:\.\d{1,9})*)/.exec(text)?.[1];
  return numbers?.split(".").map(Number);
}

/** Below zero where `one` is the older; what is no version is older than every version. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [versionNumbers(one), versionNumbers(other)];
  if (!left || !right) return Number(Boolean(left)) - Number(Boolean(right));
  return compareNumbers(left, right, Math.max(left.length, right.length));
}

/** The newest of some versions; `undefined` of none. */
export function newest(versions: readonly string[]): string | undefined {
  return versions.reduce<string | undefined>(
    (best, version) => (best === undefined || compareVersions(version, best) > 0 ? version : best),
    undefined,
  );
}

/**
 * Whether a version falls under one of those that Azure lists as unsupported. The list is written as `1.22`, `>1.22`
 * or `1.18..1.21`, each compared as far as it goes: 1.22.5 is 1.22 and not above it (arm-contract 3: the examples of
 * the extension types API).
 */
export function isListed(version: string, listed: readonly string[]): boolean {
  const numbers = versionNumbers(version);
  return numbers !== undefined && listed.some((entry) => falls(numbers, entry.trim()));
}

function falls(version: readonly number[], entry: string): boolean {
  const [low, high] = entry.split("..");
  if (low !== undefined && high !== undefined) {
    return against(version, low, (order) => order >= 0) && against(version, high, (order) => order <= 0);
  }
  const { operator = "", bound = "" } = /^(?<operator>[<>]=?|=*)(?<bound>.*)$/.exec(entry)?.groups ?? {};
  return against(version, bound, (order) => {
    if (operator.startsWith(">")) return order > 0 || (operator === ">=" && order === 0);
    if (operator.startsWith("<")) return order < 0 || (operator === "<=" && order === 0);
    return order === 0;
  });
}

function against(version: readonly number[], bound: string, holds: (order: number) => boolean): boolean {
  const numbers = versionNumbers(bound);
  return numbers !== undefined && holds(compareNumbers(version, numbers, numbers.length));
}

function compareNumbers(one: readonly number[], other: readonly number[], length: number): number {
  for (let index = 0; index < length; index += 1) {
    const order = (one[index] ?? 0) - (other[index] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}
