import type { HttpResponseInit } from '@azure/functions';
import type { AppError } from '../../errors.ts';
import { retryHeaders, statusOf } from '../http.ts';

/** An error of ours in Graph's own shape, so that its SDKs read it; `code` is ours. */
export function graphErrorBody(error: AppError, requestId: string, now: number): object {
  const { reauth_url } = error.details ?? {};
  return {
    error: {
      code: error.code,
      message: error.message,
      innerError: {
        date: new Date(now).toISOString().slice(0, 19),
        'request-id': requestId,
        'client-request-id': requestId,
        ...(typeof reauth_url === 'string' ? { reauth_url } : {}),
      },
    },
  };
}

export function graphErrorHeaders(error: AppError, requestId: string): Record<string, string> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'request-id': requestId,
    ...(error.code === 'unauthorized' ? { 'www-authenticate': 'Bearer realm="graph-valet"' } : {}),
    ...retryHeaders(error),
  };
}

export function graphError(error: AppError, requestId: string, now: number): HttpResponseInit {
  return {
    status: statusOf(error.code),
    headers: graphErrorHeaders(error, requestId),
    body: JSON.stringify(graphErrorBody(error, requestId, now)),
  };
}
