import { z } from 'zod';
import { sql } from '../data/sql.ts';
import {
  bytesField,
  daysField,
  driveField,
  driveIdField,
  itemIdField,
  pathField,
  percentField,
  textField,
  timeField,
  webUrlField,
} from '../fields.ts';
import { bytesText, countText } from '../human.ts';
import { daysSince, driveName, isUnder, readFiles, topInput, underInput, withDrive } from '../pieces.ts';
import { defineReport } from '../report.ts';
import { treemapOfFiles } from '../treemap.ts';

const kindsOf = { files: ['file'], folders: ['folder'], both: ['file', 'folder'] };

export const largest = defineReport({
  name: 'largest',
  title: 'Largest files and folders',
  summary: 'What takes the most room, with its share of the drive, who made it and how old it is.',
  question: 'What takes the room?',
  input: z.strictObject({
    under: underInput,
    what: z.enum(['files', 'folders', 'both']).default('files').describe('files, folders or both'),
    top: topInput(100, 'rows'),
  }),
  needs: readFiles,
  reads: ['items', 'files'],
  work({ under, what, top }, { now }) {
    return {
      columns: [
        driveField,
        pathField,
        textField('kind', 'Kind', 'file or folder'),
        bytesField('size', 'Size', 'of a folder: with all that is in it'),
        percentField('share', 'Share', 'of the bytes of all files of its drive'),
        textField('owner', 'Created by', 'who made it'),
        timeField('modified_at', 'Changed', 'when it was last changed'),
        daysField('age', 'Age', 'whole days since the last change'),
        webUrlField,
        driveIdField,
        itemIdField,
      ],
      rows: sql`
        SELECT ${driveName(sql`i.drive_id`)} AS drive, i.path, i.kind, i.size, 100.0 * i.size / nullif(w.bytes, 0) AS share,
          i.created_by AS owner, i.modified_at, ${daysSince(sql`i.modified_at`, now)} AS age, i.web_url, i.drive_id, i.item_id
        FROM ${withDrive(sql`items`)}
        LEFT JOIN (SELECT drive_id, sum(size) AS bytes FROM files GROUP BY drive_id) AS w ON w.drive_id = i.drive_id
        WHERE list_contains(${kindsOf[what]}, i.kind) AND i.size > 0 AND ${isUnder(sql`i.path`, under)}
        ORDER BY i.size DESC, i.drive_id, i.path, i.item_id LIMIT ${top}`,
      order: sql`size DESC, drive_id, path, item_id`,
      key: ['drive_id', 'item_id'],
      compare: ['path', 'size'],
      label: 'path',
      figures: [
        { name: 'shown', title: 'Shown', unit: 'items', value: sql`count(*)` },
        { name: 'largest', title: 'The largest', unit: 'bytes', value: sql`max(size)` },
        {
          name: 'bytes',
          title: 'All files',
          unit: 'bytes',
          value: sql`(SELECT coalesce(sum(size), 0) FROM files)`,
        },
      ],
      sentences: ({ shown = 0, largest: most = 0, bytes = 0 }) =>
        shown === 0
          ? ['There is nothing that takes room.']
          : [
              `The largest of ${countText(shown, 'item')} takes ${bytesText(most)}; all files take ${bytesText(bytes)}.`,
            ],
      charts: [treemapOfFiles],
    };
  },
});
