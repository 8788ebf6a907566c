export interface WaitOptions {
  /** Milliseconds after which waiting fails; 10 s when not given. */
  readonly timeout?: number;
  /** Milliseconds between two looks; 25 when not given. */
  readonly interval?: number;
}

/**
 * Looks again and again until `condition` gives something true, and returns that. Fails at the timeout, with the last
 * error as its cause when `condition` threw; a throw alone only means "not yet".
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeout = 10_000, interval = 25 }: WaitOptions = {},
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const until = Date.now() + timeout;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value as Exclude<T, false | null | undefined | 0 | ''>;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > until) throw new Error(`Waited ${timeout} ms in vain for: ${condition}`, { cause });
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
}
