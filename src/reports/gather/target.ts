import { z } from 'zod';

const id = z.string().min(1).max(200);

/** Which drives a job reads. */
export const jobTarget = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('drive'), driveId: id.describe('id of the drive') }),
  z.strictObject({
    kind: z.literal('user'),
    user: id.describe(
      'object id or user name of the person whose OneDrive it is; me for the signed-in person',
    ),
  }),
  z.strictObject({
    kind: z.literal('site'),
    site: z
      .string()
      .min(1)
      .max(400)
      .describe(
        'id of the site (host,guid,guid) or contoso.sharepoint.com:/sites/finance; all its libraries',
      ),
  }),
  z.strictObject({
    kind: z.literal('group'),
    group: id.describe('object id of a group; the OneDrive of each member, also of groups in it'),
  }),
  z.strictObject({ kind: z.literal('all_sites') }),
  z.strictObject({ kind: z.literal('all_drives') }),
]);
export type JobTarget = z.output<typeof jobTarget>;

/** The same in a few words, for lists and mails. */
export function targetText(target: JobTarget): string {
  switch (target.kind) {
    case 'drive':
      return `drive ${target.driveId}`;
    case 'user':
      return target.user === 'me' ? 'OneDrive of the signed-in person' : `OneDrive of ${target.user}`;
    case 'site':
      return `site ${target.site}`;
    case 'group':
      return `OneDrives of the group ${target.group}`;
    case 'all_sites':
      return 'all sites';
    case 'all_drives':
      return 'all drives';
  }
}
