import { z } from 'zod';

const text = z.string().nullish();
const bytes = z.number().nullish();

/** A drive of a target, before it is read; sizes are bytes. */
export const plannedDrive = z.object({
  /** Of a person without a drive: `user/{object id}`; of a site whose libraries may not be seen: `site/{site id}`. */
  driveId: z.string(),
  name: text,
  /** personal, business or documentLibrary. */
  kind: text,
  ownerId: text,
  ownerName: text,
  ownerMail: text,
  siteName: text,
  webUrl: text,
  quotaTotal: bytes,
  quotaUsed: bytes,
  quotaDeleted: bytes,
  quotaState: text,
  /** `open`: it can be read. Else nothing is to be read, for that reason. */
  outcome: z.enum(['open', 'denied', 'skipped']),
  /** One sentence for people. */
  reason: text,
});
export type PlannedDrive = Readonly<z.infer<typeof plannedDrive>>;
