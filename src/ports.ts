import { randomBytes } from 'node:crypto';

/** Milliseconds since 1970. */
export type Clock = () => number;

/** `n` unpredictable bytes. */
export type Random = (n: number) => Buffer;

export type Fetch = typeof globalThis.fetch;

/** One line of structured log. Fields never hold a token, a secret, a code, a body or a query string. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** What the outside world supplies: passed in, so that tests can turn the clock and script the network. */
export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly fetch: Fetch;
  readonly log: Log;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** An id such as `con_4kqv…`: a short type prefix and 100 random bits in base32, lower case. */
export function newId(prefix: string, random: Random): string {
  let id = `${prefix}_`;
  for (const byte of random(20)) id += alphabet[byte & 31];
  return id;
}

export const systemPorts: Omit<Ports, 'log'> = {
  clock: () => Date.now(),
  random: pooledRandom(),
  fetch: (...call) => globalThis.fetch(...call),
};

/** Asks the system for many bytes at a time, because each question costs the same; no byte is given twice. */
function pooledRandom(poolBytes = 4_096): Random {
  let pool = Buffer.alloc(0);
  let used = 0;
  return (n) => {
    if (n > poolBytes / 8) return randomBytes(n);
    if (used + n > pool.length) {
      pool = randomBytes(poolBytes);
      used = 0;
    }
    const bytes = Buffer.from(pool.subarray(used, used + n));
    pool.fill(0, used, used + n);
    used += n;
    return bytes;
  };
}
