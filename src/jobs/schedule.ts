import { Cron } from 'croner';
import { z } from 'zod';

/** When a job is due: five cron fields in the wall time of an IANA zone. */
export const schedule = z
  .strictObject({
    cron: z.string().trim().min(1).max(120),
    timeZone: z.string().min(1).max(64).default('UTC'),
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

/**
 * The first due time after `after`, in milliseconds. A wall time that daylight saving leaves out comes an hour later, one that
 * it repeats counts once, unless the cron names every hour. A day of the month and a day of the week must both hold.
 */
export function nextDue(given: Schedule, after: number): number | undefined {
  return patternOf(given).nextRun(new Date(after))?.getTime();
}

/** The due times in (after, until], oldest first; only the newest `most` of them when there are more. */
export function dueTimes(given: Schedule, after: number, until: number, most: number): number[] {
  const pattern = patternOf(given);
  const times: number[] = [];
  for (let at = pattern.nextRun(new Date(after)); at && at.getTime() <= until; at = pattern.nextRun(at)) {
    times.push(at.getTime());
    if (times.length > most) times.shift();
  }
  return times;
}

function patternOf({ cron, timeZone }: Schedule): Cron {
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

function cronProblem(given: Schedule): string | undefined {
  try {
    return nextDue(given, Date.UTC(2026, 0, 1)) === undefined ? 'names a time that never comes' : undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^Cron\w+: /, '') : 'it cannot be read';
    return `must be five fields (minute hour day month weekday): ${reason}`;
  }
}
