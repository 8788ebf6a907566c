import { z } from 'zod';
import { sql } from '../data/sql.ts';
import { countField, flagField, percentField, textField, timeField } from '../fields.ts';
import { countText } from '../human.ts';
import { daysUntil } from '../pieces.ts';
import { defineReport } from '../report.ts';

export const automationHealth = defineReport({
  name: 'automation-health',
  title: 'Health of the automation',
  summary:
    'Change notifications, rules and the budget of calls: what works, what lags and what is about to end.',
  question: 'What is about to break?',
  input: z.strictObject({
    lagHours: z
      .int()
      .min(1)
      .max(8760)
      .default(26)
      .describe('hours after which a drive that was not read lags'),
    warnDays: z.int().min(0).max(30).default(1).describe('days before a subscription ends without renewal'),
    budgetShare: z.int().min(1).max(100).default(80).describe('percent of the daily budget that is much'),
    onlyProblems: z.boolean().default(false).describe('leave out what is well'),
  }),
  needs: [],
  reads: ['subscriptions', 'rules', 'budgets'],
  work({ lagHours, warnDays, budgetShare, onlyProblems }, { now }) {
    return {
      columns: [
        textField('area', 'Area', 'subscription, rule or budget'),
        textField('name', 'Name', 'drive of the subscription, name of the rule, or tenant'),
        flagField('healthy', 'Well', 'nothing is wrong'),
        textField('problem', 'Problem', 'what is wrong, the worst first; empty when nothing is'),
        textField('state', 'State', 'as the part says itself'),
        timeField('last_at', 'Last', 'last notification, last operation'),
        timeField('last_read_at', 'Last read', 'when the changes were last read'),
        timeField(
          'expires_at',
          'Ends',
          'when the subscription ends unless it is renewed; until when calls pause',
        ),
        countField('missed', 'Missed', 'notifications', 'changes that no notification told of'),
        countField('done', 'Operations', 'operations', 'operations of the rule in the last 7 days'),
        countField(
          'failures',
          'Failures',
          'failures',
          'operations that failed in 7 days, or calls that Microsoft told to wait (429) in 24 hours',
        ),
        countField('quarantined', 'Held back', 'files', 'files that the rule keeps away from'),
        percentField('share', 'Budget used', 'of the resource units of 24 hours'),
        textField('id', 'Id', 'id of the subscription, name of the rule, or tenant'),
      ],
      rows: sql`
        WITH parts AS (
          SELECT 'subscription' AS area, coalesce(d.name, s.drive_id, s.subscription_id) AS name, s.state,
            s.last_tap_at AS last_at, s.last_read_at, s.expires_at, s.missed_taps AS missed, NULL::BIGINT AS done,
            NULL::BIGINT AS failures, NULL::BIGINT AS quarantined, NULL::DOUBLE AS share, s.subscription_id AS id,
            list_filter([
              CASE WHEN s.state = 'failed' THEN 'notifications could not be asked for' END,
              CASE WHEN s.expires_at <= ${now} THEN 'has ended'
                WHEN ${daysUntil(sql`s.expires_at`, now)} < ${warnDays} THEN 'ends soon' END,
              CASE WHEN s.last_read_at IS NULL THEN 'never read'
                WHEN date_sub('hour', s.last_read_at, ${now}) >= ${lagHours}
                  THEN 'not read for ' || date_sub('hour', s.last_read_at, ${now}) || ' hours' END,
              CASE WHEN s.missed_taps > 0 THEN s.missed_taps || CASE s.missed_taps WHEN 1 THEN ' notification missed' ELSE ' notifications missed' END END
            ], lambda each: each IS NOT NULL) AS problems
          FROM subscriptions AS s LEFT JOIN drives AS d ON d.drive_id = s.drive_id
          UNION ALL
          SELECT 'rule', r.name, r.state, r.last_run_at, NULL, NULL, NULL, r.operations, r.failures, r.quarantined, NULL,
            r.name,
            list_filter([
              CASE WHEN r.state = 'held' THEN 'is held' END,
              CASE WHEN r.failures > 0 THEN r.failures || CASE r.failures WHEN 1 THEN ' operation failed' ELSE ' operations failed' END END,
              CASE WHEN r.quarantined > 0 THEN r.quarantined || CASE r.quarantined WHEN 1 THEN ' file held back' ELSE ' files held back' END END
            ], lambda each: each IS NOT NULL)
          FROM rules AS r
          UNION ALL
          SELECT 'budget', b.tenant_id, CASE WHEN b.paused_until > ${now} THEN 'paused' ELSE 'open' END, NULL, NULL,
            b.paused_until, NULL, NULL, b.throttled, NULL, 100.0 * b.units_used / nullif(b.units_allowed, 0), b.tenant_id,
            list_filter([
              CASE WHEN b.paused_until > ${now} THEN 'Microsoft asked to wait' END,
              CASE WHEN 100.0 * b.units_used / nullif(b.units_allowed, 0) >= ${budgetShare} THEN 'much of the budget is used' END,
              CASE WHEN b.throttled > 0 THEN b.throttled || CASE b.throttled WHEN 1 THEN ' call' ELSE ' calls' END || ' told to wait' END
            ], lambda each: each IS NOT NULL)
          FROM budgets AS b
        )
        SELECT * EXCLUDE (problems), len(problems) = 0 AS healthy,
          nullif(array_to_string(problems, '; '), '') AS problem
        FROM parts WHERE NOT ${onlyProblems} OR len(problems) > 0`,
      order: sql`healthy, area, name, id`,
      key: ['area', 'id'],
      compare: ['problem', 'state'],
      label: 'name',
      figures: [
        { name: 'parts', title: 'Parts', unit: 'parts', value: sql`count(*)` },
        { name: 'unwell', title: 'With a problem', unit: 'parts', value: sql`count(*) FILTER (NOT healthy)` },
        {
          name: 'missed',
          title: 'Missed notifications',
          unit: 'notifications',
          value: sql`coalesce(sum(missed), 0)`,
        },
        {
          name: 'failed',
          title: 'Failed operations',
          unit: 'operations',
          value: sql`coalesce(sum(failures) FILTER (area = 'rule'), 0)`,
        },
        {
          name: 'throttled',
          title: 'Calls told to wait',
          unit: 'calls',
          value: sql`coalesce(sum(failures) FILTER (area = 'budget'), 0)`,
        },
      ],
      sentences: ({ parts = 0, unwell = 0 }) => [
        unwell === 0
          ? `All of ${countText(parts, 'part')} is well.`
          : `${unwell.toLocaleString('en-US')} of ${countText(parts, 'part')} ${unwell === 1 ? 'has' : 'have'} a problem.`,
      ],
      charts: [
        {
          kind: 'bars',
          title: 'Problems by area',
          caption: 'Parts with a problem',
          unit: 'parts',
          rows: sql`
            SELECT area AS label, count(*) AS value FROM result WHERE NOT healthy GROUP BY area ORDER BY value DESC, label`,
        },
      ],
    };
  },
});
