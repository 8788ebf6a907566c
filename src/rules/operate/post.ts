import { lookup as systemLookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { AppError } from '../../errors.ts';
import type { Fetch } from '../../ports.ts';

/**
 * Sends JSON to an address that an administrator wrote into a rule. Throws `invalid_target` for an address that isn't a public
 * https one and for an answer of 4xx, `upstream_unavailable` for any other failure.
 */
export type Post = (url: string, body: unknown, headers: Readonly<Record<string, string>>) => Promise<void>;

/** All addresses of a host name. */
export type Lookup = (host: string) => Promise<readonly string[]>;

const timeoutMs = 10_000;

/** What must not be reached from inside: this machine, private networks, and the cloud's own services (169.254). */
const inside = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  inside.addSubnet(net, prefix, 'ipv4');
}
for (const [net, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  inside.addSubnet(net, prefix, 'ipv6');
}

export function createPost(fetch: Fetch, lookup: Lookup = systemAddresses): Post {
  return async (url, body, headers) => {
    await requirePublic(url, lookup);
    const status = await send(fetch, url, body, headers);
    if (status >= 200 && status < 300) return;
    if (status >= 400 && status < 500 && status !== 429) {
      throw new AppError('invalid_target', `The webhook answered ${status}.`);
    }
    throw unavailable(`it answered ${status}`);
  };
}

/** A name may still mean another address a moment later; only administrators write rules. */
async function requirePublic(text: string, lookup: Lookup): Promise<void> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (url?.protocol !== 'https:' || url.username !== '') throw notPublic();
  const addresses = isIP(host) ? [host] : await lookup(host);
  if (addresses.length === 0) throw unavailable('its name has no address');
  if (addresses.some(isInside)) throw notPublic();
}

function isInside(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return inside.check(mapped, 'ipv4');
  return inside.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

async function send(fetch: Fetch, url: string, body: unknown, headers: Readonly<Record<string, string>>) {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await answer.body?.cancel();
    return answer.status;
  } catch (error) {
    throw unavailable('no answer came', error);
  }
}

async function systemAddresses(host: string): Promise<readonly string[]> {
  try {
    return (await systemLookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    throw unavailable('its name was not found', error);
  }
}

function notPublic(): AppError {
  return new AppError('invalid_target', 'The webhook must be a public https address without a user name.');
}

function unavailable(why: string, cause?: unknown): AppError {
  return new AppError('upstream_unavailable', `The webhook could not be told: ${why}.`, {
    retryable: true,
    retryAfter: 30,
    cause,
  });
}
