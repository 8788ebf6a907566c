import { z } from 'zod';
import { type Connection, connectionHealths } from '../broker/connection.ts';
import type { Person } from '../broker/sessions.ts';
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
  createdAt: z.string(),
  lastTokenAt: z.string().optional(),
});

/** All connections for an administrator, their own for a person. */
export function maySee(person: Person, connection: Connection): boolean {
  return person.administrator || connection.id === person.connectionId;
}

/** Without what is only ours to know. */
export function toConnectionView(connection: Connection): z.output<typeof connectionView> {
  const {
    homeAccountId: _,
    createdBy: __,
    epoch: ___,
    createdAt,
    lastTokenAt,
    healthReason,
    ...shown
  } = connection;
  return {
    ...shown,
    createdAt: isoTime(createdAt),
    ...(lastTokenAt === undefined ? {} : { lastTokenAt: isoTime(lastTokenAt) }),
    ...(healthReason ? { healthReason: { ...healthReason, at: isoTime(healthReason.at) } } : {}),
  };
}
