import type { HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import { type AppError, type ErrorCode, errorCodes } from '../errors.ts';
import { json, retryHeaders } from './http.ts';
import { statusOf } from './status-of.ts';

/** The error of RFC 6749 for each of our codes; our own code stands beside it. */
const oauthErrors: Partial<Record<ErrorCode, string>> = {
  invalid_request: 'invalid_request',
  body_too_large: 'invalid_request',
  unsupported_media_type: 'invalid_request',
  invalid_client: 'invalid_client',
  unauthorized: 'invalid_client',
  invalid_grant: 'invalid_grant',
  invalid_scope: 'invalid_scope',
  invalid_target: 'invalid_target',
  unsupported_grant_type: 'unsupported_grant_type',
  authorization_pending: 'authorization_pending',
  slow_down: 'slow_down',
  expired_token: 'expired_token',
  access_denied: 'access_denied',
  policy_denied: 'access_denied',
  forbidden: 'access_denied',
  rate_limited: 'temporarily_unavailable',
  throttled: 'temporarily_unavailable',
  upstream_unavailable: 'temporarily_unavailable',
  storage_unavailable: 'temporarily_unavailable',
  reauth_required: 'invalid_grant',
  interaction_required: 'interaction_required',
  claims_challenge: 'interaction_required',
  consent_required: 'consent_required',
};

/** An error of the OAuth endpoints, as RFC 6749 has it, with what a caller can go by. */
export const oauthErrorSchema = z.object({
  error: z.string().describe('As OAuth has it'),
  error_description: z.string().describe('For a person: what to do next'),
  code: z.enum(errorCodes).describe('Stable: what a program decides by'),
  request_id: z.string().describe('Finds the decision in the audit and the reason in the log'),
  retry_after: z.int().optional().describe('Seconds, as in the header Retry-After'),
  reauth_url: z.string().optional().describe('Where the person of the connection signs in again'),
  consent_url: z.string().optional().describe('Where the missing consent is given or asked for'),
  claims: z
    .string()
    .optional()
    .describe('What the person’s next sign-in must meet; in base64 also in the header WWW-Authenticate'),
});

/** `{ error, error_description, code, request_id, retry_after?, reauth_url?, consent_url?, claims? }` */
export function oauthError(error: AppError, requestId: string): HttpResponseInit {
  const { reauth_url, consent_url, claims } = error.details ?? {};
  const body: z.output<typeof oauthErrorSchema> = {
    error: oauthErrors[error.code] ?? 'server_error',
    error_description: error.message,
    code: error.code,
    request_id: requestId,
    ...(error.retryAfter === undefined ? {} : { retry_after: Math.ceil(error.retryAfter) }),
    ...(typeof reauth_url === 'string' ? { reauth_url } : {}),
    ...(typeof consent_url === 'string' ? { consent_url } : {}),
    ...(typeof claims === 'string' ? { claims } : {}),
  };
  const status = error.code === 'unsupported_media_type' ? 400 : statusOf(error.code);
  return json(status, body, { ...challengeOf(error, claims), ...retryHeaders(error) });
}

/** What a 401 must carry: how to prove oneself, or, in Microsoft's form, what the person's next sign-in must meet. */
function challengeOf({ code }: AppError, claims: unknown): Record<string, string> {
  if (code === 'invalid_client') return { 'www-authenticate': 'Basic realm="graph-valet", charset="UTF-8"' };
  if (statusOf(code) !== 401) return {};
  const begin = 'Bearer realm="graph-valet"';
  if (typeof claims !== 'string') return { 'www-authenticate': `${begin}, error="invalid_token"` };
  const encoded = Buffer.from(claims).toString('base64');
  return { 'www-authenticate': `${begin}, error="insufficient_claims", claims="${encoded}"` };
}
