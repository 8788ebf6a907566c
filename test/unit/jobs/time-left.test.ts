import type { Part, Run } from '../../../src/jobs/run.ts';
import { secondsLeft } from '../../../src/jobs/time-left.ts';

const reading = { state: 'running', step: 'crawl', steps: { crawl: 0 } } as Run;
const open = (share?: number) => ({ outcome: 'open', share }) as Part;
const read = { outcome: 'read' } as Part;

describe('the time that the reading of drives takes from now on', () => {
  it('follows from the drives that are read', () => {
    expect(secondsLeft(reading, [read, open(), open(), open()], 10_000)).toBe(30);
  });

  it('follows from the part of a single drive that is read', () => {
    expect(secondsLeft(reading, [open(0.25)], 10_000)).toBe(30);
    expect(secondsLeft(reading, [read, open(0.5)], 30_000)).toBe(10);
  });

  it('is unknown while nearly nothing is read, and when nothing is being read', () => {
    expect(secondsLeft(reading, [open(), open(0.005)], 10_000)).toBeUndefined();
    expect(secondsLeft({ ...reading, step: 'report' }, [read], 10_000)).toBeUndefined();
    expect(secondsLeft({ ...reading, state: 'failed' }, [open(0.5)], 10_000)).toBeUndefined();
  });
});
