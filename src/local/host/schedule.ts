import { Cron } from 'croner';

export interface Schedule {
  readonly expression: string;
  /** First occurrence after `after`, in UTC. */
  next(after: Date): Date;
}

const fields = /^[0-9a-z*,/-]+$/i;

/**
 * An NCRONTAB schedule of 6 fields (seconds first) or 5, in UTC. Day of month and day of week must both fit.
 * Throws on what croner would take and NCRONTAB would not (`@daily`, `L`, `#`, day of week 7), and on the
 * TimeSpan form, which only works outside the consumption plans.
 */
export function parseSchedule(expression: string): Schedule {
  const parts = expression.trim().split(/\s+/);
  const refuse = (reason: string) => new Error(`the schedule "${expression}" is not NCRONTAB: ${reason}`);
  if (parts.length !== 5 && parts.length !== 6) throw refuse('it needs 5 or 6 fields');
  if (!parts.every((part) => fields.test(part))) throw refuse('a field holds an unknown character');
  if (parts.slice(0, -2).some((part) => /[a-z]/i.test(part))) throw refuse('only months and days have names');
  const dayOfWeek = parts.at(-1) ?? '';
  // Without the steps: `1-5/2`. The letter is croner's "last" (`FRIL`).
  if (/[7-9]|\d\d|l/i.test(dayOfWeek.replaceAll(/\/\d+/g, ''))) {
    throw refuse('days of the week are 0 to 6, or names');
  }
  const cron = new Cron(expression, {
    mode: '5-or-6-parts',
    // NCRONTAB joins the two day fields by AND; croner's own default is OR.
    domAndDow: true,
    timezone: 'UTC',
    paused: true,
  });
  return {
    expression,
    next(after) {
      const next = cron.nextRun(after);
      if (!next) throw refuse('it never occurs');
      return next;
    },
  };
}

/** True when two of the next five occurrences lie less than a minute apart: such a schedule is not recorded. */
export function isFasterThanAMinute(schedule: Schedule, from: Date): boolean {
  let earlier = schedule.next(from);
  for (let count = 0; count < 4; count += 1) {
    const later = schedule.next(earlier);
    if (later.getTime() - earlier.getTime() < 60_000) return true;
    earlier = later;
  }
  return false;
}
