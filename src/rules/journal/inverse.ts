import { z } from 'zod';

/** What takes a step back. */
export const inverse = z.discriminatedUnion('kind', [
  /** The file gets its old name or folder again. */
  z.object({ kind: z.literal('change'), name: z.string().optional(), parentId: z.string().optional() }),
  /** What the step made goes to the recycle bin, unless somebody changed it. */
  z.object({ kind: z.literal('remove'), itemId: z.string(), eTag: z.string() }),
  /** The columns get their old values again. */
  z.object({ kind: z.literal('fields'), values: z.record(z.string(), z.unknown()) }),
  /** The link that the step made is revoked. */
  z.object({ kind: z.literal('unshare'), permissionId: z.string() }),
]);
export type Inverse = z.infer<typeof inverse>;
