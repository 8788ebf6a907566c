import { z } from 'zod';
import { type Connection, connectionHealths, isTheirs } from '../broker/connection.ts';
import type { Connections } from '../broker/connections.ts';
import type { Person } from '../broker/sessions.ts';
import { signInLink } from '../broker/sign-in-link.ts';
import { AppError } from '../errors.ts';
import { isoTime } from './list-page.ts';

/** A connection as the API tells it. */
export const connectionView = z.object({
  id: z.string(),
  kind: z.enum(['user', 'app']),
  alias: z.string(),
  tenantId: z.string(),
  objectId: z.string().optional(),
  username: z.string().optional(),
  displayName: z.string().optional(),
  scopes: z.array(z.string()),
  health: z.enum(connectionHealths),
  healthReason: z.object({ code: z.string(), message: z.string(), at: z.string() }).optional(),
  signInUrl: z
    .url()
    .optional()
    .describe('Where its person signs in again, in their own browser, while they must'),
  createdAt: z.string(),
  createdBy: z.string().describe('Object id of the person who made it'),
  signedInAt: z.string().optional().describe('When its person last signed in'),
  lastTokenAt: z.string().optional(),
});

/** All connections for an administrator, their own for a person. */
export function maySee(person: Person, connection: Connection): boolean {
  return person.administrator || isTheirs(connection, person);
}

/** To a person, another's connection is as absent as one that never was: both throw the same `not_found`. */
export function createFindConnection(
  connections: Pick<Connections, 'get'>,
): (idOrAlias: string, person: Person) => Promise<Connection> {
  return async (idOrAlias, person) => {
    const found = await connections.get(idOrAlias);
    if (found && maySee(person, found)) return found;
    throw noSuchConnection();
  };
}

export function noSuchConnection(): AppError {
  return new AppError('not_found', 'There is no such connection.');
}

/** Without what is only ours to know. */
export function toConnectionView(connection: Connection, publicUrl: string): z.output<typeof connectionView> {
  const {
    homeAccountId: _,
    epoch: __,
    createdAt,
    signedInAt,
    lastTokenAt,
    healthReason,
    ...shown
  } = connection;
  return {
    ...shown,
    createdAt: isoTime(createdAt),
    ...(mustSignIn(connection) ? { signInUrl: signInLink(publicUrl, connection) } : {}),
    ...(signedInAt === undefined ? {} : { signedInAt: isoTime(signedInAt) }),
    ...(lastTokenAt === undefined ? {} : { lastTokenAt: isoTime(lastTokenAt) }),
    ...(healthReason ? { healthReason: { ...healthReason, at: isoTime(healthReason.at) } } : {}),
  };
}

export function mustSignIn({ kind, health }: Pick<Connection, 'kind' | 'health'>): boolean {
  return kind === 'user' && health === 'needs_sign_in';
}
