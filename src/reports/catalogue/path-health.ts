import { z } from 'zod';
import { sql } from '../data/sql.ts';
import {
  countField,
  driveField,
  driveIdField,
  itemIdField,
  pathField,
  textField,
  webUrlField,
} from '../fields.ts';
import { countText } from '../human.ts';
import { driveName, isUnder, readFiles, underInput } from '../pieces.ts';
import { defineReport } from '../report.ts';

/** Names that SharePoint or Windows keep for themselves, as support.microsoft.com lists them. */
const reserved = '^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\\..*)?$|^(\\.lock|desktop\\.ini)$|_vti_|^~\\$';
const forbidden = '["*:<>?/\\\\|]';
const edges = '^\\s|\\s$|\\.$';

export const pathHealth = defineReport({
  name: 'path-health',
  title: 'Health of paths and names',
  summary:
    'Paths that are too long or too deep, names that trouble Windows or sync, and folders that are too full.',
  question: 'What is about to break?',
  input: z.strictObject({
    under: underInput,
    maxLength: z
      .int()
      .min(1)
      .max(32_767)
      .default(400)
      .describe('characters of a path, with that of its drive'),
    maxDepth: z.int().min(1).max(1000).default(20).describe('folders above an item'),
    maxItems: z.int().min(1).default(50_000).describe('items directly in a folder'),
    maxUnique: z.int().min(1).default(5000).describe('items of a drive with permissions of their own'),
  }),
  needs: readFiles,
  reads: ['items'],
  work({ under, maxLength, maxDepth, maxItems, maxUnique }) {
    return {
      columns: [
        driveField,
        pathField,
        textField('kind', 'Kind', 'file, folder, package, remote or root'),
        textField(
          'problem',
          'Problem',
          'too long, too deep, forbidden character, reserved name, space or dot at an end, case clash, too many items or too many permissions',
        ),
        textField('detail', 'Detail', 'the number or name that is meant'),
        countField('length', 'Length', 'characters', 'characters of the path, with that of its drive'),
        webUrlField,
        driveIdField,
        itemIdField,
      ],
      rows: sql`
        WITH prefixes AS (
          SELECT drive_id, name,
            length(url_decode(regexp_replace(coalesce(web_url, ''), '^https?://[^/]*/?', ''))) AS prefix
          FROM drives
        ), clashes AS (
          SELECT drive_id, parent_id, lower(name) AS lower_name, count(*) AS same
          FROM items WHERE parent_id IS NOT NULL GROUP BY ALL HAVING count(*) > 1
        ), crowded AS (
          SELECT drive_id, count(*) AS unique_count FROM items WHERE unique_permissions
          GROUP BY drive_id HAVING count(*) > ${maxUnique}
        ), measured AS (
          SELECT i.*, d.name AS drive_name, length(i.path) + coalesce(d.prefix, 0) AS length, c.same, u.unique_count
          FROM items AS i
          LEFT JOIN prefixes AS d ON d.drive_id = i.drive_id
          LEFT JOIN clashes AS c
            ON c.drive_id = i.drive_id AND c.parent_id = i.parent_id AND c.lower_name = lower(i.name)
          LEFT JOIN crowded AS u ON u.drive_id = i.drive_id AND i.kind = 'root'
          WHERE ${isUnder(sql`i.path`, under)}
        ), listed AS (
          SELECT *, list_filter([
            CASE WHEN length > ${maxLength} THEN {problem: 'too long', detail: length || ' characters'} END,
            CASE WHEN depth > ${maxDepth} THEN {problem: 'too deep', detail: depth || ' levels'} END,
            CASE WHEN kind <> 'root' AND regexp_matches(name, ${forbidden})
              THEN {problem: 'forbidden character', detail: regexp_extract(name, ${forbidden})} END,
            CASE WHEN kind <> 'root' AND regexp_matches(lower(name), ${reserved})
              THEN {problem: 'reserved name', detail: name} END,
            CASE WHEN kind <> 'root' AND regexp_matches(name, ${edges})
              THEN {problem: 'space or dot at an end', detail: '"' || name || '"'} END,
            CASE WHEN same > 1 THEN {problem: 'case clash', detail: same || ' items of this name'} END,
            CASE WHEN child_count > ${maxItems} THEN {problem: 'too many items', detail: child_count || ' items'} END,
            CASE WHEN unique_count IS NOT NULL
              THEN {problem: 'too many permissions', detail: unique_count || ' items with their own'} END
          ], lambda each: each IS NOT NULL) AS problems
          FROM measured
        )
        SELECT ${driveName(sql`l.drive_id`)} AS drive, l.path, l.kind, p.problem, p.detail, l.length, l.web_url,
          l.drive_id, l.item_id
        FROM (
          SELECT * EXCLUDE (problems), unnest(problems) AS p FROM listed WHERE len(problems) > 0
        ) AS l LEFT JOIN drives AS d ON d.drive_id = l.drive_id`,
      order: sql`problem, drive_id, path, item_id`,
      key: ['drive_id', 'item_id', 'problem'],
      compare: ['detail'],
      label: 'path',
      figures: [
        { name: 'problems', title: 'Problems', unit: 'problems', value: sql`count(*)` },
        {
          name: 'items',
          title: 'Items with a problem',
          unit: 'items',
          value: sql`count(DISTINCT (drive_id, item_id))`,
        },
        { name: 'longest', title: 'Longest of these paths', unit: 'characters', value: sql`max(length)` },
      ],
      sentences: ({ problems = 0, items = 0 }) => [
        problems === 0
          ? 'All names and paths are fine.'
          : `${countText(items, 'item has', 'items have')} ${countText(problems, 'problem')}.`,
      ],
      charts: [
        {
          kind: 'bars',
          title: 'Problems by kind',
          caption: 'How many items have each problem',
          unit: 'items',
          rows: sql`SELECT problem AS label, count(*) AS value FROM result GROUP BY problem ORDER BY value DESC, label`,
        },
      ],
    };
  },
});
