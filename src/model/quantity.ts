/** How many units one of a suffix is; exact enough for a judgement of what fits. */
const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const shape = /^(?<number>[+-]?(?:\d+\.?\d*|\.\d+))(?<rest>[eE][+-]?\d+|[A-Za-z]*)$/;

/** A Kubernetes quantity of processor time (`250m`, `2`) in thousandths of a core; `undefined` when it is none. */
export function parseCpu(text: string): number | undefined {
  const cores = parseQuantity(text);
  return cores === undefined ? undefined : Math.round(cores * 1000);
}

/** A Kubernetes quantity of memory (`128Mi`, `1e9`) in bytes; `undefined` when it is none. */
export function parseBytes(text: string): number | undefined {
  const bytes = parseQuantity(text);
  return bytes === undefined ? undefined : Math.round(bytes);
}

/** Processor time as the component table has it: `250m` (extension.md 5a). */
export function formatCpu(thousandths: number): string {
  return `${thousandths}m`;
}

/** Memory as the component table has it: `256Mi`. */
export function formatBytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)}Mi`;
}

function parseQuantity(text: string): number | undefined {
  const { number, rest = "" } = shape.exec(text.trim())?.groups ?? {};
  if (number === undefined) return undefined;
  if (/^[eE][+-]?\d/.test(rest)) return Number(`${number}${rest}`);
  const factor = Object.hasOwn(suffixes, rest) ? suffixes[rest] : undefined;
  return factor === undefined ? undefined : Number(number) * factor;
}
