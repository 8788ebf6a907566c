import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';
import type { BrokerTokens } from '../broker/authorization/broker-tokens.ts';
import { readCookies } from '../broker/cookies.ts';
import { type Person, type Sessions, sessionCookieName } from '../broker/sessions.ts';
import { AppError } from '../errors.ts';

export interface AuthorizeOptions {
  /** The `csrf` field of a form that was already read; without it the header `x-csrf-token` counts. */
  readonly csrf?: string | null;
  /** Only a person at a browser will do: a program must not let in another program. */
  readonly sessionOnly?: boolean;
}

/**
 * Who is asking: a session, or an access token of this installation as `Bearer`, which no other site can send and which
 * therefore needs no proof of where it comes from. Throws `unauthorized` without either, `forbidden` where an administrator is needed, and
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
  readonly tokens: Pick<BrokerTokens, 'find'>;
  readonly publicUrl: string;
}): Authorize {
  const ownOrigin = new URL(deps.publicUrl).origin;

  async function byToken(header: string): Promise<Person> {
    const token = /^Bearer ([\w-]{1,200})$/i.exec(header)?.[1];
    const person = token === undefined ? undefined : await deps.tokens.find(token);
    if (person) return person;
    throw new AppError('unauthorized', 'The access token is not one of this installation, or is over.');
  }

  async function bySession(request: HttpRequest, options: AuthorizeOptions): Promise<Person> {
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
    return person;
  }

  return async (request, need, options = {}) => {
    const header = options.sessionOnly ? null : request.headers.get('authorization');
    const person = header === null ? await bySession(request, options) : await byToken(header);
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
