import { z } from 'zod';
import { AppError, type AppErrorOptions, type ErrorCode } from '../errors.ts';
import { retryAfterSeconds } from './retry-after.ts';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

const innerError: z.ZodType<{ code?: string | null | undefined }> = z.object({ code: z.string().nullish() });
const envelope = z.object({
  error: z.object({
    code: z.string().nullish(),
    message: z.string().nullish(),
    innerError: innerError.nullish().catch(undefined),
    innererror: innerError.nullish().catch(undefined),
  }),
});

const meanings: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  401: ['reauth_required', 'Microsoft Graph does not accept the token of this connection. Connect it again.'],
  403: [
    'forbidden',
    'Microsoft Graph refuses this: the connection lacks a permission, or the account lacks the right.',
  ],
  404: ['not_found', 'Microsoft Graph did not find it, or this connection may not see it.'],
  409: ['conflict', 'Microsoft Graph found something of this name, or a change that is in the way.'],
  410: [
    'resync_required',
    'Microsoft Graph no longer knows this position in the feed: it has to be read from the start.',
  ],
  412: ['precondition_failed', 'The item was changed by somebody else in the meantime.'],
  423: ['locked', 'The item is locked: somebody has it open or checked out.'],
  429: ['throttled', 'Microsoft Graph asks to slow down.'],
  507: ['graph_error', 'The drive is full.'],
  509: ['throttled', 'Microsoft Graph asks to slow down.'],
};

/** What an answer of 400 or above means to the product; `now` in milliseconds. Graph's own words go to the log only. */
export function toGraphError(answer: Answer, now: number): AppError {
  const { status, headers } = answer;
  const said = envelope.safeParse(answer.body).data?.error;
  const inner = (said?.innerError ?? said?.innererror)?.code ?? undefined;
  const graphCode = inner ?? said?.code ?? undefined;
  const requestId = headers.get('request-id') ?? undefined;
  const [code, message] = meanings[status] ?? fallback(status);
  const retryAfter = retryAfterSeconds(headers, now);
  const retryable = code === 'throttled' || code === 'upstream_unavailable' || code === 'locked';
  const location = status === 410 ? headers.get('location') : null;
  const options: AppErrorOptions = {
    detail: `Graph answered ${status} ${said?.code ?? ''} ${inner ?? ''}: ${said?.message ?? 'no message'} (request-id ${requestId ?? 'none'})`,
    retryable,
    details: {
      graphStatus: status,
      ...(graphCode === undefined ? {} : { graphCode }),
      ...(requestId === undefined ? {} : { graphRequestId: requestId }),
      ...(location === null ? {} : { location }),
    },
    ...(retryable ? { retryAfter: retryAfter ?? 30 } : {}),
  };
  return new AppError(code, message, options);
}

function fallback(status: number): readonly [ErrorCode, string] {
  if (status >= 500 && status !== 501)
    return ['upstream_unavailable', 'Microsoft Graph did not answer as expected. Try again shortly.'];
  return ['graph_error', `Microsoft Graph refused the request (${status}).`];
}
