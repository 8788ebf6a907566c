import { aJob, anna, smallDrive } from '../../support/a-job.ts';
import { createJobsWorld } from '../../support/jobs-world.ts';

describe('a run whose process is killed', () => {
  it('ends the same wherever that happens, and delivers once', async () => {
    const graph = smallDrive();
    const life = { writesLeft: Number.POSITIVE_INFINITY };
    const world = await createJobsWorld(graph.client, undefined, { life });
    const deliveries = [{ kind: 'drive', driveId: 'drive-1', folder: '/Reports' }];
    await world.jobs.put('daily', aJob({ outputs: ['csv', 'jsonl'], deliveries }), anna);
    await world.finish((await world.jobs.start('daily', 'anna')).id);
    let kills = 0;
    const moments = [0, 2, 4, 7, 10, 13, 16, 19, 23];
    for (const writes of moments) {
      world.time += 60_000;
      const { id } = await world.jobs.start('daily', 'anna');
      life.writesLeft = writes;
      for (let round = 0; round < 60 && life.writesLeft >= 0; round += 1) {
        if ((await world.pump.round()) + (await world.deliver()) === 0) break;
      }
      if (life.writesLeft < 0) kills += 1;
      life.writesLeft = Number.POSITIVE_INFINITY;
      world.time += 11 * 60_000;
      await world.jobs.tick();
      const before = graph.files.size;
      const run = await world.finish(id);
      expect({ writes, state: run.state, error: run.error }).toEqual({ writes, state: 'succeeded' });
      expect(run.files.map(({ name, rows }) => [name, rows])).toEqual([
        ['daily.csv', 6],
        ['daily.jsonl', 6],
      ]);
      expect(run.result?.changes).toBe('Nothing changed since the last run.');
      expect(graph.files.size - before).toBeLessThanOrEqual(2);
    }
    expect(kills).toBe(moments.length);
    // Each run has its own stamp: what was put twice would lie there once, and what was lost not at all.
    expect(graph.files.size).toBe(2 * (moments.length + 1));
  }, 60_000);
});
