import { z } from 'zod';
import { sql } from '../data/sql.ts';
import { daysField, flagField, textField, timeField } from '../fields.ts';
import { countText } from '../human.ts';
import { daysSince } from '../pieces.ts';
import { defineReport } from '../report.ts';

export const people = defineReport({
  name: 'people',
  title: 'People',
  summary: 'People and guests of the directory, and who has not signed in for long.',
  question: 'Who answers for it?',
  input: z.strictObject({
    inactiveDays: z.int().min(1).max(36_500).default(90).describe('days without a sign-in'),
    who: z
      .enum(['all', 'inactive', 'guests', 'disabled'])
      .default('all')
      .describe('all, inactive (with those who never signed in), guests or disabled'),
  }),
  needs: ['User.Read.All', 'AuditLog.Read.All'],
  reads: ['people'],
  limits: [
    'The last sign-in is known where the tenant has Entra ID P1; without it everybody seems never to have signed in.',
  ],
  work({ inactiveDays, who }, { now }) {
    const only = {
      all: sql`true`,
      inactive: sql`state IN ('inactive', 'never signed in')`,
      guests: sql`guest`,
      disabled: sql`state = 'disabled'`,
    }[who];
    return {
      columns: [
        textField('name', 'Name', 'name'),
        textField('mail', 'Mail', 'mail address'),
        flagField('guest', 'Guest', 'a guest of another organisation'),
        textField('state', 'State', 'active, inactive, never signed in or disabled'),
        timeField('created_at', 'Created', 'when the account was made'),
        timeField('last_sign_in', 'Last sign-in', 'that Entra tells of'),
        daysField('idle_days', 'Idle', 'whole days since the last sign-in'),
        textField('id', 'Id', 'object id'),
      ],
      rows: sql`
        WITH known AS (
          SELECT name, mail, coalesce(guest, false) AS guest, created_at, last_sign_in,
            ${daysSince(sql`last_sign_in`, now)} AS idle_days, id,
            CASE WHEN NOT coalesce(enabled, true) THEN 'disabled' WHEN last_sign_in IS NULL THEN 'never signed in'
              WHEN ${daysSince(sql`last_sign_in`, now)} >= ${inactiveDays} THEN 'inactive' ELSE 'active' END AS state
          FROM people
        )
        SELECT * FROM known WHERE ${only}`,
      order: sql`idle_days DESC NULLS FIRST, name, id`,
      key: ['id'],
      compare: ['state', 'mail'],
      label: 'name',
      figures: [
        { name: 'people', title: 'People', unit: 'people', value: sql`count(*)` },
        { name: 'guests', title: 'Guests', unit: 'people', value: sql`count(*) FILTER (guest)` },
        {
          name: 'inactive',
          title: 'Inactive',
          unit: 'people',
          value: sql`count(*) FILTER (state IN ('inactive', 'never signed in'))`,
        },
        {
          name: 'disabled',
          title: 'Disabled',
          unit: 'people',
          value: sql`count(*) FILTER (state = 'disabled')`,
        },
      ],
      sentences: ({ people: count = 0, guests = 0, inactive = 0 }) => [
        `${countText(count, 'person', 'people')}, ${countText(guests, 'guest')} among them; ${inactive.toLocaleString('en-US')} did not sign in for ${countText(inactiveDays, 'day')}.`,
      ],
      charts: [
        {
          kind: 'bars',
          title: 'Last sign-in',
          caption: 'How many people signed in last when',
          unit: 'people',
          rows: sql`
            SELECT CASE WHEN idle_days IS NULL THEN 'never' WHEN idle_days < 30 THEN 'under a month'
                WHEN idle_days < 90 THEN '1 to 3 months' WHEN idle_days < 365 THEN '3 to 12 months'
                ELSE 'a year or more' END AS label,
              count(*) AS value
            FROM result GROUP BY ALL ORDER BY min(idle_days) NULLS LAST`,
        },
      ],
    };
  },
});
