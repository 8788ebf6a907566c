import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { AppError, isAppError } from '../errors.ts';
import { newId, type Ports } from '../ports.ts';
import { statusOf } from './status-of.ts';

export * from './read-request.ts';
export { statusOf };

/** One endpoint, free of the host: `src/functions` registers it, tests call it. */
export type Handler = (request: HttpRequest) => Promise<HttpResponseInit>;

/** A JSON answer. `headers` are added to those that `withApiErrors` sets on every answer. */
export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpResponseInit {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

/** 204 without a body. */
export function noContent(headers: Readonly<Record<string, string>> = {}): HttpResponseInit {
  return { status: 204, headers: { ...headers } };
}

/** On every answer of the API: kept nowhere, shown in no frame, giving nothing away about the address. */
export const apiHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/** What an endpoint is told beside its request. */
export interface RequestContext {
  /** In the answer's `x-request-id`, in an error's body, in the log and in the audit. */
  readonly requestId: string;
}

/**
 * A handler that never throws: an AppError becomes `{ error: { code, message, details?, requestId } }` with its status,
 * anything else a 500 `internal_error`. What went wrong on our side is logged under the same request id.
 */
export function withApiErrors(
  handler: (request: HttpRequest, context: RequestContext) => Promise<HttpResponseInit>,
  ports: Pick<Ports, 'log' | 'random'>,
): Handler {
  return async (request) => {
    const requestId = newId('req', ports.random);
    const headers = { ...apiHeaders, 'x-request-id': requestId };
    try {
      return withHeaders(await handler(request, { requestId }), headers);
    } catch (thrown) {
      const error = toPublicError(thrown);
      if (statusOf(error.code) >= 500) logFailure(ports, error, thrown, requestId);
      const body = { code: error.code, message: error.message, details: error.details, requestId };
      return withHeaders(json(statusOf(error.code), { error: body }, retryHeaders(error)), headers);
    }
  };
}

/** The AppError itself, or `internal_error` for anything else: a foreign message may hold a secret. */
export function toPublicError(thrown: unknown): AppError {
  if (isAppError(thrown)) return thrown;
  return new AppError(
    'internal_error',
    'Something went wrong here. The request id finds the reason in the log.',
    {
      cause: thrown,
    },
  );
}

/** `Retry-After` in whole seconds, where the error names a time. */
export function retryHeaders(error: AppError): Record<string, string> {
  return error.retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(error.retryAfter)) };
}

/** One line for what is our fault: the code, our own detail, and where it was thrown, but no foreign text. */
export function logFailure(
  ports: Pick<Ports, 'log'>,
  error: AppError,
  thrown: unknown,
  requestId: string,
): void {
  ports.log.error('request_failed', {
    requestId,
    code: error.code,
    detail: error.detail,
    errorType: thrown instanceof Error ? thrown.name : typeof thrown,
    at: thrown instanceof Error ? framesOf(thrown) : undefined,
  });
}

/** The answer with `defaults` set where it has no header of that name. Names are in lower case, as everywhere here. */
export function withHeaders(
  answer: HttpResponseInit,
  defaults: Readonly<Record<string, string>>,
): HttpResponseInit {
  const own = answer.headers as Readonly<Record<string, string>> | undefined;
  return { ...answer, headers: { ...defaults, ...own } };
}

/** The stack without its first line, which repeats the message. */
function framesOf(error: Error): string | undefined {
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  return frames.length > 0
    ? frames
        .slice(0, 8)
        .map((line) => line.trim())
        .join(' | ')
    : undefined;
}
