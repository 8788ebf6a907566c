/** What the process ends with; `graph-valet --help` lists them. */
export const exitCodes = {
  unexpected: 1,
  usage: 2,
  notFound: 3,
  signInNeeded: 4,
  denied: 5,
  tryLater: 6,
  timedOut: 124,
  interrupted: 130,
} as const;

export type ExitName = keyof typeof exitCodes;

/** Something that a person can do something about: what happened, and the next step. */
export class CliFailure extends Error {
  readonly code: string;
  readonly exit: ExitName;
  readonly next: string | undefined;
  readonly requestId: string | undefined;

  constructor(
    code: string,
    message: string,
    options: {
      readonly exit: ExitName;
      readonly next?: string | undefined;
      readonly requestId?: string | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.name = 'CliFailure';
    this.code = code;
    this.exit = options.exit;
    this.next = options.next;
    this.requestId = options.requestId;
  }
}

/** Codes of the installation that end in something else than 1. */
const exits: Readonly<Record<string, ExitName>> = {
  not_found: 'notFound',
  gone: 'notFound',
  unauthorized: 'signInNeeded',
  invalid_grant: 'signInNeeded',
  reauth_required: 'signInNeeded',
  interaction_required: 'signInNeeded',
  claims_challenge: 'signInNeeded',
  expired_token: 'signInNeeded',
  forbidden: 'denied',
  access_denied: 'denied',
  policy_denied: 'denied',
  consent_required: 'denied',
  invalid_scope: 'denied',
  invalid_target: 'denied',
  invalid_client: 'denied',
  rate_limited: 'tryLater',
  throttled: 'tryLater',
  upstream_unavailable: 'tryLater',
  storage_unavailable: 'tryLater',
  invalid_request: 'usage',
};

export function exitOf(code: string): ExitName {
  return exits[code] ?? 'unexpected';
}
