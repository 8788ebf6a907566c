import { aJob, anna, smallDrive } from '../../support/a-job.ts';
import { createJobsWorld } from '../../support/jobs-world.ts';

const at = (text: string) => Date.parse(text);
const six = at('2026-03-02T06:00Z');
const minute = 60_000;
const day = 24 * 60 * minute;

/** A world whose job `daily` is due at six each morning and was saved the evening before. */
async function eveningBefore(change: Record<string, unknown> = {}) {
  const world = await createJobsWorld(smallDrive().client, six - 12 * 60 * minute);
  await world.jobs.put('daily', aJob(change), anna);
  const tickAt = async (time: number) => {
    world.time = time;
    await world.jobs.tick();
  };
  return { world, tickAt, why: (time: number) => world.jobs.why('daily', time) };
}

describe('why a job did or did not run', () => {
  it('names the run of a due time, for any moment of its minute, and what became of it', async () => {
    const { world, tickAt, why } = await eveningBefore();
    await tickAt(six + 2_000);
    const [run] = await world.jobs.runs.list('daily');
    expect(await why(six + 59_000)).toMatchObject({ reason: 'started', dueAt: six, run: { id: run?.id } });
    await world.finish(run?.id ?? '');
    expect((await why(six)).message).toBe(`A run started: ${run?.id}, which succeeded.`);
  });

  it('tells of a moment at which it is not due, with the times around it', async () => {
    const { why } = await eveningBefore();
    expect(await why(six + 3 * minute)).toMatchObject({
      reason: 'not_due',
      previousDueAt: six,
      nextDueAt: six + day,
    });
  });

  it('tells of times before the job existed, and after it was removed', async () => {
    const { world, why } = await eveningBefore();
    expect(await why(six - day)).toMatchObject({ reason: 'before_job' });
    world.time = six - minute;
    await world.jobs.remove('daily');
    expect(await why(six)).toMatchObject({ reason: 'removed' });
    expect((await why(six)).message).toContain('2026-03-02T05:59:00Z');
    await expect(world.jobs.why('never', six)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('tells that it was disabled then, though it is enabled now', async () => {
    const { world, tickAt, why } = await eveningBefore({ enabled: false });
    await tickAt(six + 2_000);
    await world.jobs.put('daily', aJob(), anna);
    expect(await why(six)).toMatchObject({ reason: 'disabled' });
  });

  it('tells that nothing ran here', async () => {
    const { tickAt, why } = await eveningBefore({ schedule: { cron: '0 6 * * *', missed: 'skip' } });
    await tickAt(six + day - 60 * minute);
    expect(await why(six)).toMatchObject({ reason: 'down' });
  });

  it('tells that nothing ran here also for a due time of a silence too long for rows of its own', async () => {
    const { tickAt, why } = await eveningBefore({ schedule: { cron: '* * * * *' } });
    await tickAt(six + day);
    expect(await why(six)).toMatchObject({ reason: 'down', dueAt: six });
  });

  it('names the run that was in the way', async () => {
    const { world, tickAt, why } = await eveningBefore();
    world.time = six - minute;
    const { id } = await world.jobs.start('daily', 'anna');
    await tickAt(six + 2_000);
    expect(await why(six)).toMatchObject({ reason: 'still_running', run: { id } });
  });

  it('tells that the connection was gone', async () => {
    const { world, tickAt, why } = await eveningBefore();
    world.connections.clear();
    await tickAt(six + 2_000);
    expect(await why(six)).toMatchObject({ reason: 'connection_gone' });
    expect(await world.jobs.runs.list('daily')).toEqual([]);
  });

  it('tells of a run that a person started', async () => {
    const { world, why } = await eveningBefore();
    const { id } = await world.jobs.start('daily', 'anna');
    expect(await why(world.time + 1_000)).toMatchObject({
      reason: 'started',
      run: { id, trigger: 'person' },
    });
  });

  it('tells what is still to come, and what the timer has not come to yet', async () => {
    const { world, why } = await eveningBefore();
    expect(await why(six)).toMatchObject({ reason: 'not_yet', dueAt: six });
    world.time = six + 30_000;
    expect(await why(six)).toMatchObject({ reason: 'not_decided' });
  });

  it('does not take the schedule of today for that of then', async () => {
    const { world, tickAt, why } = await eveningBefore();
    await tickAt(six + 2_000);
    await world.jobs.put('daily', aJob({ schedule: { cron: '0 5 * * *' } }), anna);
    expect(await why(six - 60 * minute)).toMatchObject({ reason: 'other_schedule' });
    expect(await why(six)).toMatchObject({ reason: 'started' });
  });

  it('counts the night on which the clocks go forward, and the one on which they go back', async () => {
    const nights = [
      ['2026-03-28T12:00Z', '2026-03-29T01:00Z', '2026-03-29T00:30Z'],
      ['2026-10-24T12:00Z', '2026-10-25T00:30Z', '2026-10-25T01:30Z'],
    ] as const;
    for (const [from, due, other] of nights) {
      const world = await createJobsWorld(smallDrive().client, at(from));
      const schedule = { cron: '30 1 * * *', timeZone: 'Europe/London' };
      await world.jobs.put('daily', aJob({ schedule }), anna);
      world.time = at(due) + 1_000;
      await world.jobs.tick();
      world.time = at(due) + 90 * minute;
      await world.jobs.tick();
      expect(await world.jobs.why('daily', at(due))).toMatchObject({ reason: 'started' });
      expect(await world.jobs.why('daily', at(other))).toMatchObject({ reason: 'not_due' });
      expect(await world.jobs.runs.list('daily')).toHaveLength(1);
    }
  });
});
