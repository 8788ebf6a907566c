import { z } from 'zod';
import { sql } from '../data/sql.ts';
import { daysField, textField, timeField } from '../fields.ts';
import { countText } from '../human.ts';
import { daysUntil } from '../pieces.ts';
import { defineReport } from '../report.ts';

const states = ['expired', 'ends within 7 days', 'ends within 30 days', 'later', 'no end'];

export const appCredentials = defineReport({
  name: 'app-credentials',
  title: 'Secrets and certificates of apps',
  summary: 'Credentials of apps that have expired or are about to.',
  question: 'What is about to break?',
  input: z.strictObject({
    within: z.int().min(0).max(36_500).default(90).describe('days: credentials that end by then are shown'),
    expired: z.boolean().default(true).describe('also those that have expired'),
    all: z.boolean().default(false).describe('all credentials, whenever they end'),
  }),
  needs: ['Application.Read.All'],
  reads: ['apps'],
  work({ within, expired, all }, { now }) {
    return {
      columns: [
        textField('name', 'App', 'name of the app'),
        textField('credential_kind', 'Kind', 'secret or certificate'),
        textField('state', 'State', states.join(', ')),
        timeField('expires_at', 'Ends', 'when it ends'),
        daysField('days_left', 'Days left', 'whole days until then; negative when it has expired'),
        textField('app_id', 'App id', 'id of the app'),
        textField('credential_id', 'Credential id', 'id of the credential, never the credential itself'),
      ],
      rows: sql`
        WITH known AS (
          SELECT coalesce(name, app_id) AS name, credential_kind, expires_at, ${daysUntil(sql`expires_at`, now)} AS days_left,
            app_id, credential_id,
            CASE WHEN expires_at IS NULL THEN 'no end' WHEN expires_at <= ${now} THEN 'expired'
              WHEN ${daysUntil(sql`expires_at`, now)} < 7 THEN 'ends within 7 days'
              WHEN ${daysUntil(sql`expires_at`, now)} < 30 THEN 'ends within 30 days' ELSE 'later' END AS state
          FROM apps
        )
        SELECT * FROM known
        WHERE ${all} OR (state = 'expired' AND ${expired}) OR (state <> 'expired' AND days_left < ${within})`,
      order: sql`expires_at NULLS LAST, name, credential_id`,
      key: ['app_id', 'credential_id'],
      compare: ['state'],
      label: 'name',
      figures: [
        { name: 'shown', title: 'Shown', unit: 'credentials', value: sql`count(*)` },
        {
          name: 'expired',
          title: 'Expired',
          unit: 'credentials',
          value: sql`count(*) FILTER (state = 'expired')`,
        },
        {
          name: 'soon',
          title: 'End within 30 days',
          unit: 'credentials',
          value: sql`count(*) FILTER (state <> 'expired' AND days_left < 30)`,
        },
        { name: 'all', title: 'All', unit: 'credentials', value: sql`(SELECT count(*) FROM apps)` },
      ],
      sentences: ({ expired: gone = 0, soon = 0, all: count = 0 }) => [
        `Of ${countText(count, 'credential')} ${countText(gone, 'has', 'have')} expired and ${countText(soon, 'ends', 'end')} within 30 days.`,
      ],
      charts: [
        {
          kind: 'bars',
          title: 'When they end',
          caption: 'How many credentials',
          unit: 'credentials',
          rows: sql`
            SELECT state AS label, count(*) AS value FROM result GROUP BY state ORDER BY list_position(${states}, state)`,
        },
      ],
    };
  },
});
