import { z } from 'zod';
import { connectionSchema } from './connection.ts';
import { sha256 } from './digest.ts';
import { noticeSchema } from './notices/notice.ts';

/**
 * One partition holds the connections, their indexes and what is to be told of them, so that what belongs together is written all or
 * nothing. An index row has the id only.
 */
export const connectionRowSchema = z.object({
  id: z.string(),
  connection: connectionSchema.optional(),
  notice: noticeSchema.optional(),
  /** What has been told already, where no change of a connection says it. */
  note: z.record(z.string(), z.number()).optional(),
  /** Another one with each change of a connection that others must hear of. */
  stamp: z.string().optional(),
});
export type ConnectionRow = z.infer<typeof connectionRowSchema>;

export const connectionPartition = 'connection';

/** Names are hashed: a user name may hold characters that a row key may not. */
export const rowKeys = {
  connection: (id: string) => `connection~${id}`,
  alias: (alias: string) => `alias~${sha256(alias)}`,
  user: (tenantId: string, objectId: string) => `user~${sha256(`${tenantId} ${objectId}`)}`,
  notice: (id: string) => `notice~${id}`,
  note: (name: string) => `note~${name}`,
  stamp: 'stamp',
  allConnections: { from: 'connection~', before: 'connection~~' },
  allNotices: { from: 'notice~', before: 'notice~~' },
} as const;
