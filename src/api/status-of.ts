import type { ErrorCode } from '../errors.ts';

const statuses: Readonly<Record<ErrorCode, number>> = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  invalid_scope: 400,
  invalid_target: 400,
  unsupported_grant_type: 400,
  unauthorized: 401,
  policy_denied: 403,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  gone: 410,
  body_too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  authorization_pending: 400,
  slow_down: 400,
  expired_token: 400,
  flow_expired: 400,
  flow_mismatch: 400,
  access_denied: 403,
  sign_in_failed: 400,
  csrf_mismatch: 403,
  reauth_required: 401,
  interaction_required: 401,
  consent_required: 403,
  claims_challenge: 401,
  throttled: 429,
  upstream_unavailable: 503,
  graph_error: 502,
  resync_required: 409,
  precondition_failed: 412,
  locked: 423,
  broker_misconfigured: 500,
  setting_invalid: 500,
  credential_undecryptable: 500,
  token_mismatch: 500,
  storage_unavailable: 503,
  internal_error: 500,
};

/** The HTTP status of an error code. */
export function statusOf(code: ErrorCode): number {
  return statuses[code];
}
