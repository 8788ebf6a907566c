import { z } from 'zod';
import { sql } from '../data/sql.ts';
import {
  bytesField,
  daysField,
  driveField,
  driveIdField,
  itemIdField,
  pathField,
  textField,
  timeField,
  webUrlField,
} from '../fields.ts';
import { bytesText, countText } from '../human.ts';
import { daysSince, driveName, isUnder, readFiles, underInput, withDrive } from '../pieces.ts';
import { defineReport } from '../report.ts';

export const staleContent = defineReport({
  name: 'stale-content',
  title: 'Stale content',
  summary: 'Files that nobody has changed for months or years, the largest first.',
  question: 'What could go?',
  input: z.strictObject({
    under: underInput,
    months: z.int().min(1).max(1200).default(12).describe('months without a change'),
    minSize: z.int().min(0).default(0).describe('only files of at least so many bytes'),
  }),
  needs: readFiles,
  reads: ['files'],
  limits: [
    'Age is counted from the last change: when a file was last opened is not in an inventory.',
    'Files whose time of change Microsoft does not tell are left out.',
  ],
  work({ under, months, minSize }, { now }) {
    const ago = (count: number) => sql`${now} - INTERVAL (${count}) MONTH`;
    return {
      columns: [
        driveField,
        pathField,
        bytesField('size', 'Size', 'size of the file'),
        timeField('modified_at', 'Changed', 'when it was last changed'),
        textField('modified_by', 'Changed by', 'who changed it last'),
        daysField('age', 'Age', 'whole days since the last change'),
        textField('bucket', 'Not changed for', 'the age in months, in steps of 6, 12, 24 and 36'),
        webUrlField,
        driveIdField,
        itemIdField,
      ],
      rows: sql`
        SELECT ${driveName(sql`i.drive_id`)} AS drive, i.path, i.size, i.modified_at, i.modified_by,
          ${daysSince(sql`i.modified_at`, now)} AS age,
          CASE
            WHEN i.modified_at <= ${ago(36)} THEN '36 months or more'
            WHEN i.modified_at <= ${ago(24)} THEN '24 to 36 months'
            WHEN i.modified_at <= ${ago(12)} THEN '12 to 24 months'
            WHEN i.modified_at <= ${ago(6)} THEN '6 to 12 months'
            ELSE 'less than 6 months' END AS bucket,
          i.web_url, i.drive_id, i.item_id
        FROM ${withDrive(sql`files`)}
        WHERE i.modified_at <= ${ago(months)} AND coalesce(i.size, 0) >= ${minSize} AND ${isUnder(sql`i.path`, under)}`,
      order: sql`size DESC NULLS LAST, drive_id, path, item_id`,
      key: ['drive_id', 'item_id'],
      compare: [],
      label: 'path',
      figures: [
        { name: 'files', title: 'Stale files', unit: 'files', value: sql`count(*)` },
        { name: 'bytes', title: 'Their size', unit: 'bytes', value: sql`coalesce(sum(size), 0)` },
        {
          name: 'share',
          title: 'Share of all files',
          unit: 'percent',
          value: sql`100.0 * coalesce(sum(size), 0) / nullif((SELECT sum(size) FROM files), 0)`,
        },
      ],
      sentences: ({ files = 0, bytes = 0, share = 0 }) => [
        files === 0
          ? `Nothing has lain unchanged for ${countText(months, 'month')}.`
          : `${countText(files, 'file')} with ${bytesText(bytes)} (${share.toFixed(0)} % of all) did not change for ${countText(months, 'month')}.`,
      ],
      charts: [
        {
          kind: 'bars',
          title: 'Size by age',
          caption: 'Bytes of stale files by the time since their last change',
          unit: 'bytes',
          rows: sql`
            SELECT bucket AS label, sum(size) AS value FROM result GROUP BY bucket
            ORDER BY min(age), label`,
        },
        {
          kind: 'lines',
          title: 'Stale content over time',
          caption: 'Bytes of stale files at each run',
          unit: 'bytes',
          rows: sql`SELECT 'Stale' AS series, moment, value FROM totals_history WHERE name = 'bytes' ORDER BY moment`,
        },
      ],
    };
  },
});
