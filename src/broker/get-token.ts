import { AppError, isAppError } from '../errors.ts';
import type { Clock, Ports } from '../ports.ts';
import { type Answer, createAnswerCache } from './answer-cache.ts';
import type { Connection, Connections } from './connections.ts';
import { sha256 } from './digest.ts';
import { createFlights } from './flights.ts';
import { graphResource, type IssuedToken, type TokenRequest } from './issued-token.ts';
import { withNextStep } from './next-step.ts';
import { requireActive } from './require-active.ts';
import { answerKey, type StoredAnswer, usableUntil } from './stored-answer.ts';
import { missingScopes, requireResource, shortScopes } from './token-scopes.ts';
import type { Acquire, Acquired, Wanted } from './wanted.ts';

/** After a refresh behind an answer failed, the next one waits so long: a dead platform isn't asked by every request. */
const retryBehindMs = 60_000;

export interface TokenGetter {
  /** From memory, from the store, from Entra, in this order. Throws `not_found`, `reauth_required`, `consent_required`, `forbidden` and whatever Entra means. */
  getToken(request: TokenRequest): Promise<IssuedToken>;
  readonly cached: () => number;
}

export function createGetToken(deps: {
  readonly connections: Pick<Connections, 'lookUp'>;
  readonly acquire: Acquire;
  readonly publicUrl: string;
  /** Does not go back. */
  readonly clock: Clock;
  readonly ports: Pick<Ports, 'log'>;
}): TokenGetter {
  const { acquire, clock, ports } = deps;
  const answers = createAnswerCache();
  const flights = createFlights();

  async function fetchToken(wanted: Wanted): Promise<Acquired> {
    const acquired = await acquire(wanted);
    answers.put(wanted.key, toAnswer(acquired.answer, wanted.connection));
    return acquired;
  }

  /** Nobody waits for it: the old token still serves. */
  function refreshBehind(wanted: Wanted): void {
    flights
      .join(`behind ${wanted.key}`, () => fetchToken({ ...wanted, age: 'notDue' }))
      .catch((error: unknown) => {
        ports.log.warn('refresh_behind_failed', {
          connection: wanted.connection.id,
          code: isAppError(error) ? error.code : 'internal_error',
        });
        const held = answers.get(wanted.key);
        if (!held) return;
        const token = { ...held.token, stale: true } as const;
        answers.put(wanted.key, { ...held, token, refreshAt: clock() + retryBehindMs });
      });
  }

  /** What memory holds for this connection as it is now; an answer that is over is forgotten, whatever the clock says next. */
  function recall(key: string, connection: Connection): Answer | undefined {
    const held = answers.get(key);
    if (!held || (held.epoch === connection.epoch && held.token.expiresAt > clock())) return held;
    answers.drop(key);
    return undefined;
  }

  return {
    cached: () => answers.size,

    async getToken(request) {
      const connection = await deps.connections.lookUp(request.connectionId);
      if (!connection) throw new AppError('not_found', 'There is no such connection.');
      const demanding = request.forceRefresh === true || request.claims !== undefined;
      try {
        requireActive(connection, { trying: demanding });
      } catch (error) {
        throw withNextStep(error, connection, deps.publicUrl);
      }

      const resource = requireResource(request.resource ?? graphResource);
      const scopes = shortScopes(request.scopes ?? [], resource);
      // An app-only token always carries all roles: one serves for all.
      const key = answerKey(connection.id, resource, connection.kind === 'app' ? [] : scopes);
      const minTtlMs = (request.minTtl ?? 0) * 1000;
      const { claims } = request;
      const age = demanding ? 'new' : 'any';
      const wanted: Wanted = { connection, resource, scopes, key, minTtlMs, claims, age };

      const held = recall(key, connection);
      if (held && !demanding && held.usableUntil > clock() && livesFor(held.token, minTtlMs)) {
        if (clock() >= held.refreshAt) refreshBehind(wanted);
        return requireScopes({ ...held.token, source: 'memory' }, scopes);
      }

      try {
        const flight = `${age} ${claims ?? ''} ${minTtlMs} ${key}`;
        const { answer, source } = await flights.join(flight, () => fetchToken(wanted));
        const token = requireScopes({ ...toAnswer(answer, connection).token, source }, scopes);
        if (livesFor(token, minTtlMs)) return token;
        throw new AppError('invalid_request', 'Microsoft gives no token that lives as long as min_ttl asks.');
      } catch (error) {
        throw withNextStep(error, connection, deps.publicUrl);
      }
    },
  };

  function livesFor(token: { readonly expiresAt: number }, ms: number): boolean {
    return token.expiresAt - clock() >= ms;
  }
}

function toAnswer(answer: StoredAnswer, connection: Connection): Answer {
  return {
    token: {
      accessToken: answer.accessToken,
      sha256: sha256(answer.accessToken),
      expiresAt: answer.expiresAt,
      scopes: answer.scopes,
      tenantId: connection.tenantId,
      objectId: answer.objectId,
    },
    epoch: answer.epoch,
    refreshAt: answer.refreshAt,
    usableUntil: usableUntil(answer),
  };
}

/** Throws `invalid_scope` for what the token does not carry: an app-only one carries what was consented, whatever is asked. */
function requireScopes(token: IssuedToken, scopes: readonly string[]): IssuedToken {
  const missing = missingScopes(token.scopes, scopes);
  if (missing.length === 0) return token;
  throw new AppError('invalid_scope', `This connection does not hold ${missing.join(', ')}.`, {
    details: { missing },
  });
}
