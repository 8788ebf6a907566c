import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';
import { readCookies } from '../broker/cookies.ts';
import { type Person, type Sessions, sessionCookieName } from '../broker/sessions.ts';
import { AppError } from '../errors.ts';

export interface AuthorizeOptions {
  /** The `csrf` field of a form that was already read; without it the header `x-csrf-token` counts. */
  readonly csrf?: string | null;
}

/**
 * Who is asking. Throws `unauthorized` without a session, `forbidden` where an administrator is needed, and
 * `csrf_mismatch` for an unsafe method that does not prove that it comes from our own pages.
 */
export type Authorize = (
  request: HttpRequest,
  need: 'person' | 'administrator',
  options?: AuthorizeOptions,
) => Promise<Person>;

const safeMethods = new Set(['GET', 'HEAD']);

export function createAuthorize(deps: {
  readonly sessions: Pick<Sessions, 'find'>;
  readonly publicUrl: string;
}): Authorize {
  const ownOrigin = new URL(deps.publicUrl).origin;

  return async (request, need, options = {}) => {
    const cookie = readCookies(request.headers.get('cookie')).get(sessionCookieName);
    const person = cookie ? await deps.sessions.find(cookie) : undefined;
    if (!person) throw new AppError('unauthorized', 'Sign in first: open /auth/sign-in in a browser.');

    if (!safeMethods.has(request.method.toUpperCase())) {
      // Browsers send `Origin: null` with a form of a page that has Referrer-Policy: no-referrer, as ours do.
      const origin = request.headers.get('origin') ?? 'null';
      const token = options.csrf ?? request.headers.get('x-csrf-token') ?? '';
      if ((origin !== 'null' && origin !== ownOrigin) || !sameText(token, person.csrf)) {
        throw new AppError(
          'csrf_mismatch',
          'The request does not carry the token of this session. Reload the page and try again.',
        );
      }
    }
    if (need === 'administrator' && !person.administrator) {
      throw new AppError('forbidden', 'Only an administrator of this installation may do this.');
    }
    return person;
  };
}

/** Compares digests, so that neither content nor length shows in the time it takes. */
function sameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return expected !== '' && timingSafeEqual(digest(given), digest(expected));
}
