import { z } from 'zod';
import type { Config } from '../../config.ts';
import { AppError, isAppError } from '../../errors.ts';
import type { Ports } from '../../ports.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Row } from '../../storage/table.ts';
import type { Connections } from '../connections.ts';
import { sameDigest, sha256 } from '../digest.ts';
import { isAdministrator, type Person } from '../sessions.ts';
import { formatToken, idOfToken, newTokenId } from './token-text.ts';

const family = z.object({
  clientId: z.string(),
  objectId: z.string(),
  tenantId: z.string(),
  homeAccountId: z.string(),
  name: z.string(),
  username: z.string(),
  connectionId: z.string(),
  createdAt: z.number(),
  /** The family ends then (ms), however often it is refreshed. */
  endsAt: z.number(),
  /** The refresh token must be used before then (ms). */
  refreshBy: z.number(),
  /** SHA-256 of the one refresh token that is good. */
  refreshHash: z.string(),
  /** SHA-256 of the access tokens that still live. */
  access: z.array(z.object({ hash: z.string(), expiresAt: z.number() })),
});
type Family = z.infer<typeof family>;

export type TokenOwner = Omit<Person, 'administrator' | 'csrf'>;

export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
}

/** A sign-in of a program, without its tokens. Times in milliseconds since 1970. */
export interface SignedInProgram {
  readonly clientId: string;
  readonly createdAt: number;
  readonly endsAt: number;
}

/**
 * This installation's own tokens for programs that a person signed in. They open /api with the rights that the person has at that
 * moment, and nothing at Microsoft. Only hashes are stored.
 */
export interface BrokerTokens {
  /** A new family: access and refresh token. `id` names it for `endFamily`. */
  begin(owner: TokenOwner, clientId: string): Promise<TokenPair & { readonly id: string }>;
  /**
   * The next pair. A refresh token is good once: used again, it ends its family, because somebody else has it. Throws
   * `invalid_grant`.
   */
  refresh(refreshToken: string, clientId: string): Promise<TokenPair>;
  /** The person behind an access token, or undefined. */
  find(accessToken: string): Promise<Person | undefined>;
  /** Ends the family of either token; harmless when there is none, or when it is another client's. */
  revoke(token: string, clientId: string): Promise<void>;
  endFamily(id: string): Promise<void>;
  /** Ends every family that was begun with this connection, on whichever instance. */
  endAllOf(connectionId: string): Promise<void>;
  /** Ends every family of a person. Resolves to how many. */
  endAllOfPerson(objectId: string): Promise<number>;
  /** Of one person, oldest first. */
  listOf(objectId: string): Promise<SignedInProgram[]>;
}

export const accessSeconds = 3600;
const idleMs = 30 * 24 * 3600_000;
const longestMs = 90 * 24 * 3600_000;
const mostAccess = 4;
const partition = 'family';

export function createBrokerTokens(deps: {
  readonly config: Pick<Config, 'administrators' | 'entra'>;
  readonly storage: Pick<Storage, 'sealedTable'>;
  readonly connections: Pick<Connections, 'get'>;
  readonly ports: Pick<Ports, 'clock' | 'random' | 'log'>;
}): BrokerTokens {
  const { config, ports } = deps;
  const { clock, random, log } = ports;
  const table = deps.storage.sealedTable({
    name: 'grants',
    schema: family,
    expiresAt: (row) => Math.ceil(Math.min(row.endsAt, row.refreshBy) / 1000),
  });

  const pairOf = (id: string): TokenPair => ({
    accessToken: formatToken('gva', id, random),
    refreshToken: formatToken('gvr', id, random),
    expiresInSeconds: accessSeconds,
  });

  /** The family with a new pair in it; access tokens that still live serve on. */
  function withPair(old: Omit<Family, 'refreshBy' | 'refreshHash'>, pair: TokenPair): Family {
    const now = clock();
    const live = old.access.filter((each) => each.expiresAt > now).slice(0, mostAccess - 1);
    const expiresAt = now + accessSeconds * 1000;
    return {
      ...old,
      refreshBy: now + idleMs,
      refreshHash: sha256(pair.refreshToken),
      access: [{ hash: sha256(pair.accessToken), expiresAt }, ...live],
    };
  }

  async function rowOf(id: string | undefined): Promise<Row<Family> | undefined> {
    const row = id === undefined ? undefined : await table.get(partition, id);
    if (!row || row.value.endsAt > clock()) return row;
    await table.remove(partition, row.row);
    return undefined;
  }

  async function endReused(row: Row<Family>): Promise<AppError> {
    await table.remove(partition, row.row);
    log.warn('refresh_token_reused', { client: row.value.clientId, connection: row.value.connectionId });
    return refused('refresh_token_reused');
  }

  return {
    async begin(owner, clientId) {
      const id = newTokenId(random);
      const pair = pairOf(id);
      const { objectId, tenantId, homeAccountId, name, username, connectionId } = owner;
      const person = { objectId, tenantId, homeAccountId, name, username, connectionId };
      const begun = { ...person, clientId, createdAt: clock(), endsAt: clock() + longestMs, access: [] };
      await table.insert(partition, id, withPair(begun, pair));
      return { ...pair, id };
    },

    async refresh(refreshToken, clientId) {
      const id = idOfToken('gvr', refreshToken);
      const row = await rowOf(id);
      if (!row || id === undefined || row.value.clientId !== clientId) throw refused();
      // Whoever knows the id has had a token of this family: a wrong one is an old one.
      if (!sameDigest(sha256(refreshToken), row.value.refreshHash)) throw await endReused(row);
      const connection = await deps.connections.get(row.value.connectionId);
      if (row.value.refreshBy <= clock() || connection?.health !== 'active') {
        await table.remove(partition, id);
        throw refused();
      }
      const pair = pairOf(id);
      try {
        await table.replace(row, withPair(row.value, pair));
        return pair;
      } catch (error) {
        if (isAppError(error, 'not_found')) throw refused();
        if (isAppError(error, 'precondition_failed')) throw await endReused(row);
        throw error;
      }
    },

    async find(accessToken) {
      const row = await rowOf(idOfToken('gva', accessToken));
      const given = sha256(accessToken);
      const live = row?.value.access.find((each) => sameDigest(given, each.hash));
      if (!row || !live || live.expiresAt <= clock()) return undefined;
      const { objectId, tenantId, homeAccountId, name, username, connectionId } = row.value;
      const owner = { objectId, tenantId, homeAccountId, name, username, connectionId };
      return { ...owner, administrator: isAdministrator(config, owner), csrf: '' };
    },

    async revoke(token, clientId) {
      const id = idOfToken('gvr', token) ?? idOfToken('gva', token);
      const row = await rowOf(id);
      if (row && row.value.clientId === clientId) await table.remove(partition, row.row);
    },

    async endFamily(id) {
      await table.remove(partition, id);
    },

    async endAllOf(connectionId) {
      for await (const { row, value } of table.list({ partition })) {
        if (value.connectionId === connectionId) await table.remove(partition, row);
      }
    },

    async endAllOfPerson(objectId) {
      let ended = 0;
      for await (const { row, value } of table.list({ partition })) {
        if (value.objectId === objectId && (await table.remove(partition, row))) ended += 1;
      }
      return ended;
    },

    async listOf(objectId) {
      const found: SignedInProgram[] = [];
      for await (const { value } of table.list({ partition })) {
        const { clientId, createdAt, endsAt } = value;
        if (value.objectId === objectId) found.push({ clientId, createdAt, endsAt });
      }
      return found.sort((a, b) => a.createdAt - b.createdAt);
    },
  };
}

function refused(detail?: string): AppError {
  return new AppError(
    'invalid_grant',
    'This sign-in is over. Sign in again.',
    detail === undefined ? {} : { detail },
  );
}
