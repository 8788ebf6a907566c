import { AppError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { Audit } from './audit.ts';
import { auditActorOf, auditTrials, type NewAuditEvent } from './audit-event.ts';
import { type CallerIdentity, callerKey } from './caller-identity.ts';
import type { Connections } from './connections.ts';
import { type Decision, decide } from './decide.ts';
import { graphResource } from './issued-token.ts';
import type { AskedConnection } from './judge.ts';
import type { Policies } from './policies.ts';
import { type Delivery, type Policy, policyHash } from './policy.ts';
import type { ProxyRequest } from './proxy-rule.ts';
import type { RateLimit } from './rate-limit.ts';
import { allScopes, scopesBeyond } from './scopes.ts';
import type { SpentProofs } from './spent-proofs.ts';

export interface AccessAsk {
  readonly requestId: string;
  readonly caller: CallerIdentity;
  /** Alias or id of a connection, as the caller wrote it. */
  readonly audience: string;
  readonly delivery: Delivery;
  /** Short form; empty: whatever the policy grants. */
  readonly scopes: readonly string[];
  /** Identifier of the API; Graph unless given. */
  readonly resource?: string | undefined;
  readonly minTtlSeconds?: number | undefined;
  readonly request?: ProxyRequest | undefined;
  /** What the audience stands for, where it is no stored connection. */
  readonly connection?: AskedConnection | undefined;
  /** The proof of the caller was accepted for another part of this same request. */
  readonly proofAccepted?: boolean;
}

export interface Access {
  readonly connection: { readonly id: string; readonly alias: string };
  readonly policy: Policy;
  readonly scopes: readonly string[];
  readonly minTtlSeconds: number;
  /** What every audit event of this request begins with. */
  readonly event: Omit<NewAuditEvent, 'outcome' | 'reason'>;
}

/**
 * Whether a caller that has proved who it is gets what it asks for. A refusal leaves its one audit event here; a grant is
 * recorded by whoever serves it. Throws `rate_limited`, `invalid_scope`, `invalid_target`, `invalid_request`, `invalid_grant`
 * (a proof that was used before), and `policy_denied`, alike for a connection that does not exist and one that is not granted.
 */
export type GrantAccess = (ask: AccessAsk) => Promise<Access>;

export function createGrantAccess(deps: {
  readonly connections: Pick<Connections, 'lookUp'>;
  readonly policies: Pick<Policies, 'inForce'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly spentProofs: SpentProofs;
  readonly rateLimit: RateLimit;
  readonly clock: Clock;
}): GrantAccess {
  const { audit } = deps;

  return async (ask) => {
    const { caller, requestId, request } = ask;
    const action = ask.delivery === 'proxy' ? 'graph.call' : 'token.issue';
    const begin = {
      action,
      requestId,
      delivery: ask.delivery,
      ...(request ? { request: { method: request.method, path: request.path.slice(0, 512) } } : {}),
    } as const;
    await withinLimit(deps.rateLimit.take(callerKey(caller)), {
      ...begin,
      actor: auditActorOf(caller),
    });

    // Both are read whatever the other says: a refusal takes as long for a connection that does not exist.
    const [connection, policies] = await Promise.all([
      ask.connection ?? deps.connections.lookUp(ask.audience),
      deps.policies.inForce(),
    ]);
    const decision = decide(
      {
        caller,
        connection,
        delivery: ask.delivery,
        resource: ask.resource ?? graphResource,
        scopes: ask.scopes,
        minTtlSeconds: ask.minTtlSeconds ?? 0,
        request,
        now: deps.clock(),
      },
      policies,
    );
    const { policy, trials } = decision;
    const event = {
      ...begin,
      actor: auditActorOf(caller, policy),
      ...(connection ? { connection: { id: connection.id, alias: connection.alias } } : {}),
      ...(connection ? {} : audienceOf(ask.audience)),
      ...(policy ? { policy: { name: policy.name, hash: policyHash(policy) } } : {}),
      ...auditTrials(trials),
    };

    if (decision.outcome === 'refused' || !connection) {
      const reason = decision.outcome === 'refused' ? decision.reason : 'no_such_connection';
      await audit.record({ ...event, outcome: 'refused', reason, scopes: [...ask.scopes] });
      throw refusalError(decision, ask);
    }
    const { scopes, minTtlSeconds, policy: granting } = decision;
    const { requestsPerMinute } = granting.grant;
    if (requestsPerMinute !== undefined) {
      const key = `${granting.name} ${callerKey(caller)}`;
      await withinLimit(deps.rateLimit.take(key, requestsPerMinute), event);
    }
    if (!ask.proofAccepted && !(await deps.spentProofs.accept(caller, granting))) {
      await audit.record({ ...event, outcome: 'refused', reason: 'proof_used_before' });
      throw new AppError(
        'invalid_grant',
        'This token was used before, and the policy accepts each only once. Ask its issuer for a new one.',
      );
    }
    return { connection, policy: granting, scopes, minTtlSeconds, event };
  };

  /** Of all that is refused for its number, the first in each minute is recorded: the record must not be a way to flood us. */
  async function withinLimit(
    over: ReturnType<RateLimit['take']>,
    event: Omit<NewAuditEvent, 'outcome' | 'reason'>,
  ): Promise<void> {
    if (!over) return;
    if (over.first) await audit.record({ ...event, outcome: 'refused', reason: 'rate_limited' });
    throw new AppError('rate_limited', 'This caller asks too often. Keep the token that it has and wait.', {
      retryable: true,
      retryAfter: over.waitSeconds,
    });
  }
}

function refusalError(decision: Decision, ask: AccessAsk): AppError {
  const { policy } = decision;
  switch (decision.outcome === 'refused' ? decision.reason : 'no_such_connection') {
    case 'scope_beyond_policy': {
      const asked = ask.scopes.filter((scope) => scope !== allScopes);
      const beyond = scopesBeyond(asked, policy?.grant.scopes ?? []);
      return new AppError('invalid_scope', `The policy of this caller does not grant ${beyond.join(', ')}.`);
    }
    case 'resource_beyond_policy':
      return new AppError('invalid_target', 'The policy of this caller does not grant tokens for that API.');
    case 'min_ttl_beyond_policy':
      return new AppError('invalid_request', 'min_ttl is longer than the policy of this caller allows.');
    case 'delivery_beyond_policy':
      return new AppError(
        'policy_denied',
        `The policy of this caller serves it by ${policy?.grant.delivery.join(' and ')}, not by ${ask.delivery}.`,
      );
    case 'request_beyond_policy':
      return new AppError('policy_denied', 'The policy of this caller does not let this call through.');
    default:
      return new AppError(
        'policy_denied',
        'No policy lets this caller have what it asks for from a connection of that name.',
      );
  }
}

/** Kept for the administrator who asks why, unless it might be something else that was pasted into the wrong field. */
function audienceOf(text: string): { audience?: string } {
  return /^(?!gv[a-z]_)[\w.@+-]{1,64}$/.test(text) ? { audience: text } : {};
}
