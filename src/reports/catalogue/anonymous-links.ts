import { z } from 'zod';
import { sql } from '../data/sql.ts';
import {
  daysField,
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
  daysUntil,
  driveName,
  isUnder,
  permissionLimits,
  permissionsOfItems,
  readPermissions,
  underInput,
} from '../pieces.ts';
import { defineReport } from '../report.ts';

const risks = ['high', 'medium', 'low'] as const;

export const anonymousLinks = defineReport({
  name: 'anonymous-links',
  title: 'Links for anyone',
  summary: 'Links that open without a sign-in, with what they allow, when they end and how risky they are.',
  question: 'Who can get at it?',
  input: z.strictObject({
    under: underInput,
    risks: z
      .array(z.enum(risks))
      .min(1)
      .default([...risks])
      .describe('which of high, medium, low'),
    inherited: z.boolean().default(false).describe('also where a link works because of a folder above'),
  }),
  needs: readPermissions,
  reads: ['permissions', 'items'],
  limits: permissionLimits,
  work({ under, risks: wanted, inherited }, { now }) {
    return {
      columns: [
        driveField,
        pathField,
        textField('kind', 'Kind', 'file, folder or package'),
        textField(
          'risk',
          'Risk',
          'high, medium or low: writing counts 2; a folder, no end and no password count 1 each',
        ),
        textField('link_type', 'Link', 'view, edit, embed or another'),
        textField('role', 'Role', 'read, write or owner'),
        flagField('has_password', 'Password', 'it asks for a password'),
        timeField('expires_at', 'Ends', 'when it ends by itself'),
        daysField('days_left', 'Days left', 'whole days until it ends; negative when it has ended'),
        textField('inherited_from', 'From', 'folder that it comes from; empty when it is on the item itself'),
        timeField('modified_at', 'Changed', 'when the item was last changed'),
        webUrlField,
        driveIdField,
        itemIdField,
        textField('permission_id', 'Permission id', 'id of the link on its item'),
      ],
      rows: sql`
        WITH links AS (
          SELECT ${driveName(sql`p.drive_id`)} AS drive, i.path, i.kind, p.link_type, p.role,
            coalesce(p.has_password, false) AS has_password, p.expires_at, ${daysUntil(sql`p.expires_at`, now)} AS days_left,
            p.inherited_from, i.modified_at, i.web_url, p.drive_id, p.item_id, p.permission_id,
            CASE WHEN p.role IN ('write', 'owner') OR p.link_type = 'edit' THEN 2 ELSE 0 END
              + CASE WHEN i.kind = 'file' THEN 0 ELSE 1 END
              + CASE WHEN p.expires_at IS NULL THEN 1 ELSE 0 END
              + CASE WHEN coalesce(p.has_password, false) THEN 0 ELSE 1 END AS points
          FROM ${permissionsOfItems}
          WHERE p.link_scope = 'anonymous' AND (${inherited} OR p.kind <> 'inherited') AND ${isUnder(sql`i.path`, under)}
        ), judged AS (
          SELECT *, CASE WHEN points >= 4 THEN 'high' WHEN points >= 2 THEN 'medium' ELSE 'low' END AS risk FROM links
        )
        SELECT * FROM judged WHERE list_contains(${wanted}, risk)`,
      order: sql`list_position(${risks}, risk), drive_id, path, permission_id`,
      key: ['drive_id', 'item_id', 'permission_id'],
      compare: ['link_type', 'role', 'has_password', 'expires_at'],
      label: 'path',
      figures: [
        { name: 'links', title: 'Links', unit: 'links', value: sql`count(*)` },
        { name: 'high', title: 'High risk', unit: 'links', value: sql`count(*) FILTER (risk = 'high')` },
        {
          name: 'endless',
          title: 'Without an end',
          unit: 'links',
          value: sql`count(*) FILTER (expires_at IS NULL)`,
        },
        {
          name: 'open',
          title: 'Without a password',
          unit: 'links',
          value: sql`count(*) FILTER (NOT has_password)`,
        },
      ],
      sentences: ({ links = 0, high = 0, endless = 0 }) => [
        links === 0
          ? 'No link for anyone was found.'
          : `${countText(links, 'link opens', 'links open')} without a sign-in; ${countText(high, 'is', 'are')} of high risk, and ${countText(endless, 'never ends', 'never end')}.`,
      ],
      charts: [
        {
          kind: 'bars',
          title: 'Links by risk',
          caption: 'How many links for anyone have which risk',
          unit: 'links',
          rows: sql`
            SELECT risk AS label, count(*) AS value FROM result GROUP BY risk
            ORDER BY list_position(${risks}, risk)`,
        },
        {
          kind: 'lines',
          title: 'Links over time',
          caption: 'Links for anyone at each run',
          unit: 'links',
          rows: sql`SELECT 'Links' AS series, moment, value FROM totals_history WHERE name = 'links' ORDER BY moment`,
        },
      ],
    };
  },
});
