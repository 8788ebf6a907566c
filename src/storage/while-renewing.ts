/**
 * Does the work, and meanwhile says every `everyMs` that its holder is alive. A renewal that fails is left
 * alone: what it renews then ends by itself, and an ETag or a fence keeps a late write out. Settles after the last renewal.
 */
export async function whileRenewing<T>(
  everyMs: number,
  renew: () => Promise<unknown>,
  work: () => Promise<T>,
): Promise<T> {
  let renewal: Promise<unknown> = Promise.resolve();
  const renewing = setInterval(() => {
    renewal = renewal.then(renew).catch(() => undefined);
  }, everyMs);
  renewing.unref();
  try {
    return await work();
  } finally {
    clearInterval(renewing);
    await renewal;
  }
}
