import { z } from 'zod';
import { type Sql, sql } from '../data/sql.ts';
import { bytesField, countField, driveField, driveIdField, textField } from '../fields.ts';
import { bytesText, countText } from '../human.ts';
import { driveName, readFiles, topInput } from '../pieces.ts';
import { defineReport } from '../report.ts';

/** The folder at the top of a drive, `/` for files that lie in none. */
const topFolder = (path: Sql) =>
  sql`CASE WHEN contains(substr(${path}, 2), '/') THEN '/' || split_part(${path}, '/', 2) ELSE '/' END`;

/**
 * Eight bytes instead of an id and a hash, so that a million files are compared in little memory. That two of a million files
 * are taken for one happens once in twenty million reports.
 */
const identity = sql`hash(drive_id, item_id) AS identity`;
const content = sql`hash(size, hash, modified_at) AS content`;

export const growth = defineReport({
  name: 'growth',
  title: 'Growth and churn',
  summary: 'What was added, changed and deleted since the inventory before, by drive and folder at its top.',
  question: 'What takes the room?',
  input: z.strictObject({
    top: topInput(1000, 'folders'),
  }),
  needs: readFiles,
  reads: ['files', 'items', 'previous_items'],
  limits: [
    'A drive that is read for the first time has nothing to compare with and is left out.',
    'A file that came and went between two readings is not seen.',
  ],
  work({ top }) {
    return {
      columns: [
        driveField,
        textField('folder', 'Folder', 'at the top of the drive; / for files in none'),
        countField('files', 'Files', 'files', 'files now'),
        bytesField('bytes', 'Size', 'size of the files now'),
        bytesField('growth', 'Growth', 'size now less size before; what was moved here counts'),
        countField('added_files', 'Added', 'files', 'files that the drive did not hold before'),
        bytesField('added_bytes', 'Added size', 'size of the added files'),
        countField(
          'removed_files',
          'Deleted',
          'files',
          'files that the drive holds no more, where they lay before',
        ),
        bytesField('removed_bytes', 'Deleted size', 'size that the deleted files had'),
        countField('changed_files', 'Changed', 'files', 'files of another content or time of change'),
        driveIdField,
      ],
      rows: sql`
        WITH both_read AS (
          SELECT drive_id FROM items INTERSECT SELECT drive_id FROM previous_items
        ), old_files AS (
          SELECT drive_id, path, size, ${identity}, ${content} FROM previous_items WHERE kind = 'file'
        ), counted AS (
          SELECT n.drive_id, ${topFolder(sql`n.path`)} AS folder, count(*) AS files, coalesce(sum(n.size), 0) AS bytes,
            0 AS old_bytes,
            count(*) FILTER (o.identity IS NULL) AS added_files,
            coalesce(sum(n.size) FILTER (o.identity IS NULL), 0) AS added_bytes,
            0 AS removed_files, 0 AS removed_bytes,
            count(*) FILTER (n.content <> o.content) AS changed_files
          FROM (SELECT drive_id, path, size, ${identity}, ${content} FROM files) AS n
          LEFT JOIN (SELECT identity, content FROM old_files) AS o ON n.identity = o.identity
          GROUP BY ALL
          UNION ALL
          SELECT drive_id, ${topFolder(sql`path`)}, 0, 0, coalesce(sum(size), 0), 0, 0, 0, 0, 0
          FROM old_files GROUP BY ALL
          UNION ALL
          SELECT drive_id, ${topFolder(sql`path`)}, 0, 0, 0, 0, 0, count(*), coalesce(sum(size), 0), 0
          FROM old_files ANTI JOIN (SELECT ${identity} FROM files) USING (identity)
          GROUP BY ALL
        ), sums AS (
          SELECT drive_id, folder, sum(files) AS files, sum(bytes) AS bytes, sum(bytes) - sum(old_bytes) AS growth,
            sum(added_files) AS added_files, sum(added_bytes) AS added_bytes, sum(removed_files) AS removed_files,
            sum(removed_bytes) AS removed_bytes, sum(changed_files) AS changed_files
          FROM counted WHERE drive_id IN (FROM both_read) GROUP BY ALL
        )
        SELECT ${driveName(sql`s.drive_id`)} AS drive, s.*
        FROM sums AS s LEFT JOIN drives AS d ON d.drive_id = s.drive_id
        WHERE s.growth <> 0 OR s.added_files + s.removed_files + s.changed_files > 0
        ORDER BY s.growth DESC, s.drive_id, s.folder LIMIT ${top}`,
      order: sql`growth DESC, drive_id, folder`,
      key: [],
      compare: [],
      label: 'folder',
      figures: [
        { name: 'growth', title: 'Growth', unit: 'bytes', value: sql`coalesce(sum(growth), 0)` },
        { name: 'added', title: 'Added', unit: 'files', value: sql`coalesce(sum(added_files), 0)` },
        { name: 'removed', title: 'Deleted', unit: 'files', value: sql`coalesce(sum(removed_files), 0)` },
        { name: 'changed', title: 'Changed', unit: 'files', value: sql`coalesce(sum(changed_files), 0)` },
        {
          name: 'bytes',
          title: 'All files',
          unit: 'bytes',
          value: sql`(SELECT coalesce(sum(size), 0) FROM files)`,
        },
      ],
      sentences: ({ growth: more = 0, added = 0, removed = 0, changed = 0 }) => [
        `${countText(added, 'file')} came, ${countText(removed, 'file')} went and ${countText(changed, 'file')} changed.`,
        more < 0 ? `The drives shrank by ${bytesText(-more)}.` : `The drives grew by ${bytesText(more)}.`,
      ],
      charts: [
        {
          kind: 'bars',
          title: 'Folders that grew most',
          caption: 'Growth in bytes since the inventory before',
          unit: 'bytes',
          rows: sql`
            SELECT drive || ' ' || folder AS label, growth AS value FROM result WHERE growth > 0
            ORDER BY growth DESC, drive_id, folder LIMIT 12`,
        },
        {
          kind: 'lines',
          title: 'Size over time',
          caption: 'Bytes of all files at each run',
          unit: 'bytes',
          rows: sql`SELECT 'All files' AS series, moment, value FROM totals_history WHERE name = 'bytes' ORDER BY moment`,
        },
      ],
    };
  },
});
