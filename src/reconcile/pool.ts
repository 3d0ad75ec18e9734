/**
 * Does something with each item, so many at a time, in their order. An item that fails ends nothing but itself where
 * `work` does not throw; where it does, no further one is begun, and the first error is thrown once all have ended.
 */
export async function eachOf<T>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const left = items.entries();
  let failed = false;
  const worker = async () => {
    for (const [index, item] of left) {
      if (failed) return;
      try {
        await work(item, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const workers = Array.from({ length: Math.min(limit, items.length) }, worker);
  const ended = await Promise.allSettled(workers);
  const wrong = ended.find((one) => one.status === "rejected");
  if (wrong) throw wrong.reason;
}
