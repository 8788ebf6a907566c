import { z } from 'zod';
import { sql } from '../data/sql.ts';
import {
  bytesField,
  countField,
  driveField,
  driveIdField,
  flagField,
  itemIdField,
  pathField,
  textField,
  timeField,
  webUrlField,
} from '../fields.ts';
import { bytesText, countText } from '../human.ts';
import { driveName, isUnder, readFiles, topInput, underInput } from '../pieces.ts';
import { defineReport } from '../report.ts';

export const duplicates = defineReport({
  name: 'duplicates',
  title: 'Duplicates',
  summary: 'Files of the same content, in one drive or across drives, and the room that the copies waste.',
  question: 'What could go?',
  input: z.strictObject({
    under: underInput,
    acrossDrives: z.boolean().default(true).describe('also copies in different drives'),
    minSize: z.int().min(1).default(1).describe('only files of at least so many bytes'),
    staleMonths: z
      .int()
      .min(1)
      .max(1200)
      .default(12)
      .describe('a copy without a change for so many months is stale'),
    top: topInput(10_000, 'groups of equal files, those that waste most'),
  }),
  needs: readFiles,
  reads: ['files'],
  limits: [
    'Files are equal when size and quickXorHash are. Microsoft gives no hash for some files, such as notebooks and new uploads: these are left out.',
  ],
  work({ under, acrossDrives, minSize, staleMonths, top }, { now }) {
    const scope = acrossDrives ? sql`''` : sql`drive_id`;
    return {
      columns: [
        countField('number', 'Group', 'groups', 'equal files have one number; 1 wastes most'),
        countField('copies', 'Copies', 'files', 'files of this content'),
        driveField,
        pathField,
        bytesField('size', 'Size', 'size of each copy'),
        bytesField('wasted', 'Wasted', 'its size, and 0 for the copy to keep'),
        flagField('keep', 'Keep', 'the copy that was changed last'),
        flagField('stale', 'Stale', 'not the one to keep, and not changed for months'),
        timeField('modified_at', 'Changed', 'when it was last changed'),
        textField('modified_by', 'Changed by', 'who changed it last'),
        textField('hash', 'Hash', 'quickXorHash of the content'),
        webUrlField,
        driveIdField,
        itemIdField,
      ],
      rows: sql`
        WITH wanted AS (
          SELECT * FROM files WHERE hash <> '' AND size >= ${minSize} AND ${isUnder(sql`path`, under)}
        ), sets AS (
          SELECT hash, size, scope, count(*) AS copies FROM (SELECT hash, size, ${scope} AS scope FROM wanted)
          GROUP BY hash, size, scope HAVING count(*) > 1
        ), numbered AS (
          SELECT *, row_number() OVER (ORDER BY size * (copies - 1) DESC, hash, scope) AS number FROM sets
          QUALIFY number <= ${top}
        ), copies AS (
          SELECT n.number, n.copies, w.*, row_number() OVER (
            PARTITION BY n.number ORDER BY w.modified_at DESC NULLS LAST, w.drive_id, w.path, w.item_id) = 1 AS keep
          FROM (SELECT *, ${scope} AS scope FROM wanted) AS w
          JOIN numbered AS n ON n.hash = w.hash AND n.size = w.size AND n.scope = w.scope
        )
        SELECT c.*, ${driveName(sql`c.drive_id`)} AS drive, CASE WHEN keep THEN 0 ELSE c.size END AS wasted,
          NOT keep AND coalesce(c.modified_at <= ${now} - INTERVAL (${staleMonths}) MONTH, false) AS stale
        FROM copies AS c LEFT JOIN drives AS d ON d.drive_id = c.drive_id`,
      order: sql`number, keep DESC, drive_id, path, item_id`,
      key: ['drive_id', 'item_id'],
      compare: ['copies', 'keep'],
      label: 'path',
      figures: [
        {
          name: 'groups',
          title: 'Groups of equal files',
          unit: 'groups',
          value: sql`count(DISTINCT number)`,
        },
        { name: 'surplus', title: 'Copies too many', unit: 'files', value: sql`count(*) FILTER (NOT keep)` },
        { name: 'wasted', title: 'Wasted', unit: 'bytes', value: sql`coalesce(sum(wasted), 0)` },
        { name: 'stale', title: 'Stale copies', unit: 'files', value: sql`count(*) FILTER (stale)` },
      ],
      sentences: ({ groups = 0, surplus = 0, wasted = 0 }) => [
        groups === 0
          ? 'No two files have the same content.'
          : `${countText(groups, 'content is', 'contents are')} kept more than once: ${countText(surplus, 'copy', 'copies')} too many take ${bytesText(wasted)}.`,
      ],
      charts: [
        {
          kind: 'bars',
          title: 'What wastes most',
          caption: 'Bytes that the copies of one content take beyond the first',
          unit: 'bytes',
          rows: sql`
            SELECT max(path) FILTER (keep) AS label, sum(wasted) AS value FROM result GROUP BY number
            ORDER BY number LIMIT 12`,
        },
      ],
    };
  },
});
