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

/** An id such as `con_4kqv…`: a short type prefix and 96 random bits in base32, lower case. */
export function newId(prefix: string, random: Random): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  let bits = 0n;
  for (const byte of random(12)) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let i = 0; i < 20; i += 1) {
    text = alphabet[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return `${prefix}_${text}`;
}

export const systemPorts: Omit<Ports, 'log'> = {
  clock: () => Date.now(),
  random: (n) => randomBytes(n),
  fetch: (...call) => globalThis.fetch(...call),
};
