import { aJob, anna, smallDrive } from '../../support/a-job.ts';
import type { JobsWorld } from '../../support/jobs-world.ts';
import { createJobsWorld } from '../../support/jobs-world.ts';

const six = Date.UTC(2026, 2, 2, 6);
const hour = 3_600_000;

/** A job that is due each hour, with a run of six o'clock on its way. */
async function busyWorld(overlap: string): Promise<JobsWorld & { first: string }> {
  const world = await createJobsWorld(smallDrive().client, six - 60_000);
  await world.jobs.put('hourly', aJob({ overlap, schedule: { cron: '0 * * * *' } }), anna);
  world.time = six + 1_000;
  await world.jobs.tick();
  const [run] = await world.jobs.runs.list('hourly');
  if (!run) throw new Error('no run began');
  return Object.assign(world, { first: run.id });
}

async function atSeven(world: JobsWorld) {
  world.time = six + hour + 1_000;
  await world.jobs.tick();
  await world.jobs.tick();
  const [newest] = await world.jobs.occurrences('hourly', { limit: 1 });
  return newest;
}

describe('a job that is due while a run of it is on its way', () => {
  it('skips, and says which run was in the way', async () => {
    const world = await busyWorld('skip');
    expect(await atSeven(world)).toMatchObject({
      dueAt: six + hour,
      outcome: 'skipped',
      reason: 'still_running',
      run: world.first,
    });
    expect(await world.jobs.runs.list('hourly')).toHaveLength(1);
    await expect(world.jobs.start('hourly', 'anna')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('queues one run, which begins when the first is over', async () => {
    const world = await busyWorld('queue');
    const { outcome, run = '' } = (await atSeven(world)) ?? {};
    expect(outcome).toBe('queued');
    expect(await world.jobs.runs.get(run)).toMatchObject({ state: 'waiting', waitsFor: world.first });
    world.time = six + 2 * hour + 1_000;
    await world.jobs.tick();
    expect((await world.jobs.occurrences('hourly', { limit: 1 }))[0]).toMatchObject({
      outcome: 'skipped',
      reason: 'already_queued',
      run,
    });

    await world.finish(world.first);
    const second = await world.finish(run);

    expect(second).toMatchObject({ state: 'succeeded', dueAt: six + hour });
    expect(second.waitsFor).toBeUndefined();
  });

  it('begins the queued run also when the first one is cancelled', async () => {
    const world = await busyWorld('queue');
    const { run = '' } = (await atSeven(world)) ?? {};
    await world.jobs.runs.cancel(world.first);
    expect((await world.finish(run)).state).toBe('succeeded');
  });

  it('cancels the old run and begins a new one', async () => {
    const world = await busyWorld('cancel');
    const { outcome, run = '' } = (await atSeven(world)) ?? {};
    expect(outcome).toBe('started');
    expect(await world.jobs.runs.get(world.first)).toMatchObject({
      state: 'cancelled',
      error: { code: 'cancelled', message: 'A newer run of the job took its place.' },
    });
    expect((await world.finish(run)).state).toBe('succeeded');
    expect((await world.jobs.runs.get(world.first))?.files).toEqual([]);
  });
});

describe('a job that several people start in the same moment', () => {
  it.each(['skip', 'queue', 'cancel'])('has one run, and the others hear of it (%s)', async (overlap) => {
    const world = await createJobsWorld(smallDrive().client);
    await world.jobs.put('daily', aJob({ overlap }), anna);
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, () => world.jobs.start('daily', 'anna')),
    );
    const begun = tries.flatMap((each) => (each.status === 'fulfilled' ? [each.value.id] : []));
    const refused = tries.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(begun).toHaveLength(1);
    for (const error of refused)
      expect(error).toMatchObject({ code: 'conflict', details: { run: begun[0] } });
    expect((await world.jobs.runs.list('daily')).map(({ id }) => id)).toEqual(begun);
    expect(await world.finish(begun[0] ?? '')).toMatchObject({ state: 'succeeded' });
  });
});

describe('a run that a person cancels', () => {
  it('reads no further page and makes no report', async () => {
    const graph = smallDrive(900, 100);
    const pages = () => graph.calls.filter((path) => path.endsWith('/delta')).length;
    const world = await createJobsWorld({
      ...graph.client,
      async call(call) {
        // The clock moves with each page, so that progress is shown after each.
        world.time += 1_000;
        if (pages() === 3) await world.jobs.runs.cancel(id);
        return graph.client.call(call);
      },
    });
    await world.jobs.put('daily', aJob(), anna);
    const { id } = await world.jobs.start('daily', 'anna');
    expect(await world.finish(id)).toMatchObject({ state: 'cancelled' });
    while ((await world.pump.round()) > 0);
    expect(pages()).toBe(4);
    expect((await world.jobs.runs.get(id))?.files).toEqual([]);
    await expect(world.jobs.runs.cancel(id)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('can be done again, as the job is then', async () => {
    const world = await createJobsWorld(smallDrive().client);
    await world.jobs.put('daily', aJob(), anna);
    const { id } = await world.jobs.start('daily', 'anna');
    await world.jobs.runs.cancel(id);
    await world.jobs.put('daily', aJob({ outputs: ['jsonl'] }), anna);
    world.time += 1_000;
    const again = await world.jobs.runs.retry(id, 'anna');
    expect(again).toMatchObject({ retryOf: id, trigger: 'person', startedBy: 'anna' });
    const run = await world.finish(again.id);
    expect(run.files.map(({ name }) => name)).toEqual(['daily.jsonl']);
    await expect(world.jobs.runs.retry(run.id, 'anna')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('is the end of its job’s run when the job is removed', async () => {
    const world = await createJobsWorld(smallDrive().client);
    await world.jobs.put('daily', aJob(), anna);
    const { id } = await world.jobs.start('daily', 'anna');
    expect(await world.jobs.remove('daily')).toBe(true);
    expect(await world.jobs.runs.get(id)).toMatchObject({ state: 'cancelled' });
    await expect(world.jobs.runs.retry(id, 'anna')).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('due times that passed while nothing ran here', () => {
  async function afterASilence(missed: string) {
    const world = await createJobsWorld(smallDrive().client, six - 60_000);
    await world.jobs.put('hourly', aJob({ schedule: { cron: '0 * * * *', missed } }), anna);
    world.time = six + 3 * hour + 30 * 60_000;
    await world.jobs.tick();
    const found = await world.jobs.occurrences('hourly', { limit: 10 });
    return { world, found: found.map(({ outcome, reason }) => [outcome, reason].filter(Boolean).join(' ')) };
  }

  it('come to one run where the job says so', async () => {
    const { world, found } = await afterASilence('run_once');
    expect(found).toEqual(['started', 'missed down', 'missed down', 'missed down']);
    expect(await world.jobs.runs.list('hourly')).toMatchObject([{ dueAt: six + 3 * hour }]);
  });

  it('come to none where it says skip, and the next one comes to its own', async () => {
    const { world, found } = await afterASilence('skip');
    expect(found).toEqual(['missed down', 'missed down', 'missed down', 'missed down']);
    world.time = six + 4 * hour + 1_000;
    await world.jobs.tick();
    expect(await world.jobs.runs.list('hourly')).toMatchObject([{ dueAt: six + 4 * hour }]);
  });
});
