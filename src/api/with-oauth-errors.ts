import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { AppError } from '../errors.ts';
import { newId, type Ports } from '../ports.ts';
import { apiHeaders, type Handler, logFailure, toPublicError, withHeaders } from './http.ts';
import { oauthError } from './oauth-errors.ts';
import { statusOf } from './status-of.ts';

const secretParameters = [
  'client_secret',
  'client_assertion',
  'subject_token',
  'actor_token',
  'code',
  'device_code',
  'refresh_token',
  'token',
  'assertion',
  'access_token',
];

/**
 * A handler that never throws: errors have the shape of RFC 6749. A credential in the address is refused before anything is
 * looked at, because addresses end up in logs.
 */
export function withOAuthErrors(
  answer: (request: HttpRequest, requestId: string) => Promise<HttpResponseInit>,
  ports: Pick<Ports, 'log' | 'random'>,
): Handler {
  return async (request) => {
    const requestId = newId('req', ports.random);
    const headers = { ...apiHeaders, pragma: 'no-cache', 'x-request-id': requestId };
    try {
      refuseSecretsInAddress(request);
      return withHeaders(await answer(request, requestId), headers);
    } catch (thrown) {
      const error = toPublicError(thrown);
      if (statusOf(error.code) >= 500) logFailure(ports, error, thrown, requestId);
      return withHeaders(oauthError(error, requestId), headers);
    }
  };
}

function refuseSecretsInAddress(request: HttpRequest): void {
  if (!request.url.includes('?')) return;
  const query = new URL(request.url).searchParams;
  if (!secretParameters.some((name) => query.has(name))) return;
  throw new AppError(
    'invalid_request',
    'Credentials belong into the body or the Authorization header, never into the address.',
  );
}
