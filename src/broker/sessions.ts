import { z } from 'zod';
import type { Config } from '../config.ts';
import type { Ports } from '../ports.ts';
import type { Storage } from '../storage/storage.ts';
import type { CookieToSet } from './cookies.ts';
import { sha256 } from './digest.ts';

export const sessionCookieName = '__Host-session';

/** A session ends after this many seconds, used or not. */
export const sessionSeconds = 8 * 3600;

const sessionRow = z.object({
  objectId: z.string(),
  tenantId: z.string(),
  homeAccountId: z.string(),
  name: z.string(),
  username: z.string(),
  csrf: z.string(),
  connectionId: z.string(),
  expiresAt: z.number(),
});

/** Who is signed in to this installation in one browser. */
export interface Person {
  readonly objectId: string;
  readonly tenantId: string;
  readonly homeAccountId: string;
  readonly name: string;
  readonly username: string;
  /** May change this installation: named in the settings and of the installation's own tenant. */
  readonly administrator: boolean;
  /** What an unsafe request must carry in `x-csrf-token` or in the form field `csrf`. */
  readonly csrf: string;
  /** The person's own connection. */
  readonly connectionId: string;
}

export interface Sessions {
  /** Begins a session and returns the cookie that stands for it. */
  begin(person: Omit<Person, 'administrator' | 'csrf'>): Promise<CookieToSet>;
  /** The person behind the value of a session cookie; undefined when it is unknown or its session has ended. */
  find(cookie: string): Promise<Person | undefined>;
  /** Ends the session of a cookie value; harmless when there is none. */
  end(cookie: string): Promise<void>;
  /** Ends every session that was begun with this connection. */
  endAllOf(connectionId: string): Promise<void>;
  /** When each session of a person ends (ms). */
  listOf(objectId: string): Promise<{ readonly connectionId: string; readonly endsAt: number }[]>;
  /** Ends every session of a person. Resolves to how many. */
  endAllOfPerson(objectId: string): Promise<number>;
}

export interface SessionsDeps {
  readonly config: Pick<Config, 'administrators' | 'entra'>;
  readonly storage: Pick<Storage, 'sealedTable'>;
  readonly ports: Pick<Ports, 'clock' | 'random'>;
}

const partition = 'session';

/** Sessions in the sealed table `sessions`. Only the SHA-256 of a cookie is stored, so the table can't be replayed. */
export function createSessions({ config, storage, ports }: SessionsDeps): Sessions {
  const table = storage.sealedTable({
    name: 'sessions',
    schema: sessionRow,
    expiresAt: (row) => Math.ceil(row.expiresAt / 1000),
  });

  return {
    async begin(person) {
      const value = ports.random(32).toString('base64url');
      await table.insert(partition, sha256(value), {
        objectId: person.objectId,
        tenantId: person.tenantId,
        homeAccountId: person.homeAccountId,
        name: person.name,
        username: person.username,
        connectionId: person.connectionId,
        csrf: ports.random(32).toString('base64url'),
        expiresAt: ports.clock() + sessionSeconds * 1000,
      });
      return { name: sessionCookieName, value, maxAge: sessionSeconds };
    },

    async find(cookie) {
      const found = isSessionValue(cookie) ? await table.get(partition, sha256(cookie)) : undefined;
      if (!found) return undefined;
      const { expiresAt, ...person } = found.value;
      if (expiresAt <= ports.clock()) {
        await table.remove(partition, found.row);
        return undefined;
      }
      return { ...person, administrator: isAdministrator(config, person) };
    },

    async end(cookie) {
      if (isSessionValue(cookie)) await table.remove(partition, sha256(cookie));
    },

    async endAllOf(connectionId) {
      for await (const { row, value } of table.list({ partition })) {
        if (value.connectionId === connectionId) await table.remove(partition, row);
      }
    },

    async listOf(objectId) {
      const found: { connectionId: string; endsAt: number }[] = [];
      for await (const { value } of table.list({ partition })) {
        const { connectionId, expiresAt } = value;
        if (value.objectId === objectId) found.push({ connectionId, endsAt: expiresAt });
      }
      return found;
    },

    async endAllOfPerson(objectId) {
      let ended = 0;
      for await (const { row, value } of table.list({ partition })) {
        if (value.objectId === objectId && (await table.remove(partition, row))) ended += 1;
      }
      return ended;
    },
  };
}

/** Decided at every request, so that a change of the settings holds for sessions that already run. */
export function isAdministrator(
  config: SessionsDeps['config'],
  person: { readonly objectId: string; readonly tenantId: string },
): boolean {
  return person.tenantId === config.entra.tenantId && config.administrators.has(person.objectId);
}

function isSessionValue(cookie: string): boolean {
  return /^[\w-]{43}$/.test(cookie);
}
