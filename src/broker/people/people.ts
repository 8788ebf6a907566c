import type { Ports } from '../../ports.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Accounts } from '../accounts.ts';
import type { Audit, AuditEvent } from '../audit.ts';
import type { AuditActor } from '../audit-event.ts';
import type { BrokerTokens, SignedInProgram } from '../authorization/broker-tokens.ts';
import type { Connection, Connections } from '../connections.ts';
import type { Handles } from '../on-behalf-of/handles.ts';
import type { Sessions } from '../sessions.ts';
import type { TokenRows } from '../token-rows.ts';
import { createErasures } from './erasures.ts';
import type { FormerPerson, Pseudonym } from './without-person.ts';

/** What the broker holds about a person, without a token, key or code. Times in milliseconds since 1970. */
export interface HeldByBroker {
  readonly connections: readonly Connection[];
  readonly tokens: readonly StoredTokens[];
  readonly sessions: readonly { readonly connectionId: string; readonly endsAt: number }[];
  readonly programs: readonly SignedInProgram[];
}

/** That something is stored, and not what. */
export interface StoredTokens {
  readonly connectionId: string;
  readonly refreshToken: boolean;
  readonly accessTokens: readonly {
    readonly scopes: readonly string[];
    readonly obtainedAt: number;
    readonly expiresAt: number;
  }[];
}

export interface Erased {
  readonly connections: number;
  readonly sessions: number;
  readonly programs: number;
  /** False: rows that name the person are still being changed, by the hourly sweep. */
  readonly namesGone: boolean;
}

/** Everything that concerns one person, by object id. */
export interface People {
  held(objectId: string): Promise<HeldByBroker>;
  /**
   * Events of the last 400 days that name the person or a connection of theirs, newest first, at most `limit`. `complete` is
   * false when there are more.
   */
  events(objectId: string, limit: number): Promise<{ events: AuditEvent[]; complete: boolean }>;
  /**
   * Ends all that is a right or a sign-in of the person, and puts a random pseudonym in the place of their id and names in
   * what stays: audit, callers, policies, jobs, rules. `usernames`: names that they had beside those of their
   * connections. `record` must write the audit event, before anything happens.
   */
  erase(
    objectId: string,
    usernames: readonly string[],
    record: (pseudonym: AuditActor & { readonly kind: 'person' }) => Promise<void>,
  ): Promise<Erased>;
  /** Goes on with erasures that took longer than their request: to be called every hour. */
  goOn(): Promise<void>;
}

const inRequestMs = 15_000;
const inSweepMs = 4 * 60_000;
const pageSize = 1_000;
const auditKeptMs = 400 * 24 * 60 * 60_000;

export function createPeople(deps: {
  readonly accounts: Pick<Accounts, 'remove'>;
  readonly audit: Pick<Audit, 'list'>;
  readonly connections: Pick<Connections, 'list'>;
  readonly rows: Pick<TokenRows, 'all'>;
  readonly sessions: Pick<Sessions, 'listOf' | 'endAllOfPerson'>;
  readonly programs: Pick<BrokerTokens, 'listOf' | 'endAllOfPerson'>;
  readonly handles: Pick<Handles, 'endAllOf'>;
  readonly storage: Pick<Storage, 'sealedTable' | 'rewrite'>;
  readonly ports: Pick<Ports, 'clock' | 'random' | 'log'>;
}): People {
  const { accounts, audit, connections, rows, sessions, programs, ports } = deps;
  const erasures = createErasures(deps);

  const connectionsOf = async (objectId: string) =>
    (await connections.list()).filter(
      (each) => each.kind === 'user' && (each.objectId === objectId || each.createdBy === objectId),
    );

  return {
    async held(objectId) {
      const own = await connectionsOf(objectId);
      const stored = own.map(async ({ id }) =>
        (await rows.all(id)).map((row) => ({
          connectionId: id,
          refreshToken: row.credentials !== undefined,
          accessTokens: row.answers.map(({ scopes, obtainedAt, expiresAt }) => ({
            scopes,
            obtainedAt,
            expiresAt,
          })),
        })),
      );
      return {
        connections: own,
        tokens: (await Promise.all(stored)).flat(),
        sessions: await sessions.listOf(objectId),
        programs: await programs.listOf(objectId),
      };
    },

    async events(objectId, limit) {
      const ids = new Set((await connectionsOf(objectId)).map(({ id }) => id));
      const since = ports.clock() - auditKeptMs;
      const found: AuditEvent[] = [];
      let after: string | undefined;
      do {
        const page = await audit.list({ limit: pageSize, after, since });
        for (const event of page.events) {
          if (!names(event, objectId, ids)) continue;
          if (found.length === limit) return { events: found, complete: false };
          found.push(event);
        }
        after = page.next;
      } while (after !== undefined);
      return { events: found, complete: true };
    },

    async erase(objectId, usernames, record) {
      const own = await connectionsOf(objectId);
      const person = formerPerson(objectId, own, usernames);
      const pseudonym = erasures.newPseudonym();
      await record(toActor(pseudonym));
      // Noted first: what is begun here is finished, by whomever.
      const id = await erasures.begin(person, pseudonym);
      const ended = {
        connections: own.length,
        programs: await programs.endAllOfPerson(objectId),
        sessions: await sessions.endAllOfPerson(objectId),
      };
      for (const each of own) await accounts.remove(each.id);
      await deps.handles.endAllOf(objectId);
      return { ...ended, namesGone: await erasures.work(inRequestMs, id) };
    },

    async goOn() {
      await erasures.work(inSweepMs);
    },
  };
}

function formerPerson(
  objectId: string,
  own: readonly Connection[],
  usernames: readonly string[],
): FormerPerson {
  const known = own.flatMap(({ username }) => (username === undefined ? [] : [username]));
  return {
    objectId,
    usernames: [...new Set([...known, ...usernames])],
    aliases: own.map(({ alias }) => alias),
  };
}

function toActor({ objectId, name }: Pseudonym): AuditActor & { readonly kind: 'person' } {
  return { kind: 'person', objectId, name };
}

function names(event: AuditEvent, objectId: string, connectionIds: ReadonlySet<string>): boolean {
  const { actor, connection, target } = event;
  return (
    (actor.kind === 'person' && actor.objectId === objectId) ||
    (connection !== undefined && connectionIds.has(connection.id)) ||
    (target !== undefined && connectionIds.has(target))
  );
}
