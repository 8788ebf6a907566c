import { z } from 'zod';
import { sql } from '../data/sql.ts';
import {
  bytesField,
  daysField,
  driveField,
  driveIdField,
  percentField,
  textField,
  timeField,
  webUrlField,
} from '../fields.ts';
import { bytesText, countText } from '../human.ts';
import { driveName, readFiles } from '../pieces.ts';
import { defineReport } from '../report.ts';

/** Beyond this a straight line says nothing. */
const horizonDays = 3650;

export const quotaForecast = defineReport({
  name: 'quota-forecast',
  title: 'Quota and forecast',
  summary: 'How full each drive is, how fast it grows, when it will be full, and what the recycle bin holds.',
  question: 'What is about to break?',
  input: z.strictObject({
    within: z
      .int()
      .min(1)
      .max(horizonDays)
      .default(90)
      .describe('days: drives that are full by then are counted'),
  }),
  needs: readFiles,
  reads: ['drives', 'drive_history'],
  limits: [
    'The forecast is a straight line through earlier readings: two are needed, and more are better.',
    'Drives of SharePoint often name the quota of their whole site.',
  ],
  work({ within }, { now }) {
    return {
      columns: [
        driveField,
        textField('owner', 'Owner', 'name of the owner, or of the site'),
        bytesField('used', 'Used', 'with versions and the recycle bin'),
        bytesField('total', 'Quota', 'room that the drive has'),
        percentField('share', 'Full', 'used of the quota'),
        bytesField('deleted', 'Recycle bin', 'room that the recycle bin takes'),
        percentField('deleted_share', 'Bin of used', 'recycle bin of what is used'),
        bytesField(
          'growth',
          'Growth a day',
          'by a straight line through the readings; empty with fewer than two',
        ),
        daysField(
          'days_to_full',
          'Days to full',
          `at that growth; empty when it does not grow or in over ${horizonDays} days`,
        ),
        timeField('full_on', 'Full on', 'at that growth'),
        textField('state', 'State', 'normal, nearing, critical or exceeded, as Microsoft says'),
        webUrlField,
        driveIdField,
      ],
      rows: sql`
        WITH readings AS (
          SELECT drive_id, read_at, quota_used FROM drive_history WHERE outcome = 'read'
          UNION
          SELECT drive_id, coalesce(read_at, ${now}), quota_used FROM drives WHERE outcome = 'read'
        ), slopes AS (
          SELECT drive_id, regr_slope(quota_used, epoch(read_at) / 86400.0) AS growth FROM readings
          WHERE quota_used IS NOT NULL AND read_at IS NOT NULL
          GROUP BY drive_id HAVING count(DISTINCT read_at) > 1
        ), known AS (
          SELECT ${driveName(sql`d.drive_id`)} AS drive, coalesce(d.owner_name, d.site_name) AS owner, d.quota_used AS used,
            nullif(d.quota_total, 0) AS total, d.quota_deleted AS deleted, s.growth, d.quota_state AS state, d.web_url,
            d.drive_id
          FROM drives AS d LEFT JOIN slopes AS s ON s.drive_id = d.drive_id WHERE d.outcome = 'read'
        ), forecast AS (
          SELECT *, CASE
            WHEN used >= total THEN 0
            WHEN growth > 0 AND (total - used) / growth <= ${horizonDays} THEN floor((total - used) / growth) END AS days_to_full
          FROM known
        )
        SELECT *, 100.0 * used / total AS share, 100.0 * deleted / nullif(used, 0) AS deleted_share,
          ${now} + INTERVAL 1 DAY * days_to_full AS full_on
        FROM forecast`,
      order: sql`days_to_full NULLS LAST, share DESC NULLS LAST, drive_id`,
      key: ['drive_id'],
      compare: ['used', 'total', 'state'],
      label: 'drive',
      figures: [
        { name: 'drives', title: 'Drives', unit: 'drives', value: sql`count(*)` },
        { name: 'used', title: 'Used', unit: 'bytes', value: sql`coalesce(sum(used), 0)` },
        { name: 'deleted', title: 'Recycle bins', unit: 'bytes', value: sql`coalesce(sum(deleted), 0)` },
        {
          name: 'full_soon',
          title: `Full within ${within} days`,
          unit: 'drives',
          value: sql`count(*) FILTER (days_to_full <= ${within})`,
        },
      ],
      sentences: ({ drives = 0, used = 0, full_soon: soon = 0 }) => [
        `${countText(drives, 'drive')} ${drives === 1 ? 'uses' : 'use'} ${bytesText(used)}; ${countText(soon, 'drive is', 'drives are')} full within ${countText(within, 'day')}.`,
      ],
      charts: [
        {
          kind: 'bars',
          title: 'How full',
          caption: 'Used room in percent of the quota',
          unit: 'percent',
          rows: sql`
            SELECT drive AS label, share AS value FROM result WHERE share IS NOT NULL
            ORDER BY share DESC, drive_id LIMIT 15`,
        },
        {
          kind: 'lines',
          title: 'Used room over time',
          caption: 'Bytes that the fullest drives use',
          unit: 'bytes',
          rows: sql`
            SELECT r.drive AS series, h.read_at AS moment, h.quota_used AS value
            FROM (SELECT drive, drive_id FROM result ORDER BY share DESC NULLS LAST, drive_id LIMIT 6) AS r
            JOIN (
              SELECT drive_id, read_at, quota_used FROM drive_history WHERE outcome = 'read'
              UNION SELECT drive_id, coalesce(read_at, ${now}), quota_used FROM drives
            ) AS h ON h.drive_id = r.drive_id
            WHERE h.quota_used IS NOT NULL ORDER BY moment, series`,
        },
      ],
    };
  },
});
