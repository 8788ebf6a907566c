import { z } from 'zod';
import { sql } from '../data/sql.ts';
import {
  daysField,
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
  daysSince,
  driveName,
  isUnder,
  permissionLimits,
  permissionsOfItems,
  readPermissions,
  underInput,
} from '../pieces.ts';
import { defineReport } from '../report.ts';

/** The mail domain of somebody; guests have theirs before `#EXT#` in their name for sign-in. */
const domainOf = sql`lower(CASE
  WHEN p.grantee_mail ILIKE '%#EXT#%' THEN regexp_extract(p.grantee_mail, '_([^_]+)#EXT#', 1, 'i')
  ELSE split_part(p.grantee_mail, '@', 2) END)`;

export const externalSharing = defineReport({
  name: 'external-sharing',
  title: 'Guests and other organisations',
  summary: 'What is shared with people outside, with their domain and when they last signed in.',
  question: 'Who can get at it?',
  input: z.strictObject({
    under: underInput,
    internalDomains: z
      .array(z.string())
      .default([])
      .describe('mail domains that are your own; where some are named, people of all others are outside too'),
    domains: z.array(z.string()).default([]).describe('only people of these mail domains; empty for all'),
    inherited: z.boolean().default(false).describe('also what they reach because of a folder above'),
  }),
  needs: [...readPermissions, 'User.Read.All', 'AuditLog.Read.All'],
  reads: ['permissions', 'items', 'people'],
  limits: [
    ...permissionLimits,
    'Guests in a group are not listed one by one.',
    'The last sign-in is known where the tenant has Entra ID P1.',
  ],
  work({ under, internalDomains, domains, inherited }, { now }) {
    const lower = (names: readonly string[]) => names.map((name) => name.toLowerCase().replace(/^@/, ''));
    const [internal, wanted] = [lower(internalDomains), lower(domains)];
    const isForeign =
      internal.length === 0 ? sql`false` : sql`(domain <> '' AND NOT list_contains(${internal}, domain))`;
    const isWanted = wanted.length === 0 ? sql`true` : sql`list_contains(${wanted}, domain)`;
    return {
      columns: [
        driveField,
        pathField,
        textField('kind', 'Kind', 'file, folder or package'),
        textField('guest', 'Who', 'name of who has it'),
        textField('mail', 'Mail', 'mail address of who has it'),
        textField('domain', 'Domain', 'domain of that address'),
        textField('role', 'Role', 'read, write or owner'),
        textField('via', 'By', 'link, direct or inherited'),
        textField('link_scope', 'Link for', 'users, organization or anonymous; empty when it is no link'),
        timeField('expires_at', 'Ends', 'when it ends by itself'),
        timeField('last_sign_in', 'Last sign-in', 'that Entra tells of'),
        daysField('idle_days', 'Idle', 'whole days since the last sign-in'),
        webUrlField,
        driveIdField,
        itemIdField,
        textField('permission_id', 'Permission id', 'id of the permission on its item'),
        textField('grantee_id', 'Person id', 'object id of who has it'),
      ],
      rows: sql`
        WITH by_mail AS (
          SELECT lower(mail) AS mail, max(last_sign_in) AS last_sign_in FROM people WHERE mail <> '' GROUP BY ALL
        ), grants AS (
          SELECT ${driveName(sql`p.drive_id`)} AS drive, i.path, i.kind, p.grantee_name AS guest, p.grantee_mail AS mail,
            coalesce(${domainOf}, '') AS domain, p.role, p.kind AS via, p.link_scope, p.expires_at,
            coalesce(o.last_sign_in, m.last_sign_in) AS last_sign_in, i.web_url, p.drive_id, p.item_id,
            p.permission_id, p.grantee_id, p.grantee_kind
          FROM ${permissionsOfItems}
          LEFT JOIN people AS o ON o.id = p.grantee_id
          LEFT JOIN by_mail AS m ON m.mail = lower(p.grantee_mail)
          WHERE p.grantee_kind IN ('guest', 'user') AND (${inherited} OR p.kind <> 'inherited')
            AND ${isUnder(sql`i.path`, under)}
        )
        SELECT *, ${daysSince(sql`last_sign_in`, now)} AS idle_days FROM grants
        WHERE (grantee_kind = 'guest' OR ${isForeign}) AND ${isWanted}`,
      order: sql`domain, mail, drive_id, path, permission_id, grantee_id`,
      key: ['drive_id', 'item_id', 'permission_id', 'grantee_id', 'mail'],
      compare: ['role', 'expires_at'],
      label: 'path',
      figures: [
        { name: 'grants', title: 'Permissions', unit: 'permissions', value: sql`count(*)` },
        {
          name: 'guests',
          title: 'People outside',
          unit: 'people',
          value: sql`count(DISTINCT coalesce(lower(mail), grantee_id, guest))`,
        },
        {
          name: 'domains',
          title: 'Domains',
          unit: 'domains',
          value: sql`count(DISTINCT nullif(domain, ''))`,
        },
        {
          name: 'items',
          title: 'Items',
          unit: 'items',
          value: sql`count(DISTINCT (drive_id, item_id))`,
        },
      ],
      sentences: ({ guests = 0, domains: count = 0, items = 0 }) => [
        items === 0
          ? 'Nothing is shared with people outside.'
          : `${countText(guests, 'person', 'people')} of ${countText(count, 'domain')} outside can get at ${countText(items, 'item')}.`,
      ],
      charts: [
        {
          kind: 'bars',
          title: 'By domain',
          caption: 'Items that are shared with people of a domain',
          unit: 'items',
          rows: sql`
            SELECT CASE WHEN domain = '' THEN '(unknown)' ELSE domain END AS label,
              count(DISTINCT (drive_id, item_id)) AS value
            FROM result GROUP BY ALL ORDER BY value DESC, label LIMIT 12`,
        },
      ],
    };
  },
});
