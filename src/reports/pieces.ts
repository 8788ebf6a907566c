import { z } from 'zod';
import { type Sql, sql } from './data/sql.ts';

/** Parameters that several reports share. */
export const underInput = z
  .string()
  .regex(/^\//, 'begins with /')
  .default('/')
  .describe('only what lies below this folder, such as /Projects; / for everything');

export const topInput = (count: number, what: string) =>
  z.int().min(1).max(1_000_000).default(count).describe(`at most so many ${what}`);

/** True for items below a folder; for all of them where it is the root. */
export function isUnder(path: Sql, folder: string): Sql {
  const clean = folder.replace(/\/+$/, '');
  return clean === '' ? sql`true` : sql`starts_with(${path}, ${`${clean}/`})`;
}

/** The name of the drive of rows that are joined with `drives AS d`. */
export const driveName = (driveId: Sql): Sql => sql`coalesce(d.name, ${driveId})`;

/** A FROM clause: a view as `i` with its drive as `d`. */
export const withDrive = (view: Sql): Sql =>
  sql`${view} AS i LEFT JOIN drives AS d ON d.drive_id = i.drive_id`;

/** Whole days between a time and now; null where there is no time. */
export const daysSince = (time: Sql, now: Date): Sql => sql`date_sub('day', ${time}, ${now})`;

/** Whole days until a time; negative when it is over. */
export const daysUntil = (time: Sql, now: Date): Sql =>
  sql`floor(date_diff('millisecond', ${now}, ${time}) / 86400000.0)`;

/** The permissions that reading drives takes. */
export const readFiles = ['Files.Read.All', 'Sites.Read.All'] as const;

/** Reading who may do what takes more than reading the files. */
export const readPermissions = [...readFiles, 'Sites.FullControl.All'] as const;

/** A FROM clause: permissions as `p` with their item as `i` and its drive as `d`. */
export const permissionsOfItems: Sql = sql`
  permissions AS p
  JOIN items AS i ON i.drive_id = p.drive_id AND i.item_id = p.item_id
  LEFT JOIN drives AS d ON d.drive_id = p.drive_id`;

/** What a report on permissions can't see. */
export const permissionLimits = [
  'Permissions are read of items that are shared themselves; what lies below them has the same unless its permissions are its own.',
  'Microsoft does not tell when a permission was given, nor by whom.',
] as const;
