/**
 * The one error type of the product. `code` is stable and public, `message` is a public sentence that names the next
 * step, `detail` is for the log only, `cause` keeps the original. HTTP status numbers live in `api/`, not here.
 */
export const errorCodes = [
  // what the caller sent
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'invalid_scope',
  'invalid_target',
  'unsupported_grant_type',
  'unauthorized',
  'policy_denied',
  'forbidden',
  'not_found',
  'conflict',
  'gone',
  'body_too_large',
  'unsupported_media_type',
  'rate_limited',
  // a device that waits for a person (RFC 8628)
  'authorization_pending',
  'slow_down',
  'expired_token',
  // a browser flow
  'flow_expired',
  'flow_mismatch',
  'access_denied',
  'sign_in_failed',
  'csrf_mismatch',
  // what Microsoft answered
  'reauth_required',
  'interaction_required',
  'consent_required',
  'claims_challenge',
  'throttled',
  'upstream_unavailable',
  'graph_error',
  'resync_required',
  'precondition_failed',
  'locked',
  // this installation
  'broker_misconfigured',
  'setting_invalid',
  'credential_undecryptable',
  'token_mismatch',
  'storage_unavailable',
  'internal_error',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface AppErrorOptions {
  /** For the log only: never sent to a caller. Must not hold a token, a secret or a code. */
  readonly detail?: string;
  readonly cause?: unknown;
  /** True when the same call may succeed later without anything being changed. */
  readonly retryable?: boolean;
  /** Seconds after which a retry makes sense. */
  readonly retryAfter?: number;
  /** Structured public facts: field problems, a sign-in link, a claims challenge. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly retryable: boolean;
  readonly retryAfter: number | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.detail = options.detail;
    this.retryable = options.retryable ?? false;
    this.retryAfter = options.retryAfter;
    this.details = options.details;
  }
}

/** True for an AppError, narrowed to `code` where one is named. */
export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}
