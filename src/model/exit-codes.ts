/** Exit codes of the console: what a script does next depends on them. */
export const exitCodes = { done: 0, failed: 1, usage: 2, cancelled: 130 } as const;
