import { BlockList, isIP } from 'node:net';
import { isLoopback } from '../config.ts';

const privateRanges = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateRanges.addSubnet(network, prefix, 'ipv4');
  privateRanges.addSubnet(`::ffff:${network}`, 96 + prefix, 'ipv6');
}
privateRanges.addSubnet('fc00::', 7, 'ipv6');
privateRanges.addSubnet('fe80::', 10, 'ipv6');
privateRanges.addAddress('::', 'ipv6');
privateRanges.addAddress('::1', 'ipv6');

/**
 * Why this address may not be asked for keys, or undefined when it may: https to a host that is not a private address
 * in literal form. `allowLoopback` (never in Azure) lets an issuer on this machine through, on http too.
 */
export function addressProblem(text: string, allowLoopback: boolean): string | undefined {
  if (!URL.canParse(text)) return 'is not a URL';
  const url = new URL(text);
  if (url.username || url.password) return 'holds a user name or password';
  if (url.search || text.includes('?')) return 'has a query';
  if (url.hash || text.includes('#')) return 'has a fragment';
  if (allowLoopback && isLoopback(url)) {
    return url.protocol === 'https:' || url.protocol === 'http:' ? undefined : 'is not https';
  }
  if (url.protocol !== 'https:') return 'is not https';
  return isPrivateHost(url.hostname) ? 'is a private address' : undefined;
}

function isPrivateHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  if (family === 0) return host === 'localhost' || host.endsWith('.localhost');
  return privateRanges.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
