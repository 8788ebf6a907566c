import { lookup as systemLookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { isLoopback } from '../config.ts';
import { AppError } from '../errors.ts';

/** All addresses of a host name. */
export type Lookup = (host: string) => Promise<readonly string[]>;

export interface AddressRules {
  readonly lookup?: Lookup;
  /** Never in Azure: a receiver on this machine may be told, on http too. */
  readonly allowLoopback?: boolean;
}

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
  inside.addSubnet(`::ffff:${net}`, 96 + prefix, 'ipv6');
}
for (const [net, prefix] of [
  // Loopback, and the forms of IPv6 that lead to IPv4: compatible, NAT64, 6to4.
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  inside.addSubnet(net, prefix, 'ipv6');
}

/**
 * Throws `invalid_target` for an address that isn't a public https one, `upstream_unavailable` for a name without an address. A
 * name may still mean another address a moment later: only administrators name receivers.
 */
export async function requirePublic(text: string, rules: AddressRules = {}): Promise<void> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.username !== '' || url.password !== '') throw notPublic();
  if (rules.allowLoopback && isLoopback(url)) return;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol !== 'https:') throw notPublic();
  const addresses = isIP(host) ? [host] : await (rules.lookup ?? systemAddresses)(host);
  if (addresses.length === 0) throw unavailable('its name has no address');
  if (addresses.some(isPrivateAddress)) throw notPublic();
}

/** The receiver did not take what was sent; it may later. */
export function unavailable(why: string, cause?: unknown, retryAfter = 30): AppError {
  return new AppError('upstream_unavailable', `The webhook could not be told: ${why}.`, {
    retryable: true,
    retryAfter,
    cause,
  });
}

/** True for an IP address that only this machine, this network or this cloud knows. */
export function isPrivateAddress(address: string): boolean {
  return inside.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
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
