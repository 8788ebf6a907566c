import { z } from 'zod';
import { sql } from '../data/sql.ts';
import {
  countField,
  driveField,
  driveIdField,
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

/** Groups that hold everybody; SharePoint gives them these names in English. */
const everyone =
  '^(everyone( except external users)?|all users( \\(.*\\))?|all company|company administrator.*)$';

export const oversharing = defineReport({
  name: 'oversharing',
  title: 'Shared with too many',
  summary: 'What the whole organisation or a large group can open, the largest audience first.',
  question: 'Who can get at it?',
  input: z.strictObject({
    under: underInput,
    largeGroup: z.int().min(2).default(100).describe('a group of so many members is a large one'),
    everyoneGroups: z
      .array(z.string())
      .default([])
      .describe('names of further groups that hold everybody, as your language calls them'),
  }),
  needs: [...readPermissions, 'GroupMember.Read.All', 'User.Read.All'],
  reads: ['permissions', 'items', 'groups', 'people'],
  limits: [...permissionLimits, 'The size of a group is known where groups were read.'],
  work({ under, largeGroup, everyoneGroups }) {
    const named = everyoneGroups.map((name) => name.toLowerCase());
    return {
      columns: [
        driveField,
        textField('site', 'Site', 'site that the drive belongs to'),
        pathField,
        textField('kind', 'Kind', 'file, folder or package'),
        textField('why', 'Why', 'organisation link, everyone or large group'),
        textField('group_name', 'Group', 'name of the group; empty for a link'),
        countField('audience', 'Audience', 'people', 'how many can open it; empty where it is not known'),
        textField('role', 'Role', 'read, write or owner'),
        timeField('expires_at', 'Ends', 'when it ends by itself'),
        textField('retention_label', 'Label', 'retention label, where it was read'),
        webUrlField,
        driveIdField,
        itemIdField,
        textField('permission_id', 'Permission id', 'id of the permission on its item'),
        textField('grantee_id', 'Group id', 'object id of the group; empty for a link'),
      ],
      rows: sql`
        WITH staff AS (
          SELECT nullif(count(*), 0) AS many FROM people
          WHERE coalesce(enabled, true) AND NOT coalesce(guest, false)
        ), found AS (
          SELECT ${driveName(sql`p.drive_id`)} AS drive, d.site_name AS site, i.path, i.kind,
            CASE
              WHEN p.link_scope = 'organization' THEN 'organisation link'
              WHEN regexp_matches(lower(p.grantee_name), ${everyone}) OR list_contains(${named}, lower(p.grantee_name))
                OR p.grantee_kind = 'organization' THEN 'everyone'
              WHEN g.member_count >= ${largeGroup} THEN 'large group' END AS why,
            g.member_count, p.grantee_name, p.grantee_id, p.role, p.expires_at, i.retention_label, i.web_url,
            p.drive_id, p.item_id, p.permission_id
          FROM ${permissionsOfItems}
          LEFT JOIN groups AS g ON g.id = p.grantee_id
          WHERE p.kind <> 'inherited' AND ${isUnder(sql`i.path`, under)}
        )
        SELECT f.*, CASE WHEN why = 'organisation link' THEN NULL ELSE grantee_name END AS group_name,
          CASE WHEN why = 'large group' THEN member_count ELSE staff.many END AS audience
        FROM found AS f, staff WHERE why IS NOT NULL`,
      order: sql`audience DESC NULLS LAST, drive_id, path, permission_id, grantee_id`,
      key: ['drive_id', 'item_id', 'permission_id', 'grantee_id'],
      compare: ['role', 'expires_at'],
      label: 'path',
      figures: [
        { name: 'grants', title: 'Permissions', unit: 'permissions', value: sql`count(*)` },
        { name: 'items', title: 'Items', unit: 'items', value: sql`count(DISTINCT (drive_id, item_id))` },
        {
          name: 'writable',
          title: 'Can be changed by them',
          unit: 'permissions',
          value: sql`count(*) FILTER (role IN ('write', 'owner'))`,
        },
      ],
      sentences: ({ items = 0, writable = 0 }) => [
        items === 0
          ? 'Nothing is shared with everybody or a large group.'
          : `${countText(items, 'item is', 'items are')} shared with everybody or a large group; ${countText(writable, 'permission lets', 'permissions let')} them change it.`,
      ],
      charts: [
        {
          kind: 'bars',
          title: 'Why',
          caption: 'Permissions by how they reach so many',
          unit: 'permissions',
          rows: sql`SELECT why AS label, count(*) AS value FROM result GROUP BY why ORDER BY value DESC, label`,
        },
      ],
    };
  },
});
