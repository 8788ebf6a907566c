import { Cron } from 'croner';
import { z } from 'zod';

/** When a job is due: five cron fields in the wall time of an IANA zone. */
export const schedule = z
  .strictObject({
    cron: z.string().trim().min(1).max(120),
    timeZone: z.string().min(1).max(64).default('UTC').describe('IANA name, such as Europe/London'),
    missed: z
      .enum(['run_once', 'skip'])
      .default('run_once')
      .describe(
        'what a due time that passed while nothing ran here comes to: one run for all of them, or none',
      ),
  })
  .superRefine((given, context) => {
    const problem = timeZoneProblem(given.timeZone);
    if (problem !== undefined) {
      context.addIssue({ code: 'custom', path: ['timeZone'], message: problem });
      return;
    }
    const wrong = cronProblem(given);
    if (wrong !== undefined) context.addIssue({ code: 'custom', path: ['cron'], message: wrong });
  });
export type Schedule = Readonly<z.output<typeof schedule>>;
/** When it is due, without what is done about it. */
export type DueTimes = Pick<Schedule, 'cron' | 'timeZone'>;

/**
 * The first due time after `after`, in milliseconds. A wall time that daylight saving leaves out comes an hour later, one that
 * it repeats counts once, unless the cron names every hour. A day of the month and a day of the week must both hold.
 */
export function nextDue(given: DueTimes, after: number): number | undefined {
  return patternOf(given).nextRun(new Date(after))?.getTime();
}

/** The due times in (after, until], oldest first; only the newest `most` of them when there are more. */
export function dueTimes(given: DueTimes, after: number, until: number, most: number): number[] {
  const pattern = patternOf(given);
  const times: number[] = [];
  for (let at = pattern.nextRun(new Date(after)); at && at.getTime() <= until; at = pattern.nextRun(at)) {
    times.push(at.getTime());
    if (times.length > most) times.shift();
  }
  return times;
}

/** The due time within the minute of `at`, where there is one: a cron names whole minutes. */
export function dueWithinMinute(given: DueTimes, at: number): number | undefined {
  const minute = at - (at % 60_000);
  const due = nextDue(given, minute - 1);
  return due !== undefined && due < minute + 60_000 ? due : undefined;
}

/** The last due time before `before`, looked for over the 400 days before it. */
export function lastDue(given: DueTimes, before: number): number | undefined {
  for (const days of [1, 8, 35, 400]) {
    const found = dueTimes(given, before - days * 86_400_000, before - 1, 1)[0];
    if (found !== undefined) return found;
  }
  return undefined;
}

function patternOf({ cron, timeZone }: DueTimes): Cron {
  return new Cron(cron, { timezone: timeZone, domAndDow: true, mode: '5-part', paused: true });
}

function timeZoneProblem(timeZone: string): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return undefined;
  } catch {
    return 'must be an IANA time zone, such as Europe/London or UTC';
  }
}

function cronProblem(given: DueTimes): string | undefined {
  try {
    return nextDue(given, Date.UTC(2026, 0, 1)) === undefined ? 'names a time that never comes' : undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^Cron\w+: /, '') : 'it cannot be read';
    return `must be five fields (minute hour day month weekday): ${reason}`;
  }
}
