import { z } from 'zod';
import { sql } from '../data/sql.ts';
import {
  bytesField,
  countField,
  daysField,
  driveField,
  driveIdField,
  textField,
  timeField,
  webUrlField,
} from '../fields.ts';
import { bytesText, countText } from '../human.ts';
import { daysSince, driveName, readFiles } from '../pieces.ts';
import { defineReport } from '../report.ts';

export const inactiveDrives = defineReport({
  name: 'inactive-drives',
  title: 'Inactive sites and libraries',
  summary: 'Drives in which nothing was changed for long, with their size and owner.',
  question: 'What could go?',
  input: z.strictObject({
    days: z.int().min(1).max(36_500).default(180).describe('days without a change'),
    all: z.boolean().default(false).describe('also drives that are in use'),
  }),
  needs: readFiles,
  reads: ['drives', 'files'],
  limits: ['What people only read leaves no trace in an inventory.'],
  work({ days, all }, { now }) {
    return {
      columns: [
        driveField,
        textField('kind', 'Kind', 'personal, business or documentLibrary'),
        textField('site', 'Site', 'site that the drive belongs to'),
        textField('owner', 'Owner', 'name of the owner'),
        textField('owner_mail', 'Mail', 'mail address of the owner'),
        timeField('last_change', 'Last change', 'newest change of a file; empty when there is no file'),
        daysField('idle_days', 'Idle', 'whole days since then'),
        countField('files', 'Files', 'files', 'files in the drive'),
        bytesField('bytes', 'Size', 'size of the files'),
        webUrlField,
        driveIdField,
      ],
      rows: sql`
        WITH sums AS (
          SELECT drive_id, max(modified_at) AS last_change, count(*) AS files, sum(size) AS bytes
          FROM files GROUP BY drive_id
        ), measured AS (
          SELECT ${driveName(sql`d.drive_id`)} AS drive, d.kind, d.site_name AS site, d.owner_name AS owner, d.owner_mail,
            s.last_change, ${daysSince(sql`s.last_change`, now)} AS idle_days, coalesce(s.files, 0) AS files,
            coalesce(s.bytes, 0) AS bytes, d.web_url, d.drive_id
          FROM drives AS d LEFT JOIN sums AS s ON s.drive_id = d.drive_id WHERE d.outcome = 'read'
        )
        SELECT * FROM measured WHERE ${all} OR idle_days IS NULL OR idle_days >= ${days}`,
      order: sql`idle_days DESC NULLS FIRST, drive_id`,
      key: ['drive_id'],
      compare: ['files', 'bytes'],
      label: 'drive',
      figures: [
        {
          name: 'inactive',
          title: 'Inactive drives',
          unit: 'drives',
          value: sql`count(*) FILTER (idle_days IS NULL OR idle_days >= ${days})`,
        },
        {
          name: 'bytes',
          title: 'Their size',
          unit: 'bytes',
          value: sql`coalesce(sum(bytes) FILTER (idle_days IS NULL OR idle_days >= ${days}), 0)`,
        },
        {
          name: 'drives',
          title: 'Drives looked at',
          unit: 'drives',
          value: sql`(SELECT count(*) FROM drives WHERE outcome = 'read')`,
        },
      ],
      sentences: ({ inactive = 0, bytes = 0, drives = 0 }) => [
        `${inactive.toLocaleString('en-US')} of ${countText(drives, 'drive')} ${inactive === 1 ? 'has' : 'have'} not changed for ${countText(days, 'day')}; together ${bytesText(bytes)}.`,
      ],
      charts: [
        {
          kind: 'bars',
          title: 'Drives by age',
          caption: 'How many drives had their last change when',
          unit: 'drives',
          rows: sql`
            SELECT CASE WHEN idle_days IS NULL THEN 'no files' WHEN idle_days < 30 THEN 'under a month'
                WHEN idle_days < 180 THEN '1 to 6 months' WHEN idle_days < 365 THEN '6 to 12 months'
                WHEN idle_days < 730 THEN '1 to 2 years' ELSE '2 years or more' END AS label,
              count(*) AS value
            FROM result GROUP BY ALL ORDER BY min(idle_days) NULLS LAST`,
        },
      ],
    };
  },
});
