import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError } from '../../../src/errors.ts';
import { aJob, anna, smallDrive } from '../../support/a-job.ts';
import { aFile } from '../../support/fake-graph.ts';
import { createJobsWorld } from '../../support/jobs-world.ts';

const definition = (change: Record<string, unknown> = {}) =>
  aJob({ deliveries: [{ kind: 'drive', driveId: 'drive-1', folder: '/Reports' }], ...change });

describe('a run of a job', () => {
  it('reads the drive, writes the report and puts it into the folder', async () => {
    const graph = smallDrive(500);
    const world = await createJobsWorld(graph.client);
    await world.jobs.put('daily', definition(), anna);
    const started = await world.jobs.start('daily', 'anna');
    expect(started.state).toBe('waiting');

    const run = await world.finish(started.id);

    expect(run).toMatchObject({ state: 'succeeded', step: 'done', progress: { items: 501, pages: 6 } });
    expect(run.files).toMatchObject([{ name: 'daily.csv', rows: 501 }]);
    const lines = graph.files.get('/Reports/daily-2026-03-02-120000.csv')?.toString().trim().split('\r\n');
    expect(lines).toHaveLength(502);
    expect(lines?.filter((line) => line.includes('/A/File 7.txt'))).toHaveLength(1);
    expect(run.progress.calls).toBe(graph.calls.length);
  });

  it('reads only what changed the next time', async () => {
    const graph = smallDrive(500);
    const world = await createJobsWorld(graph.client);
    await world.jobs.put('daily', definition(), anna);
    await world.finish((await world.jobs.start('daily', 'anna')).id);
    graph.change(aFile('new', 'a', 'New.txt'), { id: 'f0', deleted: {} });
    const before = graph.calls.length;
    world.time += 60_000;

    const run = await world.finish((await world.jobs.start('daily', 'anna')).id);

    expect(graph.calls.slice(before).filter((path) => path.endsWith('/delta'))).toHaveLength(1);
    expect(run.files[0]?.rows).toBe(501);
    const text = graph.files.get('/Reports/daily-2026-03-02-120100.csv')?.toString();
    expect(text).toContain('/A/New.txt');
    expect(text).not.toContain('/A/File 0.txt');
  });

  it('ends the same when every message is delivered twice', async () => {
    const graph = smallDrive(500);
    const world = await createJobsWorld(graph.client);
    await world.jobs.put('daily', definition(), anna);
    const { id } = await world.jobs.start('daily', 'anna');
    const { work } = world.jobs;
    world.jobs.work = async (message) => {
      await Promise.all([work(message), work(message)]);
      await work(message);
    };
    expect((await world.finish(id)).state).toBe('succeeded');
    expect([...graph.files.keys()]).toEqual(['/Reports/daily-2026-03-02-120000.csv']);
    expect((await world.jobs.runs.get(id))?.files[0]?.rows).toBe(501);
  });

  it('waits as long as Graph asks, and goes on', async () => {
    const graph = smallDrive(500);
    graph.once(/delta/, () => {
      throw new AppError('throttled', 'Slow down.', { retryable: true, retryAfter: 1 });
    });
    const world = await createJobsWorld(graph.client);
    await world.jobs.put('daily', definition(), anna);
    const run = await world.finish((await world.jobs.start('daily', 'anna')).id);
    expect(run).toMatchObject({ state: 'succeeded', progress: { items: 501 } });
  });

  it('ends with the reason when the connection may not read the drive', async () => {
    const graph = smallDrive(500);
    graph.once(/delta/, () => {
      throw new AppError('forbidden', 'Microsoft Graph refuses this.');
    });
    const world = await createJobsWorld(graph.client);
    await world.jobs.put('daily', definition(), anna);
    const run = await world.finish((await world.jobs.start('daily', 'anna')).id);
    expect(run).toMatchObject({
      state: 'failed',
      error: { code: 'forbidden', message: 'Microsoft Graph refuses this.' },
    });
    expect(graph.files.size).toBe(0);
  });

  it('is refused while another one of the same job is on its way', async () => {
    const world = await createJobsWorld(smallDrive(500).client);
    await world.jobs.put('daily', definition(), anna);
    const { id } = await world.jobs.start('daily', 'anna');
    await expect(world.jobs.start('daily', 'anna')).rejects.toMatchObject({
      code: 'conflict',
      details: { run: id },
    });
  });

  it('refuses a job of a connection that does not exist, and names the field', async () => {
    const world = await createJobsWorld(smallDrive(500).client);
    await expect(world.jobs.put('daily', definition({ connection: 'nobody' }), anna)).rejects.toMatchObject({
      code: 'invalid_request',
      details: { problems: [{ path: 'connection' }] },
    });
    expect(await world.jobs.list()).toEqual([]);
  });
});

describe('the timer', () => {
  it('runs a job once for a due time, however often it ticks', async () => {
    const graph = smallDrive(5);
    const world = await createJobsWorld(graph.client, Date.UTC(2026, 2, 2, 5, 59));
    await world.jobs.put('daily', definition(), anna);
    await world.jobs.tick();
    expect(await world.jobs.runs.list('daily')).toEqual([]);

    world.time = Date.UTC(2026, 2, 2, 6, 0, 5);
    await Promise.all([world.jobs.tick(), world.jobs.tick()]);
    await world.jobs.tick();
    const runs = await world.jobs.runs.list('daily');
    expect(runs).toHaveLength(1);
    const run = await world.finish(runs[0]?.id ?? '');
    expect(run).toMatchObject({ state: 'succeeded', trigger: 'schedule', dueAt: Date.UTC(2026, 2, 2, 6) });
    expect(run.files[0]?.name).toBe('daily.csv');
    expect(graph.files.has('/Reports/daily-2026-03-02-060000.csv')).toBe(true);
  });

  it('takes up a run whose message was lost', async () => {
    const graph = smallDrive(5);
    const world = await createJobsWorld(graph.client);
    await world.jobs.put('daily', definition(), anna);
    const { id } = await world.jobs.start('daily', 'anna');
    await world.pump.lose();
    world.time += 11 * 60_000;
    await world.jobs.tick();
    expect((await world.finish(id)).state).toBe('succeeded');
  });
});

describe('the report of a run', () => {
  const forms = ['csv', 'html', 'jsonl'] as const;

  it('is made in several units where one has no time for all of its files', async () => {
    const world = await createJobsWorld(smallDrive(5).client);
    await world.jobs.put('daily', definition({ outputs: [...forms], deliveries: [] }), anna);
    const { id } = await world.jobs.start('daily', 'anna');
    const { work } = world.jobs;
    let units = 0;
    // While the report is made each look at the clock takes half a minute: after one file the minute is over.
    let now = world.time;
    let slow = false;
    Object.defineProperty(world, 'time', {
      get() {
        if (slow) now += 30_000;
        return now;
      },
    });
    world.jobs.work = async (message) => {
      slow = (await world.jobs.runs.get(id))?.step === 'report';
      if (slow) units += 1;
      await work(message);
      slow = false;
    };
    const run = await world.finish(id);
    expect(run.files.map(({ format }) => format)).toEqual(forms);
    expect(units).toBe(3);
    expect(run.result).toMatchObject({ rows: 6, coverage: { drives: 1, read: 1 } });
  });

  it('leaves no file of its making behind', async () => {
    const tempDir = await mkdtemp(path.join(tmpdir(), 'jobs-test-'));
    const world = await createJobsWorld(smallDrive(5).client, undefined, { tempDir });
    await world.jobs.put('daily', definition({ outputs: ['parquet', 'xlsx'], deliveries: [] }), anna);
    await world.finish((await world.jobs.start('daily', 'anna')).id);
    expect(await readdir(tempDir)).toEqual([]);
    world.time += 1_000;
    await world.finish((await world.jobs.start('daily', 'anna')).id);
    expect(await readdir(tempDir)).toEqual([]);
    await rm(tempDir, { recursive: true });
  });
});
