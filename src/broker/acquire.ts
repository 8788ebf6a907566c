import { AppError, isAppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Leases } from '../storage/leases.ts';
import type { Row } from '../storage/table.ts';
import type { Connection, Connections } from './connections.ts';
import type { Entra, EntraGrant } from './entra.ts';
import { type CheckedToken, checkToken } from './token-check.ts';
import {
  appRow,
  type StoredAnswer,
  type TokenRow,
  type TokenRows,
  userRow,
  withAnswer,
} from './token-rows.ts';
import { wireScopes } from './token-scopes.ts';

/** One token, wanted of one connection. */
export interface Wanted {
  readonly connection: Connection;
  readonly resource: string;
  /** Short form, sorted; empty: all that the connection holds. */
  readonly scopes: readonly string[];
  readonly key: string;
  /** A stored answer serves when it lives at least until then (ms). */
  readonly until: number;
  readonly claims: string | undefined;
  /** Asks Entra whatever is stored. */
  readonly force: boolean;
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
const waitMs = 100;
const mostWaitMs = 15_000;

export function createAcquire(deps: {
  readonly entra: Entra;
  readonly rows: TokenRows;
  readonly leases: Leases;
  readonly connections: Pick<Connections, 'setHealth' | 'touch'>;
  readonly clientId: string;
  readonly ports: Pick<Ports, 'clock' | 'log'>;
}): Acquire {
  const { entra, rows, leases, connections, ports } = deps;
  const { clock } = ports;
  /** Until when (ms) Entra asked this instance to stay away, by connection. */
  const pausedUntil = new Map<string, number>();

  const rowKeyOf = ({ connection, resource }: Wanted) =>
    connection.kind === 'user' ? userRow : appRow(resource);
  const read = (wanted: Wanted) => rows.read(wanted.connection.id, rowKeyOf(wanted));

  function find(row: Row<TokenRow> | undefined, wanted: Wanted): Acquired | undefined {
    if (wanted.force || wanted.claims !== undefined) return undefined;
    const answer = row?.value.answers.find((each) => each.key === wanted.key);
    const fits = answer && answer.epoch === wanted.connection.epoch && answer.expiresAt >= wanted.until;
    return fits ? { answer, source: 'store' } : undefined;
  }

  async function underLease(wanted: Wanted, fence: number): Promise<Acquired> {
    const row = await read(wanted);
    const stored = find(row, wanted);
    if (stored) return stored;
    checkPause(wanted.connection.id);
    const grant = await ask(wanted, row).catch((error: unknown) => fail(wanted, row, error, fence));
    return keep(wanted, row, grant, fence);
  }

  async function ask(wanted: Wanted, row: Row<TokenRow> | undefined): Promise<EntraGrant> {
    const { connection, resource, scopes, claims } = wanted;
    const { tenantId } = connection;
    if (connection.kind === 'app') {
      return entra.appToken({ tenantId, scope: wireScopes([], resource)[0] ?? '', claims });
    }
    const credentials = row?.value.credentials;
    if (!credentials)
      throw new AppError(
        'reauth_required',
        'Nothing is stored of this sign-in. The person must sign in again.',
      );
    return entra.refresh({ tenantId, credentials, scopes: wireScopes(scopes, resource), claims });
  }

  /** The grant, when it is what was asked for, written under our fence; a newer row stays as it is. */
  async function keep(
    wanted: Wanted,
    row: Row<TokenRow> | undefined,
    grant: EntraGrant,
    fence: number,
  ): Promise<Acquired> {
    const checked = check(wanted, grant);
    const answer: StoredAnswer = {
      key: wanted.key,
      accessToken: grant.accessToken,
      scopes: [...checked.scopes],
      objectId: checked.objectId,
      expiresAt: grant.expiresAt,
      refreshAt: grant.refreshAt,
      epoch: wanted.connection.epoch,
    };
    const credentials = grant.credentials ?? row?.value.credentials;
    const value: TokenRow = {
      fence,
      ...(credentials ? { credentials } : {}),
      answers: withAnswer(row?.value, answer, clock()),
    };
    const written = await rows.write(wanted.connection.id, rowKeyOf(wanted), row, value);
    if (!written) ports.log.warn('token_write_outrun', { connection: wanted.connection.id, fence });
    const endEarlier = wanted.claims !== undefined;
    const touched = await connections.touch(wanted.connection.id, { endEarlier });
    return { answer: { ...answer, epoch: touched?.epoch ?? answer.epoch }, source: 'entra' };
  }

  function check({ connection, resource, scopes }: Wanted, grant: EntraGrant): CheckedToken {
    return checkToken(grant.accessToken, grant.scopes, {
      kind: connection.kind,
      tenantId: connection.tenantId,
      objectId: connection.objectId,
      clientId: deps.clientId,
      resource,
      scopes: connection.kind === 'user' ? scopes : [],
    });
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
    if (error.code === 'throttled') pausedUntil.set(connection.id, clock() + (error.retryAfter ?? 60) * 1000);
    if (error.code === 'reauth_required') {
      const now = await read(wanted);
      const sent = row?.value.credentials?.refreshToken.entity.secret;
      const stored = now?.value.credentials?.refreshToken.entity.secret;
      if (now && stored !== undefined && stored !== sent) return ask(wanted, now);
      await connections.setHealth(
        connection.id,
        'needs_sign_in',
        { code: error.code, message: error.message },
        connection.epoch,
      );
      ports.log.warn('connection_needs_sign_in', { connection: connection.id, detail: error.detail, fence });
    }
    if (error.code === 'consent_required' && connection.kind === 'app') {
      await connections.setHealth(
        connection.id,
        'needs_consent',
        { code: error.code, message: error.message },
        connection.epoch,
      );
    }
    throw error;
  }

  function checkPause(connectionId: string): void {
    const until = pausedUntil.get(connectionId);
    if (until === undefined) return;
    const seconds = (until - clock()) / 1000;
    if (seconds <= 0) {
      pausedUntil.delete(connectionId);
      return;
    }
    throw new AppError('throttled', 'Microsoft asks to wait before the next token is requested.', {
      retryable: true,
      retryAfter: seconds,
    });
  }

  return async (wanted) => {
    const name = `token~${wanted.connection.id}~${rowKeyOf(wanted)}`;
    const giveUpAt = performance.now() + mostWaitMs;
    for (;;) {
      const lease = await leases.take(name, leaseSeconds);
      if (lease) {
        try {
          return await underLease(wanted, lease.fence);
        } finally {
          await lease.release();
        }
      }
      // Somebody else refreshes: what they store is ours too.
      await new Promise((resolve) => setTimeout(resolve, waitMs * (0.5 + Math.random())));
      const stored = find(await read(wanted), { ...wanted, force: false });
      if (stored) return stored;
      if (performance.now() > giveUpAt) {
        throw new AppError(
          'upstream_unavailable',
          'Another instance is still refreshing this token. Try again shortly.',
          {
            retryable: true,
            retryAfter: 1,
          },
        );
      }
    }
  };
}
