import { z } from 'zod';
import { connectionSchema } from './connection.ts';
import { sha256 } from './digest.ts';

/**
 * One partition holds the connections and their indexes, so that a connection and the names that lead to it are written
 * all or nothing. An index row has the id only.
 */
export const connectionRowSchema = z.object({ id: z.string(), connection: connectionSchema.optional() });
export type ConnectionRow = z.infer<typeof connectionRowSchema>;

/** Names are hashed: a user name may hold characters that a row key may not. */
export const rowKeys = {
  connection: (id: string) => `connection~${id}`,
  alias: (alias: string) => `alias~${sha256(alias)}`,
  user: (tenantId: string, objectId: string) => `user~${sha256(`${tenantId} ${objectId}`)}`,
  allConnections: { from: 'connection~', before: 'connection~~' },
} as const;
