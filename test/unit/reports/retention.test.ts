import { descending, runId } from '../../../src/jobs/run.ts';
import { createRetention } from '../../../src/reports/retention.ts';
import { createTestStorage } from '../../support/jobs-world.ts';
import { freshStorage } from '../../support/storage.ts';

const day = 86_400_000;
const now = Date.UTC(2026, 10, 20);

async function retention(keep: Readonly<Record<string, number>>) {
  const storage = createTestStorage(await freshStorage());
  const reports = storage.blobs('reports');
  const history = storage.blobs('history');
  const sweep = createRetention({ reports, history, keepDays: async (job) => keep[job], clock: () => now });
  const run = (job: string, days: number) => runId(job, `${descending(now - days * day)}due`);
  async function namesOf(blobs: typeof reports): Promise<string[]> {
    const names: string[] = [];
    for await (const { name } of blobs.list('')) names.push(name);
    return names.sort();
  }
  return {
    sweep,
    run,
    put: (job: string, days: number, file = 'x.csv') =>
      reports.put(`${job}/${run(job, days)}/${file}`, Buffer.from('x')),
    keepFor: (job: string, days: number) => history.put(`${job}/${run(job, days)}.parquet`, Buffer.from('x')),
    other: (name: string) => reports.put(name, Buffer.from('x')),
    files: () => namesOf(reports),
    history: () => namesOf(history),
  };
}

describe('files of reports', () => {
  it('are removed when the days of their job are over, not earlier', async () => {
    const world = await retention({ short: 3, long: 300 });
    for (const days of [0, 2, 4, 200]) {
      await world.put('short', days);
      await world.put('short', days, 'parcel.json');
      await world.put('long', days);
    }
    expect(await world.sweep()).toBe(4);
    const left = [0, 2].flatMap((days) =>
      ['parcel.json', 'x.csv'].map((file) => `short/${world.run('short', days)}/${file}`),
    );
    expect((await world.files()).filter((name) => name.startsWith('short'))).toEqual(left.sort());
    expect((await world.files()).filter((name) => name.startsWith('long'))).toHaveLength(4);
    expect(await world.sweep()).toBe(0);
  });

  it('of a job that is gone stay for 90 days; what was kept for its next run goes at once', async () => {
    const world = await retention({ daily: 1 });
    await world.put('gone', 89);
    await world.put('gone', 91);
    await world.keepFor('gone', 1);
    await world.keepFor('daily', 200);
    await world.sweep();
    expect(await world.files()).toEqual([`gone/${world.run('gone', 89)}/x.csv`]);
    expect(await world.history()).toEqual([`daily/${world.run('daily', 200)}.parquet`]);
  });

  it('that are no files of a run are left alone', async () => {
    const world = await retention({});
    const odd = ['a.csv', 'a/b/c.csv', 'a/b.0000000000000due/c.csv', 'a/a.123/c.csv'];
    for (const name of odd) await world.other(name);
    expect(await world.sweep()).toBe(0);
    expect(await world.files()).toEqual([...odd].sort());
  });
});
