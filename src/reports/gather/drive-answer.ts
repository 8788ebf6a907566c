import { z } from 'zod';
import type { BatchAnswer } from '../../graph/batch.ts';
import type { PlannedDrive } from './planned-drive.ts';

const who = z.object({
  id: z.string().nullish(),
  displayName: z.string().nullish(),
  email: z.string().nullish(),
});

/** A drive as Graph tells of it. */
export const driveAnswer = z.object({
  id: z.string(),
  name: z.string().nullish(),
  driveType: z.string().nullish(),
  webUrl: z.string().nullish(),
  owner: z.object({ user: who.nullish(), group: who.nullish() }).nullish(),
  quota: z
    .object({
      total: z.number().nullish(),
      used: z.number().nullish(),
      deleted: z.number().nullish(),
      state: z.string().nullish(),
    })
    .nullish(),
});

/** `$select` of the same members. */
export const driveSelect = `$select=${Object.keys(driveAnswer.shape).join(',')}`;

/** What is known of a drive before it was asked for. */
export interface Around {
  readonly siteName?: string | null | undefined;
  readonly person?: { readonly id: string; readonly name?: string | null; readonly mail?: string | null };
}

export function toPlannedDrive(
  answer: z.infer<typeof driveAnswer>,
  { siteName, person }: Around = {},
): PlannedDrive {
  const owner = answer.owner?.user ?? answer.owner?.group;
  return {
    driveId: answer.id,
    name: nameOf(answer.name, person?.name ?? owner?.displayName, siteName),
    kind: answer.driveType,
    ownerId: owner?.id ?? person?.id,
    ownerName: owner?.displayName ?? person?.name,
    ownerMail: owner?.email ?? person?.mail,
    siteName,
    webUrl: answer.webUrl,
    quotaTotal: answer.quota?.total,
    quotaUsed: answer.quota?.used,
    quotaDeleted: answer.quota?.deleted,
    quotaState: answer.quota?.state,
    outcome: 'open',
  };
}

/** Every OneDrive is called OneDrive and most libraries Documents, so the person or the site is said with it. */
function nameOf(
  name: string | null | undefined,
  person: string | null | undefined,
  site: string | null | undefined,
): string | undefined {
  const of = site ?? person;
  if (!name) return of ?? undefined;
  return of && !name.includes(of) ? `${of}: ${name}` : name;
}

/** What could not be read, as a row of the run's coverage. */
export function unread(id: string, name: string, { status }: BatchAnswer): PlannedDrive {
  const denied = status === 401 || status === 403 || status === 423;
  return { driveId: id, name, outcome: denied ? 'denied' : 'skipped', reason: reasonOf(id, status) };
}

function reasonOf(id: string, status: number): string {
  const person = id.startsWith('user/');
  if (status === 404) return person ? 'has no OneDrive' : 'is there no longer';
  if (status === 423) return 'is locked by an administrator';
  if (status === 401 || status === 403) return 'this connection may not read it';
  return `Microsoft Graph answered ${status}`;
}
