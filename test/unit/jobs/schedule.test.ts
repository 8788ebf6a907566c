import { type DueTimes, dueTimes, nextDue, schedule } from '../../../src/jobs/schedule.ts';

const london = (cron: string): DueTimes => ({ cron, timeZone: 'Europe/London' });
const at = (text: string) => Date.parse(text);
const times = (given: DueTimes, from: string, until: string) =>
  dueTimes(given, at(from), at(until), 100).map((time) => new Date(time).toISOString());

describe('a schedule', () => {
  it('keeps the wall time of its zone in summer and in winter', () => {
    expect(nextDue(london('0 6 * * *'), at('2026-01-10T07:00Z'))).toBe(at('2026-01-11T06:00Z'));
    expect(nextDue(london('0 6 * * *'), at('2026-07-10T07:00Z'))).toBe(at('2026-07-11T05:00Z'));
  });

  it('comes an hour later on the night that leaves the time out', () => {
    expect(times(london('30 1 * * *'), '2026-03-28T12:00Z', '2026-03-30T12:00Z')).toEqual([
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });

  it('comes once on the night that has the time twice', () => {
    expect(times(london('30 1 * * *'), '2026-10-24T12:00Z', '2026-10-26T12:00Z')).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
  });

  it('comes each hour through that night when it names every hour', () => {
    expect(times(london('30 * * * *'), '2026-10-24T23:45Z', '2026-10-25T02:45Z')).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:30:00.000Z',
      '2026-10-25T02:30:00.000Z',
    ]);
  });

  it('waits for the leap day', () => {
    expect(nextDue(london('0 6 29 2 *'), at('2026-03-01T00:00Z'))).toBe(at('2028-02-29T06:00Z'));
  });

  it('asks for both when it names a day of the month and a day of the week', () => {
    const fridayThe13th = { cron: '0 6 13 * 5', timeZone: 'UTC' };
    expect(nextDue(fridayThe13th, at('2026-03-14T00:00Z'))).toBe(at('2026-11-13T06:00Z'));
  });

  it('gives the newest due times of a long silence', () => {
    const found = dueTimes(
      { cron: '* * * * *', timeZone: 'UTC' },
      at('2026-01-01T00:00Z'),
      at('2026-01-01T10:00Z'),
      3,
    );
    expect(found.map((time) => new Date(time).toISOString())).toEqual([
      '2026-01-01T09:58:00.000Z',
      '2026-01-01T09:59:00.000Z',
      '2026-01-01T10:00:00.000Z',
    ]);
  });

  it.each([
    ['0 6 * *', 'UTC', 'cron'],
    ['0 0 6 * * *', 'UTC', 'cron'],
    ['61 * * * *', 'UTC', 'cron'],
    ['0 6 30 2 *', 'UTC', 'cron'],
    ['nonsense', 'UTC', 'cron'],
    ['0 6 * * *', 'Mars/Olympus', 'timeZone'],
  ])('refuses %s in %s and names the field', (cron, timeZone, field) => {
    const parsed = schedule.safeParse({ cron, timeZone });
    expect(parsed.success).toBe(false);
    expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toEqual([field]);
  });
});
