import { AppError, isAppError } from '../errors.ts';
import type { Clock, Log, Random } from '../ports.ts';
import { cacheKeySecret, freshFor, staleFor, toKey } from './key-ring.ts';
import type { Leases } from './leases.ts';
import type { Rewrap } from './rewrap.ts';
import type { RingRow } from './ring-row.ts';
import type { RingState } from './ring-state.ts';
import { sealedTableNames } from './sealed-tables.ts';
import type { Row } from './table.ts';
import type { Vault } from './vault.ts';

/** Changes the key that seals what is stored, while everything goes on. */
export interface KeyRotation {
  /** Undefined before the first rotation. */
  state(): Promise<RingState | undefined>;
  /**
   * Begins a rotation: to the newest version in Key Vault where that is another one, else to one that is made now. Throws `conflict`
   * while one is under way, `forbidden` where this app may only read secrets.
   */
  rotate(): Promise<RingState>;
  /** For a timer: one work unit. Killed at any moment, the next one goes on. */
  advance(): Promise<void>;
  /** Ends a key. Throws `conflict` while it is in use, with the number of rows; `not_found` for one that isn't known. */
  retire(id: string): Promise<RingState>;
  /** Rows by key: reads all sealed tables. */
  count(): Promise<ReadonlyMap<string, number>>;
}

const minute = 60_000;
/** Every instance has read the ring again by then, and holds the next key. */
export const prepareForMs = freshFor + 5 * minute;
/** No instance seals with the old key after that, though it might not reach Key Vault. */
export const activeForMs = staleFor + 5 * minute;
const askAgainAfterMs = 24 * 60 * minute;
const workForMs = minute;
const leaseSeconds = 180;

export function createKeyRotation(deps: {
  readonly ring: RingRow;
  readonly rewrap: Rewrap;
  readonly vault: Vault;
  readonly leases: Leases;
  /** A key this old is followed by another one; 0: only when somebody asks. */
  readonly rotateAfterDays: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}): KeyRotation {
  const { ring, rewrap, vault, clock, log } = deps;

  /** The row, made when there is none: from then on no new version in Key Vault seals by itself. */
  async function begun(): Promise<Row<RingState>> {
    const row = await ring.read();
    if (row) return row;
    const newest = await vault.secret(cacheKeySecret);
    if (!newest) throw new AppError('broker_misconfigured', `Key Vault has no secret "${cacheKeySecret}".`);
    const versions = await vault.versions(cacheKeySecret);
    const made = versions.find(({ version }) => version === newest.version)?.createdAt ?? clock();
    const older = versions.map(({ version }) => version).filter((version) => version !== newest.version);
    return ring.write(undefined, {
      phase: 'steady',
      since: clock(),
      retired: [],
      active: newest.version,
      activeSince: made,
      old: older,
    });
  }

  async function rotate(): Promise<RingState> {
    const row = await begun();
    const { value: state } = row;
    if (state.phase !== 'steady' && state.phase !== 'retire') {
      throw new AppError('conflict', `A rotation is under way: ${state.phase}.`);
    }
    const next = await nextKey(state);
    const { progress: _, left: __, ...kept } = state;
    const { value } = await ring.write(row, { ...kept, phase: 'prepare', since: clock(), next });
    log.info('key_rotation', { phase: 'prepare', key: next });
    return value;
  }

  /** A rotation that died after it made a version finds it here. */
  async function nextKey({ active, old, retired }: RingState): Promise<string> {
    const spent = new Set([active, ...old, ...retired.map(({ id }) => id)]);
    const newest = await vault.secret(cacheKeySecret);
    const found =
      newest && !spent.has(newest.version)
        ? newest
        : await vault.add(cacheKeySecret, deps.random(32).toString('base64')).catch((error: unknown) => {
            if (!isAppError(error, 'forbidden')) throw error;
            throw new AppError(
              'forbidden',
              `Key Vault lets this app only read. Add a version to the secret "${cacheKeySecret}" with 32 random bytes in base64, then ask again.`,
              { cause: error },
            );
          });
    return toKey(found.version, found.value).id;
  }

  async function advance(): Promise<void> {
    const row = await ring.read();
    const state = row?.value;
    if (!row || !state || state.phase === 'steady') return rotateByAge(state);
    const stood = clock() - state.since;
    if (state.phase === 'prepare' && stood >= prepareForMs) return activate(row);
    if (state.phase === 'active' && stood >= activeForMs) return enter(row, { phase: 'rewrap' });
    if (state.phase === 'rewrap') return rewrapOn(row);
    if (state.phase === 'retire' && !state.left) return retireAll(row);
    if (state.phase === 'retire' && stood >= askAgainAfterMs) return enter(row, { phase: 'rewrap' });
  }

  async function rotateByAge(state: RingState | undefined): Promise<void> {
    if (deps.rotateAfterDays === 0) return;
    const { activeSince } = state ?? (await begun()).value;
    if (clock() - activeSince < deps.rotateAfterDays * 24 * 60 * minute) return;
    await rotate();
  }

  async function enter(row: Row<RingState>, change: Partial<RingState>): Promise<void> {
    const { left: _, progress, ...kept } = row.value;
    const done = change.phase !== 'rewrap' && progress ? { progress } : {};
    const { value } = await ring.write(row, { ...kept, ...done, ...change, since: clock() });
    log.info('key_rotation', { phase: value.phase, key: value.active });
  }

  async function activate(row: Row<RingState>): Promise<void> {
    const { next, active, old, ...kept } = row.value;
    if (next === undefined || !(await vault.secret(cacheKeySecret, next))) {
      log.error('key_rotation_next_missing', { key: next });
      return;
    }
    const { value } = await ring.write(row, {
      ...kept,
      phase: 'active',
      since: clock(),
      active: next,
      activeSince: clock(),
      old: [...new Set([...old, active])],
    });
    log.info('key_rotation', { phase: 'active', key: value.active });
  }

  async function rewrapOn(first: Row<RingState>): Promise<void> {
    const endsAt = performance.now() + workForMs;
    const old = new Set(first.value.old);
    let row = first;
    do {
      const at = row.value.progress ?? { table: 0, seen: 0, rewrapped: 0, unreadable: 0 };
      const name = sealedTableNames[at.table];
      if (name === undefined) return enter(row, { phase: 'retire' });
      const page = await rewrap.page(name, at.cursor, old);
      // Kept after each page: killed before, the page is read again, and what was sealed anew stands.
      row = await ring.write(row, {
        ...row.value,
        progress: {
          table: page.cursor === undefined ? at.table + 1 : at.table,
          ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
          seen: at.seen + page.seen,
          rewrapped: at.rewrapped + page.rewrapped,
          unreadable: at.unreadable + page.unreadable,
        },
      });
    } while (performance.now() < endsAt);
  }

  /** Ends the old keys that no row uses; where one does, another rewrap follows a day later. */
  async function retireAll(row: Row<RingState>): Promise<void> {
    const rows = await rewrap.count();
    const used = row.value.old.filter((id) => (rows.get(id) ?? 0) > 0);
    const free = row.value.old.filter((id) => !used.includes(id));
    const retired = [...row.value.retired, ...(await Promise.all(free.map(end)))];
    const left = used.reduce((sum, id) => sum + (rows.get(id) ?? 0), 0);
    if (left === 0) return enter(row, { phase: 'steady', old: [], retired });
    log.error('key_rotation_rows_left', { rows: left, unreadable: row.value.progress?.unreadable });
    await ring.write(row, { ...row.value, old: used, retired, left: { at: clock(), rows: left } });
  }

  /** Disabled in Key Vault too, where this app may; it can be enabled again there. */
  async function end(id: string) {
    try {
      await vault.disable(cacheKeySecret, id);
      return { id, at: clock(), disabled: true };
    } catch (error) {
      if (!isAppError(error, 'forbidden') && !isAppError(error, 'upstream_unavailable')) throw error;
      return { id, at: clock(), disabled: false };
    }
  }

  async function retire(id: string): Promise<RingState> {
    const row = await begun();
    const { active, next, old, retired } = row.value;
    if (retired.some((each) => each.id === id)) return row.value;
    if (id === active || id === next) {
      throw new AppError('conflict', 'This key seals what is written. Rotate to another one first.');
    }
    if (!old.includes(id)) throw new AppError('not_found', 'There is no such key.');
    const rows = (await rewrap.count()).get(id) ?? 0;
    const mayBeWritten = row.value.phase === 'active';
    if (rows > 0 || mayBeWritten) {
      throw new AppError(
        'conflict',
        rows > 0
          ? `${rows} stored rows still use this key. Rotate, and wait for the rewrap to end.`
          : 'Instances of this app may still seal with this key. Wait for the rewrap to end.',
        { details: { rows } },
      );
    }
    const { value } = await ring.write(row, {
      ...row.value,
      old: old.filter((each) => each !== id),
      retired: [...retired, await end(id)],
    });
    log.info('key_retired', { key: id });
    return value;
  }

  /** One at a time, over all instances. */
  async function alone<T>(work: () => Promise<T>): Promise<T | undefined> {
    const lease = await deps.leases.take('key-rotation', leaseSeconds);
    if (!lease) return undefined;
    try {
      return await work();
    } finally {
      await lease.release();
    }
  }

  const busy = () =>
    new AppError('conflict', 'The rotation is at work right now. Try again in a minute.', {
      retryable: true,
      retryAfter: 60,
    });

  return {
    state: async () => (await ring.read())?.value,
    count: () => rewrap.count(),
    async rotate() {
      const state = await alone(rotate);
      if (!state) throw busy();
      return state;
    },
    async retire(id) {
      const state = await alone(() => retire(id));
      if (!state) throw busy();
      return state;
    },
    advance: async () => {
      await alone(advance);
    },
  };
}
