import type { ErrorCode } from '../../errors.ts';

/** How an error is told to a person: what happened, who can act, and one next step. The cause is the error's own message. */
export interface ErrorText {
  readonly title: string;
  readonly who: string;
  readonly next: NextStep;
}

/** One action as a GET link within this site. */
export interface NextStep {
  readonly label: string;
  readonly href: string;
}

const home: NextStep = { label: 'Go to the overview', href: '/' };
const signIn: NextStep = { label: 'Sign in with Microsoft', href: '/auth/sign-in' };
const readiness: NextStep = { label: 'See what is not ready', href: '/readyz' };

const you = 'You can solve this.';
const administrator = 'An administrator of this installation can solve this.';
const operator = 'Whoever runs this installation can solve this; the request id finds the reason in its log.';
const nobody = 'Nobody needs to act: try again in a moment.';

const texts: Readonly<Record<ErrorCode, ErrorText>> = {
  invalid_request: { title: 'The request could not be read', who: you, next: home },
  invalid_client: { title: 'The caller was not recognised', who: you, next: home },
  invalid_grant: { title: 'The proof was not accepted', who: you, next: home },
  invalid_scope: { title: 'These permissions were not granted', who: administrator, next: home },
  invalid_target: { title: 'This connection was not found', who: administrator, next: home },
  unsupported_grant_type: { title: 'This kind of request is not supported', who: you, next: home },
  unauthorized: { title: 'You were not signed in', who: you, next: signIn },
  policy_denied: { title: 'No policy allowed this', who: administrator, next: home },
  forbidden: {
    title: 'Your account may not do this',
    who: 'An administrator of this installation can do it for you.',
    next: { label: 'Sign in as another person', href: '/auth/sign-in' },
  },
  not_found: { title: 'There was nothing at this address', who: you, next: home },
  conflict: { title: 'This did not fit with what exists already', who: you, next: home },
  gone: { title: 'This was available once and is gone', who: you, next: home },
  body_too_large: { title: 'The form was too large', who: you, next: home },
  unsupported_media_type: { title: 'The form came in an unknown format', who: you, next: home },
  rate_limited: { title: 'There were too many requests', who: nobody, next: home },
  authorization_pending: { title: 'The sign-in was not approved yet', who: you, next: home },
  slow_down: { title: 'The sign-in was asked for too often', who: nobody, next: home },
  expired_token: { title: 'The code was no longer valid', who: you, next: home },
  flow_expired: { title: 'The sign-in took too long', who: you, next: signIn },
  flow_mismatch: { title: 'The sign-in did not begin in this browser', who: you, next: signIn },
  access_denied: { title: 'The sign-in was cancelled or refused', who: you, next: signIn },
  sign_in_failed: { title: 'Microsoft did not sign you in', who: you, next: signIn },
  csrf_mismatch: { title: 'The form was no longer valid, so nothing was saved', who: you, next: home },
  reauth_required: { title: 'Microsoft ended this sign-in', who: you, next: signIn },
  interaction_required: { title: 'Microsoft wants to see you again', who: you, next: signIn },
  consent_required: { title: 'The permissions were not approved', who: administrator, next: home },
  claims_challenge: { title: 'Microsoft asked for a stronger sign-in', who: you, next: signIn },
  throttled: { title: 'Microsoft asked us to wait', who: nobody, next: home },
  upstream_unavailable: { title: 'Microsoft did not answer', who: nobody, next: home },
  graph_error: { title: 'Microsoft Graph refused this', who: administrator, next: home },
  resync_required: { title: 'Microsoft asked for a fresh start on this drive', who: nobody, next: home },
  precondition_failed: { title: 'It was changed by somebody else meanwhile', who: you, next: home },
  locked: { title: 'It was locked by somebody else', who: nobody, next: home },
  broker_misconfigured: {
    title: 'This installation was not set up completely',
    who: operator,
    next: readiness,
  },
  setting_invalid: { title: 'A setting of this installation was wrong', who: operator, next: readiness },
  credential_undecryptable: {
    title: 'A stored credential could not be opened',
    who: operator,
    next: readiness,
  },
  token_mismatch: { title: 'Microsoft sent a token for somebody else', who: operator, next: home },
  storage_unavailable: { title: 'The storage did not answer', who: nobody, next: readiness },
  internal_error: { title: 'This page failed for a reason we do not know', who: operator, next: home },
};

/** The words for a code: every code has them. */
export function errorText(code: ErrorCode): ErrorText {
  return texts[code];
}
