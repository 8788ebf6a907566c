import { z } from 'zod';
import { sql } from '../data/sql.ts';
import {
  bytesField,
  countField,
  daysField,
  driveIdField,
  textField,
  timeField,
  webUrlField,
} from '../fields.ts';
import { bytesText, countText } from '../human.ts';
import { daysUntil, readFiles } from '../pieces.ts';
import { defineReport } from '../report.ts';

export const ownerless = defineReport({
  name: 'ownerless',
  title: 'Without an owner',
  summary: 'Groups and sites that nobody owns, and OneDrives whose owner has left.',
  question: 'Who answers for it?',
  input: z.strictObject({
    singleOwner: z.boolean().default(false).describe('also groups with one owner only'),
    deleted: z.boolean().default(true).describe('also deleted groups that can still be restored'),
  }),
  needs: [...readFiles, 'Directory.Read.All'],
  reads: ['drives', 'groups', 'people'],
  limits: [
    'A OneDrive is called orphaned only where people of the directory were read.',
    'A deleted group can be restored for 30 days.',
  ],
  work({ singleOwner, deleted }, { now }) {
    const goneAfter = sql`g.deleted_at + INTERVAL 30 DAY`;
    return {
      columns: [
        textField('kind', 'Kind', 'group or drive'),
        textField('name', 'Name', 'name of the group or drive'),
        textField(
          'owner_state',
          'Owner',
          'no owner, one owner, owner is gone, owner may not sign in, or group is deleted',
        ),
        textField('owner', 'Owner was', 'name, mail address or id of the owner that is known'),
        bytesField('size', 'Size', 'used room of the drive'),
        countField('members', 'Members', 'people', 'members of the group'),
        timeField('deleted_at', 'Deleted', 'when the group was deleted'),
        daysField('days_left', 'Days left', 'whole days in which the group can be restored'),
        webUrlField,
        textField('id', 'Id', 'id of the group, or of the drive'),
        driveIdField,
      ],
      rows: sql`
        WITH lone AS (
          SELECT 'group' AS kind, coalesce(g.name, g.mail, g.id) AS name,
            CASE WHEN g.deleted_at IS NOT NULL THEN 'group is deleted' WHEN g.owner_count = 0 THEN 'no owner'
              ELSE 'one owner' END AS owner_state,
            NULL AS owner, d.quota_used AS size, g.member_count AS members, g.deleted_at,
            ${daysUntil(goneAfter, now)} AS days_left, d.web_url, g.id, g.drive_id
          FROM groups AS g LEFT JOIN drives AS d ON d.drive_id = g.drive_id
          WHERE CASE WHEN g.deleted_at IS NOT NULL THEN ${deleted}
            ELSE g.owner_count = 0 OR (${singleOwner} AND g.owner_count = 1) END
          UNION ALL
          SELECT 'drive', coalesce(d.name, d.drive_id),
            CASE WHEN d.owner_id IS NULL THEN 'no owner' WHEN p.id IS NULL THEN 'owner is gone'
              ELSE 'owner may not sign in' END,
            coalesce(p.name, d.owner_name, d.owner_mail, d.owner_id), d.quota_used, NULL, NULL, NULL, d.web_url, d.drive_id,
            d.drive_id
          FROM drives AS d LEFT JOIN people AS p ON p.id = d.owner_id
          WHERE d.kind IN ('personal', 'business') AND (SELECT count(*) FROM people) > 0
            AND (p.id IS NULL OR NOT coalesce(p.enabled, true))
        )
        SELECT * FROM lone`,
      order: sql`size DESC NULLS LAST, kind, name, id`,
      key: ['kind', 'id'],
      compare: ['owner_state'],
      label: 'name',
      figures: [
        { name: 'groups', title: 'Groups', unit: 'groups', value: sql`count(*) FILTER (kind = 'group')` },
        { name: 'drives', title: 'OneDrives', unit: 'drives', value: sql`count(*) FILTER (kind = 'drive')` },
        { name: 'bytes', title: 'Their size', unit: 'bytes', value: sql`coalesce(sum(size), 0)` },
      ],
      sentences: ({ groups = 0, drives = 0, bytes = 0 }) => [
        groups + drives === 0
          ? 'Everything that was read has an owner.'
          : `${countText(groups, 'group')} and ${countText(drives, 'OneDrive')} lack an owner; they hold ${bytesText(bytes)}.`,
      ],
      charts: [
        {
          kind: 'bars',
          title: 'What is wrong',
          caption: 'How many groups and drives',
          unit: 'items',
          rows: sql`
            SELECT owner_state AS label, count(*) AS value FROM result GROUP BY owner_state ORDER BY value DESC, label`,
        },
      ],
    };
  },
});
