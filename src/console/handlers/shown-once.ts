import type { Cookie } from '@azure/functions';
import { readCookies } from '../../broker/cookies.ts';

/** Long enough for a redirect on a slow line. */
const seconds = 300;

/**
 * Carries the address of a new consent link over the redirect to the page that shows it, in the browser that made it:
 * the server keeps only the ticket's hash, and an address in a query would stay in histories and logs.
 */
export function shownOnceCookie(id: string, url: string): Cookie {
  return cookie(id, Buffer.from(url, 'utf8').toString('base64url'), seconds);
}

/** The address for link `id` when this browser made it just now: an address of this site, or nothing. */
export function readShownOnce(
  cookieHeader: string | null,
  id: string,
  publicUrl: string,
): string | undefined {
  const value = readCookies(cookieHeader).get(nameFor(id));
  if (!value) return undefined;
  const url = Buffer.from(value, 'base64url').toString('utf8');
  return /^\/consent\/[\w.-]+$/.test(url.slice(publicUrl.length)) && url.startsWith(publicUrl)
    ? url
    : undefined;
}

/** Removes the cookie: the next visit shows the address no more. */
export function forgetShownOnce(id: string): Cookie {
  return cookie(id, '', 0);
}

function nameFor(id: string): string {
  return `__Host-shown-once-${id}`;
}

function cookie(id: string, value: string, maxAge: number): Cookie {
  return { name: nameFor(id), value, maxAge, path: '/', secure: true, httpOnly: true, sameSite: 'Lax' };
}
