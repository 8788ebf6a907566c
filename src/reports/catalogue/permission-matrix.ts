import { z } from 'zod';
import { sql } from '../data/sql.ts';
import {
  driveField,
  driveIdField,
  flagField,
  itemIdField,
  pathField,
  textField,
  timeField,
  webUrlField,
} from '../fields.ts';
import { countText } from '../human.ts';
import {
  driveName,
  isUnder,
  permissionLimits,
  permissionsOfItems,
  readPermissions,
  underInput,
} from '../pieces.ts';
import { defineReport } from '../report.ts';

export const permissionMatrix = defineReport({
  name: 'permission-matrix',
  title: 'Permissions and broken inheritance',
  summary:
    'Each permission on each shared item: who, which role, direct or by a link or group, and where it comes from.',
  question: 'Who can get at it?',
  input: z.strictObject({
    under: underInput,
    inherited: z.boolean().default(false).describe('also permissions that come from a folder above'),
    onlyBroken: z.boolean().default(false).describe('only items with permissions of their own'),
  }),
  needs: readPermissions,
  reads: ['permissions', 'items'],
  limits: permissionLimits,
  work({ under, inherited, onlyBroken }) {
    return {
      columns: [
        driveField,
        pathField,
        textField('kind', 'Kind', 'file, folder, package or root'),
        flagField('broken', 'Own permissions', 'the item does not have those of the folder above'),
        textField('principal', 'Who', 'a person, group or app by name, or whom a link is for'),
        textField('principal_kind', 'Kind of who', 'user, group, guest, app, anyone or organization'),
        textField('role', 'Role', 'read, write or owner'),
        textField('via', 'By', 'direct, group or link'),
        flagField('is_inherited', 'Inherited', 'it comes from a folder above'),
        textField('inherited_from', 'From', 'folder that it comes from'),
        timeField('expires_at', 'Ends', 'when it ends by itself'),
        webUrlField,
        driveIdField,
        itemIdField,
        textField('permission_id', 'Permission id', 'id of the permission on its item'),
        textField('grantee_id', 'Who by id', 'object id of who has it'),
      ],
      rows: sql`
        SELECT ${driveName(sql`p.drive_id`)} AS drive, i.path, i.kind, coalesce(i.unique_permissions, false) AS broken,
          coalesce(p.grantee_name, p.grantee_mail, CASE p.link_scope
            WHEN 'anonymous' THEN 'anyone' WHEN 'organization' THEN 'everyone in the organisation' END, p.grantee_id)
            AS principal,
          coalesce(p.grantee_kind, CASE p.link_scope
            WHEN 'anonymous' THEN 'anyone' WHEN 'organization' THEN 'organization' END) AS principal_kind,
          p.role,
          CASE WHEN p.kind = 'link' OR p.link_scope IS NOT NULL THEN 'link'
            WHEN p.grantee_kind = 'group' THEN 'group' ELSE 'direct' END AS via,
          p.kind = 'inherited' AS is_inherited, p.inherited_from, p.expires_at, i.web_url, p.drive_id, p.item_id,
          p.permission_id, p.grantee_id
        FROM ${permissionsOfItems}
        WHERE (${inherited} OR p.kind <> 'inherited') AND (NOT ${onlyBroken} OR coalesce(i.unique_permissions, false))
          AND ${isUnder(sql`i.path`, under)}`,
      order: sql`drive_id, path, principal, permission_id, grantee_id`,
      key: ['drive_id', 'item_id', 'permission_id', 'grantee_id', 'principal'],
      compare: ['role', 'expires_at', 'is_inherited'],
      label: 'path',
      figures: [
        { name: 'grants', title: 'Permissions', unit: 'permissions', value: sql`count(*)` },
        { name: 'items', title: 'Items', unit: 'items', value: sql`count(DISTINCT (drive_id, item_id))` },
        {
          name: 'broken',
          title: 'Items with own permissions',
          unit: 'items',
          value: sql`(SELECT count(*) FROM items WHERE unique_permissions)`,
        },
        {
          name: 'principals',
          title: 'People, groups and apps',
          unit: 'principals',
          value: sql`count(DISTINCT principal)`,
        },
      ],
      sentences: ({ grants = 0, items = 0, broken = 0 }) => [
        `${countText(grants, 'permission')} on ${countText(items, 'item')}; ${countText(broken, 'item has', 'items have')} permissions of their own.`,
      ],
      charts: [
        {
          kind: 'bars',
          title: 'Who has most',
          caption: 'Items that somebody has a permission on',
          unit: 'items',
          rows: sql`
            SELECT coalesce(principal, '(unknown)') AS label, count(DISTINCT (drive_id, item_id)) AS value
            FROM result GROUP BY ALL ORDER BY value DESC, label LIMIT 12`,
        },
      ],
    };
  },
});
