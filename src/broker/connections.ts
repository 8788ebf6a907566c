import { AppError, isAppError } from '../errors.ts';
import { newId, type Ports } from '../ports.ts';
import type { Storage } from '../storage/storage.ts';
import type { Row } from '../storage/table.ts';
import { firstAlias, nextAlias, requireAlias } from './alias.ts';
import type { Connection, ConnectionHealth } from './connection.ts';
import { isVerdict, revived, switchedOff, withHealth } from './connection-health.ts';
import { type ConnectionRow, connectionPartition, connectionRowSchema, rowKeys } from './connection-rows.ts';
import { createFreshCache } from './fresh-cache.ts';
import { healthNotice } from './notices/health-notice.ts';

export type { Connection, ConnectionHealth } from './connection.ts';

export interface NewUserConnection {
  readonly tenantId: string;
  readonly objectId: string;
  readonly homeAccountId: string;
  readonly username: string;
  readonly displayName: string;
  readonly scopes: readonly string[];
  /** Object id of another person who connects this account as theirs. */
  readonly connectFor?: string | undefined;
}

export interface NewAppConnection {
  readonly alias: string;
  readonly tenantId: string;
  readonly objectId: string;
  readonly scopes: readonly string[];
  readonly createdBy: string;
}

export interface Connections {
  /** Fresh from the store. */
  get(idOrAlias: string): Promise<Connection | undefined>;
  /** May be up to 5 seconds old: for the way that every token takes. */
  lookUp(idOrAlias: string): Promise<Connection | undefined>;
  /** By alias. */
  list(): Promise<Connection[]>;
  /**
   * The person's connection, made or made active again; the alias is the lower-case user name, or the next free one. Throws
   * `conflict` when it is connected for one person and another has made it.
   */
  saveUser(user: NewUserConnection): Promise<Connection>;
  /** The app connection with this alias, made or made active again. Throws `conflict` when the alias means something else. */
  saveApp(app: NewAppConnection): Promise<Connection>;
  /**
   * Undefined when the connection is gone, or was changed since `epoch` (where given). One that an administrator switched off
   * stays off.
   */
  setHealth(
    id: string,
    health: ConnectionHealth,
    reason?: { code: string; message: string },
    epoch?: number,
  ): Promise<Connection | undefined>;
  /**
   * Notes that Entra gave a token now. `endEarlier`: what was answered before must not be answered again. `alive`: what was
   * given is stored, so that a verdict of Entra that said the opposite is over; other reasons for its health stay.
   */
  touch(id: string, options?: { endEarlier?: boolean; alive?: boolean }): Promise<Connection | undefined>;
  /** Switches it off, or on again; undefined when it is gone. */
  setEnabled(id: string, enabled: boolean): Promise<Connection | undefined>;
  /** Another alias for the same connection; undefined when it is gone. Throws `conflict` when the alias is taken. */
  rename(id: string, alias: string): Promise<Connection | undefined>;
  /** Ends whatever was answered of it before, on every instance; undefined when it is gone. */
  endAnswers(id: string): Promise<Connection | undefined>;
  /** False when there was none. Tokens are erased by `Accounts`. */
  remove(id: string): Promise<boolean>;
}

/** How long another instance may go on with what it knows of connections. */
const knownForMs = 5_000;
const noStamp = 'none';

const partition = connectionPartition;

export function createConnections(deps: {
  readonly storage: Pick<Storage, 'table'>;
  readonly ports: Pick<Ports, 'clock' | 'random'>;
}): Connections {
  const { clock, random } = deps.ports;
  const table = deps.storage.table({ name: 'connections', schema: connectionRowSchema });
  const known = createFreshCache<Connection>({ clock, freshForMs: knownForMs, capacity: 20_000 });
  // One row says whether any connection changed, so that thousands that are known need not be read again every few seconds.
  const stamps = createFreshCache<string>({ clock, freshForMs: knownForMs, capacity: 1 });
  const stamp = () =>
    stamps.get('all', async () => (await table.get(partition, rowKeys.stamp))?.value.stamp ?? noStamp);
  /** Goes into the transaction of a change; nobody who looks afterwards counts what is known from before. */
  const newStamp = () =>
    ({ kind: 'upsert', row: rowKeys.stamp, value: { id: 'stamp', stamp: newId('stp', random) } }) as const;

  async function rowOf(id: string): Promise<Row<ConnectionRow> | undefined> {
    return table.get(partition, rowKeys.connection(id));
  }

  async function byId(id: string): Promise<Connection | undefined> {
    return (await rowOf(id))?.value.connection;
  }

  async function byIndex(key: string): Promise<Connection | undefined> {
    const id = (await table.get(partition, key))?.value.id;
    return id === undefined ? undefined : byId(id);
  }

  const get = (idOrAlias: string) =>
    idOrAlias.startsWith('con_') ? byId(idOrAlias) : byIndex(rowKeys.alias(idOrAlias.toLowerCase()));

  function forget(connection: Connection) {
    known.forget(connection.id);
    known.forget(connection.alias);
  }

  /** Replaces the row with what `change` makes of it, again when somebody else was faster. */
  async function update(
    id: string,
    change: (old: Connection) => Connection | undefined,
  ): Promise<Connection | undefined> {
    for (let attempt = 0; ; attempt += 1) {
      const row = await rowOf(id);
      const old = row?.value.connection;
      const next = old && change(old);
      if (!row || !next) return undefined;
      try {
        await replace(row, old, next);
        forget(next);
        return next;
      } catch (error) {
        if (isAppError(error, 'not_found')) return undefined;
        if (!isAppError(error, 'precondition_failed') || attempt >= 9) throw error;
      }
    }
  }

  /** With what is to be told of the change, all or nothing. */
  async function replace(row: Row<ConnectionRow>, old: Connection, connection: Connection) {
    const value = { id: connection.id, connection };
    const notice = healthNotice(old, connection, { id: newId('ntc', random), at: clock() });
    // Alone it is told to nobody that a token came: that decides nothing elsewhere.
    if (!notice && connection.epoch === old.epoch) return void (await table.replace(row, value));
    await table.transact(partition, [
      { kind: 'replace', row: row.row, value, etag: row.etag },
      newStamp(),
      ...(notice
        ? [{ kind: 'insert' as const, row: rowKeys.notice(notice.id), value: { id: notice.id, notice } }]
        : []),
    ]);
  }

  /** Inserts the connection with its index rows, all or nothing. Throws `conflict` when one of them is taken. */
  async function insert(connection: Connection): Promise<Connection> {
    const { id } = connection;
    const indexes = [rowKeys.alias(connection.alias)];
    if (connection.kind === 'user')
      indexes.push(rowKeys.user(connection.tenantId, connection.objectId ?? ''));
    await table.transact(partition, [
      { kind: 'insert', row: rowKeys.connection(id), value: { id, connection } },
      ...indexes.map((row) => ({ kind: 'insert' as const, row, value: { id } })),
    ]);
    forget(connection);
    return connection;
  }

  return {
    get,
    lookUp: async (idOrAlias) => known.get(idOrAlias, () => get(idOrAlias), await stamp()),

    async list() {
      const found: Connection[] = [];
      for await (const { value } of table.list({ partition, ...rowKeys.allConnections })) {
        if (value.connection) found.push(value.connection);
      }
      return found.sort((a, b) => (a.alias < b.alias ? -1 : 1));
    },

    async saveUser(user) {
      const facts = {
        homeAccountId: user.homeAccountId,
        username: user.username,
        displayName: user.displayName,
        scopes: [...user.scopes],
      };
      const key = rowKeys.user(user.tenantId, user.objectId);
      let alias = firstAlias(user.username);
      for (let attempt = 0; attempt < 50; attempt += 1) {
        const existing = await byIndex(key);
        if (existing && user.connectFor !== undefined && existing.createdBy !== user.connectFor) {
          throw new AppError('conflict', 'Another person has connected this account here already.');
        }
        const signedInAt = clock();
        const saved =
          existing &&
          (await update(existing.id, (old) => ({
            ...revived(old, clock()),
            ...facts,
            // Who signs in with an account takes it back from whoever connected it as theirs too.
            createdBy: user.connectFor ?? user.objectId,
            signedInAt,
          })));
        if (saved) return saved;
        try {
          return await insert({
            id: newId('con', random),
            kind: 'user',
            alias,
            tenantId: user.tenantId,
            objectId: user.objectId,
            ...facts,
            health: 'active',
            createdAt: clock(),
            createdBy: user.connectFor ?? user.objectId,
            signedInAt,
            lastTokenAt: clock(),
            epoch: 1,
          });
        } catch (error) {
          if (!isAppError(error, 'conflict')) throw error;
          if (await table.get(partition, rowKeys.alias(alias))) alias = nextAlias(alias);
        }
      }
      throw new AppError('conflict', 'No free alias was found for this person.');
    },

    async saveApp(app) {
      const alias = requireAlias(app.alias);
      for (let attempt = 0; attempt < 5; attempt += 1) {
        const existing = await get(alias);
        if (existing && (existing.kind !== 'app' || existing.tenantId !== app.tenantId))
          throw aliasTaken(alias);
        const facts = { objectId: app.objectId, scopes: [...app.scopes] };
        const saved =
          existing && (await update(existing.id, (old) => ({ ...revived(old, clock()), ...facts })));
        if (saved) return saved;
        try {
          return await insert({
            id: newId('con', random),
            kind: 'app',
            alias,
            tenantId: app.tenantId,
            ...facts,
            health: 'active',
            createdAt: clock(),
            createdBy: app.createdBy,
            lastTokenAt: clock(),
            epoch: 1,
          });
        } catch (error) {
          if (!isAppError(error, 'conflict')) throw error;
        }
      }
      throw aliasTaken(alias);
    },

    setHealth: (id, health, reason, epoch) =>
      update(id, (old) => {
        if (epoch !== undefined && old.epoch !== epoch) return undefined;
        return old.health === 'disabled' ? old : withHealth(old, clock(), health, reason);
      }),

    setEnabled: (id, enabled) =>
      update(id, (old) => {
        if (enabled === (old.health !== 'disabled')) return old;
        return enabled
          ? withHealth(old, clock(), 'active')
          : withHealth(old, clock(), 'disabled', switchedOff);
      }),

    endAnswers: (id) => update(id, (old) => ({ ...old, epoch: old.epoch + 1 })),

    async rename(id, wanted) {
      const alias = requireAlias(wanted);
      for (let attempt = 0; ; attempt += 1) {
        const row = await rowOf(id);
        const old = row?.value.connection;
        if (!row || !old) return undefined;
        if (old.alias === alias) return old;
        const connection = { ...old, alias };
        try {
          await table.transact(partition, [
            { kind: 'replace', row: row.row, value: { id, connection }, etag: row.etag },
            { kind: 'insert', row: rowKeys.alias(alias), value: { id } },
            { kind: 'remove', row: rowKeys.alias(old.alias) },
            newStamp(),
          ]);
          forget(old);
          forget(connection);
          return connection;
        } catch (error) {
          if (isAppError(error, 'conflict')) throw aliasTaken(alias);
          if (!isAppError(error, 'precondition_failed') || attempt >= 9) throw error;
        }
      }
    },

    touch: (id, options = {}) =>
      update(id, (old) => {
        if (options.alive && isVerdict(old)) return revived(old, clock());
        return { ...old, lastTokenAt: clock(), epoch: options.endEarlier ? old.epoch + 1 : old.epoch };
      }),

    async remove(id) {
      const connection = await byId(id);
      if (!connection) return false;
      forget(connection);
      const removed = await removeRow(id);
      await removeIndex(rowKeys.alias(connection.alias), id);
      if (connection.kind === 'user') {
        await removeIndex(rowKeys.user(connection.tenantId, connection.objectId ?? ''), id);
      }
      forget(connection);
      return removed;
    },
  };

  async function removeRow(id: string): Promise<boolean> {
    try {
      await table.transact(partition, [{ kind: 'remove', row: rowKeys.connection(id) }, newStamp()]);
      return true;
    } catch (error) {
      if (isAppError(error, 'not_found')) return false;
      throw error;
    }
  }

  /** An index row may already stand for a newer connection: then it stays. */
  async function removeIndex(key: string, id: string) {
    const row = await table.get(partition, key);
    if (row?.value.id === id) await table.remove(partition, key, row.etag);
  }
}

function aliasTaken(alias: string): AppError {
  return new AppError('conflict', `The alias "${alias}" is already used by another connection.`);
}
