import { z } from 'zod';

export const noticeKinds = [
  'connection.needs_sign_in',
  'connection.needs_consent',
  'connection.recovered',
  'credential.expires',
  'test',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export const noticeChannels = ['webhook', 'mail'] as const;
export type NoticeChannel = (typeof noticeChannels)[number];

/** The connection as it was when it changed. */
const connectionFacts = z.object({
  id: z.string(),
  alias: z.string(),
  kind: z.enum(['user', 'app']),
  tenantId: z.string(),
  username: z.string().optional(),
  displayName: z.string().optional(),
  createdBy: z.string(),
});

/** A credential of the app itself, named and dated; never its value. */
export const credentialSchema = z.object({
  kind: z.enum(['secret', 'certificate']),
  /** Of the secret in Key Vault that holds it. */
  name: z.string(),
  /** Milliseconds since 1970. */
  expiresAt: z.number(),
});
export type Credential = Readonly<z.infer<typeof credentialSchema>>;

/** One thing to tell, kept until every channel has taken it. It holds no token and no secret. */
export const noticeSchema = z.object({
  /** `ntc_…`: the same at each try, by which a receiver knows a repetition. */
  id: z.string(),
  kind: z.enum(noticeKinds),
  /** Milliseconds since 1970, as all times here. */
  at: z.number(),
  connection: connectionFacts.optional(),
  reason: z.object({ code: z.string(), message: z.string() }).optional(),
  credential: credentialSchema.extend({ daysLeft: z.number().int() }).optional(),
  /** Mail address, where somebody in particular asked for it. */
  reader: z.string().optional(),
  /** Channels that have taken it. */
  done: z.array(z.enum(noticeChannels)),
  /** Tries that failed. */
  failures: z.number().int(),
  nextAt: z.number(),
  /** After days of failures it is no longer tried, and shown in the console instead. */
  givenUp: z.object({ at: z.number(), message: z.string() }).optional(),
});

export type Notice = Readonly<z.infer<typeof noticeSchema>>;

export function newNotice(
  facts: Pick<Notice, 'id' | 'kind' | 'at'> &
    Partial<Pick<Notice, 'connection' | 'reason' | 'credential' | 'reader'>>,
): Notice {
  return { ...facts, done: [], failures: 0, nextAt: facts.at };
}
