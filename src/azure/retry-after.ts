/** Milliseconds that `Retry-After` asks for: whole seconds with ARM, a date with proxies before it. */
export function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  // Date.parse alone would take "1.5" for a day in 2001.
  const date = / GMT$/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** Milliseconds until a window of Resource Graph's quota ends, as `00:00:03` (guidance for throttled requests). */
export function windowEnd(header: string | undefined): number | undefined {
  const [, hours, minutes, seconds] = /^(\d+):(\d{2}):(\d{2})$/.exec(header ?? "") ?? [];
  if (seconds === undefined) return undefined;
  return (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
}
