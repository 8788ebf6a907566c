import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { GraphClient } from './graph-client.ts';

/** How a person names a drive: its id, whose OneDrive it is (object id or user name), or the site whose default library it is. */
export const driveTarget = z.union(
  [
    z.strictObject({ driveId: z.string().min(1) }),
    z.strictObject({ user: z.string().min(1) }),
    z.strictObject({ site: z.string().min(1) }),
  ],
  'must name one of driveId, user or site',
);
export type DriveTarget = z.infer<typeof driveTarget>;

export interface Drive {
  readonly id: string;
  readonly name: string;
  readonly webUrl: string | undefined;
  readonly driveType: string | undefined;
}

const drive = z.object({
  id: z.string(),
  name: z.string().nullish(),
  webUrl: z.string().nullish(),
  driveType: z.string().nullish(),
});

/**
 * Path of the drive that `target` names. `user` may be `me` for the signed-in person. `site` is a site id (host,guid,guid), or
 * `contoso.sharepoint.com:/sites/finance`.
 */
export function drivePath(target: DriveTarget): string {
  if ('driveId' in target) return `/drives/${encodeURIComponent(target.driveId)}`;
  if ('user' in target)
    return target.user === 'me' ? '/me/drive' : `/users/${encodeURIComponent(target.user)}/drive`;
  const [host = '', ...rest] = target.site.split(':');
  if (rest.length === 0) return `/sites/${encodeURIComponent(target.site).replaceAll('%2C', ',')}/drive`;
  const folders = rest.join(':').replace(/:$/, '').split('/').filter(Boolean).map(encodeURIComponent);
  return `/sites/${encodeURIComponent(host)}:/${folders.join('/')}:/drive`;
}

/** Asks Graph which drive it is. Throws `not_found` in words that name the target. */
export async function findDrive(client: GraphClient, target: DriveTarget): Promise<Drive> {
  try {
    const { body } = await client.call({
      path: `${drivePath(target)}?$select=id,name,webUrl,driveType`,
      schema: drive,
    });
    return {
      id: body.id,
      name: body.name ?? body.id,
      webUrl: body.webUrl ?? undefined,
      driveType: body.driveType ?? undefined,
    };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'not_found') throw error;
    throw new AppError(
      'not_found',
      `Microsoft Graph knows no drive of ${nameOf(target)}, or this connection may not see it.`,
      { cause: error, ...(error.detail === undefined ? {} : { detail: error.detail }) },
    );
  }
}

/** `the person anna@contoso.com`, for a sentence. */
function nameOf(target: DriveTarget): string {
  if ('driveId' in target) return `the id ${target.driveId}`;
  return 'user' in target ? `the person ${target.user}` : `the site ${target.site}`;
}
