import { AppError, isAppError } from '../errors.ts';
import type { Clock, Ports } from '../ports.ts';
import { heldLeaseSeconds, holdLease } from '../storage/hold-lease.ts';
import type { Lease, Leases } from '../storage/leases.ts';
import type { Row } from '../storage/table.ts';
import type { Connections } from './connections.ts';
import type { Entra, EntraGrant } from './entra.ts';
import { checkPause, noteFailure } from './refresh-failure.ts';
import { requireActive } from './require-active.ts';
import type { RowKeeper } from './row-keeper.ts';
import { forStore, toStoredAnswer, usableUntil, withAnswer } from './stored-answer.ts';
import { type CheckedToken, checkToken, personalTenantId, tokenMismatch } from './token-check.ts';
import { tokenLease } from './token-lease.ts';
import { appRow, type TokenRow, type TokenRows, userRow } from './token-rows.ts';
import { wireScopes } from './token-scopes.ts';
import type { Acquire, Acquired, Wanted } from './wanted.ts';

const waitMs = 100;
/** Longer than the lease of a holder that died: whoever asks next gets a token. */
const mostWaitMs = 15_000;
/** Clocks of instances differ a little. What was obtained later than that from now says that a clock has gone back. */
const skewMs = 60_000;
/** A token that Entra gave a moment ago lives as long as one that it would give now. */
const justNowMs = 60_000;

export function createAcquire(deps: {
  readonly entra: Pick<Entra, 'refresh' | 'appToken'>;
  readonly rows: Pick<TokenRows, 'read' | 'write' | 'erase'>;
  readonly keeper: RowKeeper;
  readonly leases: Pick<Leases, 'take'>;
  readonly connections: Pick<Connections, 'get' | 'setHealth' | 'touch'>;
  readonly clientId: string;
  /** Does not go back. */
  readonly clock: Clock;
  readonly ports: Pick<Ports, 'clock' | 'log'>;
}): Acquire {
  const { entra, rows, keeper, leases, connections, clock, ports } = deps;

  const rowKeyOf = ({ connection, resource }: Wanted) =>
    connection.kind === 'user' ? userRow : appRow(resource);
  const read = (wanted: Wanted) => rows.read(wanted.connection.id, rowKeyOf(wanted));

  /** `since`: when it was asked for, so that a new answer is one that was obtained later. */
  function find(row: Row<TokenRow> | undefined, wanted: Wanted, since: number): Acquired | undefined {
    if (wanted.claims !== undefined) return undefined;
    const answer = row?.value.answers.find((each) => each.key === wanted.key);
    if (!answer || answer.epoch !== wanted.connection.epoch || usableUntil(answer) <= clock())
      return undefined;
    const isNew = answer.obtainedAt > since && answer.obtainedAt <= clock() + skewMs;
    if (wanted.age === 'new' && !isNew) return undefined;
    if (wanted.age === 'notDue' && answer.refreshAt <= clock()) return undefined;
    const livesLongEnough = answer.expiresAt - clock() >= wanted.minTtlMs;
    const noneLivesLonger = clock() - answer.obtainedAt < justNowMs;
    if (!livesLongEnough && !noneLivesLonger) return undefined;
    check(wanted, answer);
    return { answer, source: 'store' };
  }

  /** Undefined: the lease has passed to another holder, who knows more by now. */
  async function underLease(asked: Wanted, since: number, lease: Lease): Promise<Acquired | undefined> {
    // What was known of the connection may be some seconds old: a dead one costs no call.
    const connection = await connections.get(asked.connection.id);
    if (!connection) throw new AppError('not_found', 'There is no such connection.');
    requireActive(connection, { trying: asked.age === 'new' });
    const wanted = { ...asked, connection };
    const row = await read(wanted);
    const stored = find(row, wanted, since);
    if (stored) return stored;
    checkPause(row, ports.clock());
    const written = row?.value.fence ?? 0;
    // A greater number is of a later holder, unless the leases were lost and counting began anew.
    if (written > lease.fence && !(await lease.renew())) return undefined;
    const fence = Math.max(lease.fence, written);
    const grant = await ask(wanted, row).catch(async (error: unknown) => {
      const place = { connection, rowKey: rowKeyOf(wanted), row, fence };
      const verdict = await noteFailure({ rows, connections, ...ports }, place, error);
      if (verdict === 'outdated') return undefined;
      throw error;
    });
    return grant && keep(wanted, row, grant, fence);
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

  /**
   * The grant, when it is what was asked for, written under our fence; a newer row stays as it is. The row comes first: until
   * it is written, a refresh token that Entra has replaced is in this process only.
   */
  async function keep(
    wanted: Wanted,
    row: Row<TokenRow> | undefined,
    grant: EntraGrant,
    fence: number,
  ): Promise<Acquired> {
    const { connection, key, claims } = wanted;
    const checked = check(wanted, grant);
    const endsOthers = claims !== undefined || connection.health !== 'active';
    const answer = toStoredAnswer(key, grant, checked, connection.epoch + (endsOthers ? 1 : 0));
    const credentials = grant.credentials ?? row?.value.credentials;
    const value: TokenRow = {
      fence,
      ...(credentials ? { credentials } : {}),
      answers: withAnswer(row?.value.answers ?? [], forStore(answer, checked), clock()),
    };
    const alive = () => connections.touch(connection.id, { alive: true });
    const how = await keeper.keep(
      { connectionId: connection.id, rowKey: rowKeyOf(wanted), old: row, value },
      alive,
    );
    // Who must have a stronger token than before must know that the weaker ones end; others need not wait for a store that is away.
    if (how === 'later' && claims === undefined) return { answer, source: 'entra' };
    const known = await note(wanted, how === 'kept');
    if (!known) {
      // It was removed while Entra answered: nothing of it may come back.
      await rows.erase(connection.id);
      throw new AppError('not_found', 'There is no such connection.');
    }
    requireActive(known, { trying: true });
    return { answer, source: 'entra' };
  }

  /** The connection, with what the answer means for it; undefined when it is gone. */
  async function note({ connection, claims }: Wanted, alive: boolean) {
    try {
      // After a step-up the weaker tokens must not be answered again, by any instance.
      return await connections.touch(connection.id, { endEarlier: claims !== undefined, alive });
    } catch (error) {
      if (claims !== undefined || !isAppError(error, 'storage_unavailable')) throw error;
      return { ...connection, health: 'active' as const };
    }
  }

  function check(
    { connection, resource, scopes }: Wanted,
    given: Pick<EntraGrant, 'accessToken' | 'scopes'> & Partial<Pick<EntraGrant, 'homeAccountId'>>,
  ): CheckedToken {
    try {
      const { homeAccountId = connection.homeAccountId } = given;
      if (homeAccountId !== connection.homeAccountId) throw tokenMismatch('account');
      return checkToken(given.accessToken, given.scopes, {
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

  return async (wanted) => {
    const since = clock();
    const name = tokenLease(wanted.connection.id, rowKeyOf(wanted));
    const giveUpAt = performance.now() + mostWaitMs;
    const early = wanted.age === 'new' ? undefined : find(await read(wanted), wanted, since);
    if (early) return early;
    for (;;) {
      const lease = await leases.take(name, heldLeaseSeconds);
      const acquired = lease && (await holdLease(lease, () => underLease(wanted, since, lease)));
      if (acquired) return acquired;
      // Somebody else refreshes: what they store is ours too.
      await pause(waitMs * (0.5 + Math.random()));
      const row = await read(wanted);
      const stored = find(row, wanted, since);
      if (stored) return stored;
      checkPause(row, ports.clock());
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

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
