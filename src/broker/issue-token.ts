import { AppError, isAppError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { Audit } from './audit.ts';
import { auditActorOf, type NewAuditEvent } from './audit-event.ts';
import type { Connections } from './connections.ts';
import { type Decision, decide } from './decide.ts';
import { sha256 } from './digest.ts';
import type { IssuedToken, TokenRequest } from './issued-token.ts';
import type { Policies } from './policies.ts';
import { type CallerIdentity, policyHash } from './policy.ts';
import type { RateLimit } from './rate-limit.ts';
import { allScopes, scopesBeyond } from './scopes.ts';

export interface TokenAsk {
  readonly requestId: string;
  readonly caller: CallerIdentity;
  /** Alias or id of a connection, as the caller wrote it. */
  readonly audience: string;
  /** Short form; empty: whatever the policy grants. */
  readonly scopes: readonly string[];
  readonly resource?: string | undefined;
  readonly minTtlSeconds?: number | undefined;
  readonly claims?: string | undefined;
  readonly forceRefresh?: boolean | undefined;
}

/**
 * A token for a caller that has proved who it is: policy, then token, then audit, and only then the answer. Each call
 * leaves one audit event. Throws `policy_denied` alike for a connection that does not exist and one that is not granted,
 * `invalid_scope`, `invalid_request`, `rate_limited`, and whatever the token itself meets.
 */
export type IssueToken = (ask: TokenAsk) => Promise<IssuedToken>;

export function createIssueToken(deps: {
  readonly connections: Pick<Connections, 'lookUp'>;
  readonly policies: Pick<Policies, 'inForce'>;
  readonly getToken: (request: TokenRequest) => Promise<IssuedToken>;
  readonly audit: Pick<Audit, 'record'>;
  /** Requests of one caller to this instance; none: no limit. */
  readonly rateLimit?: RateLimit | undefined;
  readonly clock: Clock;
}): IssueToken {
  return async (ask) => {
    const { caller, requestId } = ask;
    const waitSeconds = deps.rateLimit?.take(callerKey(caller));
    if (waitSeconds !== undefined) {
      throw new AppError('rate_limited', 'This caller asks too often. Keep the token that it has and wait.', {
        retryable: true,
        retryAfter: waitSeconds,
      });
    }

    // Both are read whatever the other says: a refusal takes as long for a connection that does not exist.
    const [connection, policies] = await Promise.all([
      deps.connections.lookUp(ask.audience),
      deps.policies.inForce(),
    ]);
    const minTtlSeconds = ask.minTtlSeconds ?? 0;
    const decision = decide({ caller, connection, scopes: ask.scopes, minTtlSeconds }, policies);
    const base = {
      action: 'token.issue',
      requestId,
      actor: auditActorOf(caller, decision.policy),
      ...(connection ? { connection: { id: connection.id, alias: connection.alias } } : {}),
      ...(connection ? {} : audienceOf(ask.audience)),
      ...(decision.policy
        ? { policy: { name: decision.policy.name, hash: policyHash(decision.policy) } }
        : {}),
    } as const satisfies Partial<NewAuditEvent>;

    if (decision.outcome === 'refused' || !connection) {
      const reason = decision.outcome === 'refused' ? decision.reason : 'no_such_connection';
      await deps.audit.record({ ...base, outcome: 'refused', reason, scopes: [...ask.scopes] });
      throw refusalError(reason, decision, ask);
    }

    const token = await attempt(
      async () => {
        const issued = await deps.getToken({
          connectionId: connection.id,
          scopes: decision.scopes.includes(allScopes) ? undefined : decision.scopes,
          resource: ask.resource,
          minTtl: ask.minTtlSeconds,
          claims: ask.claims,
          forceRefresh: ask.forceRefresh,
        });
        refuseExcess(issued, decision.policy.grant.scopes);
        if (issued.expiresAt - deps.clock() < minTtlSeconds * 1000) {
          throw new AppError(
            'invalid_request',
            'Microsoft gives no token that lives as long as min_ttl asks.',
          );
        }
        return issued;
      },
      async (error) => {
        const reason = isAppError(error) ? error.code : 'internal_error';
        const outcome = reason === 'invalid_scope' || reason === 'invalid_request' ? 'refused' : 'failed';
        await deps.audit.record({ ...base, outcome, reason, scopes: [...decision.scopes] });
      },
    );

    await deps.audit.record({
      ...base,
      outcome: 'granted',
      reason: 'ok',
      scopes: [...token.scopes],
      tokenSha256: sha256(token.accessToken),
      source: token.source,
    });
    return token;
  };
}

/**
 * Entra puts all that was ever consented into a token, and an app-only token carries all roles: the caller must not
 * receive through them what its policy does not grant.
 */
function refuseExcess(token: IssuedToken, granted: readonly string[]): void {
  const excess = scopesBeyond(token.scopes, granted);
  if (excess.length === 0) return;
  throw new AppError(
    'invalid_scope',
    `The token of this connection also carries ${excess.join(', ')}, which the policy does not grant, and Microsoft ` +
      'gives no narrower one. Grant these in the policy, or use a connection that holds less.',
    { details: { excess } },
  );
}

function refusalError(
  reason: Extract<Decision, { outcome: 'refused' }>['reason'],
  decision: Decision,
  ask: TokenAsk,
): AppError {
  if (reason === 'scope_beyond_policy') {
    const beyond = scopesBeyond(
      ask.scopes.filter((scope) => scope !== allScopes),
      decision.policy?.grant.scopes ?? [],
    );
    return new AppError('invalid_scope', `The policy of this caller does not grant ${beyond.join(', ')}.`);
  }
  if (reason === 'min_ttl_beyond_policy') {
    return new AppError('invalid_request', 'min_ttl is longer than the policy of this caller allows.');
  }
  return new AppError(
    'policy_denied',
    'No policy lets this caller have a token from a connection of that name.',
  );
}

async function attempt<T>(work: () => Promise<T>, onError: (error: unknown) => Promise<void>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await onError(error);
    throw error;
  }
}

/** Kept for the administrator who asks why, unless it might be something else that was pasted into the wrong field. */
function audienceOf(text: string): { audience?: string } {
  return /^(?!gvk_)[\w.@+-]{1,64}$/.test(text) ? { audience: text } : {};
}

function callerKey(caller: CallerIdentity): string {
  return caller.kind === 'api_key'
    ? `api_key ${caller.id}`
    : JSON.stringify(['oidc', caller.issuer, caller.subject]);
}
