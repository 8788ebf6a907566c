import { AppError, isAppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Lease, Leases } from '../storage/leases.ts';
import type { Row } from '../storage/table.ts';
import type { Connection, Connections } from './connections.ts';
import type { Entra, EntraGrant } from './entra.ts';
import { requireActive } from './require-active.ts';
import { type StoredAnswer, toStoredAnswer, usableUntil, withAnswer } from './stored-answer.ts';
import { type CheckedToken, checkToken, personalTenantId } from './token-check.ts';
import { tokenLease } from './token-lease.ts';
import { appRow, type TokenRow, type TokenRows, userRow } from './token-rows.ts';
import { wireScopes } from './token-scopes.ts';

/** One token, wanted of one connection. */
export interface Wanted {
  readonly connection: Connection;
  readonly resource: string;
  /** Short form, sorted; empty: all that the connection holds. */
  readonly scopes: readonly string[];
  readonly key: string;
  /** How long it must still live (ms). */
  readonly minTtlMs: number;
  readonly claims: string | undefined;
  /** `any` stored answer that is good will do, only one that is not `due` for a refresh, or a `new` one. */
  readonly age: 'any' | 'notDue' | 'new';
}

export interface Acquired {
  readonly answer: StoredAnswer;
  readonly source: 'store' | 'entra';
}

/**
 * A token from the store or from Entra: one refresh for each account across instances, by a lease. Before a refresh token is
 * spent the store has been proved writable (the lease is a write). Throws what `toEntraFailure` says, and marks the
 * connection when a person is needed.
 */
export type Acquire = (wanted: Wanted) => Promise<Acquired>;

const leaseSeconds = 30;
const renewEveryMs = 10_000;
const waitMs = 100;
const mostWaitMs = 15_000;
/** A token that Entra gave a moment ago lives as long as one that it would give now. */
const justNowMs = 60_000;
const writeAttempts = 4;

export function createAcquire(deps: {
  readonly entra: Pick<Entra, 'refresh' | 'appToken'>;
  readonly rows: TokenRows;
  readonly leases: Pick<Leases, 'take'>;
  readonly connections: Pick<Connections, 'get' | 'setHealth' | 'touch'>;
  readonly clientId: string;
  readonly ports: Pick<Ports, 'clock' | 'log'>;
}): Acquire {
  const { entra, rows, leases, connections, ports } = deps;
  const { clock } = ports;

  const rowKeyOf = ({ connection, resource }: Wanted) =>
    connection.kind === 'user' ? userRow : appRow(resource);
  const read = (wanted: Wanted) => rows.read(wanted.connection.id, rowKeyOf(wanted));

  /** `since`: when it was asked for, so that a new answer is one that was obtained later. */
  function find(row: Row<TokenRow> | undefined, wanted: Wanted, since: number): Acquired | undefined {
    if (wanted.claims !== undefined) return undefined;
    const answer = row?.value.answers.find((each) => each.key === wanted.key);
    if (!answer || answer.epoch !== wanted.connection.epoch || usableUntil(answer) <= clock())
      return undefined;
    if (wanted.age === 'new' && answer.obtainedAt <= since) return undefined;
    if (wanted.age === 'notDue' && answer.refreshAt <= clock()) return undefined;
    const livesLongEnough = answer.expiresAt - clock() >= wanted.minTtlMs;
    const noneLivesLonger = clock() - answer.obtainedAt < justNowMs;
    return livesLongEnough || noneLivesLonger ? { answer, source: 'store' } : undefined;
  }

  async function underLease(asked: Wanted, since: number, lease: Lease): Promise<Acquired> {
    // What was known of the connection may be some seconds old: a dead one costs no call.
    const connection = await connections.get(asked.connection.id);
    if (!connection) throw new AppError('not_found', 'There is no such connection.');
    requireActive(connection, { trying: asked.age === 'new' });
    const wanted = { ...asked, connection };
    const row = await read(wanted);
    const stored = find(row, wanted, since);
    if (stored) return stored;
    checkPause(row);
    const grant = await ask(wanted, row).catch((error: unknown) => fail(wanted, row, error, lease.fence));
    return keep(wanted, row, grant, lease.fence);
  }

  async function ask(wanted: Wanted, row: Row<TokenRow> | undefined): Promise<EntraGrant> {
    const { connection, resource, claims } = wanted;
    const { tenantId } = connection;
    if (connection.kind === 'app') {
      return entra.appToken({ tenantId, scope: wireScopes([], resource)[0] ?? '', claims });
    }
    const credentials = row?.value.credentials;
    if (!credentials) {
      throw new AppError(
        'reauth_required',
        'Nothing is stored of this sign-in. The person must sign in again.',
      );
    }
    return entra.refresh({ tenantId, credentials, scopes: askedScopes(wanted), claims });
  }

  /** The grant, when it is what was asked for, written under our fence; a newer row stays as it is. */
  async function keep(
    wanted: Wanted,
    row: Row<TokenRow> | undefined,
    grant: EntraGrant,
    fence: number,
  ): Promise<Acquired> {
    const { connection, key } = wanted;
    const checked = check(wanted, grant);
    const known = await note(wanted);
    const answer = toStoredAnswer(key, grant, checked, known?.epoch ?? connection.epoch);
    const credentials = grant.credentials ?? row?.value.credentials;
    await write(wanted, row, {
      fence,
      ...(credentials ? { credentials } : {}),
      answers: withAnswer(row?.value.answers ?? [], answer, clock()),
    });
    if (!known || (!row && !(await connections.get(connection.id)))) {
      // It was removed while Entra answered: nothing of it may come back.
      await rows.erase(connection.id);
      throw new AppError('not_found', 'There is no such connection.');
    }
    return { answer, source: 'entra' };
  }

  /** The connection, with what the answer means for it; undefined when it is gone. */
  async function note({ connection, claims }: Wanted): Promise<Connection | undefined> {
    try {
      if (connection.health !== 'active') return await connections.setHealth(connection.id, 'active');
      // After a step-up the weaker tokens must not be answered again, by any instance.
      return await connections.touch(connection.id, { endEarlier: claims !== undefined });
    } catch (error) {
      if (!isAppError(error, 'storage_unavailable')) throw error;
      return connection;
    }
  }

  /** Entra has answered: the token is good even when it can't be kept, and what is stored serves again next time. */
  async function write(wanted: Wanted, row: Row<TokenRow> | undefined, value: TokenRow): Promise<void> {
    const connection = wanted.connection.id;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const written = await rows.write(connection, rowKeyOf(wanted), row, value);
        if (!written) ports.log.warn('token_write_outrun', { connection, fence: value.fence });
        return;
      } catch (error) {
        if (!isAppError(error, 'storage_unavailable')) throw error;
        if (attempt < writeAttempts) {
          await pause(50 * 4 ** attempt);
          continue;
        }
        ports.log.error('token_not_kept', { connection, detail: error.detail });
        return;
      }
    }
  }

  function check({ connection, resource, scopes }: Wanted, grant: EntraGrant): CheckedToken {
    try {
      return checkToken(grant.accessToken, grant.scopes, {
        kind: connection.kind,
        tenantId: connection.tenantId,
        objectId: connection.objectId,
        clientId: deps.clientId,
        resource,
        scopes: connection.kind === 'user' ? scopes : [],
      });
    } catch (error) {
      const detail = isAppError(error) ? error.detail : undefined;
      ports.log.error('token_mismatch', { connection: connection.id, detail });
      throw error;
    }
  }

  /** A refusal judges the bytes that were sent: when the store holds others by now, those are tried once. */
  async function fail(
    wanted: Wanted,
    row: Row<TokenRow> | undefined,
    error: unknown,
    fence: number,
  ): Promise<EntraGrant> {
    if (!isAppError(error)) throw error;
    const { connection } = wanted;
    if (error.code === 'throttled' || error.code === 'upstream_unavailable') {
      const until = clock() + (error.retryAfter ?? 60) * 1000;
      const answers = (row?.value.answers ?? []).filter((each) => each.expiresAt > clock());
      await write(wanted, row, { ...row?.value, fence, answers, pause: { until, code: error.code } });
    }
    if (error.code === 'reauth_required') {
      const now = await read(wanted);
      const sent = row?.value.credentials?.refreshToken.entity.secret;
      const stored = now?.value.credentials?.refreshToken.entity.secret;
      if (now && stored !== undefined && stored !== sent) return ask(wanted, now);
      await mark('needs_sign_in');
    }
    if (error.code === 'consent_required' && connection.kind === 'app') await mark('needs_consent');
    throw error;

    async function mark(health: 'needs_sign_in' | 'needs_consent') {
      const reason = { code: (error as AppError).code, message: (error as AppError).message };
      await connections.setHealth(connection.id, health, reason, connection.epoch);
      ports.log.warn(`connection_${health}`, {
        connection: connection.id,
        detail: (error as AppError).detail,
        fence,
      });
    }
  }

  /** Whoever is told to wait, all wait: the row is what instances share. */
  function checkPause(row: Row<TokenRow> | undefined): void {
    const waitFor = row?.value.pause;
    if (!waitFor || waitFor.until <= clock()) return;
    throw new AppError(
      waitFor.code,
      waitFor.code === 'throttled'
        ? 'Microsoft asks to wait before the next token is requested.'
        : 'Microsoft did not answer as expected a moment ago. Try again shortly.',
      { retryable: true, retryAfter: Math.ceil((waitFor.until - clock()) / 1000) },
    );
  }

  return async (wanted) => {
    const since = clock();
    const name = tokenLease(wanted.connection.id, rowKeyOf(wanted));
    const giveUpAt = performance.now() + mostWaitMs;
    for (;;) {
      const lease = await leases.take(name, leaseSeconds);
      if (lease) return holding(lease, () => underLease(wanted, since, lease));
      // Somebody else refreshes: what they store is ours too.
      await pause(waitMs * (0.5 + Math.random()));
      const row = await read(wanted);
      const stored = find(row, wanted, since);
      if (stored) return stored;
      checkPause(row);
      if (performance.now() > giveUpAt) {
        throw new AppError(
          'upstream_unavailable',
          'Another instance is still refreshing this token. Try again shortly.',
          { retryable: true, retryAfter: 1 },
        );
      }
    }
  };
}

/** A personal account is asked for each permission by its name: nothing says that it knows `.default`. */
function askedScopes({ connection, resource, scopes }: Wanted): string[] {
  const named = scopes.length === 0 && connection.tenantId === personalTenantId ? connection.scopes : scopes;
  return wireScopes(named, resource);
}

/** The work under a lease that is renewed while it lasts, and freed afterwards. */
async function holding<T>(lease: Lease, work: () => Promise<T>): Promise<T> {
  // A renewal that fails leaves the lease to its end; the fence and the ETag keep a late write out.
  const renewing = setInterval(() => void lease.renew().catch(() => false), renewEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(renewing);
    await lease.release();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
