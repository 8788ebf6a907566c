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
import { driveName, permissionLimits, permissionsOfItems, readPermissions } from '../pieces.ts';
import { defineReport } from '../report.ts';

export const access = defineReport({
  name: 'access',
  title: 'Who can reach what',
  summary: 'Whoever can reach a file or folder, or whatever a person can reach, and by which permission.',
  question: 'Who can get at it?',
  input: z.strictObject({
    principal: z
      .string()
      .default('')
      .describe(
        'name, mail address or object id of a person, group or app, or a part of name or address; empty for all',
      ),
    path: z
      .string()
      .regex(/^\//, 'begins with /')
      .default('/')
      .describe('a file or folder: permissions on it, above it and below it; / for all'),
  }),
  needs: readPermissions,
  reads: ['permissions', 'items', 'files', 'folders'],
  limits: [...permissionLimits, 'Members of a group are not listed one by one: ask for the group.'],
  work({ principal, path }) {
    const target = path.replace(/\/+$/, '') || '/';
    const isAsked =
      principal === ''
        ? sql`true`
        : sql`(p.grantee_id = ${principal} OR contains(lower(p.grantee_name), lower(${principal}))
            OR contains(lower(p.grantee_mail), lower(${principal}))
            OR p.link_scope IN ('anonymous', 'organization') OR p.grantee_kind IN ('anyone', 'organization'))`;
    const isAbove = sql`(i.path = '/' OR starts_with(${target}, i.path || '/'))`;
    const relation =
      target === '/'
        ? sql`CASE WHEN i.path = '/' THEN 'on it' ELSE 'below it' END`
        : sql`CASE WHEN i.path = ${target} THEN 'on it' WHEN ${isAbove} THEN 'above it'
            WHEN starts_with(i.path, ${`${target}/`}) THEN 'below it' END`;
    return {
      columns: [
        textField('principal', 'Who', 'a person, group or app by name, or whom a link is for'),
        textField('principal_kind', 'Kind of who', 'user, group, guest, app, anyone or organization'),
        textField('mail', 'Mail', 'mail address'),
        driveField,
        pathField,
        textField('kind', 'Kind', 'file, folder, package or root'),
        textField('relation', 'Where', 'on the path that was asked, above it or below it'),
        textField('role', 'Role', 'read, write or owner'),
        textField('via', 'By', 'direct, group or link'),
        countField(
          'files',
          'Files',
          'files',
          'files that it reaches: the file itself, or those in the folder',
        ),
        bytesField('bytes', 'Size', 'size of these files'),
        timeField('expires_at', 'Ends', 'when it ends by itself'),
        webUrlField,
        driveIdField,
        itemIdField,
        textField('permission_id', 'Permission id', 'id of the permission on its item'),
        textField('grantee_id', 'Who by id', 'object id of who has it'),
      ],
      rows: sql`
        WITH grants AS (
          SELECT coalesce(p.grantee_name, p.grantee_mail, CASE p.link_scope
              WHEN 'anonymous' THEN 'anyone' WHEN 'organization' THEN 'everyone in the organisation' END, p.grantee_id)
              AS principal,
            coalesce(p.grantee_kind, CASE p.link_scope
              WHEN 'anonymous' THEN 'anyone' WHEN 'organization' THEN 'organization' END) AS principal_kind,
            p.grantee_mail AS mail, ${driveName(sql`p.drive_id`)} AS drive, i.path, i.kind, i.depth, i.size,
            ${relation} AS relation, p.role,
            CASE WHEN p.kind = 'link' THEN 'link' WHEN p.grantee_kind = 'group' THEN 'group' ELSE 'direct' END AS via,
            p.expires_at, i.web_url, p.drive_id, p.item_id, p.permission_id, p.grantee_id
          FROM ${permissionsOfItems} WHERE p.kind <> 'inherited' AND ${isAsked}
        ), breaks AS (
          SELECT i.drive_id, max(i.depth) AS depth FROM items AS i
          WHERE i.unique_permissions AND (i.path = ${target} OR ${isAbove}) GROUP BY i.drive_id
        ), asked AS (
          SELECT g.* FROM grants AS g LEFT JOIN breaks AS b ON b.drive_id = g.drive_id
          WHERE relation IS NOT NULL AND (relation <> 'above it' OR g.depth >= coalesce(b.depth, 0))
            AND (relation <> 'above it'
              OR g.drive_id IN (SELECT drive_id FROM items WHERE path = ${target}))
        ), wide AS (
          SELECT DISTINCT drive_id, path FROM asked WHERE kind <> 'file'
        ), direct AS (
          SELECT drive_id, parent_id, count(*) AS files, coalesce(sum(size), 0) AS bytes FROM files GROUP BY ALL
        ), sums AS (
          SELECT w.drive_id, w.path, sum(b.files) AS files, sum(b.bytes) AS bytes
          FROM (
            SELECT f.drive_id, t.files, t.bytes, unnest(list_transform(range(0, f.depth + 1),
              lambda n: CASE WHEN n = 0 THEN '/' ELSE array_to_string(string_split(f.path, '/')[1:n + 1], '/') END)) AS above
            FROM folders AS f JOIN direct AS t ON t.drive_id = f.drive_id AND t.parent_id = f.item_id
          ) AS b JOIN wide AS w ON w.drive_id = b.drive_id AND w.path = b.above GROUP BY ALL
        )
        SELECT a.* EXCLUDE (size),
          CASE WHEN a.kind = 'file' THEN 1 ELSE coalesce(s.files, 0) END AS files,
          CASE WHEN a.kind = 'file' THEN a.size ELSE coalesce(s.bytes, 0) END AS bytes
        FROM asked AS a LEFT JOIN sums AS s ON s.drive_id = a.drive_id AND s.path = a.path`,
      order: sql`principal, drive_id, path, permission_id, grantee_id`,
      key: ['drive_id', 'item_id', 'permission_id', 'grantee_id', 'principal'],
      compare: ['role', 'expires_at'],
      label: 'path',
      figures: [
        { name: 'grants', title: 'Permissions', unit: 'permissions', value: sql`count(*)` },
        { name: 'principals', title: 'Who', unit: 'principals', value: sql`count(DISTINCT principal)` },
        { name: 'items', title: 'Items', unit: 'items', value: sql`count(DISTINCT (drive_id, item_id))` },
        { name: 'widest', title: 'Most by one permission', unit: 'bytes', value: sql`max(bytes)` },
      ],
      sentences: ({ grants = 0, principals = 0, widest = 0 }) => [
        grants === 0
          ? 'No permission was found.'
          : `${countText(grants, 'permission')} for ${principals.toLocaleString('en-US')} people, groups, apps or kinds of links; the widest reaches ${bytesText(widest)}.`,
      ],
      charts: [
        {
          kind: 'bars',
          title: 'Who reaches most',
          caption: 'Files that the widest permission of each reaches',
          unit: 'files',
          rows: sql`
            SELECT coalesce(principal, '(unknown)') AS label, max(files) AS value FROM result
            GROUP BY ALL ORDER BY value DESC, label LIMIT 12`,
        },
      ],
    };
  },
});
