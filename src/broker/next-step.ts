import { AppError, type ErrorCode, isAppError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { signInLink } from './sign-in-link.ts';

const person: ReadonlySet<ErrorCode> = new Set([
  'reauth_required',
  'interaction_required',
  'claims_challenge',
]);

/**
 * The error with the address where somebody can mend it: `reauth_url` for the person of the connection (a challenge goes along),
 * `consent_url` for who must consent. Anything else comes back as it is.
 */
export function withNextStep(error: unknown, connection: Connection, publicUrl: string): unknown {
  if (!isAppError(error)) return error;
  const isUser = connection.kind === 'user';
  if (error.code === 'consent_required') {
    const byPerson = () => signInLink(publicUrl, connection, { prompt: 'consent' });
    return withDetails(error, { consent_url: isUser ? byPerson() : `${publicUrl}/#consent-links` });
  }
  if (!isUser || !person.has(error.code)) return error;
  const { claims } = error.details ?? {};
  const hints: Record<string, string> = typeof claims === 'string' ? { claims } : {};
  return withDetails(error, { reauth_url: signInLink(publicUrl, connection, hints) });
}

function withDetails(error: AppError, more: Readonly<Record<string, unknown>>): AppError {
  return new AppError(error.code, error.message, {
    details: { ...error.details, ...more },
    cause: error.cause,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
  });
}
