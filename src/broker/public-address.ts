import { isIP } from 'node:net';
import { isLoopback } from '../config.ts';
import { isPrivateAddress } from '../outbound/public-address.ts';

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
  return isIP(host) === 0 ? host === 'localhost' || host.endsWith('.localhost') : isPrivateAddress(host);
}
