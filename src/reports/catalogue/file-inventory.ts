import { z } from 'zod';
import { sql } from '../data/sql.ts';
import {
  bytesField,
  countField,
  driveField,
  driveIdField,
  itemIdField,
  pathField,
  textField,
  timeField,
  webUrlField,
} from '../fields.ts';
import { bytesText, countText } from '../human.ts';
import { driveName, isUnder, readFiles, underInput, withDrive } from '../pieces.ts';
import { defineReport } from '../report.ts';

const kinds = z.enum(['file', 'folder', 'package', 'remote', 'root']);

export const fileInventory = defineReport({
  name: 'file-inventory',
  title: 'File inventory',
  summary: 'Every file and folder, with size, times, people, hash and address.',
  question: 'What is there?',
  input: z.strictObject({
    under: underInput,
    kinds: z
      .array(kinds)
      .min(1)
      .default(['file', 'folder'])
      .describe('which of file, folder, package (a notebook), remote (a shortcut), root'),
    extensions: z
      .array(z.string())
      .default([])
      .describe('only files with one of these extensions, such as docx; empty for all'),
  }),
  needs: readFiles,
  reads: ['items'],
  work({ under, kinds, extensions }) {
    const wanted = extensions.map((extension) => extension.toLowerCase().replace(/^\./, ''));
    const isWanted =
      wanted.length === 0 ? sql`true` : sql`(i.kind <> 'file' OR list_contains(${wanted}, i.extension))`;
    return {
      columns: [
        driveField,
        pathField,
        textField('name', 'Name', 'name'),
        textField('kind', 'Kind', 'file, folder, package, remote or root'),
        textField('extension', 'Extension', 'of a file, in lower case'),
        bytesField('size', 'Size', 'of a folder: with all that is in it'),
        timeField('created_at', 'Created', 'when it was made'),
        textField('created_by', 'Created by', 'who made it'),
        timeField('modified_at', 'Changed', 'when it was last changed'),
        textField('modified_by', 'Changed by', 'who changed it last'),
        countField('child_count', 'Items', 'items', 'items directly in a folder'),
        textField('hash', 'Hash', 'quickXorHash of the content'),
        textField(
          'shared_scope',
          'Shared with',
          'anonymous, organization or users; empty when it is not shared itself',
        ),
        webUrlField,
        driveIdField,
        itemIdField,
      ],
      rows: sql`
        SELECT ${driveName(sql`i.drive_id`)} AS drive, i.* EXCLUDE (etag)
        FROM ${withDrive(sql`items`)}
        WHERE list_contains(${kinds}, i.kind) AND ${isWanted} AND ${isUnder(sql`i.path`, under)}`,
      key: ['drive_id', 'item_id'],
      compare: ['path', 'size', 'modified_at', 'shared_scope'],
      label: 'path',
      figures: [
        { name: 'files', title: 'Files', unit: 'files', value: sql`count(*) FILTER (kind = 'file')` },
        { name: 'folders', title: 'Folders', unit: 'folders', value: sql`count(*) FILTER (kind = 'folder')` },
        {
          name: 'bytes',
          title: 'Size of the files',
          unit: 'bytes',
          value: sql`coalesce(sum(size) FILTER (kind = 'file'), 0)`,
        },
      ],
      sentences: ({ files = 0, folders = 0, bytes = 0 }) => [
        `${countText(files, 'file')} in ${countText(folders, 'folder')} take ${bytesText(bytes)}.`,
      ],
      charts: [
        {
          kind: 'bars',
          title: 'Size by kind of file',
          caption: 'Bytes by extension, the ten largest',
          unit: 'bytes',
          rows: sql`
            SELECT CASE WHEN extension = '' THEN '(none)' ELSE extension END AS label, sum(size) AS value
            FROM result WHERE kind = 'file' GROUP BY ALL ORDER BY value DESC, label LIMIT 10`,
        },
        {
          kind: 'lines',
          title: 'Size over time',
          caption: 'Bytes of all files at each run',
          unit: 'bytes',
          rows: sql`SELECT 'Size' AS series, moment, value FROM totals_history WHERE name = 'bytes' ORDER BY moment`,
        },
      ],
    };
  },
});
