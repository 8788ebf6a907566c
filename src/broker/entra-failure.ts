import { AuthError } from '@azure/msal-node';
import { AppError, type ErrorCode } from '../errors.ts';
import type { EntraReply } from './msal-network.ts';

/** MSAL's own verdicts, made without an answer of Entra. */
const localCodes: Readonly<Record<string, ErrorCode>> = {
  no_tokens_found: 'reauth_required',
  refresh_token_expired: 'reauth_required',
  nonce_mismatch: 'sign_in_failed',
};

const messages: Partial<Record<ErrorCode, string>> = {
  reauth_required: 'Microsoft no longer accepts the stored sign-in. The person must sign in again.',
  interaction_required: 'Microsoft asks the person for another step (such as multi-factor authentication).',
  claims_challenge:
    'Microsoft asks for a sign-in that meets further conditions. The person must sign in again.',
  consent_required: 'The app has not been granted this permission. An administrator must consent to it.',
  throttled: 'Microsoft asks to wait before the next token is requested.',
  upstream_unavailable: 'Microsoft did not answer as expected. Try again shortly.',
  broker_misconfigured: 'Microsoft refuses the credential or the registration of this app.',
  invalid_scope: 'Microsoft does not know a scope that was asked for.',
  invalid_target: 'Microsoft does not know the API that was asked for, or the app has no access to it.',
  sign_in_failed: 'The sign-in could not be completed.',
  internal_error: 'The token could not be obtained.',
};

/**
 * What a failed token request means. Decided by `error`, `suberror` and the status; AADSTS numbers refine only where
 * Entra says one thing with the words of another. The texts that Microsoft sends are left behind: they are not ours to show.
 */
export function toEntraFailure(error: unknown, reply: EntraReply | undefined): AppError {
  if (error instanceof AppError) return error;
  if (!reply) return withoutReply(error);
  const facts = readFacts(reply);
  const code = reply.status < 400 ? decideSuccess(reply) : decide(reply.status, facts, reply.retryAfter);
  const transient = code === 'throttled' || code === 'upstream_unavailable';
  return new AppError(code, messages[code] ?? 'The token could not be obtained.', {
    detail: describe(reply.status, facts, error),
    retryable: transient,
    ...(transient ? { retryAfter: secondsOf(reply, code === 'throttled' ? 60 : coolOffSeconds) } : {}),
    ...(facts.claims && (code === 'interaction_required' || code === 'claims_challenge')
      ? { details: { claims: facts.claims } }
      : {}),
  });
}

interface Facts {
  readonly error: string;
  readonly suberror: string;
  readonly numbers: readonly number[];
  readonly claims: string | undefined;
  readonly correlationId: string | undefined;
}

/** Only what has the expected shape is taken over. */
function readFacts({ body }: EntraReply): Facts {
  const word = (value: unknown) => (typeof value === 'string' && /^[a-z_]{1,60}$/.test(value) ? value : '');
  const id = body.correlation_id;
  return {
    error: word(body.error),
    suberror: word(body.suberror),
    numbers: Array.isArray(body.error_codes)
      ? body.error_codes.filter((n): n is number => Number.isSafeInteger(n))
      : [],
    claims: typeof body.claims === 'string' && body.claims.length < 8_000 ? body.claims : undefined,
    correlationId: typeof id === 'string' && /^[0-9a-f-]{36}$/i.test(id) ? id : undefined,
  };
}

/** An account that Microsoft did not answer for is left alone so long. */
const coolOffSeconds = 10;

/** A success that MSAL does not take: half an answer, or one that is not for this sign-in. */
function decideSuccess({ body }: EntraReply): ErrorCode {
  return typeof body.access_token === 'string' ? 'sign_in_failed' : 'upstream_unavailable';
}

/** Conditional access and second factors, where the answer has no `suberror` that says so. */
const stepNumbers = new Set([50072, 50074, 50076, 50079, 50158, 53000, 53001, 53002, 53003, 53004]);

const steps = new Set(['basic_action', 'additional_action', 'message_only', 'user_password_expired']);

function decide(status: number, facts: Facts, retryAfter: string | undefined): ErrorCode {
  const { error, suberror, numbers, claims } = facts;
  // 50196 is a throttle that calls itself invalid_grant.
  if (status === 429 || numbers.includes(50196) || (status >= 500 && retryAfter)) return 'throttled';
  if (status >= 500 || error === 'temporarily_unavailable' || error === 'server_error') {
    return 'upstream_unavailable';
  }
  if (error === 'consent_required' || suberror === 'consent_required' || numbers.includes(65001)) {
    return 'consent_required';
  }
  const isStep = steps.has(suberror) || numbers.some((number) => stepNumbers.has(number));
  if (error === 'interaction_required' || error === 'login_required' || isStep) return 'interaction_required';
  if (claims) return 'claims_challenge';
  if (error === 'invalid_grant') return 'reauth_required';
  if (error === 'invalid_scope') return 'invalid_scope';
  if (error === 'invalid_resource' || error === 'invalid_target') return 'invalid_target';
  if (error === 'invalid_client' || error === 'unauthorized_client' || error === 'invalid_request') {
    return 'broker_misconfigured';
  }
  return 'upstream_unavailable';
}

function withoutReply(error: unknown): AppError {
  const local = error instanceof AuthError ? localCodes[error.errorCode] : undefined;
  if (local) {
    return new AppError(local, messages[local] ?? '', { detail: describeError(error) });
  }
  if (error instanceof AuthError && error.errorCode !== 'network_error') {
    return new AppError('internal_error', messages.internal_error ?? '', { detail: describeError(error) });
  }
  return new AppError('upstream_unavailable', messages.upstream_unavailable ?? '', {
    cause: error,
    detail: `the identity platform could not be reached (${describeError(error)})`,
    retryable: true,
    retryAfter: coolOffSeconds,
  });
}

/** The numbers and words that support staff ask for; never the description, which repeats what was sent. */
function describe(status: number, facts: Facts, error: unknown): string {
  const parts = [`token endpoint answered ${status}`, facts.error, facts.suberror];
  for (const number of facts.numbers) parts.push(`AADSTS${number}`);
  if (facts.correlationId) parts.push(`correlation ${facts.correlationId}`);
  if (status < 400) parts.push(describeError(error));
  return parts.filter(Boolean).join(' ');
}

function describeError(error: unknown): string {
  if (error instanceof AuthError) return error.errorCode;
  return error instanceof Error ? error.name : typeof error;
}

/** `Retry-After` in seconds, between 1 and an hour. */
function secondsOf(reply: EntraReply, otherwise: number): number {
  const text = reply.retryAfter ?? '';
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - reply.askedAt) / 1000;
  return Number.isFinite(seconds) ? Math.min(3600, Math.max(1, Math.ceil(seconds))) : otherwise;
}
