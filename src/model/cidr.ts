/**
 * IPv4 ranges: enough to say whether they overlap. AKS takes no other here (arm-contract 2: the patterns of `serviceCidr`
 * and `dnsServiceIP`). Node's `BlockList` can't compare two ranges, and a library for three functions is not worth it.
 */
export interface Range {
  readonly first: number;
  readonly last: number;
  readonly bits: number;
}

const shape = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/;

/** `a.b.c.d/n`, or an address alone; `undefined` for what is none. The address may be any of its network (`172.17.0.1/16`). */
export function parseRange(text: string): Range | undefined {
  const match = shape.exec(text);
  if (!match) return undefined;
  const bytes = match.slice(1, 5).map(Number);
  const bits = Number(match[5] ?? 32);
  if (bytes.some((byte) => byte > 255) || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  // Not by bit operators: theirs are signed.
  const address = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const first = address - (address % size);
  return { first, last: first + size - 1, bits };
}

/** A range with its length: `10.0.0.0/16`. */
export function isCidr(text: string): boolean {
  return text.includes("/") && parseRange(text) !== undefined;
}

/** An address alone. */
export function isAddress(text: string): boolean {
  return !text.includes("/") && parseRange(text) !== undefined;
}

/** Whether both have an address in common. */
export function overlap(one: Range, other: Range): boolean {
  return one.first <= other.last && other.first <= one.last;
}

/** Whether all of `inner` lies in `outer`. */
export function covers(outer: Range, inner: Range): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}

/** Equal as ranges: an address alone is a range of one (`203.0.113.4` is `203.0.113.4/32`). */
export function sameRange(one: string, other: string): boolean {
  const [left, right] = [parseRange(one), parseRange(other)];
  return left !== undefined && right !== undefined && left.first === right.first && left.bits === right.bits;
}
