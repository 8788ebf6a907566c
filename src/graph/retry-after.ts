/**
 * Seconds that a throttled answer asks to wait: the larger of Retry-After (seconds, also fractional, or a date) and
 * RateLimit-Reset; undefined when it names none. `now` is in milliseconds.
 */
export function retryAfterSeconds(headers: Headers, now: number): number | undefined {
  const asked = ['retry-after', 'ratelimit-reset']
    .map((name) => parse(headers.get(name), now))
    .filter((seconds) => seconds !== undefined);
  return asked.length === 0 ? undefined : Math.max(...asked);
}

function parse(text: string | null, now: number): number | undefined {
  if (text === null || text.trim() === '') return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, Math.ceil(seconds));
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}
