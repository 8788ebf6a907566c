import { z } from 'zod';
import { sql } from '../data/sql.ts';
import {
  bytesField,
  countField,
  driveField,
  driveIdField,
  itemIdField,
  pathField,
  percentField,
  timeField,
  webUrlField,
} from '../fields.ts';
import { bytesText, countText } from '../human.ts';
import { driveName, isUnder, readFiles, underInput } from '../pieces.ts';
import { defineReport } from '../report.ts';

export const versionBloat = defineReport({
  name: 'version-bloat',
  title: 'Version bloat',
  summary: 'Files whose earlier versions take room, and how many versions would do.',
  question: 'What could go?',
  input: z.strictObject({
    under: underInput,
    keepDays: z.int().min(0).max(36_500).default(90).describe('versions of the last so many days are kept'),
    keepAtLeast: z
      .int()
      .min(1)
      .max(50_000)
      .default(5)
      .describe('and at least so many, the present one included'),
  }),
  needs: readFiles,
  reads: ['files', 'versions'],
  limits: [
    'Reading versions costs a call for each file, so that only the largest files are looked at.',
    'What SharePoint stores may be less than the sum of the sizes of its versions.',
  ],
  work({ under, keepDays, keepAtLeast }, { now }) {
    const kept = sql`(n <= ${keepAtLeast} OR coalesce(modified_at >= ${now} - INTERVAL (${keepDays}) DAY, false))`;
    return {
      columns: [
        driveField,
        pathField,
        bytesField('size', 'Size', 'size of the present content'),
        countField('versions', 'Versions', 'versions', 'versions, the present one included'),
        bytesField('version_bytes', 'Earlier versions', 'size of all versions but the present one'),
        percentField('share', 'Share', 'of the used room of its drive'),
        timeField('oldest', 'Oldest', 'when the oldest version was written'),
        countField('suggested_keep', 'Keep', 'versions', 'versions that the parameters would keep'),
        bytesField('reclaimable', 'Can be freed', 'size of the other versions'),
        webUrlField,
        driveIdField,
        itemIdField,
      ],
      rows: sql`
        WITH ranked AS (
          SELECT *, row_number() OVER (
            PARTITION BY drive_id, item_id ORDER BY modified_at DESC NULLS LAST, version_id DESC) AS n
          FROM versions
        ), sums AS (
          SELECT drive_id, item_id, count(*) AS versions, coalesce(sum(size) FILTER (n > 1), 0) AS version_bytes,
            min(modified_at) AS oldest, count(*) FILTER (${kept}) AS suggested_keep,
            coalesce(sum(size) FILTER (NOT ${kept}), 0) AS reclaimable
          FROM ranked GROUP BY ALL HAVING count(*) > 1
        )
        SELECT ${driveName(sql`s.drive_id`)} AS drive, i.path, i.size, i.web_url, s.*,
          100.0 * s.version_bytes / nullif(d.quota_used, 0) AS share
        FROM sums AS s
        JOIN files AS i ON i.drive_id = s.drive_id AND i.item_id = s.item_id
        LEFT JOIN drives AS d ON d.drive_id = s.drive_id
        WHERE ${isUnder(sql`i.path`, under)}`,
      order: sql`version_bytes DESC, drive_id, path, item_id`,
      key: ['drive_id', 'item_id'],
      compare: ['versions', 'version_bytes'],
      label: 'path',
      figures: [
        { name: 'files', title: 'Files with versions', unit: 'files', value: sql`count(*)` },
        { name: 'versions', title: 'Versions', unit: 'versions', value: sql`coalesce(sum(versions), 0)` },
        {
          name: 'bytes',
          title: 'Earlier versions',
          unit: 'bytes',
          value: sql`coalesce(sum(version_bytes), 0)`,
        },
        {
          name: 'reclaimable',
          title: 'Can be freed',
          unit: 'bytes',
          value: sql`coalesce(sum(reclaimable), 0)`,
        },
      ],
      sentences: ({ files = 0, bytes = 0, reclaimable = 0 }) => [
        files === 0
          ? 'No file that was looked at has earlier versions.'
          : `Earlier versions of ${countText(files, 'file')} take ${bytesText(bytes)}; ${bytesText(reclaimable)} of it can be freed.`,
      ],
      charts: [
        {
          kind: 'bars',
          title: 'Files with the largest versions',
          caption: 'Bytes of earlier versions',
          unit: 'bytes',
          rows: sql`
            SELECT path AS label, version_bytes AS value FROM result
            ORDER BY version_bytes DESC, drive_id, path, item_id LIMIT 12`,
        },
      ],
    };
  },
});
