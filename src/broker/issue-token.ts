import { AppError, isAppError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { Audit } from './audit.ts';
import type { Access, AccessAsk, GrantAccess } from './grant-access.ts';
import type { IssuedToken, TokenRequest } from './issued-token.ts';
import { allScopes, scopesBeyond } from './scopes.ts';

export interface TokenAsk extends Omit<AccessAsk, 'request'> {
  readonly claims?: string | undefined;
  readonly forceRefresh?: boolean | undefined;
}

/**
 * A token for a caller that has proved who it is: policy, then token, then audit, and only then the answer. Each call
 * leaves one audit event. Throws what `GrantAccess` throws, `invalid_scope` for a token that carries more than the policy
 * grants, and whatever the token itself meets.
 */
export type IssueToken = (ask: TokenAsk) => Promise<IssuedToken>;

export function createIssueToken(deps: {
  readonly grantAccess: GrantAccess;
  readonly getToken: (request: TokenRequest) => Promise<IssuedToken>;
  readonly serveToken: ServeToken;
}): IssueToken {
  return async (ask) => {
    const access = await deps.grantAccess(ask);
    return deps.serveToken(access, () =>
      deps.getToken({
        ...tokenRequestOf(access),
        resource: ask.resource,
        claims: ask.claims,
        forceRefresh: ask.forceRefresh,
      }),
    );
  };
}

/** What follows a grant: the token that `getToken` gives is held against the policy, and leaves after the audit says so. */
export type ServeToken = (access: Access, getToken: () => Promise<IssuedToken>) => Promise<IssuedToken>;

export function createServeToken(deps: {
  readonly audit: Pick<Audit, 'record'>;
  readonly clock: Clock;
}): ServeToken {
  const { audit } = deps;
  return async (access, getToken) => {
    const token = await recordFailure(access, audit, async () => {
      const issued = await getToken();
      refuseExcess(issued, access.policy.grant.scopes);
      if (issued.expiresAt - deps.clock() < access.minTtlSeconds * 1000) {
        throw new AppError('invalid_request', 'Microsoft gives no token that lives as long as min_ttl asks.');
      }
      return issued;
    });
    await audit.record({
      ...access.event,
      outcome: 'granted',
      reason: 'ok',
      scopes: [...token.scopes],
      tokenSha256: token.sha256,
      source: token.source,
    });
    return token;
  };
}

/** What is asked of the connection: no more than the policy grants, as far as Microsoft narrows it. */
export function tokenRequestOf({ connection, scopes, minTtlSeconds }: Access): TokenRequest {
  return {
    connectionId: connection.id,
    scopes: scopes.includes(allScopes) ? undefined : scopes,
    minTtl: minTtlSeconds === 0 ? undefined : minTtlSeconds,
  };
}

/** Does the work; when that throws, its one audit event says so. */
export async function recordFailure<T>(
  { event, scopes }: Access,
  audit: Pick<Audit, 'record'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = isAppError(error) ? error.code : 'internal_error';
    const outcome = reason === 'invalid_scope' || reason === 'invalid_request' ? 'refused' : 'failed';
    await audit.record({ ...event, outcome, reason, scopes: [...scopes] });
    throw error;
  }
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
      'gives no narrower one. Grant these in the policy, serve the caller by the proxy, or use a connection that holds less.',
    { details: { excess } },
  );
}
