import { AppError, isAppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Acquire, Acquired, Wanted } from './acquire.ts';
import { type Answer, createAnswerCache } from './answer-cache.ts';
import type { Connection, Connections } from './connections.ts';
import { createFlights } from './flights.ts';
import { graphResource, type IssuedToken, type TokenRequest } from './issued-token.ts';
import type { StoredAnswer } from './token-rows.ts';
import { missingScopes, requireResource, shortScopes } from './token-scopes.ts';

/** A token that lives shorter than this is no answer: it would end on its way. */
const hardMarginMs = 60_000;
/** While Microsoft can't be reached, one may still be given that lives this long. */
const staleMarginMs = 10_000;

export interface TokenGetter {
  /** From memory, from the store, from Entra, in this order. Throws `not_found`, `reauth_required`, `consent_required`, `forbidden` and whatever Entra means. */
  getToken(request: TokenRequest): Promise<IssuedToken>;
  readonly cached: () => number;
}

export function createGetToken(deps: {
  readonly connections: Pick<Connections, 'lookUp'>;
  readonly acquire: Acquire;
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'clock' | 'log'>;
}): TokenGetter {
  const { acquire, ports } = deps;
  const { clock } = ports;
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
      .join(`behind ${wanted.key}`, () => fetchToken({ ...wanted, force: true }))
      .catch((error: unknown) => {
        ports.log.warn('refresh_behind_failed', {
          connection: wanted.connection.id,
          code: isAppError(error) ? error.code : 'internal_error',
        });
        // The next try waits a minute, so that a dead platform isn't asked by every request.
        const held = answers.get(wanted.key);
        if (held) answers.put(wanted.key, { ...held, refreshAt: clock() + 60_000 });
      });
  }

  return {
    cached: () => answers.size,

    async getToken(request) {
      const connection = await deps.connections.lookUp(request.connectionId);
      if (!connection) throw new AppError('not_found', 'There is no such connection.');
      requireActive(connection, deps.publicUrl);

      const resource = requireResource(request.resource ?? graphResource);
      const scopes = shortScopes(request.scopes ?? [], resource);
      // An app-only token always carries all roles: one serves for all.
      const named = connection.kind === 'app' ? '' : scopes.join(' ').toLowerCase();
      const key = `${connection.id} ${resource.toLowerCase()} ${named}`;
      const until = clock() + Math.max(hardMarginMs, (request.minTtl ?? 0) * 1000);
      const force = request.forceRefresh ?? false;
      const wanted: Wanted = { connection, resource, scopes, key, until, claims: request.claims, force };

      const held = answers.get(key);
      const valid = held?.epoch === connection.epoch ? held : undefined;
      if (
        valid &&
        !force &&
        request.claims === undefined &&
        valid.token.expiresAt >= until &&
        valid.usableUntil > clock()
      ) {
        if (clock() >= valid.refreshAt) refreshBehind(wanted);
        return requireScopes({ ...valid.token, source: 'memory' }, scopes);
      }

      try {
        const kind = force || request.claims !== undefined ? `forced ${request.claims ?? ''} ` : '';
        const minimum = `${request.minTtl ?? 0} `;
        const { answer, source } = await flights.join(kind + minimum + key, () => fetchToken(wanted));
        return requireScopes(toIssued(answer, connection, source), scopes);
      } catch (error) {
        const stale = staleAnswer(valid, request, error);
        if (!stale) throw withSignIn(error, deps.publicUrl);
        ports.log.warn('token_served_stale', { connection: connection.id });
        return requireScopes({ ...stale.token, source: 'memory' }, scopes);
      }
    },
  };

  /** While Microsoft or the store is away, what is still good serves on. */
  function staleAnswer(held: Answer | undefined, request: TokenRequest, error: unknown): Answer | undefined {
    if (!held || request.claims !== undefined || request.forceRefresh) return undefined;
    const away = ['upstream_unavailable', 'throttled', 'storage_unavailable'].some(
      (code) => isAppError(error) && error.code === code,
    );
    const least = Math.max(staleMarginMs, (request.minTtl ?? 0) * 1000);
    return away && held.token.expiresAt - clock() >= least ? held : undefined;
  }
}

function requireActive(connection: Connection, publicUrl: string): void {
  if (connection.health === 'needs_sign_in') {
    throw withSignIn(
      new AppError('reauth_required', 'The person of this connection must sign in again.'),
      publicUrl,
    );
  }
  if (connection.health === 'needs_consent') {
    throw new AppError('consent_required', 'An administrator of that tenant must consent to this app again.');
  }
  if (connection.health === 'disabled') throw new AppError('forbidden', 'This connection is disabled.');
}

/** Says where the person goes when one is needed. */
function withSignIn(error: unknown, publicUrl: string): unknown {
  if (!isAppError(error) || !['reauth_required', 'interaction_required'].includes(error.code)) return error;
  const details = { ...error.details, reauth_url: `${publicUrl}/auth/sign-in` };
  return new AppError(error.code, error.message, {
    details,
    cause: error.cause,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
  });
}

function toAnswer(answer: StoredAnswer, connection: Connection): Answer {
  return {
    token: {
      accessToken: answer.accessToken,
      expiresAt: answer.expiresAt,
      scopes: answer.scopes,
      tenantId: connection.tenantId,
      objectId: answer.objectId,
    },
    epoch: answer.epoch,
    refreshAt: answer.refreshAt,
    usableUntil: answer.expiresAt,
  };
}

function toIssued(answer: StoredAnswer, connection: Connection, source: IssuedToken['source']): IssuedToken {
  return { ...toAnswer(answer, connection).token, source };
}

/** Throws `invalid_scope` for what the token does not carry: an app-only one carries what was consented, whatever is asked. */
function requireScopes(token: IssuedToken, scopes: readonly string[]): IssuedToken {
  const missing = missingScopes(token.scopes, scopes);
  if (missing.length === 0) return token;
  throw new AppError('invalid_scope', `This connection does not hold ${missing.join(', ')}.`, {
    details: { missing },
  });
}
